//! What is shown before something is signed: all of it, by whoever it was staged.

use std::fs;
use std::process::Output;

use serde_json::{Value, json};

use crate::desk::{DAY_0, DAY_1, Desk, PUBLISH};
use crate::keys::openssl;

/// A feed of which the root's keys are in a folder of their own, and a root that was staged without them.
fn with_staged_root() -> Desk {
    let desk = Desk::new();
    desk.init();
    desk.publish(DAY_0);
    fs::create_dir(desk.path("roots")).unwrap();
    for end in ["pem", "pub"] {
        fs::rename(
            desk.path(&format!("keys/root.{end}")),
            desk.path(&format!("roots/root.{end}")),
        )
        .unwrap();
    }
    desk.run(&format!("feed renew feed --keys keys --now {DAY_1}"));
    desk
}

/// Changes staged metadata as anybody can who can write there.
fn edit(desk: &Desk, path: &str, change: impl Fn(&mut Value)) {
    let mut file = desk.json(path);
    change(&mut file["signed"]);
    file["signatures"] = json!([]);
    desk.write(path, &file.to_string());
}

/// Lists a key for three roles of the staged root.
fn list(desk: &Desk, id: &str, object: &Value) {
    edit(desk, "feed.staged/2.root.json", |root| {
        if !object.is_null() {
            root["keys"][id] = object.clone();
        }
        for role in ["root", "targets", "timestamp"] {
            root["roles"][role]["keyids"]
                .as_array_mut()
                .unwrap()
                .push(id.into());
        }
    });
}

/// Both outputs of all that shows what is going to be signed.
fn summaries(desk: &Desk) -> Vec<String> {
    let lines = [
        format!("feed status feed --now {DAY_1}"),
        format!("feed publish feed --keys keys --keys roots --dry-run --now {DAY_1}"),
        "feed sign feed --keys roots --dry-run".into(),
        "feed payload feed root --output root.payload".into(),
        "feed sign feed --keys roots".into(),
    ];
    let said = |output: Output| String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    lines
        .iter()
        .map(|line| said(desk.sluis(&line.split(' ').collect::<Vec<_>>())))
        .collect()
}

#[test]
fn a_key_that_counts_on_phones_is_shown_before_a_root_is_signed_however_it_is_written_down() {
    openssl_keys(|pem, kind, scheme, mark| {
        let desk = with_staged_root();
        let object = json!({ "keytype": kind, "scheme": scheme, "keyval": { "public": pem } });
        list(&desk, "00ff", &object);
        for said in summaries(&desk) {
            for role in ["root", "targets", "timestamp"] {
                let line = said
                    .lines()
                    .find(|line| line.starts_with(&format!("  {role}: + key ")));
                let line = line.unwrap_or_else(|| panic!("{scheme}, {role}: {said}"));
                assert!(
                    line.contains("(listed as 00ff)") && line.ends_with(mark),
                    "{line}"
                );
            }
        }
        // Counted, too: it is one of those who can sign what comes next.
        desk.run(&format!("feed publish feed --keys keys --now {DAY_1}"));
        assert_eq!(desk.json("feed/2.root.json")["signed"]["version"], 2);
        let said = desk
            .sluis(&["feed", "status", "feed", "--json", "--now", DAY_1])
            .stdout;
        let said: Value = serde_json::from_slice(&said).unwrap();
        for role in said["published"].as_array().unwrap() {
            let listed = role["keys"].as_array().unwrap().contains(&json!("00ff"));
            assert_eq!(listed, role["role"] != "snapshot", "{role}");
        }
    });
}

fn openssl_keys(test: impl Fn(&str, &str, &str, &str)) {
    let desk = Desk::new();
    openssl(
        &desk,
        "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pem",
    );
    openssl(
        &desk,
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.pem",
    );
    for name in ["rsa", "ec"] {
        openssl(&desk, &format!("pkey -in {name}.pem -pubout -out {name}.pub"));
    }
    let pem = |name: &str| fs::read_to_string(desk.path(name)).unwrap();
    test(&pem("rsa.pub"), "rsa", "rsassa-pss-sha256", "(RSA)");
    // As phones take it: on one line.
    let lines: Vec<String> = pem("ec.pub").lines().map(str::to_owned).collect();
    let (begin, body, end) = (
        &lines[0],
        lines[1..lines.len() - 1].concat(),
        &lines[lines.len() - 1],
    );
    test(
        &format!("{begin}{body}{end}"),
        "ecdsa",
        "ecdsa-sha2-nistp256",
        ")",
    );
}

#[test]
fn a_root_that_lists_a_key_which_nobody_can_name_is_signed_and_published_by_nobody() {
    let of_the_future = json!({ "keytype": "ml-dsa", "scheme": "ml-dsa-65", "keyval": { "public": "00" } });
    for object in [of_the_future, Value::Null] {
        let desk = with_staged_root();
        desk.run("feed payload feed root --output root.payload");
        openssl(
            &desk,
            "pkeyutl -sign -rawin -inkey roots/root.pem -in root.payload -out root.sig",
        );
        list(&desk, "00ff", &object);
        let before = (desk.files("feed"), desk.files("feed.staged"));
        for line in [
            "feed sign feed --keys roots",
            "feed sign feed root --keys roots",
            "feed payload feed root",
            "feed attach feed root --signature root.sig",
            "feed publish feed --keys keys --keys roots",
            "feed rotate feed timestamp --keys keys --keys roots --dry-run",
        ] {
            let (code, said) = desk.refused(&format!("{line} {}", now(line)));
            assert_eq!(code, Some(2), "{line}: {said}");
            assert!(
                said.contains("00ff") && said.contains("sluis feed discard"),
                "{line}: {said}"
            );
            assert_eq!((desk.files("feed"), desk.files("feed.staged")), before, "{line}");
        }
        let (_, said) = desk.refused(&format!("feed status feed --now {DAY_1}"));
        assert!(
            said.contains("+ key 00ff, which is of a kind not known here"),
            "{said}"
        );
    }
}

#[test]
fn such_a_root_that_was_signed_by_other_tools_is_not_published_by_a_refresh_either() {
    let desk = with_staged_root();
    list(&desk, "00ff", &Value::Null);
    let mut file = desk.json("feed.staged/2.root.json");
    let limits = sluis_policy::json::Limits {
        max_bytes: usize::MAX,
        max_depth: 16,
    };
    let signed = sluis_policy::json::parse(file["signed"].to_string().as_bytes(), limits).unwrap();
    fs::write(
        desk.path("root.payload"),
        sluis_core::feed::canonical::canonical(&signed),
    )
    .unwrap();
    openssl(
        &desk,
        "pkeyutl -sign -rawin -inkey roots/root.pem -in root.payload -out root.sig",
    );
    let signature = sluis_core::feed::hex::encode(&fs::read(desk.path("root.sig")).unwrap());
    let own = desk.json("feed/1.root.json")["signatures"][0]["keyid"].clone();
    file["signatures"] = json!([{ "keyid": own, "sig": signature }]);
    desk.write("feed.staged/2.root.json", &file.to_string());
    let line = format!("feed refresh feed --keys keys --now {DAY_1}");
    let (code, said) = desk.fails(&line.split(' ').collect::<Vec<_>>());
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("left alone") && said.contains("00ff"), "{said}");
    assert!(!desk.path("feed/2.root.json").exists());
    assert_eq!(desk.json("feed/timestamp.json")["signed"]["version"], 2);
}

fn now(line: &str) -> String {
    match line.contains("--keys keys") {
        true => format!("--now {DAY_1}"),
        false => String::new(),
    }
}

#[test]
fn a_key_under_the_id_of_another_is_not_taken_for_it() {
    let desk = with_staged_root();
    openssl(&desk, "genpkey -algorithm ED25519 -out mallory.pem");
    desk.run("feed init other --keys other-keys --no-passphrase");
    let other = desk.json("other/1.root.json")["signed"].clone();
    let mallory = other["roles"]["targets"]["keyids"][0]
        .as_str()
        .unwrap()
        .to_owned();
    edit(&desk, "feed.staged/2.root.json", |root| {
        let id = root["roles"]["targets"]["keyids"][0].as_str().unwrap().to_owned();
        root["keys"][id] = other["keys"][&mallory].clone();
    });
    let own = desk.json("feed/1.root.json")["signed"]["roles"]["targets"]["keyids"][0].clone();
    let own = &own.as_str().unwrap()[..12];
    let said = desk.run("feed sign feed --keys roots --dry-run");
    let line = format!(
        "  targets: + key {} (listed as {own}), - key {own}",
        &mallory[..12]
    );
    assert!(said.contains(&line), "{said}");
}

#[test]
fn a_name_in_staged_metadata_can_neither_forge_nor_hide_a_line_of_the_summary() {
    let desk = Desk::new();
    desk.init();
    desk.publish(DAY_0);
    desk.run(&format!("feed add feed policy.json --name eu.json --now {DAY_1}"));
    let evil = "eu\n  - maps.json\u{1b}[8m\u{202e}\r";
    edit(&desk, "feed.staged/2.targets.json", |targets| {
        let entry = targets["targets"]["eu.json"].clone();
        targets["targets"][evil] = entry;
    });
    for line in [
        format!("feed publish feed --keys keys --dry-run --now {DAY_1}"),
        "feed sign feed --keys keys --dry-run".into(),
        "feed payload feed targets --output targets.payload".into(),
        format!("feed status feed --now {DAY_1}"),
        "feed remove feed absent.json".into(),
        format!("feed publish feed --keys keys --now {DAY_1}"),
    ] {
        let output = desk.sluis(&line.split(' ').collect::<Vec<_>>());
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(
            said.contains("eu\\u{a}  - maps.json\\u{1b}[8m\\u{202e}\\u{d}"),
            "{line}: {said}"
        );
        let raw = |c: char| c != '\n' && c.is_control() || c == '\u{202e}';
        assert!(!said.contains(raw), "{line}: {said:?}");
        assert!(
            !said.lines().any(|line| line.starts_with("  - maps.json")),
            "{said}"
        );
    }
}

#[test]
fn what_is_left_to_others_is_shown_before_it_is_signed() {
    let desk = Desk::new();
    desk.init();
    desk.publish(DAY_0);
    let delegate = format!("feed delegate feed maps --keys keys --no-passphrase --now {DAY_1}");
    let said = desk.succeeds(
        &[
            &delegate.split(' ').collect::<Vec<_>>()[..],
            &["--path", "*", "--terminating", "--dry-run"],
        ]
        .concat(),
    );
    assert!(
        said.contains("1 must sign, may list *, what matches is nowhere else"),
        "{said}"
    );
    desk.succeeds(
        &[
            &delegate.split(' ').collect::<Vec<_>>()[..],
            &["--path", "maps/*"],
        ]
        .concat(),
    );
    // By whoever it was staged.
    desk.run(&format!("feed add feed policy.json --name eu.json --now {DAY_1}"));
    edit(&desk, "feed.staged/3.targets.json", |targets| {
        targets["delegations"]["roles"][0]["paths"] = json!(["policy.json"]);
    });
    for line in [
        "feed sign feed targets --keys keys --dry-run",
        "feed payload feed targets",
    ] {
        let output = desk.sluis(&line.split(' ').collect::<Vec<_>>());
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(said.contains("  maps: may list policy.json\n"), "{line}: {said}");
    }
}

#[test]
fn only_what_is_going_to_be_signed_is_announced_and_all_of_it() {
    let desk = with_staged_root();
    desk.run(&format!("feed add feed policy.json --name eu.json --now {DAY_1}"));
    let said = desk.run("feed sign feed root --keys roots --keys keys");
    let (announced, _) = said.split_once("Signed: root.").unwrap();
    assert!(
        announced.contains("\nroot version 2, ") && !announced.contains("targets version"),
        "{said}"
    );
    let unsigned = desk.json("feed.staged/2.targets.json")["signatures"].clone();
    assert_eq!(unsigned, json!([]));

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
    desk.refused(&format!("{PUBLISH} --now {DAY_0}"));
    let said = desk.run("feed sign feed --keys other");
    assert!(
        said.contains("timestamp version 1, until 2026-12-07T10:00:00Z, signed with other/timestamp.pem"),
        "{said}"
    );
    assert!(said.contains("  lists snapshot.json version 1\n"), "{said}");
}

#[test]
fn whoever_signs_elsewhere_sees_what_it_is_and_the_payload_stays_as_it_is() {
    let desk = with_staged_root();
    let output = desk.sluis(&["feed", "payload", "feed", "root"]);
    let shown = String::from_utf8(output.stderr).unwrap();
    assert!(
        shown.contains(":\nroot version 2, until 2027-11-24T10:00:00Z\n"),
        "{shown}"
    );
    fs::write(desk.path("root.payload"), &output.stdout).unwrap();
    openssl(
        &desk,
        "pkeyutl -sign -rawin -inkey roots/root.pem -in root.payload -out root.sig",
    );
    let said = desk.run("feed attach feed root --signature root.sig");
    assert!(
        said.contains(":\nroot version 2, until 2027-11-24T10:00:00Z\n"),
        "{said}"
    );
}

#[test]
fn a_first_root_is_shown_before_it_is_signed_and_a_dry_run_makes_nothing() {
    let desk = Desk::new();
    let line = format!(
        "feed init feed --keys keys --no-passphrase --threshold root=2 --number root=2 --now {DAY_0}"
    );
    let said = desk.run(&format!("{line} --dry-run"));
    for words in [
        "root version 1, until 2027-11-23T10:00:00Z, signed with its new keys in keys",
        ", 2 must sign",
        "  timestamp: + key ",
    ] {
        assert!(said.contains(words), "{said}");
    }
    for made in ["feed", "feed.staged", "keys"] {
        assert!(!desk.path(made).exists(), "{made}");
    }
    let said = desk.run(&line);
    let (shown, made) = (
        said.find("root version 1").unwrap(),
        said.find("A feed was made").unwrap(),
    );
    assert!(shown < made, "{said}");
}

#[test]
fn a_dry_run_of_signing_signs_nothing() {
    let desk = with_staged_root();
    let before = desk.files("feed.staged");
    let said = desk.run("feed sign feed --keys roots --dry-run");
    assert!(
        said.contains("signed with roots/root.pem") && said.contains("Nothing was signed"),
        "{said}"
    );
    assert_eq!(desk.files("feed.staged"), before);
}

#[test]
fn the_summary_begins_with_the_feed_that_it_is_compared_with() {
    let desk = with_staged_root();
    // Somebody hands over a feed of their own, in which the staged root changes next to nothing.
    let pin = |said: &str| {
        let first = said.lines().next().unwrap();
        let pin = first.strip_prefix("What changes in the feed that phones trust by ");
        pin.unwrap_or_else(|| panic!("{said}"))
            .trim_end_matches(':')
            .to_owned()
    };
    let own = sluis_core::feed::hex::encode(&desk.identity().root_sha256);
    assert_eq!(pin(&desk.run("feed sign feed --keys roots --dry-run")), own);
    desk.run(&format!(
        "feed init other --keys others --no-passphrase --now {DAY_0}"
    ));
    desk.write(
        "other.staged/2.root.json",
        &fs::read_to_string(desk.path("feed.staged/2.root.json")).unwrap(),
    );
    assert_ne!(pin(&desk.run("feed sign other --keys roots --dry-run")), own);
}
