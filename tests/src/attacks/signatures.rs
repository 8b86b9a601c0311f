//! Who may sign, and what counts as signed.

use sluis_core::feed::hex;

use super::scenario::{FEED, Scenario};
use super::{publish_policy, published_once, unpublished};
use crate::repository::{Key, Repository, Signers};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        wrong_root(),
        skipped_root(),
        root_by_strangers(),
        same_key_twice(),
        strangers(),
        key_of_another_role(),
    ]
}

/// Another repository, with keys that the phone was never told of.
fn of_a_stranger() -> Repository {
    let mut repository = unpublished();
    repository.root = Signers::one(91);
    repository.timestamp = Signers::one(92);
    repository.snapshot = Signers::one(93);
    repository.targets = Signers::one(94);
    repository.write_root();
    publish_policy(&mut repository, 9);
    repository
}

fn wrong_root() -> Scenario {
    let mut scenario = Scenario::new(
        "wrong_root",
        "Whoever holds the server or the name serves a whole repository of their own to a new phone.",
        "The SHA-256 of the first root that the phone was told (TUF 5.2).",
    );
    let (genuine, stranger) = (published_once(), of_a_stranger());
    let (found, expected) = (hex::encode(&stranger.pin()), hex::encode(&genuine.pin()));
    scenario
        .trusting(FEED, &genuine)
        .serves("stranger", &stranger)
        .refused(
            "root",
            &format!("version 1 has SHA-256 {found}, but this phone was told to trust {expected}"),
        )
        .requests(&["1.root.json"])
        .serves("genuine", &genuine)
        .obeyed(&genuine);
    scenario
}

fn skipped_root() -> Scenario {
    let mut scenario = Scenario::new(
        "skipped_root",
        "The server leaves a root out of the chain, so that the keys that it revoked are never missed.",
        "A root must have exactly the next version (TUF 5.3.5).",
    );
    let mut repository = published_once();
    scenario.following(&repository);
    repository.rotate(|_| {});
    repository.rotate(|_| {});
    let second = repository.files["2.root.json"].clone();
    let third = repository.files.remove("3.root.json");
    repository
        .files
        .extend(third.map(|root| ("2.root.json".into(), root)));
    scenario
        .serves("after", &repository)
        .refused("root", "has version 3, but version 2 was asked for")
        .requests(&["2.root.json"]);
    repository.files.insert("2.root.json".into(), second);
    scenario
        .serves("chain-restored", &repository)
        .unmoved()
        .floor("root", 2);
    scenario
}

fn root_by_strangers() -> Scenario {
    let mut scenario = Scenario::new(
        "next_root_signed_by_its_own_keys_only",
        "The next root names new keys, and only those have signed it.",
        "A root needs the threshold of the root before it, too (TUF 5.3.4).",
    );
    let mut repository = published_once();
    scenario.following(&repository);
    repository.root = Signers::one(91);
    repository.root_version = 2;
    repository.write_root();
    scenario
        .serves("after", &repository)
        .refused("root", "is signed by 0 of the previous root's keys, 1 must sign");
    scenario
}

fn same_key_twice() -> Scenario {
    let mut scenario = Scenario::new(
        "same_key_under_two_ids",
        "Two must sign; one key is listed under two ids, and signs twice.",
        "Thresholds count keys by value, not by id.",
    );
    let mut repository = unpublished();
    repository.timestamp = Signers {
        keys: vec![Key::new(2), Key::new(2).called("the same again")],
        threshold: 2,
    };
    repository.write_root();
    repository.publish();
    scenario
        .trusting(FEED, &repository)
        .serves("before", &repository)
        .refused("timestamp", "is signed by 1 of its keys, 2 must sign")
        .floor("root", 1);
    scenario
}

fn strangers() -> Scenario {
    let mut scenario = Scenario::new(
        "threshold_met_by_unknown_keys",
        "Two of the targets' keys must sign; one did, and two strangers.",
        "Only the keys that the root lists for a role count.",
    );
    let mut repository = unpublished();
    repository.targets = Signers {
        keys: vec![Key::new(4), Key::new(5), Key::new(6)],
        threshold: 2,
    };
    repository.write_root();
    repository.publish();
    scenario.following(&repository);
    repository.targets.keys = vec![Key::new(4), Key::new(95), Key::new(96)];
    publish_policy(&mut repository, 2);
    scenario
        .serves("after", &repository)
        .refused("targets", "is signed by 1 of its keys, 2 must sign")
        .floor("timestamp", 2)
        .floor("snapshot", 2)
        .floor("targets", 2);
    scenario
}

fn key_of_another_role() -> Scenario {
    let mut scenario = Scenario::new(
        "targets_signed_by_a_stolen_online_key",
        "A thief of the timestamp and snapshot keys, which are online, signs a policy with them.",
        "Each role has keys of its own, and the targets' are offline.",
    );
    let mut repository = published_once();
    scenario.following(&repository);
    repository.targets.keys = vec![Key::new(2), Key::new(3)];
    publish_policy(&mut repository, 2);
    scenario
        .serves("after", &repository)
        .refused("targets", "is signed by 0 of its keys, 1 must sign")
        .floor("timestamp", 2)
        .floor("snapshot", 2)
        .floor("targets", 2);
    scenario
}
