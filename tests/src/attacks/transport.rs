//! What the way from the server to the phone may do to a file. The folders hold what is genuine; what comes in its
//! place is described only, since much of it has no end.

use super::fixture::Answer;
use super::scenario::Scenario;
use super::{policy, publish_policy, published_once};
use crate::repository::{Repository, sha256};

const MIB: u64 = 1024 * 1024;
const TOO_LONG: &str = "has more bytes than are allowed";

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        hundred_megabytes(),
        endless(),
        gzip_bomb(),
        captive_portal(),
        cut_off(),
        announced_as_shorter(),
    ]
}

/// A phone that follows, and news that did not reach it yet.
fn with_news(name: &'static str, threat: &str, held_by: &str) -> (Scenario, Repository) {
    let mut scenario = Scenario::new(name, threat, held_by);
    let mut repository = published_once();
    scenario.following(&repository);
    publish_policy(&mut repository, 2);
    (scenario, repository)
}

/// The way is clear again.
fn recovers(mut scenario: Scenario, repository: &Repository) -> Scenario {
    scenario.serves("news", repository).obeyed(repository);
    scenario
}

fn hundred_megabytes() -> Scenario {
    let (mut scenario, repository) = with_news(
        "body_of_100_megabytes",
        "A timestamp of 100 MB is sent, as it announces.",
        "No more bytes are read than a role may have.",
    );
    scenario
        .serves("news", &repository)
        .answers("timestamp.json", Answer::Bytes(100_000_000))
        .refused("timestamp", TOO_LONG);
    recovers(scenario, &repository)
}

fn endless() -> Scenario {
    let (mut scenario, repository) = with_news(
        "endless_body",
        "A snapshot is sent whose end never comes.",
        "No more bytes are read than are listed for the file.",
    );
    scenario
        .serves("news", &repository)
        .answers("2.snapshot.json", Answer::Endless)
        .refused("snapshot", TOO_LONG)
        .floor("timestamp", 2)
        .floor("snapshot", 2);
    recovers(scenario, &repository)
}

fn gzip_bomb() -> Scenario {
    let (mut scenario, repository) = with_news(
        "gzip_bomb",
        "A few compressed bytes are sent that unfold to many.",
        "Nothing compressed is asked for, and what is compressed all the same is not unfolded but refused.",
    );
    scenario
        .serves("news", &repository)
        .answers("timestamp.json", Answer::Compressed(MIB))
        .refused(
            "timestamp",
            "could not be fetched: <address>timestamp.json: the server answers with Content-Encoding \"gzip\", which was not asked for",
        );
    recovers(scenario, &repository)
}

fn captive_portal() -> Scenario {
    let page = "<!DOCTYPE html><html><body>Welcome to our hotel: please sign in</body></html>";
    let (mut scenario, repository) = with_news(
        "captive_portal",
        "A network answers every request with its sign-in page.",
        "A page is no metadata; nothing changes until the next refresh.",
    );
    scenario
        .serves("news", &repository)
        .answers("*", Answer::Page(page.into()))
        .refused(
            "root",
            "is not valid: line 1, column 1: found `<`, expected a value",
        );
    recovers(scenario, &repository)
}

fn cut_off() -> Scenario {
    let (mut scenario, repository) = with_news(
        "half_a_file",
        "The connection breaks in the middle of the policy.",
        "A file has the length that its server announces, and that is listed for it.",
    );
    scenario
        .serves("news", &repository)
        .answers(&policy_2(), Answer::CutOff(100))
        .refused("file \"policy.json\"", "could not be fetched: <address>")
        .floor("timestamp", 2)
        .floor("snapshot", 2)
        .floor("targets", 2);
    recovers(scenario, &repository)
}

fn announced_as_shorter() -> Scenario {
    let (mut scenario, repository) = with_news(
        "wrong_length",
        "The policy is sent under a length that is shorter than it is.",
        "The length and the hash that targets list (TUF 5.7.2).",
    );
    let listed = policy(2).len();
    scenario
        .serves("news", &repository)
        .answers(&policy_2(), Answer::AnnouncedAs(100))
        .refused(
            "file \"policy.json\"",
            &format!("has 100 bytes, but {listed} are listed for it"),
        )
        .floor("timestamp", 2)
        .floor("snapshot", 2)
        .floor("targets", 2);
    recovers(scenario, &repository)
}

fn policy_2() -> String {
    format!("targets/{}.policy.json", sha256(&policy(2)))
}
