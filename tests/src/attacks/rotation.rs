//! Rotation of keys: the chain of roots, and the one way in which a floor goes down.

use super::scenario::Scenario;
use super::{publish_policy, published_once, set_versions};
use crate::repository::{DAY, DAY_0, Signers};

/// How far a version can go.
const FAR: i64 = i64::MAX - 1;

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![long_chain(), fast_forward(), stolen_time(), expired_final_root()]
}

fn long_chain() -> Scenario {
    let mut scenario = Scenario::new(
        "root_chain_longer_than_one_refresh_takes",
        "A phone that was away for long, or a server that wants to keep it busy: 66 new roots at once.",
        "A refresh takes 64 roots and goes on with its work; the next one takes the rest (TUF 5.3.3).",
    );
    let mut repository = published_once();
    scenario.following(&repository);
    for _ in 0..66 {
        repository.rotate(|_| {});
    }
    publish_policy(&mut repository, 2);
    scenario
        .serves("after", &repository)
        .obeyed(&repository)
        .floor("root", 65)
        .serves("again", &repository)
        .confirmed(&repository);
    scenario
}

fn fast_forward() -> Scenario {
    let mut scenario = Scenario::new(
        "fast_forward_by_stolen_online_keys",
        "A thief of the online keys signs the highest versions there are, so that nothing genuine is ever newer.",
        "Only a root that takes the stolen key away lowers floors (TUF 5.3.11).",
    );
    let mut repository = published_once();
    scenario.following(&repository);
    repository.timestamp_version = FAR;
    repository.snapshot_version = FAR;
    repository.write_snapshot();
    repository.write_timestamp();
    scenario.serves("attack", &repository).confirmed(&repository);
    set_versions(&mut repository, 1);
    repository.rotate(|next| {
        next.root = Signers::one(51);
        next.targets = Signers::one(54);
    });
    publish_policy(&mut repository, 2);
    scenario
        .serves("other-keys-rotated", &repository)
        .refused(
            "timestamp",
            &format!("version 2 is older than {FAR}, which was seen before"),
        )
        .floor("root", 2);
    repository.rotate(|next| next.timestamp = Signers::one(52));
    publish_policy(&mut repository, 3);
    scenario
        .serves("stolen-key-rotated", &repository)
        .obeyed(&repository);
    scenario
}

fn stolen_time() -> Scenario {
    let mut scenario = Scenario::new(
        "issued_in_2099_by_a_stolen_timestamp_key",
        "A thief of the timestamp key says that it is 2099, so that all that is genuine seems to have expired.",
        "A root that takes the stolen key away resets the feed's clock before its own expiry is judged.",
    );
    let year_2099 = DAY_0 + 73 * 365 * DAY;
    let mut repository = published_once();
    scenario.following(&repository);
    let honest = (repository.timestamp_expires, repository.issued);
    repository.issued = Some(year_2099);
    repository.timestamp_expires = year_2099 + 7 * DAY;
    repository.timestamp_version = 2;
    repository.write_timestamp();
    scenario
        .serves("attack", &repository)
        .unmoved()
        .floor("timestamp", 2)
        .not_before(year_2099);
    (repository.timestamp_expires, repository.issued) = honest;
    repository.rotate(|_| {});
    publish_policy(&mut repository, 2);
    scenario
        .serves("nothing-rotated", &repository)
        .refused("root", "expired at 2027-11-23T00:00:00Z")
        .floor("root", 2)
        .not_before(year_2099);
    repository.rotate(|next| next.timestamp = Signers::one(52));
    publish_policy(&mut repository, 3);
    scenario
        .serves("stolen-key-rotated", &repository)
        .obeyed(&repository)
        .not_before(DAY_0);
    scenario
}

fn expired_final_root() -> Scenario {
    let mut scenario = Scenario::new(
        "expiry_of_the_final_root_after_a_rotation",
        "The chain ends in a root that has expired, behind one that has expired, too, and rotates the timestamp key.",
        "Expiry is judged at the end of the chain only (TUF 5.3.10), by the time that the rotation leaves; the roots are kept.",
    );
    let mut repository = published_once();
    scenario.following(&repository);
    repository.rotate(|next| {
        next.root_expires = DAY_0 - 2 * DAY;
        next.timestamp = Signers::one(52);
    });
    repository.rotate(|next| next.root_expires = DAY_0 - DAY);
    publish_policy(&mut repository, 2);
    scenario
        .serves("after", &repository)
        .refused("root", "expired at 2026-11-22T00:00:00Z")
        .floors(&[("root", 3)])
        .requests(&["2.root.json", "3.root.json", "4.root.json"]);
    repository.rotate(|next| next.root_expires = DAY_0 + 365 * DAY);
    repository.publish();
    scenario.serves("renewed", &repository).obeyed(&repository);
    scenario
}
