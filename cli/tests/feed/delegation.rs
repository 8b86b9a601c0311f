//! `sluis feed delegate`: others list files, with keys of their own and nothing more.

use std::fs;

use sluis_core::feed::Outcome;

use crate::desk::{DAY_0, DAY_1, Desk, Phone, policy};

/// A feed that leaves `maps/*` to a team, whose key lies in `team`.
fn with_maps() -> Desk {
    let desk = Desk::new();
    desk.run(&format!(
        "feed init feed --keys keys --online-keys online --no-passphrase --now {DAY_0}"
    ));
    desk.run(&format!(
        "feed publish feed --keys keys --keys online --policy policy.json --now {DAY_0}"
    ));
    desk.run("feed init teams --keys team --no-passphrase");
    desk.run(&format!(
        "feed delegate feed maps --path maps/* --public-key team/targets.pub --keys keys --keys online --now {DAY_0}"
    ));
    desk.write("eu.json", "any bytes");
    desk
}

#[test]
fn a_delegation_is_published_when_its_holder_has_signed_its_first_list() {
    let desk = with_maps();
    let mut phone = Phone::following(&desk);
    phone.refresh(DAY_0);
    assert!(!desk.path("feed/2.targets.json").exists());
    let (code, said) = desk.refused(&format!("feed status feed --now {DAY_0}"));
    assert_eq!(code, Some(1));
    assert!(said.contains("maps version 1 waits for signatures"), "{said}");
    // What else there is to say can be said meanwhile.
    desk.run(&format!("feed refresh feed --keys online --now {DAY_0}"));
    assert!(!desk.path("feed/2.targets.json").exists());
    desk.run("feed sign feed maps --keys team/targets.pem");
    desk.run(&format!("feed refresh feed --keys online --now {DAY_1}"));
    assert_eq!(phone.refresh(DAY_1), Outcome::Unchanged);
    assert!(desk.path("feed/2.targets.json").exists() && desk.path("feed/1.maps.json").exists());
    assert_eq!(
        desk.json("feed/2.snapshot.json")["signed"]["meta"]["maps.json"]["version"],
        1
    );
}

#[test]
fn who_holds_only_that_roles_key_adds_and_publishes_below_it() {
    let desk = with_maps();
    desk.run("feed sign feed maps --keys team/targets.pem");
    desk.run(&format!("feed refresh feed --keys online --now {DAY_0}"));
    fs::rename(desk.path("keys"), desk.path("safe")).unwrap();
    desk.run(&format!(
        "feed add feed eu.json --name maps/eu.json --role maps --now {DAY_1}"
    ));
    // Without the online keys it waits for the machine that has them.
    let (code, said) = desk.refused(&format!(
        "feed publish feed --role maps --keys team/targets.pem --now {DAY_1}"
    ));
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("snapshot version 3: 0 of 1 signatures"), "{said}");
    desk.run(&format!("feed refresh feed --keys online --now {DAY_1}"));
    assert_eq!(desk.new_phone(DAY_1), Outcome::Updated);
    let listed = &desk.json("feed/2.maps.json")["signed"]["targets"]["maps/eu.json"];
    let hash = listed["hashes"]["sha256"].as_str().unwrap();
    assert!(desk.path(&format!("feed/targets/maps/{hash}.eu.json")).exists());
    assert!(
        !desk.path("feed/3.targets.json").exists(),
        "the top-level list is as it was"
    );
}

#[test]
fn a_role_cannot_list_what_was_not_left_to_it() {
    let desk = with_maps();
    desk.run("feed sign feed maps --keys team/targets.pem");
    desk.run(&format!("feed refresh feed --keys online --now {DAY_0}"));
    let before = desk.files("feed");
    desk.run(&format!(
        "feed add feed eu.json --name elsewhere/eu.json --role maps --now {DAY_1}"
    ));
    let (code, said) = desk.refused(&format!(
        "feed publish feed --role maps --keys team/targets.pem --keys online --now {DAY_1}"
    ));
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("phones would refuse this") && said.contains("elsewhere/eu.json"),
        "{said}"
    );
    assert_eq!(desk.files("feed"), before);
    // Nor sign for another role.
    desk.run("feed discard feed");
    desk.write("policy.json", &policy("second"));
    let (code, said) =
        desk.refused("feed publish feed --policy policy.json --keys team/targets.pem --keys online");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("targets version 3: 0 of 1 signatures"), "{said}");
    assert_eq!(desk.files("feed"), before);
}

#[test]
fn a_pending_decision_of_others_does_not_keep_a_delegated_role_from_publishing() {
    let desk = with_maps();
    desk.run("feed sign feed maps --keys team/targets.pem");
    desk.run(&format!("feed refresh feed --keys online --now {DAY_0}"));
    desk.write("policy.json", &policy("second"));
    desk.run(&format!("feed add feed policy.json --now {DAY_0}"));
    desk.run(&format!(
        "feed add feed eu.json --name maps/eu.json --role maps --now {DAY_1}"
    ));
    desk.run("feed sign feed maps --keys team/targets.pem");
    desk.run(&format!("feed refresh feed --keys online --now {DAY_1}"));
    assert!(desk.path("feed/2.maps.json").exists());
    assert!(!desk.path("feed/3.targets.json").exists());
    assert_eq!(desk.new_phone(DAY_1), Outcome::Updated);
}

#[test]
fn the_keys_of_a_delegated_role_are_exchanged_by_who_delegates_to_it() {
    let desk = with_maps();
    desk.run("feed sign feed maps --keys team/targets.pem");
    desk.run(&format!("feed refresh feed --keys online --now {DAY_0}"));
    let mut phone = Phone::following(&desk);
    phone.refresh(DAY_0);
    desk.run(&format!(
        "feed rotate feed maps --keys keys --keys online --new-keys 1 --no-passphrase --now {DAY_1}"
    ));
    let delegated = &desk.json("feed/3.targets.json")["signed"]["delegations"];
    assert_eq!(delegated["roles"][0]["keyids"].as_array().unwrap().len(), 1);
    assert_eq!(delegated["roles"][0]["paths"][0], "maps/*");
    assert_eq!(
        delegated["keys"].as_object().unwrap().len(),
        1,
        "the old one is gone"
    );
    assert_eq!(phone.refresh(DAY_1), Outcome::Unchanged);
    desk.run(&format!(
        "feed add feed eu.json --name maps/eu.json --role maps --now {DAY_1}"
    ));
    desk.run(&format!(
        "feed publish feed --role maps --keys keys/maps.pem --keys online --now {DAY_1}"
    ));
    assert_eq!(desk.new_phone(DAY_1), Outcome::Updated);
}

#[test]
fn a_delegation_is_changed_and_ended_and_phones_that_knew_it_go_on() {
    let desk = with_maps();
    desk.run("feed sign feed maps --keys team/targets.pem");
    desk.run(&format!("feed refresh feed --keys online --now {DAY_0}"));
    let mut phone = Phone::following(&desk);
    phone.refresh(DAY_0);
    desk.run(&format!(
        "feed delegate feed maps --path atlas/* --terminating --keys keys --keys online --now {DAY_1}"
    ));
    let role = &desk.json("feed/3.targets.json")["signed"]["delegations"]["roles"][0];
    assert_eq!(
        (role["paths"][0].as_str(), role["terminating"].as_bool()),
        (Some("atlas/*"), Some(true))
    );
    desk.run(&format!(
        "feed delegate feed maps --remove --keys keys --keys online --now {DAY_1}"
    ));
    assert_eq!(
        desk.json("feed/4.targets.json")["signed"].get("delegations"),
        None
    );
    assert_eq!(
        phone.refresh(DAY_1),
        Outcome::Unchanged,
        "what was listed once stays listed"
    );
    // One that comes back goes on where it ended: phones remember its versions.
    desk.run(&format!(
        "feed delegate feed maps --path maps/* --new-keys-in keys --no-passphrase --keys keys --keys online --now {DAY_1}"
    ));
    assert!(desk.path("feed/2.maps.json").exists());
    assert_eq!(phone.refresh(DAY_1), Outcome::Unchanged);
}

#[test]
fn names_of_roles_are_no_paths() {
    let desk = with_maps();
    for name in ["../maps", "a.b", "targets", "root", "a b"] {
        let arguments = [
            "feed", "delegate", "feed", name, "--path", "x/*", "--keys", "keys",
        ];
        let (code, said) = desk.fails(&arguments);
        assert_eq!(code, Some(2), "{said}");
    }
}

#[test]
fn a_delegation_that_is_taken_back_before_it_was_signed_leaves_nothing_behind() {
    let desk = with_maps();
    desk.run(&format!(
        "feed delegate feed maps --remove --keys keys --keys online --now {DAY_0}"
    ));
    assert!(
        desk.files("feed.staged").is_empty(),
        "{:?}",
        desk.files("feed.staged").len()
    );
    let snapshot = desk.json("feed/2.snapshot.json");
    assert_eq!(snapshot["signed"]["meta"].as_object().unwrap().len(), 1);
    assert_eq!(desk.new_phone(DAY_0), Outcome::Updated);
}

#[test]
fn two_roles_never_have_a_say_in_the_keys_of_a_third() {
    let desk = with_maps();
    desk.run("feed sign feed maps --keys team/targets.pem");
    desk.run(&format!("feed refresh feed --keys online --now {DAY_0}"));
    let (code, said) = desk.refused("feed delegate feed maps --from maps --path x/* --keys team");
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("targets delegates to maps already"), "{said}");
}
