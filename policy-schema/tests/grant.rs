//! Grants as they are read and written out again.
#![allow(clippy::unwrap_used, clippy::string_slice)]

use proptest::prelude::*;
use sluis_policy::grant::{LIMITS, SignedGrant};

const WHOLE: &str = r#"{
  "signatures": [
    {"key": "ed25519:d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "sig": "00FF"}
  ],
  "signed": {
    "format": "sluis.grant/1", "id": "g-1", "layer": "national",
    "phone": "5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f",
    "groups": ["inspection", "police"],
    "issued": "2026-11-23T10:00:00Z", "from": "2026-12-01T00:00:00Z", "until": "2026-12-31T23:00:00Z"
  }
}"#;

/// Written out and read again it is the same, and so is what its signatures are made over.
fn survives_being_written(grant: &SignedGrant) {
    let written = serde_json::to_vec(grant).unwrap();
    assert_eq!(&SignedGrant::parse("written", &written).unwrap(), grant);
}

#[test]
fn a_grant_says_what_it_says_in_one_order_and_survives_being_written() {
    let grant = SignedGrant::parse("grant", WHOLE.as_bytes()).unwrap();
    assert_eq!(grant.signatures[0].bytes, [0, 255]);
    assert_eq!(
        String::from_utf8(grant.payload.clone()).unwrap(),
        r#"{"format":"sluis.grant/1","from":"2026-12-01T00:00:00Z","groups":["inspection","police"],"id":"g-1","issued":"2026-11-23T10:00:00Z","layer":"national","phone":"5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f5f","until":"2026-12-31T23:00:00Z"}"#
    );
    survives_being_written(&grant);
}

#[test]
fn a_grant_with_three_signatures_for_three_groups_fits() {
    let key = |i: u8| {
        format!(
            r#"{{"key":"ed25519:{}","sig":"{}"}}"#,
            format!("{i:02x}").repeat(32),
            "ab".repeat(64)
        )
    };
    let keys: Vec<String> = (1..=3).map(key).collect();
    let signed = String::from_utf8(SignedGrant::parse("grant", WHOLE.as_bytes()).unwrap().payload).unwrap();
    let signed = signed.replace("\"police\"", "\"police\",\"state-security\"");
    let document = format!(r#"{{"signatures":[{}],"signed":{signed}}}"#, keys.join(","));
    assert!(document.len() <= LIMITS.max_bytes, "{}", document.len());
    assert_eq!(
        SignedGrant::parse("grant", document.as_bytes())
            .unwrap()
            .signatures
            .len(),
        3
    );
}

proptest! {
    /// Whatever is changed, inserted or cut in a grant: it is refused, or it means one thing.
    #[test]
    fn a_crafted_grant_is_refused_or_means_one_thing(
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..4, any::<u8>()), 0..4),
        end in any::<prop::sample::Index>(),
        cut in prop::bool::weighted(0.1),
    ) {
        let mut bytes = WHOLE.as_bytes().to_vec();
        for (at, how, byte) in changes {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes[at] ^= 1 << (byte % 8),
                2 => bytes.insert(at, byte),
                _ => drop(bytes.remove(at)),
            }
        }
        if cut {
            bytes.truncate(end.index(bytes.len()));
        }
        if let Ok(grant) = SignedGrant::parse("crafted", &bytes) {
            survives_being_written(&grant);
        }
    }

    #[test]
    fn any_bytes_are_refused_or_read(bytes in prop::collection::vec(any::<u8>(), 0..1_200)) {
        if let Ok(grant) = SignedGrant::parse("bytes", &bytes) {
            survives_being_written(&grant);
        }
    }
}
