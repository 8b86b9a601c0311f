//! `sluis feed refresh`: a machine keeps a feed fresh with two keys and no people.

use std::fs;

use sluis_core::feed::Outcome;

use crate::desk::{DAY_0, DAY_1, Desk, Phone, policy};

const REFRESH: &str = "feed refresh feed --keys online";

fn with_online_keys() -> Desk {
    let desk = Desk::new();
    desk.run(&format!(
        "feed init feed --keys keys --online-keys online --no-passphrase --now {DAY_0}"
    ));
    desk.run(&format!(
        "feed publish feed --keys keys --keys online --policy policy.json --now {DAY_0}"
    ));
    // They are in a safe now.
    fs::rename(desk.path("keys"), desk.path("safe")).unwrap();
    desk
}

#[test]
fn a_feed_stays_current_without_the_offline_keys_and_without_a_passphrase() {
    let desk = with_online_keys();
    let mut phone = Phone::following(&desk);
    assert_eq!(phone.refresh(DAY_0), Outcome::Updated);
    let mut names: Vec<_> = fs::read_dir(desk.path("online"))
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(
        names,
        ["snapshot.pem", "snapshot.pub", "timestamp.pem", "timestamp.pub"]
    );
    for day in [
        "2026-12-01",
        "2026-12-10",
        "2026-12-20",
        "2027-01-01",
        "2027-01-12",
    ] {
        let now = format!("{day}T10:00:00Z");
        desk.run(&format!("{REFRESH} --now {now}"));
        assert_eq!(phone.refresh(&now), Outcome::Unchanged);
        assert_eq!(desk.new_phone(&now), Outcome::Updated);
    }
    assert!(desk.path("feed/2.snapshot.json").exists());
    assert!(
        !desk.path("feed/2.targets.json").exists(),
        "what people decided about is as it was"
    );
}

#[test]
fn a_refresh_costs_phones_no_more_than_the_timestamp_while_the_snapshot_holds() {
    let desk = with_online_keys();
    let before = desk.files("feed");
    desk.run(&format!("{REFRESH} --now {DAY_1}"));
    let after = desk.files("feed");
    assert_eq!(after.len(), before.len());
    for (old, new) in before.iter().zip(&after) {
        assert_eq!(
            old == new,
            !old.0.ends_with("timestamp.json"),
            "{}",
            old.0.display()
        );
    }
}

#[test]
fn a_timestamp_never_outlives_the_snapshot_that_it_names() {
    let desk = with_online_keys();
    // The snapshot expires on 23 December, a timestamp made now on the 24th.
    desk.run(&format!("{REFRESH} --now 2026-12-10T10:00:00Z"));
    let snapshot = desk.json("feed/2.snapshot.json");
    assert_eq!(snapshot["signed"]["expires"], "2027-01-09T10:00:00Z");
}

#[test]
fn what_was_signed_elsewhere_is_published_by_the_next_refresh() {
    let desk = with_online_keys();
    let mut phone = Phone::following(&desk);
    phone.refresh(DAY_0);
    desk.write("policy.json", &policy("second"));
    desk.run(&format!("feed add feed policy.json --now {DAY_0}"));
    // Nobody has signed it yet.
    desk.run(&format!("{REFRESH} --now {DAY_0}"));
    assert_eq!(phone.refresh(DAY_0), Outcome::Unchanged);
    desk.run("feed sign feed --keys safe/targets.pem");
    desk.run(&format!("{REFRESH} --now {DAY_1}"));
    assert_eq!(phone.refresh(DAY_1), Outcome::Updated);
    assert!(desk.files("feed.staged").is_empty());
}

#[test]
fn what_somebody_left_half_done_does_not_keep_a_feed_from_being_refreshed() {
    for broken in ["2.targets.json", "9.targets.json", "not-metadata.json"] {
        let desk = with_online_keys();
        let text = match broken {
            "9.targets.json" => fs::read_to_string(desk.path("feed/1.targets.json")).unwrap(),
            _ => "half a fi".into(),
        };
        desk.write(&format!("feed.staged/{broken}"), &text);
        let mut phone = Phone::following(&desk);
        desk.run(&format!("{REFRESH} --now {DAY_1}"));
        assert_eq!(phone.refresh(DAY_1), Outcome::Updated);
        if broken != "not-metadata.json" {
            let (code, said) = desk.refused("feed add feed policy.json");
            assert_eq!(code, Some(2), "{said}");
            assert!(said.contains(broken), "{said}");
            desk.run("feed discard feed");
            desk.run("feed add feed policy.json");
        }
    }
}

#[test]
fn a_refresh_with_other_keys_or_of_an_empty_feed_says_what_to_do() {
    let desk = with_online_keys();
    let before = desk.files("feed");
    let (code, said) = desk.refused("feed refresh feed --keys safe/root.pem");
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("sluis feed status"), "{said}");
    let (code, said) = desk.refused(&format!("{REFRESH} --now 2020-01-01T00:00:00Z"));
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("set the clock right"), "{said}");
    assert_eq!(desk.files("feed"), before);
    let empty = Desk::new();
    empty.init();
    let (code, said) = empty.refused("feed refresh feed --keys keys");
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("sluis feed publish"), "{said}");
}
