//! `sluis feed verify`: a phone's view of a feed, in a folder and on a web server.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]
#![allow(dead_code, reason = "other tests use more of the desk and the server")]

mod desk;
#[path = "../../core/tests/feed/repository.rs"]
mod repository;
mod web;

use std::fs;
use std::path::PathBuf;

use desk::{DAY_1, Desk};
use repository::Repository;
use serde_json::{Value, json};
use web::{Web, send};

/// A web server that hands out a folder, and headers by which a server could tell phones apart.
fn serve(folder: PathBuf) -> Web {
    Web::serve(
        move |path, out| match fs::read(folder.join(path.trim_start_matches('/'))) {
            Ok(bytes) => {
                let headers = ["ETag: \"serial-number\"", "Set-Cookie: id=serial-number"];
                send(out, "200 OK", &headers, &bytes)
            }
            Err(_) => send(out, "404 Not Found", &[], b""),
        },
    )
}

fn json(desk: &Desk, arguments: &[&str]) -> Value {
    serde_json::from_slice(&desk.sluis(arguments).stdout).unwrap()
}

#[test]
fn it_prints_what_a_new_phone_would_take_from_a_web_server() {
    let desk = Desk::with_feed();
    let web = serve(desk.path("feed"));
    let url = web.url("");
    let arguments = [
        "feed",
        "verify",
        &url,
        "--root-sha256",
        &desk.root_sha256,
        "--now",
        DAY_1,
    ];
    let said = desk.succeeds(&arguments);
    for words in [
        desk.root_sha256.as_str(),
        "timestamp: version 1, expires 2026-12-07T10:00:00Z, issued 2026-11-23T10:00:00Z",
        "policy.json: ",
        "A phone takes this: layer national, 1 rule, a catalogue.",
    ] {
        assert!(said.contains(words), "{said}");
    }
    let report = json(&desk, &[&arguments[..], &["--json"]].concat());
    assert_eq!(report["accepted"], json!(true));
    assert_eq!(
        report["news"],
        json!({ "layer": "national", "rules": 1, "catalogue": true })
    );
    assert_eq!(report["root_sha256"], json!(desk.root_sha256));
    assert_eq!(report["warnings"], json!([]));
    let roles: Vec<&Value> = report["roles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| &r["role"])
        .collect();
    assert_eq!(roles, ["root", "timestamp", "snapshot", "targets"]);
}

#[test]
fn an_address_without_a_slash_at_its_end_is_the_same_feed() {
    let desk = Desk::with_feed();
    fs::create_dir(desk.path("www")).unwrap();
    desk.copy("feed", "www/feed");
    let web = serve(desk.path("www"));
    let url = web.url("feed");
    desk.succeeds(&[
        "feed",
        "verify",
        &url,
        "--root-sha256",
        &desk.root_sha256,
        "--now",
        DAY_1,
    ]);
}

#[test]
fn a_check_without_news_asks_for_the_next_root_and_the_timestamp_and_nothing_more() {
    let desk = Desk::with_feed();
    let web = serve(desk.path("feed"));
    let url = web.url("");
    let state = ["--state", "phone.db", "--now", DAY_1];
    let verify = [
        &["feed", "verify", &url, "--root-sha256", &desk.root_sha256][..],
        &state,
    ]
    .concat();
    desk.succeeds(&verify);
    let first = web.requests().len();
    let said = desk.succeeds(&verify);
    assert!(said.contains("the policy is the one that it has"), "{said}");
    let requests = web.requests().split_off(first);
    let paths: Vec<&str> = requests.iter().map(|r| r.split(' ').nth(1).unwrap()).collect();
    assert_eq!(paths, ["/2.root.json", "/timestamp.json"]);
    for request in &requests {
        let request = request.to_ascii_lowercase();
        for told in ["serial-number", "if-", "cookie"] {
            assert!(!request.contains(told), "{request}");
        }
    }
    assert_eq!(web.connections(), 2, "one for each process");
}

#[test]
fn a_publication_that_changes_one_file_is_read_with_the_other_that_was_there() {
    let desk = Desk::with_feed();
    let verify = ["feed", "verify", "feed", "--state", "phone.db", "--now", DAY_1];
    desk.succeeds(&verify);
    desk.publish("second", DAY_1);
    let said = desk.succeeds(&verify);
    assert!(
        said.contains("A phone takes this: layer national, 1 rule, a catalogue."),
        "{said}"
    );
    let other_bytes = r#"{"format": "sluis.catalogue/1",   "vendors": []}"#;
    fs::write(desk.path("catalogue.json"), other_bytes).unwrap();
    desk.publish("second", DAY_1);
    let said = desk.succeeds(&verify);
    assert!(
        said.contains("A phone takes this: layer national, 1 rule, a catalogue."),
        "{said}"
    );
}

#[test]
fn with_a_state_a_feed_that_goes_back_is_refused_and_without_one_it_is_not_noticed() {
    let desk = Desk::with_feed();
    desk.copy("feed", "old");
    desk.publish("second", DAY_1);
    let verify = |folder: &str, more: &[&str]| {
        let arguments = ["feed", "verify", folder, "--now", DAY_1];
        desk.says(&[&arguments[..], more].concat())
    };
    assert_eq!(verify("feed", &["--state", "phone.db"]).0, Some(0));
    let (code, said) = verify("old", &["--state", "phone.db"]);
    assert_eq!(code, Some(1));
    assert!(
        said.contains("old: phones refuse this: timestamp version 1 is older than 2, which was seen before"),
        "{said}"
    );
    assert_eq!(verify("feed", &["--state", "phone.db"]).0, Some(0));
    assert_eq!(verify("old", &[]).0, Some(0));
}

#[test]
fn a_feed_that_phones_refuse_is_a_finding_also_in_json() {
    let desk = Desk::with_feed();
    fs::write(desk.path("feed/1.targets.json"), b"{}").unwrap();
    let arguments = ["feed", "verify", "feed", "--now", DAY_1];
    let (code, said) = desk.says(&arguments);
    assert_eq!(code, Some(1));
    assert!(said.contains("phones refuse this: targets has 2 bytes"), "{said}");
    let report = json(&desk, &[&arguments[..], &["--json"]].concat());
    assert_eq!(report["accepted"], json!(false));
    assert!(
        report["refused"]
            .as_str()
            .unwrap()
            .starts_with("targets has 2 bytes")
    );
}

#[test]
fn another_root_than_the_one_that_phones_trust_is_refused() {
    let desk = Desk::with_feed();
    let other = "0".repeat(64);
    let (code, said) = desk.says(&["feed", "verify", "feed", "--root-sha256", &other, "--now", DAY_1]);
    assert_eq!(code, Some(1));
    assert!(said.contains(&desk.root_sha256), "{said}");
}

#[test]
fn a_web_server_is_not_taken_at_its_word_about_its_root() {
    let desk = Desk::with_feed();
    let web = serve(desk.path("feed"));
    let (code, said) = desk.says(&["feed", "verify", &web.url(""), "--now", DAY_1]);
    assert_eq!((code, web.requests().len()), (Some(2), 0));
    assert!(said.contains("--root-sha256"), "{said}");
}

#[test]
fn what_cannot_be_read_or_reached_is_unusable_and_says_where() {
    let desk = Desk::with_feed();
    let dead = "http://127.0.0.1:1/";
    let plain = "http://feeds.example/";
    for (feed, words) in [(dead, dead), (plain, "only https:// is allowed")] {
        let (code, said) = desk.says(&["feed", "verify", feed, "--root-sha256", &desk.root_sha256]);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(words), "{said}");
    }
    let (code, said) = desk.says(&["feed", "verify", "nowhere"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("nowhere: there is no feed here"), "{said}");
    let (code, said) = desk.says(&["feed", "verify", "feed", "--root-sha256", "12ab"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("64"), "{said}");
    fs::write(
        desk.path("no.db"),
        "this is no state, and will not be overwritten",
    )
    .unwrap();
    let (code, said) = desk.says(&["feed", "verify", "feed", "--state", "no.db", "--now", DAY_1]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("no.db: "), "{said}");
}

#[test]
fn of_a_state_that_was_lost_in_part_it_is_said_what_to_remove() {
    let desk = Desk::with_feed();
    let verify = ["feed", "verify", "feed", "--state", "watch.db", "--now", DAY_1];
    desk.succeeds(&verify);
    fs::write(desk.path("watch.dbase"), "of somebody else").unwrap();
    fs::remove_file(desk.path("watch.db")).unwrap();
    let (code, said) = desk.says(&verify);
    assert_eq!(code, Some(2), "{said}");
    let (_, rest) = said.split_once("or remove ").unwrap();
    let (files, _) = rest.split_once(" and begin anew").unwrap();
    for file in files.split(", ") {
        assert_ne!(file, "watch.dbase");
        fs::remove_file(desk.path(file)).unwrap();
    }
    desk.succeeds(&verify);
}

#[test]
fn the_sign_in_page_of_a_network_is_refused_and_so_is_a_compressed_answer() {
    let desk = Desk::with_feed();
    let page = "<!DOCTYPE html><html><body>Sign in to this network</body></html>";
    let web = Web::serve(move |_, out| send(out, "200 OK", &["Content-Type: text/html"], page.as_bytes()));
    let (code, said) = desk.says(&["feed", "verify", &web.url(""), "--root-sha256", &desk.root_sha256]);
    assert_eq!(code, Some(1));
    assert!(said.contains("phones refuse this: root"), "{said}");
    let bytes = desk.feed("1.root.json").unwrap();
    let web = Web::serve(move |_, out| send(out, "200 OK", &["Content-Encoding: gzip"], &bytes));
    let (code, said) = desk.says(&["feed", "verify", &web.url(""), "--root-sha256", &desk.root_sha256]);
    assert_eq!(code, Some(2));
    assert!(said.contains("Content-Encoding \"gzip\""), "{said}");
}

#[test]
fn what_expires_soon_is_warned_about_and_an_expired_feed_is_refused() {
    let desk = Desk::with_feed();
    let (code, said) = desk.says(&["feed", "verify", "feed", "--now", "2026-12-06T18:00:00Z"]);
    assert_eq!(code, Some(0));
    assert_eq!(
        said,
        "sluis: warning: timestamp expires soon, at 2026-12-07T10:00:00Z; after that phones take no news\n"
    );
    let (code, said) = desk.says(&["feed", "verify", "feed", "--now", "2026-12-07T10:00:00Z"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("timestamp expired at"), "{said}");
}

#[test]
fn a_timestamp_that_does_not_say_when_it_was_issued_is_warned_about() {
    let desk = Desk::with_feed();
    let mut feed = Repository::unpublished();
    feed.issued = None;
    feed.content.remove("catalogue.json");
    feed.publish_policy(&fs::read_to_string(desk.path("policy.json")).unwrap());
    desk.write_files("plain", &feed.files);
    let now = ["--now", "2026-11-23T12:00:00Z"];
    let (code, said) = desk.says(&[&["feed", "verify", "plain"][..], &now].concat());
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("warning: timestamp does not say when it was issued (x-sluis-issued)"),
        "{said}"
    );
    let report = json(
        &desk,
        &[&["feed", "verify", "plain", "--json"][..], &now].concat(),
    );
    assert_eq!(report["warnings"].as_array().unwrap().len(), 1);
}

#[test]
fn a_policy_that_phones_cannot_read_is_refused_and_not_remembered_as_taken() {
    let desk = Desk::with_feed();
    let good = fs::read_to_string(desk.path("policy.json")).unwrap();
    let mut feed = Repository::unpublished();
    feed.content.remove("catalogue.json");
    feed.publish_policy(&good.replace("sluis.policy/1", "sluis.policy/99"));
    desk.write_files("own", &feed.files);
    let verify = [
        "feed",
        "verify",
        "own",
        "--state",
        "phone.db",
        "--now",
        "2026-11-23T12:00:00Z",
    ];
    for _ in 0..2 {
        let (code, said) = desk.says(&verify);
        assert_eq!(code, Some(1));
        assert!(said.contains("phones refuse this: policy.json"), "{said}");
    }
    feed.publish_policy(&good);
    desk.write_files("own", &feed.files);
    let said = desk.succeeds(&verify);
    assert!(said.contains("A phone takes this: layer national"), "{said}");
}
