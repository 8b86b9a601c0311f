//! Older versions than were seen before, and other content under the same version.

use super::scenario::Scenario;
use super::{at_version_5, policy, publish_policy, published_once, set_versions, unpublished};
use crate::repository::{DAY, DAY_0};

const OLDER_THAN_5: &str = "version 4 is older than 5, which was seen before";

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        root(),
        timestamp(),
        snapshot(),
        targets(),
        replay_after_expiry(),
        freeze(),
        expired_on_arrival(),
        mixed_by_hash(),
        mixed_by_version(),
        equal_timestamp(),
        equal_snapshot(),
        equal_targets(),
    ]
}

fn root() -> Scenario {
    let mut scenario = Scenario::new(
        "rollback_of_the_root",
        "The server hands out an older root as the next one; later the phone loses its copy of the root, and the server hides the newest.",
        "A root must have exactly the next version; the root's floor outlives the root (TUF 5.3.5).",
    );
    let mut repository = published_once();
    repository.rotate(|_| {});
    repository.rotate(|_| {});
    scenario.following(&repository);
    let old = repository.files["2.root.json"].clone();
    repository.files.insert("4.root.json".into(), old);
    scenario
        .serves("old-root-as-next", &repository)
        .refused("root", "has version 2, but version 4 was asked for")
        .requests(&["4.root.json"]);
    repository.files.remove("4.root.json");
    let newest = repository.files.remove("3.root.json");
    scenario
        .root_lost()
        .serves("newest-root-hidden", &repository)
        .refused("root", "version 2 is older than 3, which was seen before")
        .requests(&["1.root.json", "2.root.json", "3.root.json"]);
    repository
        .files
        .extend(newest.map(|root| ("3.root.json".into(), root)));
    scenario.serves("newest-root-back", &repository).unmoved();
    scenario
}

fn timestamp() -> Scenario {
    let mut scenario = Scenario::new(
        "rollback_of_the_timestamp",
        "The server hands out a genuine older timestamp.",
        "The timestamp's floor (TUF 5.4.3.1).",
    );
    let mut repository = at_version_5();
    scenario.following(&repository);
    repository.timestamp_version = 4;
    repository.write_timestamp();
    scenario
        .serves("after", &repository)
        .refused("timestamp", OLDER_THAN_5)
        .requests(&["2.root.json", "timestamp.json"]);
    scenario
}

fn snapshot() -> Scenario {
    let mut scenario = Scenario::new(
        "rollback_of_the_snapshot",
        "A new timestamp points to an older snapshot.",
        "The snapshot's floor, before the timestamp is stored (TUF 5.4.3.2).",
    );
    let mut repository = at_version_5();
    scenario.following(&repository);
    repository.timestamp_version = 6;
    repository.snapshot_version = 4;
    repository.write();
    scenario
        .serves("after", &repository)
        .refused("snapshot", OLDER_THAN_5)
        .requests(&["2.root.json", "timestamp.json"]);
    scenario
}

fn targets() -> Scenario {
    let mut scenario = Scenario::new(
        "rollback_of_the_targets",
        "A new snapshot lists older targets.",
        "The targets' floor, before the snapshot is stored (TUF 5.5.5).",
    );
    let mut repository = at_version_5();
    scenario.following(&repository);
    set_versions(&mut repository, 6);
    repository.targets_version = 4;
    repository.write();
    scenario
        .serves("after", &repository)
        .refused("targets", OLDER_THAN_5)
        .floor("timestamp", 6)
        .floor("snapshot", 6)
        .requests(&["2.root.json", "timestamp.json", "6.snapshot.json"]);
    scenario
}

fn replay_after_expiry() -> Scenario {
    let mut scenario = Scenario::new(
        "replay_after_expiry",
        "Long after all that the phone holds has expired, an older publication is served, signed to last.",
        "Floors are kept apart from the metadata that set them, and outlive it.",
    );
    let mut repository = at_version_5();
    scenario.following(&repository);
    set_versions(&mut repository, 4);
    repository.timestamp_expires = DAY_0 + 200 * DAY;
    repository.snapshot_expires = DAY_0 + 200 * DAY;
    repository.targets_expires = DAY_0 + 200 * DAY;
    repository.write();
    scenario
        .days_pass(100)
        .serves("after", &repository)
        .refused("timestamp", OLDER_THAN_5);
    repository.timestamp_version = 6;
    repository.write();
    scenario
        .serves("under-a-new-timestamp", &repository)
        .refused("snapshot", OLDER_THAN_5);
    scenario
}

fn freeze() -> Scenario {
    let mut scenario = Scenario::new(
        "freeze",
        "The server goes on serving what was genuine once, so that news never arrives.",
        "The timestamp's expiry is noticed; the policy stays in force (TUF 5.4.4).",
    );
    let repository = published_once();
    scenario
        .following(&repository)
        .days_pass(6)
        .serves("after", &repository)
        .unmoved()
        .days_pass(1)
        .refused("timestamp", "expired at 2026-11-30T00:00:00Z")
        .not_before(DAY_0 + 7 * DAY);
    scenario
}

fn expired_on_arrival() -> Scenario {
    let mut scenario = Scenario::new(
        "expired_when_it_arrives",
        "A publication that was held back is served when one of its roles has expired: news, but too old.",
        "Each role's expiry is judged before it is stored (TUF 5.4.4, 5.5.6, 5.6.5).",
    );
    let mut repository = published_once();
    scenario.following(&repository).days_pass(3);
    let expired = (DAY_0 + 2 * DAY, "expired at 2026-11-25T00:00:00Z");
    let later = repository.timestamp_expires;
    repository.timestamp_expires = expired.0;
    publish_policy(&mut repository, 2);
    scenario
        .serves("timestamp", &repository)
        .refused("timestamp", expired.1)
        .requests(&["2.root.json", "timestamp.json"]);
    (repository.timestamp_expires, repository.snapshot_expires) = (later, expired.0);
    repository.publish();
    scenario
        .serves("snapshot", &repository)
        .refused("snapshot", expired.1)
        .floor("timestamp", 3)
        .floor("snapshot", 3);
    (repository.snapshot_expires, repository.targets_expires) = (later, expired.0);
    repository.publish();
    scenario
        .serves("targets", &repository)
        .refused("targets", expired.1)
        .floor("timestamp", 4)
        .floor("snapshot", 4)
        .floor("targets", 4);
    repository.targets_expires = later;
    repository.publish();
    scenario.serves("renewed", &repository).obeyed(&repository);
    scenario
}

fn mixed_by_hash() -> Scenario {
    let mut scenario = Scenario::new(
        "mix_and_match_against_hashes",
        "A genuine older snapshot is served under the name of the current one.",
        "The hash that the timestamp lists (TUF 5.5.2).",
    );
    let mut repository = published_once();
    let old = repository.files["1.snapshot.json"].clone();
    scenario.following(&repository);
    publish_policy(&mut repository, 2);
    repository.files.insert("2.snapshot.json".into(), old);
    scenario
        .serves("after", &repository)
        .refused("snapshot", "does not have the SHA-256 that is listed for it")
        .floor("timestamp", 2)
        .floor("snapshot", 2);
    scenario
}

fn mixed_by_version() -> Scenario {
    let mut scenario = Scenario::new(
        "mix_and_match_where_no_hashes_are_listed",
        "Genuine older targets are served under the name of the current ones; the snapshot lists versions only.",
        "The version inside must be the version that is listed (TUF 5.6.4).",
    );
    let mut repository = unpublished();
    repository.hashes = false;
    repository.publish();
    let old = repository.files["1.targets.json"].clone();
    scenario.following(&repository);
    publish_policy(&mut repository, 2);
    repository.files.insert("2.targets.json".into(), old);
    scenario
        .serves("after", &repository)
        .refused("targets", "has version 1, but version 2 was asked for")
        .floor("timestamp", 2)
        .floor("snapshot", 2)
        .floor("targets", 2);
    scenario
}

fn equal_timestamp() -> Scenario {
    let mut scenario = Scenario::new(
        "equal_timestamp_version_with_other_bytes",
        "The timestamp key signs two timestamps under one number; the second one announces a far snapshot and a later time.",
        "An equal version is put aside: the first one stays (TUF 5.4.3.1).",
    );
    let mut repository = at_version_5();
    scenario.following(&repository);
    repository.snapshot_version = 100;
    repository.issued = Some(DAY_0 + 5 * DAY);
    repository.write_timestamp();
    scenario
        .serves("after", &repository)
        .unmoved()
        .requests(&["2.root.json", "timestamp.json"])
        .not_before(DAY_0);
    scenario
}

fn equal_snapshot() -> Scenario {
    let mut scenario = Scenario::new(
        "equal_snapshot_version_with_other_bytes",
        "The snapshot key signs two snapshots under one number.",
        "A floor knows the content of its version.",
    );
    let mut repository = at_version_5();
    scenario.following(&repository);
    repository.timestamp_version = 6;
    repository.snapshot_expires += DAY;
    repository.write();
    scenario
        .serves("after", &repository)
        .refused(
            "snapshot",
            "version 5 has other content than the version 5 seen before",
        )
        .floor("timestamp", 6);
    scenario
}

fn equal_targets() -> Scenario {
    let mut scenario = Scenario::new(
        "equal_targets_version_with_other_bytes",
        "The targets key signs another policy under a number that was used.",
        "A floor knows the content of its version.",
    );
    let mut repository = at_version_5();
    scenario.following(&repository);
    repository.timestamp_version = 6;
    repository.snapshot_version = 6;
    repository.content.insert("policy.json".into(), policy(2));
    repository.write();
    scenario
        .serves("after", &repository)
        .refused(
            "targets",
            "version 5 has other content than the version 5 seen before",
        )
        .floor("timestamp", 6)
        .floor("snapshot", 6);
    scenario
}
