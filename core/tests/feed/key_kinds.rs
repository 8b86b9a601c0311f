//! Keys of other kinds than Ed25519, and keys that cannot be read.

use serde_json::{Value, json};

use crate::phone::Phone;
use crate::repository::{Key, Repository, Signers, file};

fn signed_by(keys: &[Key], threshold: i64) -> Repository {
    let mut repository = Repository::unpublished();
    let signers = || Signers {
        keys: keys.to_vec(),
        threshold,
    };
    (repository.root, repository.timestamp) = (signers(), signers());
    (repository.snapshot, repository.targets) = (signers(), signers());
    repository.write_root();
    repository.publish();
    repository
}

/// A repository whose first root lists this key object for timestamps, beside the real one.
fn listing(key: &Value) -> Repository {
    let mut repository = Repository::new();
    let mut signed = repository.root_signed();
    signed["keys"]["odd"] = key.clone();
    signed["roles"]["timestamp"]["keyids"] = json!(["odd", repository.timestamp.keys[0].id]);
    let keys = repository.root.keys.clone();
    repository.put_root(file(&signed, &keys));
    repository
}

#[test]
fn every_kind_of_key_signs_and_a_changed_byte_is_found() {
    for key in [Key::new(9), Key::p256(), Key::p256_as_of_old(), Key::rsa()] {
        let mut repository = signed_by(std::slice::from_ref(&key), 1);
        let mut phone = Phone::following(&repository);
        repository.publish();
        let text = String::from_utf8(repository.files["timestamp.json"].clone()).unwrap();
        repository.put_timestamp(text.replace("2026-", "2036-").into_bytes());
        let why = phone.refuses(&repository);
        assert_eq!(
            why,
            "feed national: timestamp is signed by 0 of its keys, 1 must sign"
        );
    }
}

#[test]
fn thresholds_count_over_kinds() {
    let keys = [Key::new(9), Key::p256(), Key::rsa()];
    Phone::following(&signed_by(&keys, 3));
    let mut repository = signed_by(&keys, 3);
    let mut phone = Phone::following(&repository);
    repository.timestamp.keys.pop();
    repository.publish();
    assert_eq!(
        phone.refuses(&repository),
        "feed national: timestamp is signed by 2 of its keys, 3 must sign"
    );
}

#[test]
fn a_key_counts_once_under_two_names_of_its_kind_and_in_two_spellings_of_its_pem() {
    let repository = signed_by(&[Key::p256(), Key::p256_as_of_old()], 2);
    assert_eq!(
        Phone::trusting(&repository).refuses(&repository),
        "feed national: root is signed by 1 of its keys, 2 must sign"
    );

    let mut repository = signed_by(&[Key::p256(), Key::p256().called("again")], 2);
    let mut signed = repository.root_signed();
    let pem = Key::p256().public()["keyval"]["public"]
        .as_str()
        .unwrap()
        .to_owned();
    signed["keys"]["again"]["keyval"]["public"] =
        pem.replace('\n', "\r\n").replace("=\r\n", "=\r\n\r\n").into();
    let keys = repository.root.keys.clone();
    repository.put_root(file(&signed, &keys));
    assert_eq!(
        Phone::trusting(&repository).refuses(&repository),
        "feed national: root is signed by 1 of its keys, 2 must sign"
    );
}

#[test]
fn a_key_of_a_known_kind_that_is_none_is_refused_where_it_is_listed() {
    let p256 = Key::p256().public();
    let changed = |change: fn(&str) -> String| {
        let pem = p256["keyval"]["public"].as_str().unwrap();
        let mut key = p256.clone();
        key["keyval"]["public"] = change(pem).into();
        key
    };
    let compressed = "-----BEGIN PUBLIC KEY-----\nMDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgAC8Uat6YykO0C5lb646Ymak5YLBLOa\n\
                      G1Pm5LVoXhcXHDM=\n-----END PUBLIC KEY-----\n";
    for (key, expected) in [
        (
            json!({ "keytype": "ed25519", "scheme": "ed25519", "keyval": { "public": "00" } }),
            "an Ed25519 key of 64 hex digits",
        ),
        (
            changed(|pem| pem.replace("-----END", "-----FIN")),
            "an uncompressed P-256 key",
        ),
        (
            changed(|pem| pem.replace("MFkw", "MFgw")),
            "an uncompressed P-256 key",
        ),
        (
            changed(|pem| pem.replace("DAQcD", "DAQgD")),
            "an uncompressed P-256 key",
        ),
        (
            json!({ "keytype": "ecdsa", "scheme": "ecdsa-sha2-nistp256", "keyval": { "public": compressed } }),
            "an uncompressed P-256 key",
        ),
        (
            json!({ "keytype": "rsa", "scheme": "rsassa-pss-sha256", "keyval": p256["keyval"] }),
            "an RSA key",
        ),
    ] {
        let repository = listing(&key);
        let why = Phone::trusting(&repository).refuses(&repository);
        assert!(why.contains(&format!("expected {expected}")), "{why}");
    }
}

#[test]
fn a_scheme_that_is_unknown_here_is_skipped_though_its_kind_is_known() {
    for (kind, scheme) in [
        ("rsa", "rsa-pkcs1v15-sha256"),
        ("ecdsa", "ecdsa-sha2-nistp384"),
        ("ed25519", "ed25519ph"),
    ] {
        let key = json!({ "keytype": kind, "scheme": scheme, "keyval": { "public": "…" } });
        let repository = listing(&key);
        Phone::trusting(&repository).obeys(&repository);
    }
}
