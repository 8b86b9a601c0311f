//! What the time is, and who may say so.

use sluis_core::feed::Outcome;

use crate::phone::Phone;
use crate::repository::{DAY, DAY_0, Repository, Signers};

const TEN_YEARS: i64 = 3652;

#[test]
fn a_frozen_feed_is_noticed_when_its_timestamp_expires() {
    let repository = Repository::new();
    let mut phone = Phone::following(&repository);
    phone.days_pass(6);
    phone.obeys(&repository);
    phone.days_pass(1);
    assert_eq!(
        phone.refuses(&repository),
        "feed national: timestamp expired at 2026-11-30T00:00:00Z"
    );
}

#[test]
fn every_role_that_expired_is_refused_by_name() {
    type Expiry = fn(&mut Repository) -> &mut i64;
    let expiries: [(&str, Expiry); 4] = [
        ("root", |r| &mut r.root_expires),
        ("timestamp", |r| &mut r.timestamp_expires),
        ("snapshot", |r| &mut r.snapshot_expires),
        ("targets", |r| &mut r.targets_expires),
    ];
    for (role, expiry) in expiries {
        let mut repository = Repository::unpublished();
        repository.issued = None;
        *expiry(&mut repository) = DAY_0 - 1;
        repository.write_root();
        repository.publish();
        let why = Phone::trusting(&repository).refuses(&repository);
        assert!(
            why.starts_with(&format!("feed national: {role} expired at ")),
            "{why}"
        );
    }
}

#[test]
fn an_expired_policy_stays_in_force_and_its_staleness_is_known() {
    let repository = Repository::new();
    let mut phone = Phone::following(&repository);
    assert_eq!(
        phone.trusted().current_until(),
        Some(repository.timestamp_expires)
    );
    phone.days_pass(400);
    phone.refuses(&repository);
    assert_eq!(phone.policy().unwrap(), repository.content["policy.json"]);
    assert_eq!(
        phone.trusted().current_until(),
        Some(repository.timestamp_expires)
    );
}

#[test]
fn an_expired_intermediate_root_is_followed_to_one_that_is_current() {
    let mut repository = Repository::unpublished();
    repository.root_expires = DAY_0 - DAY;
    repository.write_root();
    repository.rotate(|next| next.root_expires = DAY_0 + DAY);
    repository.publish();
    Phone::trusting(&repository).obeys(&repository);
}

#[test]
fn a_clock_set_back_ten_years_revives_no_expired_metadata() {
    let repository = Repository::new();
    let mut phone = Phone::following(&repository);
    phone.days_pass(8);
    phone.time.wall_ms -= TEN_YEARS * DAY * 1000;
    assert!(phone.refuses(&repository).contains("timestamp expired"));
    // A reboot forgets the time since boot, but not what was signed.
    phone.time.boot_count += 1;
    phone.time.elapsed_ms = 0;
    assert_eq!(phone.refresh(&repository), Outcome::Unchanged);
    phone.days_pass(8);
    assert!(phone.refuses(&repository).contains("timestamp expired"));
}

#[test]
fn a_clock_set_forward_ten_years_locks_nothing_out_for_good() {
    let mut repository = Repository::new();
    let mut phone = Phone::following(&repository);
    phone.time.wall_ms += TEN_YEARS * DAY * 1000;
    assert!(phone.refuses(&repository).contains("root expired"));
    phone.time.wall_ms -= TEN_YEARS * DAY * 1000;
    repository.publish_policy("{\"policy\":2}");
    phone.obeys(&repository);
}

#[test]
fn the_floor_takes_issue_times_and_never_the_wall_clock() {
    let mut repository = Repository::new();
    let mut phone = Phone::trusting(&repository);
    phone.time.wall_ms += 3 * DAY * 1000;
    phone.obeys(&repository);
    assert_eq!(phone.trusted().clock().floor_ms(phone.time), Some(DAY_0 * 1000));
    repository.issued = Some(DAY_0 + 2 * DAY);
    repository.publish();
    phone.obeys(&repository);
    assert_eq!(
        phone.trusted().clock().floor_ms(phone.time),
        Some((DAY_0 + 2 * DAY) * 1000)
    );
}

#[test]
fn a_feed_without_issue_times_moves_no_floor() {
    let mut repository = Repository::unpublished();
    repository.issued = None;
    repository.publish();
    let phone = Phone::following(&repository);
    assert_eq!(phone.trusted().clock().floor_ms(phone.time), None);
}

#[test]
fn an_issue_time_after_expiry_or_before_the_last_is_refused() {
    let mut repository = Repository::new();
    let mut phone = Phone::following(&repository);
    repository.issued = Some(repository.timestamp_expires + 1);
    repository.publish();
    assert_eq!(
        phone.refuses(&repository),
        "feed national: timestamp says that it was issued after it expires"
    );
    repository.issued = Some(DAY_0 - 1);
    repository.publish();
    assert_eq!(
        phone.refuses(&repository),
        "feed national: timestamp says that it was issued at 2026-11-22T23:59:59Z, earlier than \
         2026-11-23T00:00:00Z, which was seen before"
    );
}

#[test]
fn a_stolen_timestamp_key_that_sets_the_time_to_2099_is_cured_by_rotating_it() {
    let mut repository = Repository::new();
    let mut phone = Phone::following(&repository);
    let honest = (repository.timestamp_expires, repository.issued);
    repository.issued = Some(DAY_0 + 73 * 365 * DAY);
    repository.timestamp_expires = DAY_0 + 80 * 365 * DAY;
    repository.publish();
    phone.obeys(&repository);
    (repository.timestamp_expires, repository.issued) = honest;
    repository.rotate(|_| {});
    repository.publish();
    assert!(phone.refuses(&repository).contains("root expired"));

    repository.rotate(|next| next.timestamp = Signers::one(52));
    repository.publish_policy("{\"policy\":2}");
    phone.obeys(&repository);
    assert_eq!(phone.trusted().clock().floor_ms(phone.time), Some(DAY_0 * 1000));
}

#[test]
fn feeds_that_disagree_about_the_time_do_not_move_each_others_clock() {
    let mut stolen = Repository::new();
    let mut phone = Phone::following(&stolen);
    let mut honest = Repository::at_version_5();
    honest.content.insert("policy.json".into(), b"{}".to_vec());
    honest.publish();
    let other = std::mem::replace(&mut phone.feed.name, "organisation".into());
    phone.obeys(&honest);
    phone.feed.name = other;

    stolen.issued = Some(DAY_0 + 73 * 365 * DAY);
    stolen.timestamp_expires = DAY_0 + 80 * 365 * DAY;
    stolen.publish();
    phone.obeys(&stolen);
    // By its own clock this feed's root has expired; the other feed's has not.
    assert!(phone.refuses(&stolen).contains("root expired"));
    phone.feed.name = "organisation".into();
    honest.publish_policy("{\"policy\":2}");
    phone.obeys(&honest);
    assert_eq!(phone.trusted().clock().floor_ms(phone.time), Some(DAY_0 * 1000));
    phone.days_pass(8);
    assert!(phone.refuses(&honest).contains("timestamp expired"));
}
