//! Older versions than were seen before.

use crate::phone::Phone;
use crate::repository::{DAY, DAY_0, Repository};

fn followed_at_version_5() -> (Repository, Phone) {
    let repository = Repository::at_version_5();
    let phone = Phone::following(&repository);
    (repository, phone)
}

#[test]
fn rollback_of_the_timestamp_is_refused() {
    let (mut repository, mut phone) = followed_at_version_5();
    repository.timestamp_version = 4;
    repository.write_timestamp();
    assert_eq!(
        phone.refuses(&repository),
        "feed national: timestamp version 4 is older than 5, which was seen before"
    );
}

#[test]
fn rollback_of_the_snapshot_is_refused() {
    let (mut repository, mut phone) = followed_at_version_5();
    repository.timestamp_version = 6;
    repository.snapshot_version = 3;
    repository.write();
    assert_eq!(
        phone.refuses(&repository),
        "feed national: snapshot version 3 is older than 5, which was seen before"
    );
}

#[test]
fn rollback_of_the_targets_is_refused() {
    let (mut repository, mut phone) = followed_at_version_5();
    (
        repository.timestamp_version,
        repository.snapshot_version,
        repository.targets_version,
    ) = (6, 6, 4);
    repository.write();
    assert_eq!(
        phone.refuses(&repository),
        "feed national: targets version 4 is older than 5, which was seen before"
    );
}

#[test]
fn rollback_of_a_delegated_role_is_refused_before_its_metadata_is_ever_fetched() {
    let mut repository = Repository::unpublished();
    repository.only_listed.insert("province".into(), 5);
    repository.publish();
    let mut phone = Phone::following(&repository);
    repository.only_listed.insert("province".into(), 4);
    repository.publish();
    assert_eq!(
        phone.refuses(&repository),
        "feed national: delegated role \"province\" version 4 is older than 5, which was seen before"
    );
    repository.only_listed.clear();
    repository.publish();
    assert_eq!(
        phone.refuses(&repository),
        "feed national: delegated role \"province\" was listed in the snapshot before and no longer is"
    );
}

#[test]
fn a_snapshot_that_was_announced_but_never_seen_holds_the_floor_too() {
    let (mut repository, mut phone) = followed_at_version_5();
    repository.snapshot_version = 9;
    repository.timestamp_version = 6;
    repository.write_timestamp();
    assert_eq!(phone.refuses(&repository), "feed national: snapshot is missing");
    repository.snapshot_version = 8;
    repository.timestamp_version = 7;
    repository.write();
    assert_eq!(
        phone.refuses(&repository),
        "feed national: snapshot version 8 is older than 9, which was seen before"
    );
}

#[test]
fn replay_after_expiry_is_refused_because_floors_outlive_what_set_them() {
    let (mut repository, mut phone) = followed_at_version_5();
    phone.days_pass(100);
    (
        repository.timestamp_version,
        repository.snapshot_version,
        repository.targets_version,
    ) = (4, 4, 4);
    repository.timestamp_expires = DAY_0 + 200 * DAY;
    repository.snapshot_expires = DAY_0 + 200 * DAY;
    repository.targets_expires = DAY_0 + 200 * DAY;
    repository.write();
    assert!(
        phone
            .refuses(&repository)
            .contains("timestamp version 4 is older than 5")
    );
    // An expired timestamp of a version that is new is no way round the floors of the others.
    repository.timestamp_version = 6;
    repository.write();
    assert!(
        phone
            .refuses(&repository)
            .contains("snapshot version 4 is older than 5")
    );
}

#[test]
fn rollback_of_the_root_is_refused_even_when_the_stored_root_is_lost() {
    let mut repository = Repository::new();
    repository.rotate(|_| {});
    repository.rotate(|_| {});
    let mut phone = Phone::following(&repository);
    phone.loses_its_root();
    let newest = repository.files.remove("3.root.json").unwrap();
    assert_eq!(
        phone.refuses(&repository),
        "feed national: root version 2 is older than 3, which was seen before"
    );
    repository.files.insert("3.root.json".into(), newest);
    phone.obeys(&repository);
}

#[test]
fn an_equal_timestamp_version_with_other_bytes_changes_nothing() {
    let (mut repository, mut phone) = followed_at_version_5();
    let before = phone.trusted();
    repository.snapshot_version = 100;
    repository.issued = Some(DAY_0 + 5 * DAY);
    repository.write_timestamp();
    phone.obeys(&repository);
    assert_eq!(phone.trusted(), before);
    assert_eq!(phone.requests, ["2.root.json", "timestamp.json"]);
}

#[test]
fn equal_snapshot_and_targets_versions_with_other_content_are_refused() {
    let (mut repository, mut phone) = followed_at_version_5();
    repository.timestamp_version = 6;
    repository.snapshot_expires += DAY;
    repository.write();
    assert_eq!(
        phone.refuses(&repository),
        "feed national: snapshot version 5 has other content than the version 5 seen before"
    );
    (repository.timestamp_version, repository.snapshot_version) = (7, 6);
    repository
        .content
        .insert("policy.json".into(), b"{\"policy\":\"other\"}".to_vec());
    repository.write();
    assert_eq!(
        phone.refuses(&repository),
        "feed national: targets version 5 has other content than the version 5 seen before"
    );
}
