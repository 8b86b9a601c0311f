//! What the time is, who may say so, and feeds that know nothing of each other.

use super::scenario::{FEED, Scenario};
use super::{publish_policy, published_once, unpublished};
use crate::repository::{DAY, DAY_0, Repository, Signers};

const TEN_YEARS: i64 = 3652;
const ORGANISATION: &str = "organisation";

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        set_back(),
        set_forward(),
        no_issue_times(),
        issued_earlier(),
        one_of_two_is_dead(),
        two_that_disagree(),
    ]
}

/// A second feed, with keys of its own.
fn of_the_organisation() -> Repository {
    let mut repository = unpublished();
    repository.root = Signers::one(21);
    repository.timestamp = Signers::one(22);
    repository.snapshot = Signers::one(23);
    repository.targets = Signers::one(24);
    repository.write_root();
    repository
}

fn set_back() -> Scenario {
    let mut scenario = Scenario::new(
        "clock_set_back_ten_years",
        "The phone's clock is set back, so that a timestamp that has expired seems current again.",
        "Signed issue times and the time since are a floor under the clock.",
    );
    let repository = published_once();
    scenario
        .following(&repository)
        .days_pass(8)
        .clock_moved(-TEN_YEARS)
        .refused("timestamp", "expired at 2026-11-30T00:00:00Z")
        .not_before(DAY_0 + 8 * DAY)
        .reboots()
        .unmoved()
        .not_before(DAY_0)
        .days_pass(8)
        .refused("timestamp", "expired at 2026-11-30T00:00:00Z")
        .not_before(DAY_0 + 8 * DAY);
    scenario
}

fn set_forward() -> Scenario {
    let mut scenario = Scenario::new(
        "clock_set_forward_ten_years",
        "The phone's clock is set forward, so that all seems to have expired, for good.",
        "The wall clock never moves the floor: set right again, the phone goes on.",
    );
    let mut repository = published_once();
    scenario
        .following(&repository)
        .clock_moved(TEN_YEARS)
        .refused("root", "expired at 2027-11-23T00:00:00Z")
        .not_before(DAY_0)
        .clock_moved(-TEN_YEARS);
    publish_policy(&mut repository, 2);
    scenario
        .serves("after", &repository)
        .obeyed(&repository)
        .not_before(DAY_0);
    scenario
}

fn no_issue_times() -> Scenario {
    let mut scenario = Scenario::new(
        "feed_without_issue_times",
        "A feed that another tool made says nothing of when it was signed.",
        "It is taken; it moves no floor, so expiry goes by the wall clock.",
    );
    let mut repository = unpublished();
    repository.issued = None;
    repository.publish();
    scenario
        .following(&repository)
        .days_pass(8)
        .clock_moved(-TEN_YEARS)
        .unmoved()
        .clock_moved(TEN_YEARS)
        .refused("timestamp", "expired at 2026-11-30T00:00:00Z");
    scenario
}

fn issued_earlier() -> Scenario {
    let mut scenario = Scenario::new(
        "issued_earlier_than_before_or_after_its_own_expiry",
        "A new timestamp says that it was signed before the last one, or after its own end.",
        "Issue times of a feed only go forward, and lie before expiry.",
    );
    let mut repository = published_once();
    scenario.following(&repository);
    repository.issued = Some(DAY_0 - DAY);
    repository.publish();
    scenario.serves("earlier", &repository).refused(
        "timestamp",
        "says that it was issued at 2026-11-22T00:00:00Z, earlier than 2026-11-23T00:00:00Z, which was seen before",
    );
    repository.issued = Some(repository.timestamp_expires + 1);
    repository.publish();
    scenario
        .serves("after-expiry", &repository)
        .refused("timestamp", "says that it was issued after it expires")
        .not_before(DAY_0);
    scenario
}

fn one_of_two_is_dead() -> Scenario {
    let mut scenario = Scenario::new(
        "one_of_two_feeds_is_dead",
        "One feed's server is gone, to keep the other's news from the phone.",
        "Each feed is refreshed for itself; what the dead one said stays in force.",
    );
    let (mut national, mut own) = (published_once(), of_the_organisation());
    own.publish();
    scenario.following(&national);
    scenario
        .trusting(ORGANISATION, &own)
        .serves("organisation", &own)
        .obeyed(&own);
    publish_policy(&mut own, 2);
    publish_policy(&mut national, 3);
    scenario
        .of(FEED)
        .dead()
        .refused("root", "could not be fetched: no answer")
        .of(ORGANISATION)
        .serves("organisation-news", &own)
        .obeyed(&own)
        .of(FEED)
        .serves("national-alive", &national)
        .obeyed(&national);
    scenario
}

fn two_that_disagree() -> Scenario {
    let mut scenario = Scenario::new(
        "two_feeds_that_disagree_about_the_time",
        "One feed's timestamp key is stolen, and says that it is 2099; the other feed says 2026.",
        "Each feed has a floor of its own: the thief of one key makes nothing of the other feed expire.",
    );
    let year_2099 = DAY_0 + 73 * 365 * DAY;
    let (mut national, mut own) = (unpublished(), of_the_organisation());
    national.issued = Some(year_2099);
    national.timestamp_expires = year_2099 + 7 * DAY;
    national.publish();
    own.publish();
    scenario.following(&national).not_before(year_2099);
    scenario
        .trusting(ORGANISATION, &own)
        .serves("organisation", &own)
        .obeyed(&own)
        .not_before(DAY_0);
    publish_policy(&mut own, 2);
    scenario
        .serves("organisation-news", &own)
        .obeyed(&own)
        .not_before(DAY_0)
        .of(FEED)
        .refused("root", "expired at 2027-11-23T00:00:00Z")
        .not_before(year_2099);
    scenario
}
