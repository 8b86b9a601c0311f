//! `agent.apk`: new versions of Sluis itself, as a feed brings them.

use std::fs;
use std::path::Path;

use sluis_core::feed::{Answer, Lookup, Outcome, Sought, TrustedState};

use crate::desk::{DAY_0, DAY_1, Desk, PUBLISH, time, update};

/// A desk with a published feed and the packages of `apk/` on it.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.init();
    desk.publish(DAY_0);
    for name in ["agent-7.apk", "agent-8.apk", "other.apk"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/feed/apk")
            .join(name);
        fs::copy(from, desk.path(name)).unwrap();
    }
    desk
}

fn add(desk: &Desk, file: &str, more: &str) -> Result<String, String> {
    let line = format!("feed add feed {file} --name agent.apk --now {DAY_1} {more}");
    let output = desk.sluis(&line.split_whitespace().collect::<Vec<_>>());
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    if output.status.success() {
        Ok(said)
    } else {
        Err(said)
    }
}

/// What a phone that has followed the feed finds of the agent, and whether it verifies.
fn found_by_a_phone(desk: &Desk) -> Option<(u64, String, u64)> {
    let feed = desk.identity();
    let mut trusted = TrustedState::default();
    let (outcome, steps) = update(&feed, &desk.path("feed"), trusted.clone(), DAY_1);
    assert_eq!(outcome, Outcome::Updated);
    let mut store = sluis_core::store::Store::open(&desk.path("phone.db")).unwrap();
    store.commit_feed_steps(&feed, &steps).unwrap();
    trusted = store.feed(&feed).unwrap();
    let mut look = Lookup::start(&feed, trusted, time(DAY_1));
    let Sought::Listed(offer) = look.sought() else {
        return None;
    };
    let bytes = fs::read(desk.path("feed").join(&offer.path)).unwrap();
    look.received(&Answer::Body(&bytes));
    assert!(matches!(look.sought(), Sought::Verified(_)));
    let release = offer.release.unwrap();
    Some((release.version_code, release.package, release.min_sdk))
}

#[test]
fn a_phone_finds_the_version_that_the_package_says_it_is() {
    let desk = desk();
    add(&desk, "agent-7.apk", "").unwrap();
    let said = desk.run(&format!("{PUBLISH} --now {DAY_1}"));
    assert!(
        said.contains("+ agent.apk (1091 bytes, version 7 of nl.sluis.agent, from API level 26)"),
        "{said}"
    );
    assert_eq!(found_by_a_phone(&desk), Some((7, "nl.sluis.agent".into(), 26)));
}

#[test]
fn status_and_verify_show_the_version() {
    let desk = desk();
    add(&desk, "agent-7.apk", "").unwrap();
    let staged = desk.sluis(&["feed", "status", "feed", "--now", DAY_1, "--json"]);
    let staged: serde_json::Value = serde_json::from_slice(&staged.stdout).unwrap();
    assert_eq!(staged["staged"][0]["files"][0], "agent.apk (version 7)");
    desk.run(&format!("{PUBLISH} --now {DAY_1}"));
    let status = desk.run(&format!("feed status feed --now {DAY_1}"));
    assert!(
        status.contains("agent.apk (version 7), catalogue.json, policy.json"),
        "{status}"
    );

    let verified = desk.run(&format!("feed verify feed --now {DAY_1} --state watch.db"));
    assert!(verified.contains("agent.apk: 1091 bytes, SHA-256 "), "{verified}");
    assert!(
        verified.contains("Device owners with an older nl.sluis.agent (and Android of API level 26 or newer) install version 7."),
        "{verified}"
    );
    let json = desk.run(&format!("feed verify feed --now {DAY_1} --json"));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["agent"]["version_code"], 7);

    // The policy is taken all the same when the package is not what is listed.
    let file = desk
        .files("feed")
        .into_iter()
        .find(|(path, _)| path.to_string_lossy().ends_with(".agent.apk"));
    fs::write(file.unwrap().0, "something else").unwrap();
    let output = desk.sluis(&["feed", "verify", "feed", "--now", DAY_1]);
    assert!(output.status.success());
    let warned = String::from_utf8(output.stderr).unwrap();
    assert!(
        warned.contains("agent.apk: no phone takes this version of Sluis"),
        "{warned}"
    );
}

#[test]
fn an_agent_no_newer_than_the_feeds_own_is_refused_unless_somebody_insists() {
    let desk = desk();
    add(&desk, "agent-8.apk", "").unwrap();
    // What is staged counts, not only what is published.
    let refused = add(&desk, "agent-7.apk", "").unwrap_err();
    assert!(
        refused.contains("agent-7.apk: this is version 7; the feed has version 8"),
        "{refused}"
    );
    desk.run(&format!("{PUBLISH} --now {DAY_1}"));
    let before = desk.files("feed.staged");
    let refused = add(&desk, "agent-7.apk", "").unwrap_err();
    assert!(refused.contains("say --force"), "{refused}");
    assert_eq!(desk.files("feed.staged"), before);
    // The very same file is no mistake.
    add(&desk, "agent-8.apk", "").unwrap();
    add(&desk, "agent-7.apk", "--force").unwrap();
    desk.run(&format!("{PUBLISH} --now {DAY_1}"));
    assert_eq!(found_by_a_phone(&desk).unwrap().0, 7);
}

#[test]
fn another_app_does_not_take_the_agents_place() {
    let desk = desk();
    add(&desk, "agent-7.apk", "").unwrap();
    for more in ["", "--force"] {
        let refused = add(&desk, "other.apk", more).unwrap_err();
        assert!(
            refused.contains("this is org.example.other; the feed has nl.sluis.agent"),
            "{refused}"
        );
    }
}

#[test]
fn what_is_no_package_is_refused_with_a_reason() {
    let desk = desk();
    let whole = fs::read(desk.path("agent-7.apk")).unwrap();
    let twice = {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file("classes.dex", options).unwrap();
        zip.finish().unwrap().into_inner()
    };
    for (bytes, why) in [
        (b"not a package".to_vec(), "this is no Android package"),
        (whole[..600].to_vec(), "this is no Android package"),
        (Vec::new(), "this is no Android package"),
        (twice, "it has 0 files called AndroidManifest.xml"),
    ] {
        fs::write(desk.path("wrong.apk"), bytes).unwrap();
        let refused = add(&desk, "wrong.apk", "--force").unwrap_err();
        assert!(
            refused.contains("wrong.apk: ") && refused.contains(why),
            "{refused}"
        );
    }
}

#[test]
fn an_unsigned_package_is_warned_of() {
    let desk = desk();
    let said = add(&desk, "agent-7.apk", "").unwrap();
    assert!(said.contains("this package is not signed"), "{said}");
}

#[test]
fn a_package_longer_than_phones_take_is_refused() {
    let desk = desk();
    fs::write(desk.path("long.apk"), vec![0; 16 * 1024 * 1024 + 1]).unwrap();
    let refused = add(&desk, "long.apk", "--force").unwrap_err();
    assert!(refused.contains("phones take at most 16777216"), "{refused}");
}

#[test]
fn an_agent_that_others_listed_wrongly_is_not_published() {
    let desk = desk();
    add(&desk, "agent-7.apk", "").unwrap();
    // Somebody with another tool, or a text editor, raises the number.
    let staged = desk.path("feed.staged/2.targets.json");
    let text = fs::read_to_string(&staged).unwrap();
    let mut metadata: serde_json::Value = serde_json::from_str(&text).unwrap();
    metadata["signed"]["targets"]["agent.apk"]["custom"]["version_code"] = 9.into();
    fs::write(&staged, metadata.to_string()).unwrap();
    let (code, said) = desk.refused(&format!("{PUBLISH} --now {DAY_1}"));
    assert_eq!(code, Some(2));
    assert!(
        said.contains("agent.apk: 2.targets.json does not describe it as it is: add it again"),
        "{said}"
    );
}

#[test]
fn a_role_to_which_the_agent_was_left_can_list_it() {
    let desk = desk();
    fs::create_dir(desk.path("builders")).unwrap();
    desk.run(&format!(
        "feed delegate feed builds --path agent.apk --new-keys 1 --new-keys-in builders --no-passphrase --keys keys --now {DAY_1}"
    ));
    add(&desk, "agent-7.apk", "--role builds").unwrap();
    desk.run(&format!(
        "feed publish feed --keys keys --keys builders --now {DAY_1}"
    ));
    let verified = desk.run(&format!("feed verify feed --now {DAY_1} --state watch.db"));
    assert!(verified.contains("install version 7."), "{verified}");
    // A second look has the role's list already.
    let verified = desk.run(&format!("feed verify feed --now {DAY_1} --state watch.db"));
    assert!(verified.contains("install version 7."), "{verified}");
}
