//! `sluis feed sign`, `payload` and `attach`: several people, and keys that never leave their machines.

use std::fs;

use sluis_core::feed::Outcome;

use crate::desk::{DAY_0, DAY_1, Desk, Phone, policy};
use crate::keys::openssl;

/// A feed whose targets two of three must sign: ours, and two made with openssl.
fn with_three() -> Desk {
    let desk = Desk::new();
    openssl(&desk, "genpkey -algorithm ED25519 -out alice.pem");
    openssl(
        &desk,
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out bob.pem",
    );
    for name in ["alice", "bob"] {
        openssl(&desk, &format!("pkey -in {name}.pem -pubout -out {name}.pub"));
    }
    desk.run(&format!(
        "feed init feed --keys keys --no-passphrase --number targets=1 --public-key targets=alice.pub \
         --public-key targets=bob.pub --threshold targets=2 --now {DAY_0}"
    ));
    desk
}

#[test]
fn signatures_by_openssl_are_taken_and_the_feed_is_published_when_there_are_enough() {
    for (who, sign) in [
        (
            "alice",
            "pkeyutl -sign -rawin -inkey alice.pem -in targets.payload -out targets.sig",
        ),
        (
            "bob",
            "dgst -sha256 -sign bob.pem -out targets.sig targets.payload",
        ),
    ] {
        let desk = with_three();
        let (code, said) = desk.refused(&format!(
            "feed publish feed --keys keys --policy policy.json --now {DAY_0}"
        ));
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("targets version 1: 1 of 2 signatures"), "{said}");
        assert!(!desk.path("feed/timestamp.json").exists());
        desk.run("feed payload feed targets --output targets.payload");
        openssl(&desk, sign);
        let said = desk.run("feed attach feed targets --signature targets.sig");
        assert!(said.contains("All who must have signed"), "{who}: {said}");
        desk.run(&format!("feed publish feed --keys keys --now {DAY_0}"));
        assert_eq!(desk.new_phone(DAY_0), Outcome::Updated, "{who}");
    }
}

#[test]
fn the_payload_on_standard_output_is_the_same_to_the_byte_and_canonical() {
    let desk = with_three();
    desk.run(&format!("feed add feed policy.json --now {DAY_0}"));
    desk.run("feed payload feed targets --output targets.payload");
    let bytes = fs::read(desk.path("targets.payload")).unwrap();
    assert_eq!(desk.run("feed payload feed targets").as_bytes(), bytes);
    assert!(
        bytes.starts_with(br#"{"_type":"targets","expires":"2027-02-21T10:00:00Z","spec_version":"1.0."#)
    );
}

#[test]
fn a_payload_takes_the_place_of_an_older_one_and_of_nothing_else() {
    let desk = with_three();
    desk.run(&format!("feed add feed policy.json --now {DAY_0}"));
    desk.write("empty", "");
    for name in ["new.payload", "new.payload", "empty"] {
        desk.run(&format!("feed payload feed targets --output {name}"));
    }
    let before = (desk.files("keys"), desk.files("feed"));
    for name in [
        "keys/root.pem",
        "alice.pem",
        "policy.json",
        "feed/1.root.json",
        "keys",
    ] {
        let bytes = fs::read(desk.path(name)).ok();
        let (code, said) = desk.refused(&format!("feed payload feed targets --output {name}"));
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("exists already and is no payload"), "{said}");
        assert_eq!(fs::read(desk.path(name)).ok(), bytes, "{name}");
    }
    assert_eq!((desk.files("keys"), desk.files("feed")), before);
}

#[test]
fn a_signature_that_does_not_hold_is_not_taken() {
    let desk = with_three();
    desk.run(&format!("feed add feed policy.json --now {DAY_0}"));
    desk.run("feed payload feed targets --output targets.payload");
    openssl(
        &desk,
        "pkeyutl -sign -rawin -inkey alice.pem -in targets.payload -out good.sig",
    );
    let mut forged = fs::read(desk.path("good.sig")).unwrap();
    forged[5] ^= 1;
    fs::write(desk.path("forged.sig"), forged).unwrap();
    openssl(&desk, "genpkey -algorithm ED25519 -out mallory.pem");
    openssl(
        &desk,
        "pkeyutl -sign -rawin -inkey mallory.pem -in targets.payload -out mallory.sig",
    );
    openssl(&desk, "dgst -sha256 -sign bob.pem -out stale.sig policy.json");
    desk.write("empty.sig", "");
    let before = desk.files("feed.staged");
    for signature in ["forged.sig", "mallory.sig", "stale.sig", "empty.sig"] {
        let (code, said) = desk.refused(&format!("feed attach feed targets --signature {signature}"));
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("no signature over targets"), "{said}");
        assert_eq!(desk.files("feed.staged"), before);
    }
    for role in ["root", "maps"] {
        let (code, said) = desk.refused(&format!("feed attach feed {role} --signature good.sig"));
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("not staged; targets is"), "{said}");
    }
    desk.run("feed attach feed targets --signature good.sig");
    // What was signed is not what is staged any more.
    desk.write("policy.json", &policy("second"));
    desk.run(&format!("feed add feed policy.json --now {DAY_0}"));
    assert!(
        desk.refused("feed attach feed targets --signature good.sig")
            .1
            .contains("no signature over targets")
    );
    assert_eq!(
        desk.json("feed.staged/1.targets.json")["signatures"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
}

#[test]
fn each_person_signs_once_and_is_told_who_is_missing() {
    let desk = with_three();
    desk.run(&format!("feed add feed policy.json --now {DAY_0}"));
    let said = desk.run("feed sign feed --keys alice.pem");
    assert!(said.contains("targets version 1: 1 of 2 signatures"), "{said}");
    let (code, said) = desk.refused("feed sign feed --keys alice.pem");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("nothing was signed"), "{said}");
    desk.run("feed sign feed --keys bob.pem");
    desk.run(&format!("feed publish feed --keys keys --now {DAY_0}"));
    let mut phone = Phone::following(&desk);
    assert_eq!(phone.refresh(DAY_0), Outcome::Updated);
    assert_eq!(
        desk.json("feed/1.targets.json")["signatures"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    desk.run(&format!("feed refresh feed --keys keys --now {DAY_1}"));
    assert_eq!(phone.refresh(DAY_1), Outcome::Unchanged);
}

#[test]
fn a_timestamp_that_two_must_sign_waits_for_the_second() {
    let desk = Desk::new();
    desk.run(&format!(
        "feed init feed --keys keys --no-passphrase --number timestamp=2 --threshold timestamp=2 --now {DAY_0}"
    ));
    fs::create_dir(desk.path("other")).unwrap();
    fs::rename(
        desk.path("keys/timestamp-2.pem"),
        desk.path("other/timestamp.pem"),
    )
    .unwrap();
    let (code, said) = desk.refused(&format!(
        "feed publish feed --keys keys --policy policy.json --now {DAY_0}"
    ));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("timestamp version 1: 1 of 2 signatures"), "{said}");
    assert!(!desk.path("feed/timestamp.json").exists());
    desk.run("feed sign feed timestamp --keys other");
    desk.run(&format!("feed publish feed --keys keys --now {DAY_0}"));
    assert_eq!(desk.new_phone(DAY_0), Outcome::Updated);
}
