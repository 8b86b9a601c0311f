//! `sluis feed init`.

use std::fs;

use sluis_core::feed::{Outcome, TrustedState, hex};

use crate::desk::{DAY_0, Desk, update};

#[test]
fn the_root_that_init_prints_is_the_only_one_that_phones_accept() {
    let desk = Desk::new();
    let mut feed = desk.init();
    desk.publish(DAY_0);
    feed.root_sha256[0] ^= 1;
    let (outcome, steps) = update(&feed, &desk.path("feed"), TrustedState::default(), DAY_0);
    assert!(matches!(outcome, Outcome::Failed(_)));
    assert_eq!(steps, []);
}

#[test]
fn key_ids_are_computed_as_the_specification_says() {
    let desk = Desk::new();
    desk.init();
    let root: serde_json::Value =
        serde_json::from_slice(&fs::read(desk.path("feed/1.root.json")).unwrap()).unwrap();
    let keys = root["signed"]["keys"].as_object().unwrap();
    assert_eq!(keys.len(), 4);
    for (id, key) in keys {
        let public = key["keyval"]["public"].as_str().unwrap();
        let canonical =
            format!(r#"{{"keytype":"ed25519","keyval":{{"public":"{public}"}},"scheme":"ed25519"}}"#);
        let digest = ring::digest::digest(&ring::digest::SHA256, canonical.as_bytes());
        assert_eq!(*id, hex::encode(digest.as_ref()));
    }
}

#[test]
fn init_overwrites_neither_keys_nor_a_root() {
    let desk = Desk::new();
    desk.init();
    let before = (desk.files("keys"), desk.files("feed"));
    for line in [
        "feed init feed --keys keys --no-passphrase",
        "feed init feed --keys other-keys --no-passphrase",
        "feed init other-feed --keys keys --no-passphrase",
        "feed init other-feed --keys other-keys --online-keys keys --no-passphrase",
    ] {
        let (code, said) = desk.refused(line);
        assert_eq!(code, Some(2));
        assert!(said.contains("will not be overwritten"), "{said}");
    }
    assert_eq!((desk.files("keys"), desk.files("feed")), before);
    assert!(!desk.path("other-keys").exists() && !desk.path("other-feed").exists());
}

#[test]
fn what_an_init_that_was_cut_short_left_behind_is_named_and_what_to_do_with_it() {
    let desk = Desk::new();
    desk.init();
    fs::rename(desk.path("feed"), desk.path("gone")).unwrap();
    fs::remove_dir_all(desk.path("feed.staged")).unwrap();
    let init = "feed init feed --keys keys --no-passphrase";
    let (code, said) = desk.refused(init);
    assert_eq!(code, Some(2), "{said}");
    let (_, rest) = said.split_once("remove ").unwrap();
    let (files, _) = rest.split_once(", and run this again").unwrap();
    assert_eq!(files.split(", ").count(), 8, "{said}");
    for file in files.split(", ") {
        fs::remove_file(desk.path(file)).unwrap();
    }
    desk.run(init);
}

#[test]
fn keys_below_the_published_folder_are_refused() {
    let desk = Desk::new();
    for keys in ["feed/keys", "absent/../feed/keys", "feed"] {
        for option in ["--keys", "--keys keys --online-keys"] {
            let (code, said) = desk.refused(&format!("feed init feed {option} {keys} --no-passphrase"));
            assert_eq!(code, Some(2));
            assert!(said.contains("will be published"), "{said}");
            assert!(!desk.path("feed/keys").exists(), "nothing is left behind");
        }
    }
}

#[test]
fn roles_have_as_many_keys_and_thresholds_as_was_asked_for() {
    let desk = Desk::new();
    desk.run("feed init other --keys other-keys --no-passphrase");
    desk.run(&format!(
        "feed init feed --keys keys --no-passphrase --number root=3 --threshold root=2 --number targets=1 \
         --public-key targets=other-keys/targets.pub --expires-timestamp 3 --now {DAY_0}",
    ));
    let root = desk.json("feed/1.root.json");
    let roles = &root["signed"]["roles"];
    assert_eq!(roles["root"]["keyids"].as_array().unwrap().len(), 3);
    assert_eq!(roles["root"]["threshold"], 2);
    assert_eq!(root["signatures"].as_array().unwrap().len(), 3);
    assert_eq!(roles["targets"]["keyids"].as_array().unwrap().len(), 2);
    assert_eq!(roles["targets"]["threshold"], 1);
    for file in ["root.pem", "root-2.pem", "root-3.pem", "targets.pem"] {
        assert!(desk.path("keys").join(file).exists(), "{file}");
    }
    desk.publish(DAY_0);
    assert_eq!(desk.new_phone(DAY_0), Outcome::Updated);
    let timestamp = desk.json("feed/timestamp.json");
    assert_eq!(timestamp["signed"]["expires"], "2026-11-26T10:00:00Z");
}

#[test]
fn a_threshold_that_can_never_be_met_is_refused_before_a_key_is_made() {
    let desk = Desk::new();
    desk.run("feed init others --keys other --no-passphrase");
    fs::copy(desk.path("other/root.pub"), desk.path("other.pub")).unwrap();
    for options in [
        "--threshold root=2",
        "--number targets=0",
        "--threshold snapshot=0",
        "--number root=many",
        "--public-key root=other.pub --public-key root=other.pub --threshold root=2",
        "--public-key root=absent.pub",
    ] {
        let (code, said) = desk.refused(&format!("feed init feed --keys keys --no-passphrase {options}"));
        assert_eq!(code, Some(2), "{said}");
        assert!(!desk.path("keys").exists() && !desk.path("feed").exists());
    }
}

#[test]
fn a_root_that_others_must_sign_is_published_when_they_have() {
    let desk = Desk::new();
    desk.run("feed init alices --keys alice --no-passphrase");
    let said = desk.run(&format!(
        "feed init feed --keys keys --no-passphrase --number root=1 --public-key root=alice/root.pub --threshold root=2 --now {DAY_0}",
    ));
    assert!(
        !desk.path("feed/1.root.json").exists(),
        "nothing is published yet"
    );
    assert!(
        said.split_whitespace()
            .find_map(hex::decode_exact::<32>)
            .is_none(),
        "{said}"
    );
    assert!(said.contains("1 of 2 signatures"), "{said}");
    let (code, said) = desk.refused("feed publish feed --keys keys");
    assert_eq!(code, Some(1), "{said}");
    desk.run("feed sign feed --keys alice/root.pem");
    let said = desk.run(&format!(
        "feed publish feed --keys keys --policy policy.json --now {DAY_0}"
    ));
    let pin = said.split_whitespace().find_map(hex::decode_exact::<32>);
    assert_eq!(pin, Some(desk.identity().root_sha256), "{said}");
    assert_eq!(desk.new_phone(DAY_0), Outcome::Updated);
}

#[test]
fn what_is_staged_never_lies_in_the_feeds_folder_however_that_is_named() {
    let desk = Desk::new();
    desk.init();
    std::os::unix::fs::symlink(desk.path("feed"), desk.path("link")).unwrap();
    desk.run("feed add link policy.json");
    assert!(desk.path("feed.staged/1.targets.json").exists() && !desk.path("link.staged").exists());
    desk.run("feed discard feed/");
    let output = desk
        .command(&["feed", "add", ".", "../policy.json"])
        .current_dir(desk.path("feed"))
        .output();
    assert!(output.unwrap().status.success());
    assert!(desk.path("feed.staged/1.targets.json").exists());
    assert_eq!(desk.files("feed").len(), 1);
}
