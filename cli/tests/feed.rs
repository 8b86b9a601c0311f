//! `sluis feed`, run as an administrator runs it, and read as a phone reads it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sluis_core::agent::message::Time;
use sluis_core::feed::{Answer, Commit, FeedIdentity, Next, Outcome, TrustedState, Update, hex, rfc3339};
use sluis_core::store::Store;
use tempfile::TempDir;

const DAY_0: &str = "2026-11-23T10:00:00Z";
const DAY_1: &str = "2026-11-24T10:00:00Z";

/// A policy that forbids one app.
fn policy(rule: &str) -> String {
    format!(
        r#"{{"format": "sluis.policy/1", "layer": "national", "organisation": {{"name": {{"en": "State"}}}},
            "stance": "open",
            "rules": [{{"id": "{rule}", "effect": "deny", "match": {{"packages": ["bad.app"]}}}}]}}"#
    )
}

struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        let desk = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        desk.write("policy.json", &policy("first"));
        desk.write(
            "catalogue.json",
            r#"{"format": "sluis.catalogue/1", "vendors": []}"#,
        );
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn sluis(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_sluis"))
            .current_dir(self.folder.path())
            .args(arguments)
            .output()
            .unwrap()
    }

    fn succeeds(&self, arguments: &[&str]) -> String {
        let output = self.sluis(arguments);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// The exit code and what was said.
    fn fails(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = self.sluis(arguments);
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    }

    /// Makes a feed; the answer is what phones need to know of it.
    fn init(&self) -> FeedIdentity {
        let said = self.succeeds(&["feed", "init", "feed", "--keys", "keys", "--now", DAY_0]);
        let sha256 = said.split_whitespace().find_map(hex::decode_exact);
        FeedIdentity {
            name: "national".into(),
            root_sha256: sha256.unwrap(),
        }
    }

    fn publish(&self, now: &str) {
        self.succeeds(&[
            "feed",
            "publish",
            "feed",
            "--keys",
            "keys",
            "--policy",
            "policy.json",
            "--catalogue",
            "catalogue.json",
            "--now",
            now,
        ]);
    }

    fn files(&self, folder: &str) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        let mut folders = vec![self.path(folder)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let bytes = fs::read(&path).unwrap();
                    files.push((path, bytes));
                }
            }
        }
        files.sort();
        files
    }
}

/// An update of a phone that fetches from a folder, at a time.
fn update(feed: &FeedIdentity, folder: &Path, trusted: TrustedState, now: &str) -> (Outcome, Vec<Commit>) {
    let time = Time {
        wall_ms: rfc3339::parse(now).unwrap() * 1000,
        elapsed_ms: 0,
        boot_count: 1,
    };
    let mut update = Update::start(feed, trusted, time);
    let mut steps = Vec::new();
    loop {
        match update.next() {
            Next::Done(outcome) => return (outcome, steps),
            Next::Fetch { path, max_bytes } => {
                let bytes = fs::read(folder.join(path)).ok();
                assert!(bytes.iter().all(|bytes| bytes.len() as u64 <= max_bytes));
                steps.extend(update.received(&bytes.as_deref().map_or(Answer::Missing, Answer::Body)));
            }
        }
    }
}

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

#[cfg(unix)]
#[test]
fn private_keys_are_for_their_owner_alone_and_never_printed() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    let said = desk.succeeds(&["feed", "init", "feed", "--keys", "keys"]);
    let keys = desk.files("keys");
    assert_eq!(keys.len(), 4);
    for (path, bytes) in keys {
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let pem = String::from_utf8(bytes).unwrap();
        let secret = pem.lines().nth(1).unwrap();
        assert!(!said.contains(secret));
        for (published, bytes) in desk.files("feed") {
            let text = String::from_utf8(bytes).unwrap();
            assert!(!text.contains(secret), "{}", published.display());
        }
    }
}

#[test]
fn init_overwrites_neither_keys_nor_a_root() {
    let desk = Desk::new();
    desk.init();
    let before = (desk.files("keys"), desk.files("feed"));
    for arguments in [
        ["feed", "init", "feed", "--keys", "keys"],
        ["feed", "init", "feed", "--keys", "other-keys"],
        ["feed", "init", "other-feed", "--keys", "keys"],
    ] {
        let (code, said) = desk.fails(&arguments);
        assert_eq!(code, Some(2));
        assert!(said.contains("will not be overwritten"), "{said}");
    }
    assert_eq!((desk.files("keys"), desk.files("feed")), before);
}

#[test]
fn keys_below_the_published_folder_are_refused() {
    let desk = Desk::new();
    for keys in ["feed/keys", "absent/../feed/keys", "feed"] {
        let (code, said) = desk.fails(&["feed", "init", "feed", "--keys", keys]);
        assert_eq!(code, Some(2));
        assert!(said.contains("will be published"), "{said}");
        assert!(!desk.path("feed/keys").exists(), "nothing is left behind");
    }
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
        ("policy.json", "absent", DAY_1, "targets.pem: No such file"),
        (
            "policy.json",
            other_keys.to_str().unwrap(),
            DAY_1,
            "not one that the feed's root lists",
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
    let years_later = "2037-11-23T10:00:00Z";
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
    assert_eq!(code, Some(1));
    assert!(said.contains("root expired at 2036-11-20T10:00:00Z"), "{said}");
    assert_eq!(desk.files("feed"), before);
}

const PUBLISH: [&str; 7] = [
    "feed",
    "publish",
    "feed",
    "--keys",
    "keys",
    "--policy",
    "policy.json",
];

#[test]
fn a_feed_whose_timestamp_was_lost_does_not_begin_anew() {
    let desk = Desk::new();
    desk.init();
    desk.publish(DAY_0);
    for broken in [None, Some("not a timestamp")] {
        match broken {
            None => fs::remove_file(desk.path("feed/timestamp.json")).unwrap(),
            Some(text) => desk.write("feed/timestamp.json", text),
        }
        let before = desk.files("feed");
        let (code, said) = desk.fails(&PUBLISH);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("timestamp.json"), "{said}");
        assert_eq!(desk.files("feed"), before);
    }
}

#[test]
fn of_two_publications_at_once_one_is_refused_and_says_how_to_get_on() {
    let desk = Desk::new();
    desk.init();
    desk.write("feed/publish.lock", "process 1\n");
    let before = desk.files("feed");
    let (code, said) = desk.fails(&PUBLISH);
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("publish.lock") && said.contains("remove this file"),
        "{said}"
    );
    assert_eq!(desk.files("feed"), before);
    fs::remove_file(desk.path("feed/publish.lock")).unwrap();
    // After a publication, also one that fails, the next finds no lock.
    desk.fails(&[
        "feed",
        "publish",
        "feed",
        "--keys",
        "absent",
        "--policy",
        "policy.json",
    ]);
    desk.publish(DAY_0);
    desk.publish(DAY_1);
    assert!(!desk.path("feed/publish.lock").exists());
}

#[test]
fn publications_at_the_same_time_never_share_a_version() {
    let desk = Desk::new();
    desk.init();
    let publish = || desk.sluis(&PUBLISH).status.success();
    let published = std::thread::scope(|scope| {
        let publishers: Vec<_> = (0..4).map(|_| scope.spawn(publish)).collect();
        let done = publishers.into_iter().map(|publisher| publisher.join().unwrap());
        done.filter(|done| *done).count()
    });
    let versions = desk.files("feed").into_iter();
    let versions = versions.filter(|(path, _)| path.to_string_lossy().ends_with(".targets.json"));
    assert_eq!(versions.count(), published);
}

#[test]
fn a_root_that_expires_first_is_told_in_time() {
    let desk = Desk::new();
    let said = desk.succeeds(&["feed", "init", "feed", "--keys", "keys", "--now", DAY_0]);
    assert!(said.contains("expires at 2036-11-20T10:00:00Z"), "{said}");
    let publish = |now: &str| {
        let output = desk.sluis(&[PUBLISH.as_slice(), &["--now", now]].concat());
        assert!(output.status.success());
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (text(output.stdout), text(output.stderr))
    };
    let (said, warned) = publish(DAY_0);
    assert!(
        said.contains("publish again before 2026-12-07T10:00:00Z"),
        "{said}"
    );
    assert_eq!(warned, "");
    let (said, warned) = publish("2036-11-10T10:00:00Z");
    assert!(
        said.contains("publish again before 2036-11-20T10:00:00Z"),
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
fn a_reader_between_any_two_writes_sees_the_feed_before_or_after() {
    let desk = Desk::new();
    let feed = desk.init();
    desk.publish(DAY_0);
    let before = desk.files("feed");
    desk.write("policy.json", &policy("second"));
    desk.publish(DAY_1);
    // Of all files, only the timestamp was there before and is another now; without it, the rest is not even looked at.
    for (path, bytes) in &before {
        let changed = fs::read(path).unwrap() != *bytes;
        assert_eq!(changed, path.ends_with("timestamp.json"), "{}", path.display());
    }
    let timestamp = desk.path("feed/timestamp.json");
    let (_, old) = before.iter().find(|(path, _)| *path == timestamp).unwrap();
    fs::write(&timestamp, old).unwrap();
    let (outcome, _) = update(&feed, &desk.path("feed"), TrustedState::default(), DAY_1);
    assert_eq!(outcome, Outcome::Updated);
    assert!(
        desk.files("feed")
            .iter()
            .all(|(path, _)| path.extension().is_some_and(|e| e == "json"))
    );
}
