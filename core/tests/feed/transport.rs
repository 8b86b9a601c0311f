//! What the way from the server to the phone may do to a file.

use sluis_core::feed::{Answer, Outcome};

use crate::phone::{Phone, serve};
use crate::repository::{Repository, file, sha256};

const PORTAL: &[u8] = b"<!DOCTYPE html><html><body>Welcome to our hotel</body></html>";

fn changed() -> (Repository, Phone) {
    let mut repository = Repository::new();
    let phone = Phone::following(&repository);
    repository.rotate(|_| {});
    repository.publish_policy("{\"policy\":2}");
    (repository, phone)
}

/// Every path of an update that takes in everything anew.
fn paths(repository: &Repository) -> Vec<String> {
    repository.files.keys().cloned().collect()
}

#[test]
fn a_captive_portal_in_place_of_any_file_changes_nothing_and_the_next_update_recovers() {
    let all = paths(&changed().0);
    for path in all {
        let (repository, mut phone) = changed();
        let mut hit = false;
        let outcome = phone.update(|asked, max_bytes| {
            if asked == path {
                hit = true;
                Answer::Body(PORTAL)
            } else {
                serve(&repository, asked, max_bytes)
            }
        });
        assert_eq!(matches!(outcome, Outcome::Failed(_)), hit, "{path}");
        phone.obeys(&repository);
    }
}

#[test]
fn half_a_file_in_place_of_any_changes_nothing_and_the_next_update_recovers() {
    for path in paths(&changed().0) {
        let (repository, mut phone) = changed();
        let mut hit = false;
        let outcome = phone.update(|asked, max_bytes| match serve(&repository, asked, max_bytes) {
            Answer::Body(bytes) if asked == path => {
                hit = true;
                Answer::Body(&bytes[..bytes.len() / 2])
            }
            answer => answer,
        });
        assert_eq!(matches!(outcome, Outcome::Failed(_)), hit, "{path}");
        phone.obeys(&repository);
    }
}

#[test]
fn an_outage_at_any_request_is_named_and_the_next_update_goes_on_from_there() {
    for path in paths(&changed().0) {
        let (repository, mut phone) = changed();
        let outcome = phone.update(|asked, max_bytes| {
            if asked == path {
                Answer::Failed("connection reset".into())
            } else {
                serve(&repository, asked, max_bytes)
            }
        });
        if phone.requests.contains(&path) {
            let Outcome::Failed(error) = outcome else {
                panic!("{path} was not needed")
            };
            assert!(
                error
                    .to_string()
                    .ends_with("could not be fetched: connection reset")
            );
        }
        phone.obeys(&repository);
    }
}

#[test]
fn a_missing_timestamp_is_an_error_and_a_missing_next_root_is_none() {
    let mut repository = Repository::new();
    let mut phone = Phone::following(&repository);
    repository.files.remove("timestamp.json");
    assert_eq!(phone.refuses(&repository), "feed national: timestamp is missing");
}

#[test]
fn a_body_longer_than_its_role_may_be_is_refused_whoever_signed_it() {
    let mut repository = Repository::new();
    let mut phone = Phone::following(&repository);
    repository.extra = serde_json::json!({ "x-filling": "x".repeat(16 * 1024) });
    repository.timestamp_version += 1;
    repository.write_timestamp();
    let bytes = repository.files["timestamp.json"].clone();
    let why = phone.refuses_from(|path, max_bytes| match path {
        "timestamp.json" => {
            assert_eq!(max_bytes, 16 * 1024);
            Answer::Body(bytes.clone().leak())
        }
        _ => serve(&repository, path, max_bytes),
    });
    assert_eq!(
        why,
        format!(
            "feed national: timestamp has {} bytes, more than the 16384 allowed",
            bytes.len()
        )
    );
}

#[test]
fn a_file_that_is_listed_as_longer_than_phones_take_is_not_even_asked_for() {
    let mut repository = Repository::unpublished();
    let policy = vec![b' '; 4 * 1024 * 1024 + 1];
    repository.content.insert("policy.json".into(), policy);
    repository.publish();
    let mut phone = Phone::trusting(&repository);
    assert_eq!(
        phone.refuses(&repository),
        "feed national: file \"policy.json\" has 4194305 bytes, more than the 4194304 allowed"
    );
    assert_eq!(phone.requests.last().unwrap(), "1.targets.json");
}

#[test]
fn a_policy_of_the_right_length_with_another_byte_is_refused() {
    let mut repository = Repository::new();
    let mut phone = Phone::following(&repository);
    repository.publish_policy("{\"policy\":2}");
    let path = format!("targets/{}.policy.json", sha256(b"{\"policy\":2}"));
    repository.files.insert(path, b"{\"policy\":3}".to_vec());
    assert_eq!(
        phone.refuses(&repository),
        "feed national: file \"policy.json\" does not have the SHA-256 that is listed for it"
    );
}

#[test]
fn mix_and_match_of_a_genuine_old_snapshot_under_a_new_name_is_refused() {
    for hashes in [true, false] {
        let mut repository = Repository::unpublished();
        repository.hashes = hashes;
        repository.publish();
        let old = repository.files["1.snapshot.json"].clone();
        let mut phone = Phone::following(&repository);
        repository.publish();
        repository.files.insert("2.snapshot.json".into(), old);
        let why = phone.refuses(&repository);
        let expected = if hashes {
            "SHA-256 that is listed"
        } else {
            "has version 1, but version 2"
        };
        assert!(why.contains(expected), "{why}");
    }
}

#[test]
fn policy_and_catalogue_become_active_together_or_not_at_all() {
    let mut repository = Repository::new();
    let mut phone = Phone::following(&repository);
    repository
        .content
        .insert("catalogue.json".into(), b"{\"catalogue\":2}".to_vec());
    repository.publish_policy("{\"policy\":2}");
    let path = format!("targets/{}.catalogue.json", sha256(b"{\"catalogue\":2}"));
    let catalogue = repository.files.remove(&path).unwrap();
    assert_eq!(
        phone.refuses(&repository),
        "feed national: file \"catalogue.json\" is missing"
    );
    repository.files.insert(path, catalogue);
    phone.obeys(&repository);
    assert_eq!(phone.file("catalogue.json").unwrap(), b"{\"catalogue\":2}");
}

#[test]
fn a_feed_without_a_policy_is_refused() {
    let mut repository = Repository::new();
    let mut phone = Phone::following(&repository);
    repository.content.remove("policy.json");
    repository.publish();
    assert_eq!(
        phone.refuses(&repository),
        "feed national: file \"policy.json\" is not listed"
    );
}

#[test]
fn a_duplicate_key_a_float_and_depth_inside_signed_are_refused_whoever_signed_them() {
    for (extra, found) in [
        ("\"version\":9,", "the key \"version\" again"),
        ("\"x\":1.0,", "found `1.0`"),
        ("\"x\":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]],", "at most 16 levels"),
    ] {
        let mut repository = Repository::new();
        let mut phone = Phone::following(&repository);
        repository.publish();
        let text = String::from_utf8(repository.files["timestamp.json"].clone()).unwrap();
        repository.put_timestamp(
            text.replace("\"_type\"", &format!("{extra}\"_type\""))
                .into_bytes(),
        );
        let why = phone.refuses(&repository);
        assert!(why.contains(found), "{why}");
    }
}

#[test]
fn metadata_whose_only_hash_is_of_an_unknown_kind_is_refused() {
    let mut repository = Repository::new();
    let mut signed = repository.timestamp_signed();
    signed["meta"]["snapshot.json"]["hashes"] = serde_json::json!({ "md5": "00" });
    let keys = repository.timestamp.keys.clone();
    repository.put_timestamp(file(&signed, &keys));
    let why = Phone::trusting(&repository).refuses(&repository);
    assert!(
        why.ends_with("is listed without a SHA-256 or SHA-512 hash"),
        "{why}"
    );
}
