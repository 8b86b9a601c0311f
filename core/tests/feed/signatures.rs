//! Who may sign, and what counts as signed.

use serde_json::json;
use sluis_core::feed::FeedIdentity;

use crate::phone::Phone;
use crate::repository::{DAY, Key, Repository, Signers, envelope, file};

#[test]
fn nothing_is_trusted_but_the_root_that_configuration_names() {
    let mut repository = Repository::new();
    let mut phone = Phone::trusting(&repository);
    phone.feed = FeedIdentity {
        root_sha256: [7; 32],
        ..phone.feed
    };
    let why = phone.refuses(&repository);
    assert!(
        why.starts_with("feed national: root version 1 has SHA-256 "),
        "{why}"
    );
    assert_eq!(phone.requests, ["1.root.json"]);

    // Signed by the right keys and still another root: one byte more.
    let mut phone = Phone::trusting(&repository);
    repository.files.get_mut("1.root.json").unwrap().push(b'\n');
    assert!(phone.refuses(&repository).contains("told to trust"));
    assert_eq!(phone.trusted(), Default::default());
}

#[test]
fn a_pinned_root_that_its_own_keys_did_not_sign_is_refused() {
    let mut repository = Repository::new();
    let signed = repository.root_signed();
    repository.put_root(file(&signed, &[Key::new(99)]));
    let mut phone = Phone::trusting(&repository);
    assert_eq!(
        phone.refuses(&repository),
        "feed national: root is signed by 0 of its keys, 1 must sign"
    );
}

#[test]
fn a_new_root_needs_the_old_roots_keys() {
    let mut repository = Repository::new();
    let mut phone = Phone::following(&repository);
    repository.root = Signers::one(50);
    repository.root_version = 2;
    repository.write_root();
    assert_eq!(
        phone.refuses(&repository),
        "feed national: root is signed by 0 of the previous root's keys, 1 must sign"
    );
}

#[test]
fn a_new_root_needs_its_own_keys() {
    let mut repository = Repository::new();
    let mut phone = Phone::following(&repository);
    let old = std::mem::replace(&mut repository.root, Signers::one(50));
    repository.root_version = 2;
    let signed = repository.root_signed();
    repository.put_root(file(&signed, &old.keys));
    assert_eq!(
        phone.refuses(&repository),
        "feed national: root is signed by 0 of its keys, 1 must sign"
    );
}

#[test]
fn a_skipped_root_version_is_refused() {
    let mut repository = Repository::new();
    let mut phone = Phone::following(&repository);
    repository.rotate(|_| {});
    repository.rotate(|_| {});
    let third = repository.files.remove("3.root.json").unwrap();
    repository.files.insert("2.root.json".into(), third);
    assert_eq!(
        phone.refuses(&repository),
        "feed national: root has version 3, but version 2 was asked for"
    );
}

#[test]
fn each_role_must_be_signed_by_its_own_keys() {
    let thief = [Key::new(66)];
    let stolen_timestamp_key = [Key::new(2)];
    for (role, forged_by) in [
        ("timestamp", &thief),
        ("snapshot", &stolen_timestamp_key),
        ("targets", &stolen_timestamp_key),
    ] {
        let mut repository = Repository::new();
        let mut phone = Phone::following(&repository);
        let signers = match role {
            "timestamp" => &mut repository.timestamp,
            "snapshot" => &mut repository.snapshot,
            _ => &mut repository.targets,
        };
        signers.keys = forged_by.to_vec();
        repository.publish_policy("{}");
        assert_eq!(
            phone.refuses(&repository),
            format!("feed national: {role} is signed by 0 of its keys, 1 must sign")
        );
    }
}

#[test]
fn one_changed_byte_breaks_a_signature() {
    let mut repository = Repository::new();
    let mut phone = Phone::following(&repository);
    repository.publish();
    let text = String::from_utf8(repository.files["timestamp.json"].clone()).unwrap();
    repository.put_timestamp(text.replace("2026-", "2036-").into_bytes());
    assert!(phone.refuses(&repository).contains("signed by 0 of its keys"));
}

#[test]
fn the_same_key_under_two_ids_counts_once() {
    let mut repository = Repository::unpublished();
    repository.timestamp = Signers {
        keys: vec![Key::new(2), Key::new(2).called("the same again")],
        threshold: 2,
    };
    repository.write_root();
    repository.publish();
    let mut phone = Phone::trusting(&repository);
    assert_eq!(
        phone.refuses(&repository),
        "feed national: timestamp is signed by 1 of its keys, 2 must sign"
    );
}

#[test]
fn two_signatures_under_one_id_are_refused() {
    let mut repository = Repository::new();
    let signed = repository.timestamp_signed();
    let signature = repository.timestamp.keys[0].signature(&signed);
    repository.put_timestamp(envelope(&[signature.clone(), signature], &signed));
    let mut phone = Phone::trusting(&repository);
    assert!(
        phone
            .refuses(&repository)
            .contains("one signature for each key id")
    );
}

#[test]
fn a_threshold_of_two_is_met_by_two_keys_and_not_by_strangers() {
    let mut repository = Repository::unpublished();
    repository.targets = Signers {
        keys: vec![Key::new(4), Key::new(5), Key::new(6)],
        threshold: 2,
    };
    repository.write_root();
    repository.targets.keys = vec![Key::new(4), Key::new(77), Key::new(78)];
    repository.publish();
    let mut phone = Phone::trusting(&repository);
    assert_eq!(
        phone.refuses(&repository),
        "feed national: targets is signed by 1 of its keys, 2 must sign"
    );
    repository.targets.keys = vec![Key::new(4), Key::new(77), Key::new(6)];
    repository.publish();
    phone.obeys(&repository);
}

#[test]
fn keys_and_signatures_of_unknown_kinds_are_skipped() {
    let mut repository = Repository::new();
    let mut signed = repository.root_signed();
    signed["keys"]["future"] =
        json!({ "keytype": "ml-dsa", "scheme": "ml-dsa-65", "keyval": { "public": "…" } });
    signed["roles"]["timestamp"]["keyids"] = json!([repository.timestamp.keys[0].id, "future", "absent"]);
    let keys = repository.root.keys.clone();
    repository.put_root(file(&signed, &keys));
    let timestamp = repository.timestamp_signed();
    let unknown = json!({ "keyid": "future", "sig": "not even hex" });
    let signature = repository.timestamp.keys[0].signature(&timestamp);
    repository.put_timestamp(envelope(&[unknown, signature], &timestamp));
    Phone::trusting(&repository).obeys(&repository);
}

#[test]
fn fields_that_nobody_knows_are_signed_and_kept() {
    let mut repository = Repository::unpublished();
    repository.extra = json!({ "x-other": { "é": [1, null, true] } });
    repository.write_root();
    repository.publish();
    Phone::trusting(&repository).obeys(&repository);
}

#[test]
fn metadata_of_another_role_is_refused_even_when_the_same_key_signs_for_both() {
    let mut repository = Repository::unpublished();
    repository.snapshot = Signers::one(2);
    repository.hashes = false;
    repository.write_root();
    repository.publish();
    let timestamp = repository.files["timestamp.json"].clone();
    repository.put_snapshot(timestamp);
    let why = Phone::trusting(&repository).refuses(&repository);
    assert!(why.contains("expected \"snapshot\" for \"_type\""), "{why}");
}

#[test]
fn another_major_version_of_the_specification_is_refused() {
    let mut repository = Repository::unpublished();
    repository.extra = json!({ "spec_version": "2.0.0" });
    repository.publish();
    let why = Phone::trusting(&repository).refuses(&repository);
    assert_eq!(
        why,
        "feed national: timestamp follows version \"2.0.0\" of the TUF specification, not 1.x"
    );
}

#[test]
fn a_threshold_of_zero_is_refused() {
    let mut repository = Repository::unpublished();
    repository.timestamp.threshold = 0;
    repository.write_root();
    let why = Phone::trusting(&repository).refuses(&repository);
    assert!(
        why.contains("a whole number of at least 1 for \"threshold\""),
        "{why}"
    );
}

#[test]
fn a_root_that_changes_keys_takes_effect_at_once_and_the_old_keys_sign_for_nothing() {
    let mut repository = Repository::new();
    let mut phone = Phone::following(&repository);
    repository.rotate(|next| {
        next.root = Signers::one(51);
        next.targets = Signers::one(54);
    });
    repository.publish_policy("{\"policy\":2}");
    phone.obeys(&repository);
    repository.targets = Signers::one(4);
    repository.timestamp_expires += DAY;
    repository.publish_policy("{\"policy\":3}");
    assert!(
        phone
            .refuses(&repository)
            .contains("targets is signed by 0 of its keys")
    );
}
