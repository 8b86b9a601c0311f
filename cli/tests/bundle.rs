//! `sluis bundle`: a feed in one file, checked with the real `tar`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]
#![allow(
    dead_code,
    reason = "other tests use more of the desk, the server and the author"
)]

mod desk;
#[path = "../../core/tests/feed/repository.rs"]
mod repository;
mod web;

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use desk::{DAY_1, Desk};
use repository::{Repository, Signers};
use serde_json::{Value, json};
use sluis_core::feed::bundle::{self, Bundle};
use web::{Web, send};

const CREATE: [&str; 7] = ["bundle", "create", "feed", "-o", "out.sluis", "--now", DAY_1];

fn files(desk: &Desk, bundle: &str) -> BTreeMap<String, Vec<u8>> {
    let bytes = fs::read(desk.path(bundle)).unwrap();
    let bundle = Bundle::read(&bytes).unwrap();
    bundle
        .files()
        .map(|(name, bytes)| (name.to_owned(), bytes.to_vec()))
        .collect()
}

fn report(desk: &Desk, bundle: &str) -> Value {
    let output = desk.sluis(&["bundle", "inspect", bundle, "--json", "--now", DAY_1]);
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_bundle_has_what_phones_need_today_and_nothing_of_yesterday() {
    let desk = Desk::with_feed();
    desk.publish("second", DAY_1);
    let said = desk.succeeds(&CREATE);
    assert!(
        said.starts_with("6 files, ") && said.contains("until 2026-12-08T10:00:00Z"),
        "{said}"
    );
    let packed = files(&desk, "out.sluis");
    for (name, bytes) in &packed {
        assert_eq!(Some(bytes), desk.feed(name).as_ref(), "{name}");
    }
    let metadata: Vec<&String> = packed
        .keys()
        .filter(|name| !name.starts_with("targets/"))
        .collect();
    assert_eq!(
        metadata,
        [
            "1.root.json",
            "2.snapshot.json",
            "2.targets.json",
            "timestamp.json"
        ]
    );
    assert_eq!(packed.len(), 6);
}

#[test]
fn the_same_feed_gives_the_same_bytes_from_a_folder_and_from_a_web_server() {
    let desk = Desk::with_feed();
    desk.succeeds(&CREATE);
    let folder = desk.path("feed");
    let web = Web::serve(
        move |path, out| match fs::read(folder.join(path.trim_start_matches('/'))) {
            Ok(bytes) => send(out, "200 OK", &[], &bytes),
            Err(_) => send(out, "404 Not Found", &[], b""),
        },
    );
    let url = web.url("");
    let create = ["bundle", "create", &url, "-o", "web.sluis", "--now", DAY_1];
    desk.succeeds(&[&create[..], &["--root-sha256", &desk.root_sha256]].concat());
    let read = |name: &str| fs::read(desk.path(name)).unwrap();
    assert_eq!(read("out.sluis"), read("web.sluis"));
    let (code, said) = desk.says(&create);
    assert_eq!(code, Some(2));
    assert!(said.contains("--root-sha256"), "{said}");
}

#[test]
fn tar_reads_a_bundle_and_a_web_server_could_hand_out_what_it_takes_out() {
    let desk = Desk::with_feed();
    desk.succeeds(&CREATE);
    fs::create_dir(desk.path("out")).unwrap();
    let tar = Command::new("tar")
        .current_dir(desk.path("out"))
        .args(["-xf", "../out.sluis"])
        .output()
        .unwrap();
    assert!(tar.status.success() && tar.stderr.is_empty(), "{tar:?}");
    desk.succeeds(&[
        "feed",
        "verify",
        "out",
        "--root-sha256",
        &desk.root_sha256,
        "--now",
        DAY_1,
    ]);
}

#[test]
fn tar_reads_long_names_and_names_in_any_script() {
    let desk = Desk::with_feed();
    let mut files = BTreeMap::from([("1.root.json".to_owned(), b"{}".to_vec())]);
    for name in [
        "targets/één.json".to_owned(),
        "é".repeat(80),
        "a".repeat(100),
        "b".repeat(240),
    ] {
        files.insert(name.clone(), name.into_bytes());
    }
    fs::write(desk.path("names.sluis"), bundle::write(&files).unwrap()).unwrap();
    fs::create_dir(desk.path("names")).unwrap();
    let tar = Command::new("tar")
        .current_dir(desk.path("names"))
        .args(["-xf", "../names.sluis"])
        .output()
        .unwrap();
    assert!(tar.status.success() && tar.stderr.is_empty(), "{tar:?}");
    for (name, content) in &files {
        assert_eq!(fs::read(desk.path("names").join(name)).unwrap(), *content);
    }
}

#[test]
fn what_is_in_a_bundle_is_shown() {
    let desk = Desk::with_feed();
    desk.succeeds(&CREATE);
    let said = desk.succeeds(&["bundle", "verify", "out.sluis", "--now", DAY_1]);
    assert!(
        said.contains(&desk.root_sha256) && said.contains("layer national, 1 rule, a catalogue"),
        "{said}"
    );
    let report = report(&desk, "out.sluis");
    assert_eq!(report["accepted"], json!(true));
    assert_eq!(report["root_sha256"], json!(desk.root_sha256));
    assert_eq!(report["roles"][1]["expires"], json!("2026-12-07T10:00:00Z"));
    let names: Vec<&Value> = report["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| &f["name"])
        .collect();
    assert_eq!(names, ["catalogue.json", "policy.json"]);
}

#[test]
fn every_root_is_in_it_so_that_a_phone_of_any_age_can_follow() {
    let desk = Desk::with_feed();
    let mut feed = Repository::unpublished();
    feed.content.remove("catalogue.json");
    for seed in 0..70 {
        feed.rotate(|feed| feed.root = Signers::one(100 + seed));
    }
    feed.publish_policy(&fs::read_to_string(desk.path("policy.json")).unwrap());
    desk.write_files("long", &feed.files);
    let now = "2026-11-23T12:00:00Z";
    desk.succeeds(&["bundle", "create", "long", "-o", "long.sluis", "--now", now]);
    let packed = files(&desk, "long.sluis");
    assert_eq!(
        packed.keys().filter(|name| name.ends_with(".root.json")).count(),
        71
    );
}

#[test]
fn a_feed_that_phones_refuse_is_not_packed_and_what_was_there_stays() {
    let desk = Desk::with_feed();
    desk.succeeds(&CREATE);
    let before = fs::read(desk.path("out.sluis")).unwrap();
    let refused = |feed: &str, now: &str, words: &str| {
        let (code, said) = desk.says(&["bundle", "create", feed, "-o", "out.sluis", "--now", now]);
        assert_eq!(code, Some(1), "{said}");
        assert!(
            said.contains(words) && said.contains("nothing was written"),
            "{said}"
        );
        assert_eq!(fs::read(desk.path("out.sluis")).unwrap(), before);
    };
    refused("feed", "2027-03-23T10:00:00Z", "timestamp expired at");
    desk.copy("feed", "broken");
    fs::remove_file(desk.path("broken/1.snapshot.json")).unwrap();
    refused("broken", DAY_1, "snapshot is");
    let other = "0".repeat(64);
    let (code, _) = desk.says(&[&CREATE[..], &["--root-sha256", &other]].concat());
    assert_eq!(code, Some(1));
    let (code, said) = desk.says(&["bundle", "create", "nowhere", "-o", "out.sluis"]);
    assert_eq!(code, Some(2), "{said}");
    let (code, said) = desk.says(&["bundle", "create", "feed", "-o", "keys", "--now", DAY_1]);
    assert_eq!(code, Some(2), "{said}");
    let left = fs::read_dir(desk.path(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let temporary: Vec<_> = left
        .filter(|name| name.to_string_lossy().ends_with(".new"))
        .collect();
    assert_eq!(temporary, Vec::<std::ffi::OsString>::new());
}

#[test]
fn a_bundle_takes_the_place_of_an_older_one_and_of_nothing_else() {
    let desk = Desk::with_feed();
    desk.succeeds(&CREATE);
    desk.succeeds(&CREATE);
    for name in ["keys/root.pem", "policy.json", "feed/1.root.json"] {
        let bytes = fs::read(desk.path(name)).unwrap();
        let (code, said) = desk.says(&["bundle", "create", "feed", "-o", name, "--now", DAY_1]);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("exists already and is no bundle"), "{said}");
        assert_eq!(fs::read(desk.path(name)).unwrap(), bytes, "{name}");
    }
}

#[test]
fn a_feed_too_large_for_a_phone_is_not_packed() {
    let desk = Desk::with_feed();
    let mut feed = Repository::unpublished();
    feed.content.remove("catalogue.json");
    let policy = fs::read_to_string(desk.path("policy.json")).unwrap();
    feed.publish_policy(&format!("{policy}{}", " ".repeat(5 << 20)));
    desk.write_files("large", &feed.files);
    let now = "2026-11-23T12:00:00Z";
    let (code, said) = desk.says(&["bundle", "create", "large", "-o", "large.sluis", "--now", now]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("more than the"), "{said}");
    assert!(!desk.path("large.sluis").exists());
}

#[test]
fn a_file_that_is_no_bundle_says_why() {
    let desk = Desk::with_feed();
    desk.succeeds(&CREATE);
    let good = fs::read(desk.path("out.sluis")).unwrap();
    let cases: [(&[u8], &str); 4] = [
        (b"", "the file is empty"),
        (&[b'x'; 2_000], "this is not a bundle"),
        (&good[..good.len() - 512], "cut off after"),
        (&[good.as_slice(), b"more"].concat(), "goes on after its end"),
    ];
    for (bytes, words) in cases {
        fs::write(desk.path("bad.sluis"), bytes).unwrap();
        let (code, said) = desk.says(&["bundle", "verify", "bad.sluis"]);
        assert_eq!(code, Some(2));
        assert!(said.contains("bad.sluis: ") && said.contains(words), "{said}");
    }
    let (code, said) = desk.says(&["bundle", "verify", "nowhere.sluis"]);
    assert_eq!(code, Some(2), "{said}");
    // An endless one.
    let (code, said) = desk.says(&["bundle", "verify", "/dev/zero"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("more than 16 MiB"), "{said}");
}

#[test]
fn a_bundle_with_a_changed_file_or_another_root_is_refused() {
    let desk = Desk::with_feed();
    desk.succeeds(&CREATE);
    let mut changed = files(&desk, "out.sluis");
    changed.insert("timestamp.json".into(), b"{}".to_vec());
    fs::write(desk.path("changed.sluis"), bundle::write(&changed).unwrap()).unwrap();
    let (code, said) = desk.says(&["bundle", "verify", "changed.sluis", "--now", DAY_1]);
    assert_eq!(code, Some(1));
    assert!(said.contains("phones refuse this: timestamp"), "{said}");
    assert_eq!(report(&desk, "changed.sluis")["accepted"], json!(false));
    let other = "0".repeat(64);
    let (code, said) = desk.says(&["bundle", "verify", "out.sluis", "--root-sha256", &other]);
    assert_eq!(code, Some(1));
    assert!(said.contains("root"), "{said}");
}
