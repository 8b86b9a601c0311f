//! `sluis feed publish`, `add` and `remove`.

use std::fs;

use sluis_core::feed::Outcome;
use sluis_core::store::Store;

use crate::desk::{DAY_0, DAY_1, Desk, PUBLISH, Phone, policy, update};

#[test]
fn a_published_feed_is_what_a_phone_accepts_and_follows() {
    let desk = Desk::new();
    let feed = desk.init();
    desk.publish(DAY_0);
    let mut store = Store::open(&desk.path("phone.db")).unwrap();
    let mut refresh = |now: &str| {
        let trusted = store.feed(&feed).unwrap();
        let (outcome, steps) = update(&feed, &desk.path("feed"), trusted, now);
        for step in steps {
            store.commit_feed(&feed, &step).unwrap();
        }
        (outcome, store.feed_file(&feed, "policy.json").unwrap())
    };
    let bytes = |rule: &str| Some(policy(rule).into_bytes());
    assert_eq!(refresh(DAY_0), (Outcome::Updated, bytes("first")));
    assert_eq!(refresh(DAY_1), (Outcome::Unchanged, bytes("first")));
    desk.write("policy.json", &policy("second"));
    desk.publish(DAY_1);
    assert_eq!(refresh(DAY_1), (Outcome::Updated, bytes("second")));
}

#[test]
fn what_cannot_be_published_leaves_the_feed_as_it_was() {
    let desk = Desk::new();
    desk.init();
    desk.publish(DAY_1);
    let other = Desk::new();
    other.init();
    desk.write("broken.json", "{\"policy\": 1.5}");
    desk.write("list.json", "[]");
    desk.write("typo.json", &policy("first").replace("rules", "rulez"));
    let other_keys = other.path("keys");
    let before = desk.files("feed");
    for (policy, keys, now, expected) in [
        (
            "broken.json",
            "keys",
            DAY_1,
            "broken.json:1:12: error: found `1.5`",
        ),
        ("list.json", "keys", DAY_1, "expected an object"),
        ("typo.json", "keys", DAY_1, "typo.json:3:13: error: /rulez: "),
        ("absent.json", "keys", DAY_1, "absent.json: No such file"),
        ("policy.json", "absent", DAY_1, "absent: No such file"),
        (
            "policy.json",
            other_keys.to_str().unwrap(),
            DAY_1,
            "none of the keys at hand is one that the feed lists",
        ),
        ("policy.json", "keys", DAY_0, "set the clock right"),
    ] {
        let arguments = [
            "feed", "publish", "feed", "--keys", keys, "--policy", policy, "--now", now,
        ];
        let (code, said) = desk.fails(&arguments);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(expected), "{said}");
        assert_eq!(desk.files("feed"), before);
    }
}

#[test]
fn a_rule_that_can_never_match_is_not_published_but_a_warning_does_not_hinder() {
    let desk = Desk::new();
    desk.init();
    let before = desk.files("feed");
    let by_vendor = policy("first").replace("\"packages\": [\"bad.app\"]", "\"vendors\": [\"pdd\"]");
    desk.write("by-vendor.json", &by_vendor);
    let publish = |catalogue: &'static str| {
        let mut arguments = vec![
            "feed",
            "publish",
            "feed",
            "--keys",
            "keys",
            "--policy",
            "by-vendor.json",
        ];
        arguments.extend(["--now", DAY_0]);
        if !catalogue.is_empty() {
            arguments.extend(["--catalogue", catalogue]);
        }
        arguments
    };
    // Phones know no catalogue but the feed's own.
    for catalogue in ["", "catalogue.json"] {
        let (code, said) = desk.fails(&publish(catalogue));
        assert_eq!(code, Some(2), "{said}");
        assert!(
            said.contains("/rules/0/match/vendors/0: the catalogue has no vendor `pdd`"),
            "{said}"
        );
        assert_eq!(desk.files("feed"), before);
    }
    desk.write("broken.json", r#"{"format": "sluis.catalogue/1", "vendors": 1}"#);
    let (code, said) = desk.fails(&publish("broken.json"));
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("broken.json:1:44: /vendors: "), "{said}");
    assert_eq!(desk.files("feed"), before);
    // No contact and no reason are warnings.
    desk.write(
        "known.json",
        r#"{"format": "sluis.catalogue/1", "vendors": [{"id": "pdd", "name": "PDD", "country_of_control": "CN",
            "control_assessment": "clear"}]}"#,
    );
    desk.succeeds(&publish("known.json"));
}

#[test]
fn a_publication_that_phones_would_refuse_is_a_finding_and_not_written() {
    let desk = Desk::new();
    desk.init();
    let before = desk.files("feed");
    let years_later = "2028-11-23T10:00:00Z";
    let (code, said) = desk.fails(&[
        "feed",
        "publish",
        "feed",
        "--keys",
        "keys",
        "--policy",
        "policy.json",
        "--now",
        years_later,
    ]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("root expired at 2027-11-23T10:00:00Z"), "{said}");
    assert_eq!(desk.files("feed"), before);
}

#[test]
fn a_root_that_expires_first_is_told_in_time() {
    let desk = Desk::new();
    let said = desk.run(&format!(
        "feed init feed --keys keys --no-passphrase --now {DAY_0}"
    ));
    assert!(said.contains("expires at 2027-11-23T10:00:00Z"), "{said}");
    let publish = |now: &str| {
        let line = format!("{PUBLISH} --now {now}");
        let output = desk.sluis(&line.split(' ').collect::<Vec<_>>());
        assert!(output.status.success());
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (text(output.stdout), text(output.stderr))
    };
    let (said, warned) = publish(DAY_0);
    assert!(said.contains("refresh it before 2026-12-07T10:00:00Z"), "{said}");
    assert_eq!(warned, "");
    let (said, warned) = publish("2027-11-15T10:00:00Z");
    assert!(
        said.contains("renew the root before 2027-11-23T10:00:00Z"),
        "{said}"
    );
    assert!(warned.contains("the root expires first"), "{warned}");
}

#[test]
fn a_folder_without_a_feed_says_how_to_make_one() {
    let desk = Desk::new();
    fs::create_dir(desk.path("empty")).unwrap();
    let (code, said) = desk.fails(&[
        "feed",
        "publish",
        "empty",
        "--keys",
        "keys",
        "--policy",
        "policy.json",
    ]);
    assert_eq!(code, Some(2));
    assert!(said.contains("sluis feed init"), "{said}");
}

#[test]
fn files_of_any_name_are_added_and_removed_without_a_key_and_published_together() {
    let desk = Desk::new();
    desk.init();
    desk.write("eu.json", "any bytes");
    desk.run("feed add feed policy.json");
    desk.run("feed add feed eu.json --name maps/eu.json");
    assert!(
        desk.files("feed")
            .iter()
            .all(|(path, _)| path.ends_with("1.root.json")),
        "only staged"
    );
    desk.run(&format!("feed publish feed --keys keys --now {DAY_0}"));
    assert_eq!(desk.new_phone(DAY_0), Outcome::Updated);
    let listed = &desk.json("feed/1.targets.json")["signed"]["targets"];
    let hash = listed["maps/eu.json"]["hashes"]["sha256"].as_str().unwrap();
    let path = desk.path(&format!("feed/targets/maps/{hash}.eu.json"));
    assert_eq!(fs::read_to_string(&path).unwrap(), "any bytes");
    desk.run("feed remove feed maps/eu.json");
    desk.run(&format!("feed publish feed --keys keys --now {DAY_1}"));
    let listed = &desk.json("feed/2.targets.json")["signed"]["targets"];
    assert_eq!(
        listed.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["policy.json"]
    );
    assert!(path.exists(), "who is in the middle of an update still finds it");
}

#[test]
fn names_that_lead_out_of_the_folder_are_refused() {
    let desk = Desk::new();
    desk.init();
    for name in [
        "../eu.json",
        "maps//eu.json",
        "/eu.json",
        "maps/./eu.json",
        "a\\b",
        "a\r\nb",
        "",
    ] {
        let arguments = ["feed", "add", "feed", "policy.json", "--name", name];
        let (code, said) = desk.fails(&arguments);
        assert_eq!(code, Some(2), "{name:?}");
        assert!(said.contains("no name for a file of a feed"), "{said}");
    }
    let (code, said) = desk.refused("feed remove feed absent.json");
    assert_eq!(code, Some(2), "{said}");
}

#[test]
fn with_force_lint_is_overruled_but_never_what_a_phone_could_not_read() {
    let desk = Desk::new();
    desk.init();
    let by_vendor = policy("first").replace("\"packages\": [\"bad.app\"]", "\"vendors\": [\"pdd\"]");
    desk.write("by-vendor.json", &by_vendor);
    desk.write("typo.json", &policy("first").replace("rules", "rulez"));
    let publish = format!("feed publish feed --keys keys --now {DAY_0} --force --policy");
    let (code, said) = desk.refused(&format!("{publish} typo.json"));
    assert_eq!(code, Some(2), "{said}");
    // Nor by a way round.
    let (code, said) = desk.refused("feed add feed typo.json --name policy.json");
    assert_eq!(code, Some(2), "{said}");
    assert!(!desk.path("feed/timestamp.json").exists());
    desk.run(&format!("{publish} by-vendor.json"));
    assert_eq!(desk.new_phone(DAY_0), Outcome::Updated);
}

#[test]
fn a_dry_run_says_what_would_change_and_who_signs_and_changes_nothing() {
    let desk = Desk::new();
    desk.init();
    desk.publish(DAY_0);
    desk.write("policy.json", &policy("second"));
    let before = (desk.files("feed"), desk.files("feed.staged"));
    let said = desk.run(&format!("{PUBLISH} --dry-run --now {DAY_1}"));
    assert!(
        said.contains("targets version 2, until 2027-02-22T10:00:00Z, signed with keys/targets.pem"),
        "{said}"
    );
    assert!(said.contains("~ policy.json"), "{said}");
    assert!(said.contains("Nothing was signed"), "{said}");
    assert_eq!((desk.files("feed"), desk.files("feed.staged")), before);
}

#[test]
fn a_policy_is_replaced_and_the_rest_stays_as_it_is() {
    let desk = Desk::new();
    desk.init();
    desk.publish(DAY_0);
    desk.write("policy.json", &policy("second"));
    let mut phone = Phone::following(&desk);
    assert_eq!(phone.refresh(DAY_0), Outcome::Updated);
    desk.run(&format!("{PUBLISH} --now {DAY_1}"));
    assert_eq!(phone.refresh(DAY_1), Outcome::Updated);
    let names = |version: u32| {
        let targets = desk.json(&format!("feed/{version}.targets.json"));
        targets["signed"]["targets"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(names(2), ["catalogue.json", "policy.json"]);
    // With nothing to say, the list is made to hold for longer.
    desk.run(&format!("feed publish feed --keys keys --now {DAY_1}"));
    assert_eq!(names(3), names(2));
    assert_eq!(phone.refresh(DAY_1), Outcome::Unchanged);
}

#[test]
fn a_clock_far_ahead_is_not_signed_unless_somebody_insists() {
    let desk = Desk::new();
    desk.run(&format!(
        "feed init feed --keys keys --no-passphrase --expires-root 3650 --now {DAY_0}"
    ));
    desk.publish(DAY_0);
    let before = desk.files("feed");
    let later = "2028-11-23T10:00:00Z";
    for line in [
        format!("{PUBLISH} --now {later}"),
        format!("feed refresh feed --keys keys --now {later}"),
    ] {
        let (code, said) = desk.refused(&line);
        assert_eq!(code, Some(2), "{said}");
        assert!(
            said.contains("if the clock is right, say --clock-is-right"),
            "{said}"
        );
        assert_eq!(desk.files("feed"), before);
    }
    // That lint may be overruled says nothing of the clock.
    desk.refused(&format!("{PUBLISH} --now {later} --force"));
    assert_eq!(desk.files("feed"), before);
    desk.run(&format!("{PUBLISH} --now {later} --clock-is-right"));
    assert_eq!(desk.new_phone(later), Outcome::Updated);
}

#[test]
fn a_policy_that_phones_could_not_read_is_never_published_whoever_signed_it() {
    let desk = Desk::new();
    desk.init();
    desk.publish(DAY_0);
    desk.write("broken.json", &policy("first").replace("rules", "rulez"));
    desk.run(&format!("feed add feed broken.json --now {DAY_0}"));
    // Somebody edits what is staged, and the others sign it without looking.
    let staged = fs::read_to_string(desk.path("feed.staged/2.targets.json")).unwrap();
    let mut staged: serde_json::Value = serde_json::from_str(&staged).unwrap();
    let listed = staged["signed"]["targets"].as_object_mut().unwrap();
    let broken = listed.remove("broken.json").unwrap();
    let hash = broken["hashes"]["sha256"].as_str().unwrap().to_owned();
    listed.insert("policy.json".into(), broken);
    desk.write("feed.staged/2.targets.json", &staged.to_string());
    let file = |name: &str| desk.path(&format!("feed.staged/targets/{hash}.{name}"));
    fs::rename(file("broken.json"), file("policy.json")).unwrap();
    desk.run("feed sign feed --keys keys/targets.pem");
    let before = desk.files("feed");
    let (code, said) = desk.refused(&format!("feed publish feed --keys keys --force --now {DAY_1}"));
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("/rulez"), "{said}");
    assert_eq!(desk.files("feed"), before);
    let refresh = format!("feed refresh feed --keys keys --now {DAY_1}");
    let (code, said) = desk.fails(&refresh.split(' ').collect::<Vec<_>>());
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("left behind") && said.contains("/rulez"), "{said}");
    assert!(!desk.path("feed/2.targets.json").exists());
    assert_eq!(desk.new_phone(DAY_1), Outcome::Updated);
}

#[test]
fn every_command_says_how_it_is_used() {
    let desk = Desk::new();
    let all = desk.run("feed --help");
    let commands = all.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands: Vec<&str> = commands
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .filter(|command| *command != "help")
        .collect();
    assert!(commands.len() >= 14, "{commands:?}");
    for command in commands {
        let said = desk.run(&format!("feed {command} --help"));
        assert!(said.contains(&format!("  sluis feed {command} ")), "{said}");
    }
}
