//! `sluis feed rotate`, `revoke` and `renew`: keys come and go, and phones follow.

use std::fs;

use sluis_core::feed::{Outcome, TrustedState};

use crate::desk::{DAY_0, DAY_1, Desk, Phone, policy, update};

fn key_ids(desk: &Desk, version: u32, role: &str) -> Vec<String> {
    let root = desk.json(&format!("feed/{version}.root.json"));
    let ids = root["signed"]["roles"][role]["keyids"]
        .as_array()
        .unwrap()
        .clone();
    ids.iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

#[test]
fn phones_follow_the_exchange_of_any_roles_key() {
    for role in ["root", "targets", "snapshot", "timestamp"] {
        let desk = Desk::new();
        desk.init();
        desk.publish(DAY_0);
        let mut phone = Phone::following(&desk);
        assert_eq!(phone.refresh(DAY_0), Outcome::Updated);
        desk.run(&format!(
            "feed rotate feed {role} --keys keys --no-passphrase --now {DAY_1}"
        ));
        let (old, new) = (key_ids(&desk, 1, role), key_ids(&desk, 2, role));
        assert_eq!((old.len(), new.len()), (1, 1));
        assert_ne!(old, new);
        assert!(
            !matches!(phone.refresh(DAY_1), Outcome::Failed(_)),
            "{role}: {:?}",
            phone.refresh(DAY_1)
        );
        assert_eq!(desk.new_phone(DAY_1), Outcome::Updated);
        // The old key is of no use any more.
        fs::remove_file(desk.path(&format!("keys/{role}.pem"))).unwrap();
        desk.write("policy.json", &policy("second"));
        desk.publish(DAY_1);
        assert_eq!(phone.refresh(DAY_1), Outcome::Updated);
    }
}

#[test]
fn while_the_old_keys_are_at_hand_nobody_is_refused_between_any_two_writes() {
    for role in ["targets", "snapshot", "timestamp"] {
        let desk = Desk::new();
        let feed = desk.init();
        desk.publish(DAY_0);
        let before = desk.files("feed");
        desk.run(&format!(
            "feed rotate feed {role} --keys keys --no-passphrase --now {DAY_1}"
        ));
        let looks = |what: &str| {
            let (outcome, _) = update(&feed, &desk.path("feed"), TrustedState::default(), DAY_1);
            assert_eq!(outcome, Outcome::Updated, "{role}, {what}");
        };
        let root = fs::read(desk.path("feed/2.root.json")).unwrap();
        fs::remove_file(desk.path("feed/2.root.json")).unwrap();
        looks("the new timestamp is there and the new root is not");
        let (timestamp, old) = before
            .iter()
            .find(|(path, _)| path.ends_with("timestamp.json"))
            .unwrap();
        fs::write(timestamp, old).unwrap();
        looks("neither is there yet");
        fs::write(desk.path("feed/2.root.json"), root).unwrap();
        // This order would have refused phones where the old key no longer counts.
        let (outcome, _) = update(&feed, &desk.path("feed"), TrustedState::default(), DAY_1);
        assert!(matches!(outcome, Outcome::Failed(_)), "{role}");
    }
}

#[test]
fn a_stolen_key_leaves_every_role_and_what_it_had_signed_is_signed_anew() {
    let desk = Desk::new();
    desk.init();
    // One key that does too much.
    desk.run("feed rotate feed timestamp --keys keys --public-key keys/snapshot.pub");
    desk.publish(DAY_0);
    let stolen = key_ids(&desk, 2, "timestamp");
    assert_eq!(stolen, key_ids(&desk, 2, "snapshot"));
    let mut phone = Phone::following(&desk);
    phone.refresh(DAY_0);
    let kept_from_thief = fs::read(desk.path("feed/timestamp.json")).unwrap();
    desk.run(&format!(
        "feed revoke feed {} --keys keys --no-passphrase --now {DAY_1}",
        &stolen[0][..8]
    ));
    for role in ["snapshot", "timestamp"] {
        assert!(!key_ids(&desk, 3, role).contains(&stolen[0]), "{role}");
        assert_eq!(key_ids(&desk, 3, role).len(), 1, "{role}");
    }
    assert!(!desk.json("feed/3.root.json").to_string().contains(&stolen[0]));
    assert!(!matches!(phone.refresh(DAY_1), Outcome::Failed(_)));
    fs::write(desk.path("feed/timestamp.json"), kept_from_thief).unwrap();
    assert!(
        matches!(phone.refresh(DAY_1), Outcome::Failed(_)),
        "the thief's signature counts for nothing"
    );
}

#[test]
fn a_timestamp_from_the_far_future_is_cured_by_a_new_timestamp_key() {
    let desk = Desk::new();
    desk.run(&format!(
        "feed init feed --keys keys --no-passphrase --expires-root 3650 --expires-targets 3650 --now {DAY_0}"
    ));
    desk.publish(DAY_0);
    let future = "2030-01-01T00:00:00Z";
    desk.run(&format!(
        "feed refresh feed --keys keys --clock-is-right --now {future}"
    ));
    let (code, said) = desk.refused(&format!("feed refresh feed --keys keys --now {DAY_1}"));
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("sluis feed rotate feed timestamp"), "{said}");
    let mut phone = Phone::following(&desk);
    phone.refresh(future);
    desk.run(&format!(
        "feed rotate feed timestamp --keys keys --no-passphrase --now {DAY_1}"
    ));
    assert!(!matches!(phone.refresh(DAY_1), Outcome::Failed(_)));
}

#[test]
fn a_root_is_renewed_without_the_online_keys() {
    let desk = Desk::new();
    desk.run(&format!(
        "feed init feed --keys keys --online-keys online --no-passphrase --now {DAY_0}"
    ));
    desk.run(&format!(
        "feed publish feed --keys keys --keys online --policy policy.json --now {DAY_0}"
    ));
    let mut phone = Phone::following(&desk);
    phone.refresh(DAY_0);
    let late = "2027-11-20T10:00:00Z";
    let said = desk.run(&format!("feed renew feed --keys keys/root.pem --now {late}"));
    assert!(said.contains("root version 2"), "{said}");
    assert_eq!(
        desk.json("feed/2.root.json")["signed"]["expires"],
        "2028-11-19T10:00:00Z"
    );
    desk.run("feed publish feed --keys keys --keys online --now 2027-12-01T10:00:00Z");
    assert!(!matches!(
        phone.refresh("2027-12-01T10:00:00Z"),
        Outcome::Failed(_)
    ));
}

#[test]
fn a_new_root_needs_the_old_keys_and_the_new() {
    let desk = Desk::new();
    desk.run(&format!(
        "feed init feed --keys keys --no-passphrase --number root=2 --threshold root=2 --now {DAY_0}"
    ));
    desk.publish(DAY_0);
    let mut phone = Phone::following(&desk);
    phone.refresh(DAY_0);
    fs::create_dir(desk.path("bob")).unwrap();
    fs::rename(desk.path("keys/root-2.pem"), desk.path("bob/root.pem")).unwrap();
    desk.run("feed init carols --keys carol --no-passphrase");
    let rotate =
        format!("feed rotate feed root --replace keys/root-2.pub --keys keys --now {DAY_1} --public-key");
    let (code, said) = desk.refused(&format!("{rotate} keys/root.pub"));
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("is one of root already"), "{said}");
    let said = desk.run(&format!("{rotate} carol/root.pub"));
    assert!(said.contains("nothing was published yet"), "{said}");
    // Alice's counts for both; Bob must let go, and Carol accept.
    let signs = |keys: &str| desk.run(&format!("feed sign feed --keys {keys}"));
    assert!(signs("bob").contains("root version 2: 1 of 2 signatures"));
    assert!(
        desk.refused("feed publish feed --keys keys")
            .1
            .contains("root version 2: 1 of 2 signatures")
    );
    assert!(!desk.path("feed/2.root.json").exists());
    signs("carol/root.pem");
    desk.run(&format!("feed publish feed --keys keys --now {DAY_1}"));
    assert_eq!(phone.refresh(DAY_1), Outcome::Unchanged);
    assert!(desk.path("feed/2.root.json").exists());
}

#[test]
fn a_dry_run_of_an_exchange_makes_no_key_and_changes_nothing() {
    let desk = Desk::new();
    desk.init();
    desk.publish(DAY_0);
    let before = (desk.files("feed"), desk.files("feed.staged"), desk.files("keys"));
    let said = desk.run(&format!(
        "feed rotate feed timestamp --keys keys --dry-run --now {DAY_1}"
    ));
    assert!(
        said.contains("timestamp: + key ") && said.contains(", - key "),
        "{said}"
    );
    assert!(said.contains("timestamp version 2, until"), "{said}");
    assert_eq!(
        (desk.files("feed"), desk.files("feed.staged"), desk.files("keys")),
        before
    );
}

#[test]
fn a_new_key_lies_where_the_old_one_did_and_the_machine_goes_on_by_itself() {
    let desk = Desk::new();
    desk.run(&format!(
        "feed init feed --keys keys --online-keys online --no-passphrase --now {DAY_0}"
    ));
    desk.run(&format!(
        "feed publish feed --keys keys --keys online --policy policy.json --now {DAY_0}"
    ));
    let safe = desk.files("keys");
    // No passphrase is given, and none is needed.
    desk.run(&format!(
        "feed rotate feed timestamp --keys keys --keys online --now {DAY_1}"
    ));
    assert_eq!(desk.files("keys"), safe);
    fs::remove_file(desk.path("online/timestamp.pem")).unwrap();
    desk.run(&format!("feed refresh feed --keys online --now {DAY_1}"));
    assert_eq!(desk.new_phone(DAY_1), Outcome::Updated);
}

#[test]
fn an_exchange_that_could_never_be_signed_is_refused_before_a_key_is_made() {
    let desk = Desk::new();
    desk.init();
    desk.publish(DAY_0);
    let before = (desk.files("feed"), desk.files("feed.staged"), desk.files("keys"));
    for line in [
        "feed revoke feed keys/targets.pub --new-keys 0 --keys keys",
        "feed rotate feed root --threshold 2 --keys keys",
        "feed rotate feed maps --keys keys",
        "feed revoke feed 0123456789 --keys keys",
        "feed revoke feed keys/targets.pem --keys keys",
        "feed delegate feed maps --path maps/* --threshold 2 --keys keys",
    ] {
        let (code, said) = desk.refused(line);
        assert_eq!(code, Some(2), "{line}: {said}");
        assert_eq!(
            (desk.files("feed"), desk.files("feed.staged"), desk.files("keys")),
            before,
            "{line}"
        );
    }
}

#[test]
fn in_place_of_a_key_that_others_keep_none_is_made_here() {
    let desk = Desk::new();
    desk.run("feed init carols --keys carol --no-passphrase");
    desk.run(&format!(
        "feed init feed --keys keys --no-passphrase --number targets=1 --public-key targets=carol/targets.pub --now {DAY_0}"
    ));
    desk.publish(DAY_0);
    let keys = desk.files("keys");
    desk.run(&format!(
        "feed revoke feed carol/targets.pub --keys keys --now {DAY_1}"
    ));
    assert_eq!(key_ids(&desk, 2, "targets").len(), 1);
    assert_eq!(desk.files("keys"), keys);
    // Without hers, nobody could sign.
    desk.run(&format!(
        "feed rotate feed targets --public-key carol/targets.pub --keys keys --now {DAY_1}"
    ));
    let (code, said) = desk.refused("feed rotate feed targets --keys keys");
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("--public-key"), "{said}");
}

#[test]
fn the_new_root_is_written_last_while_the_old_keys_sign_too_and_first_when_they_do_not() {
    for old_key_is_at_hand in [true, false] {
        let desk = Desk::new();
        desk.init();
        desk.publish(DAY_0);
        if !old_key_is_at_hand {
            fs::remove_file(desk.path("keys/targets.pem")).unwrap();
        }
        // The snapshot cannot be written, so the plan of the publication stays.
        fs::create_dir_all(desk.path("feed/2.snapshot.json/in the way")).unwrap();
        let (code, said) = desk.refused(&format!(
            "feed rotate feed targets --new-keys 1 --no-passphrase --keys keys --now {DAY_1}"
        ));
        assert_eq!(code, Some(2), "{said}");
        let plan = desk.json("feed.staged/publication.json");
        let files: Vec<&str> = plan["files"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| f["path"].as_str().unwrap())
            .collect();
        let (first, last) = match old_key_is_at_hand {
            true => ("timestamp.json", "2.root.json"),
            false => ("2.root.json", "timestamp.json"),
        };
        assert_eq!(files, ["2.targets.json", "2.snapshot.json", first, last]);
        fs::remove_dir_all(desk.path("feed/2.snapshot.json")).unwrap();
        desk.run(&format!("feed refresh feed --keys keys --now {DAY_1}"));
        assert_eq!(desk.new_phone(DAY_1), Outcome::Updated);
    }
}

#[test]
fn a_revoked_key_is_signed_over_even_where_the_other_signatures_would_do() {
    let desk = Desk::new();
    desk.run(&format!(
        "feed init feed --keys keys --no-passphrase --number timestamp=2 --number targets=2 --now {DAY_0}"
    ));
    desk.publish(DAY_0);
    let signatures = |file: &str| desk.json(file)["signatures"].as_array().unwrap().len();
    assert_eq!(signatures("feed/timestamp.json"), 2);
    for (role, signed) in [
        ("timestamp", "feed/timestamp.json"),
        ("targets", "feed/2.targets.json"),
    ] {
        // The thief did not leave it behind.
        fs::remove_file(desk.path(&format!("keys/{role}-2.pem"))).unwrap();
        desk.run(&format!(
            "feed revoke feed keys/{role}-2.pub --keys keys --now {DAY_1}"
        ));
        assert_eq!(signatures(signed), 1, "{role}");
    }
    assert_eq!(
        (
            key_ids(&desk, 3, "timestamp").len(),
            key_ids(&desk, 3, "targets").len()
        ),
        (1, 1)
    );
    assert_eq!(desk.new_phone(DAY_1), Outcome::Updated);
}
