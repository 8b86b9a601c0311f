//! Rotation of keys is the one way in which a floor goes down (TUF 5.3.11).

use sluis_core::feed::Role;

use crate::phone::Phone;
use crate::repository::{DAY, DAY_0, Key, Repository, Signers};

const FAR: i64 = i64::MAX - 1;

/// A thief of the online keys pushed all versions as far as they go.
fn fast_forwarded() -> (Repository, Phone) {
    let mut repository = Repository::new();
    let mut phone = Phone::following(&repository);
    repository.only_listed.insert("unwanted".into(), FAR);
    (
        repository.timestamp_version,
        repository.snapshot_version,
        repository.targets_version,
    ) = (FAR, FAR, FAR);
    repository.write();
    phone.obeys(&repository);
    repository.only_listed.clear();
    (
        repository.timestamp_version,
        repository.snapshot_version,
        repository.targets_version,
    ) = (1, 1, 1);
    (repository, phone)
}

#[test]
fn rotating_the_timestamp_key_recovers_from_fast_forward() {
    let (mut repository, mut phone) = fast_forwarded();
    repository.rotate(|next| next.timestamp = Signers::one(52));
    repository.publish_policy("{\"policy\":\"recovered\"}");
    phone.obeys(&repository);
    let floors = phone.trusted();
    for role in [Role::Timestamp, Role::Snapshot, Role::Targets] {
        assert_eq!(floors.floors().get(&role).unwrap().version, 2);
    }
    assert_eq!(floors.floors().get(&Role::Delegated("unwanted".into())), None);
}

#[test]
fn rotating_the_snapshot_key_recovers_from_fast_forward() {
    let (mut repository, mut phone) = fast_forwarded();
    repository.rotate(|next| next.snapshot = Signers::one(53));
    repository.publish_policy("{\"policy\":\"recovered\"}");
    phone.obeys(&repository);
}

#[test]
fn nothing_looser_than_a_rotation_recovers_from_fast_forward() {
    type Change = fn(&mut Repository);
    let changes: [(&str, Change); 4] = [
        ("nothing", |_| {}),
        ("another key beside the stolen one", |next| {
            next.timestamp.keys.push(Key::new(60));
            next.snapshot.keys.push(Key::new(61));
        }),
        ("the root's and the targets' keys", |next| {
            next.root = Signers::one(51);
            next.targets = Signers::one(54);
        }),
        ("the stolen key under another id", |next| {
            next.timestamp.keys = vec![Key::new(2).called("new name")];
        }),
    ];
    for (change, rotate) in changes {
        let (mut repository, mut phone) = fast_forwarded();
        repository.rotate(rotate);
        repository.publish();
        let why = phone.refuses(&repository);
        assert!(why.contains("older than"), "{change}: {why}");
    }
}

#[test]
fn a_rotation_of_long_ago_forgives_nothing_when_a_lost_root_is_fetched_again() {
    let mut repository = Repository::new();
    repository.rotate(|next| next.timestamp = Signers::one(52));
    (
        repository.timestamp_version,
        repository.snapshot_version,
        repository.targets_version,
    ) = (4, 4, 4);
    repository.publish();
    let mut phone = Phone::following(&repository);
    phone.loses_its_root();
    (
        repository.timestamp_version,
        repository.snapshot_version,
        repository.targets_version,
    ) = (1, 1, 1);
    repository.publish();
    let why = phone.refuses(&repository);
    assert!(why.contains("timestamp version 2 is older than 5"), "{why}");
}

#[test]
fn the_policy_stays_in_force_between_the_rotation_and_the_next_publication() {
    let mut repository = Repository::new();
    let mut phone = Phone::following(&repository);
    repository.rotate(|next| next.timestamp = Signers::one(52));
    assert!(
        phone
            .refuses(&repository)
            .contains("timestamp is signed by 0 of its keys")
    );
    assert_eq!(phone.trusted().floors().get(&Role::Root).unwrap().version, 2);
    repository.publish();
    phone.obeys(&repository);
}

#[test]
fn a_chain_of_roots_longer_than_one_update_takes_is_gone_on_with_at_the_next() {
    let mut repository = Repository::new();
    let mut phone = Phone::following(&repository);
    for _ in 0..100 {
        repository.rotate(|_| {});
    }
    phone.obeys(&repository);
    assert_eq!(phone.trusted().floors().get(&Role::Root).unwrap().version, 65);
    phone.obeys(&repository);
    assert_eq!(phone.trusted().floors().get(&Role::Root).unwrap().version, 101);
}

#[test]
fn a_chain_that_is_only_half_walked_is_gone_on_with_though_its_middle_has_expired() {
    let mut repository = Repository::new();
    let mut phone = Phone::following(&repository);
    let valid_until = repository.root_expires;
    repository.root_expires = DAY_0 - DAY;
    for _ in 0..98 {
        repository.rotate(|_| {});
    }
    repository.rotate(|next| {
        next.root_expires = valid_until;
        next.timestamp = Signers::one(52);
    });
    repository.publish_policy("{\"policy\":2}");
    assert_eq!(
        phone.refuses(&repository),
        "feed national: root expired at 2026-11-22T00:00:00Z"
    );
    assert_eq!(phone.requests.len(), 64);
    phone.obeys(&repository);
    assert_eq!(phone.requests[0], "66.root.json");
}
