//! The staging folder is handed from one person to the next, so what lies in it may be anybody's work.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use serde_json::json;
use sluis_core::feed::Outcome;

use crate::desk::{DAY_0, DAY_1, Desk, PUBLISH, Phone, policy};

const JOURNAL: &str = "feed.staged/publication.json";

/// A feed of which two versions were published, and something is staged.
fn with_staged() -> Desk {
    let desk = Desk::new();
    desk.init();
    desk.publish(DAY_0);
    desk.write("policy.json", &policy("second"));
    desk.publish(DAY_0);
    desk.write("victim.txt", "dear");
    desk.run(&format!(
        "feed add feed policy.json --name other.json --now {DAY_0}"
    ));
    desk
}

fn sha256(bytes: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A plan as whoever hands the folder over may have written it, digests and all.
fn plan(desk: &Desk, paths: &[&str]) {
    let entry = |path: &&str| {
        let bytes = fs::read(desk.path("feed.staged").join(path)).unwrap_or_default();
        json!({ "path": path, "sha256": sha256(&bytes) })
    };
    let files: Vec<_> = paths.iter().map(entry).collect();
    desk.write(JOURNAL, &json!({ "files": files }).to_string());
}

/// Every command that works on a feed refuses, but for the refresh and the discard; nothing is touched.
fn assert_refused(desk: &Desk, what: &str) {
    let all = || ["feed", "feed.staged", "keys"].map(|folder| desk.files(folder));
    let before = all();
    let victim = || fs::read_to_string(desk.path("victim.txt")).unwrap();
    for line in [
        "feed payload feed targets",
        "feed add feed policy.json",
        "feed sign feed --keys keys",
        "feed publish feed --keys keys",
        "feed renew feed --keys keys --dry-run",
    ] {
        let (code, said) = desk.refused(line);
        assert_eq!(code, Some(2), "{what}, {line}: {said}");
        assert_eq!(all(), before, "{what}, {line}");
        assert_eq!(victim(), "dear", "{what}, {line}");
    }
    // What is published stays fresh.
    let keys = desk.files("keys");
    desk.run(&format!("feed refresh feed --keys keys --now {DAY_1}"));
    assert_eq!(desk.new_phone(DAY_1), Outcome::Updated, "{what}");
    assert_eq!((desk.files("keys"), victim()), (keys, "dear".into()), "{what}");
    let secret = fs::read_to_string(desk.path("keys/root.pem")).unwrap();
    for (path, bytes) in desk.files("feed") {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(
            !text.contains(&secret) && !text.contains("dear"),
            "{what}: {}",
            path.display()
        );
    }
}

#[test]
fn a_plan_that_leads_out_of_the_folder_or_names_what_is_no_file_of_a_feed_is_not_obeyed() {
    for path in [
        "../victim.txt",
        "/victim.txt",
        "lock",
        "x.json",
        "targets/../../victim.txt",
    ] {
        let desk = with_staged();
        let path = match path {
            "/victim.txt" => desk.path("victim.txt").display().to_string(),
            path => path.to_owned(),
        };
        plan(&desk, &[&path]);
        assert_refused(&desk, &path);
        // As it was before digests were in it.
        let desk = with_staged();
        desk.write(JOURNAL, &json!({ "files": [path] }).to_string());
        assert_refused(&desk, &path);
        desk.run("feed discard feed");
        assert_eq!(fs::read_to_string(desk.path("victim.txt")).unwrap(), "dear");
    }
}

#[test]
fn a_link_in_the_folder_leads_no_private_key_onto_the_web() {
    for name in ["x.json", "4.targets.json", "timestamp.json", "targets", "lock"] {
        let desk = with_staged();
        let _ = fs::remove_file(desk.path("feed.staged").join(name));
        let _ = fs::remove_dir_all(desk.path("feed.staged").join(name));
        let to = if name == "targets" {
            "../keys"
        } else {
            "../keys/root.pem"
        };
        symlink(to, desk.path("feed.staged").join(name)).unwrap();
        if name != "lock" {
            plan(&desk, &[name]);
            assert_refused(&desk, name);
            desk.run("feed discard feed");
            assert!(!desk.path("feed.staged").join(name).is_symlink(), "{name}");
            desk.run("feed add feed policy.json");
            continue;
        }
        let before = desk.files("keys");
        for line in [
            "feed add feed policy.json",
            "feed discard feed",
            "feed refresh feed --keys keys",
        ] {
            let (code, said) = desk.refused(line);
            assert_eq!((code, desk.files("keys")), (Some(2), before.clone()), "{said}");
            assert!(said.contains("lock") && said.contains("link"), "{said}");
        }
    }
}

#[test]
fn a_link_in_the_feed_or_in_place_of_the_folder_is_refused() {
    let desk = with_staged();
    fs::create_dir(desk.path("elsewhere")).unwrap();
    symlink("../elsewhere", desk.path("feed/targets/maps")).unwrap();
    desk.write("eu.json", "any bytes");
    let (code, said) = desk.refused("feed add feed eu.json --name maps/eu.json");
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("feed/targets/maps") && said.contains("link"),
        "{said}"
    );
    fs::remove_file(desk.path("feed/targets/maps")).unwrap();
    symlink("../../elsewhere", desk.path("feed.staged/targets/maps")).unwrap();
    let (code, said) = desk.refused("feed add feed eu.json --name maps/eu.json");
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("feed.staged/targets/maps") && said.contains("link"),
        "{said}"
    );
    assert!(desk.files("elsewhere").is_empty());
    fs::rename(desk.path("feed.staged"), desk.path("moved")).unwrap();
    symlink("keys", desk.path("feed.staged")).unwrap();
    let before = desk.files("keys");
    for line in ["feed discard feed", "feed add feed policy.json"] {
        let (code, said) = desk.refused(line);
        assert_eq!((code, desk.files("keys")), (Some(2), before.clone()), "{said}");
    }
}

#[test]
fn a_plan_replaces_nothing_by_what_phones_would_refuse() {
    let garbage = "not a timestamp";
    let unsigned = |desk: &Desk| {
        let mut timestamp = desk.json("feed/timestamp.json");
        timestamp["signed"]["version"] = 9.into();
        timestamp.to_string()
    };
    let older = |desk: &Desk| fs::read_to_string(desk.path("older.json")).unwrap();
    for (what, text) in [
        (
            "garbage",
            &(|_: &Desk| garbage.to_owned()) as &dyn Fn(&Desk) -> String,
        ),
        ("not signed", &unsigned),
        ("an older one", &older),
    ] {
        let desk = Desk::new();
        desk.init();
        desk.publish(DAY_0);
        fs::copy(desk.path("feed/timestamp.json"), desk.path("older.json")).unwrap();
        desk.write("policy.json", &policy("second"));
        desk.publish(DAY_0);
        desk.write("victim.txt", "dear");
        desk.run(&format!(
            "feed add feed policy.json --name other.json --now {DAY_0}"
        ));
        let live = fs::read(desk.path("feed/timestamp.json")).unwrap();
        desk.write("feed.staged/timestamp.json", &text(&desk));
        plan(&desk, &["timestamp.json"]);
        let (code, said) = desk.refused("feed add feed policy.json");
        assert_eq!(code, Some(2), "{what}: {said}");
        assert!(
            said.contains("cannot be finished") && said.contains("sluis feed discard"),
            "{what}: {said}"
        );
        assert_eq!(
            fs::read(desk.path("feed/timestamp.json")).unwrap(),
            live,
            "{what}"
        );
        assert_refused(&desk, what);
    }
    // A file that nothing lists would be on the web, and nobody would have signed for it.
    let desk = with_staged();
    let path = format!("targets/{}.page.html", sha256(b"<script>"));
    desk.write(&format!("feed.staged/{path}"), "<script>");
    plan(&desk, &[&path]);
    assert_refused(&desk, "a file that nothing lists");
}

#[test]
fn a_file_that_changed_since_its_publication_was_cut_short_is_not_published() {
    let desk = Desk::new();
    desk.init();
    desk.publish(DAY_0);
    let mut phone = Phone::following(&desk);
    phone.refresh(DAY_0);
    desk.write("policy.json", &policy("second"));
    fs::create_dir_all(desk.path("feed/2.snapshot.json/in the way")).unwrap();
    desk.refused(&format!("{PUBLISH} --now {DAY_1}"));
    fs::remove_dir_all(desk.path("feed/2.snapshot.json")).unwrap();
    let whole = fs::read_to_string(desk.path("feed.staged/2.snapshot.json")).unwrap();
    desk.write("feed.staged/2.snapshot.json", &format!("{whole} "));
    let (code, said) = desk.refused("feed add feed policy.json");
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("2.snapshot.json is not what was to be published"),
        "{said}"
    );
    assert_eq!(phone.refresh(DAY_1), Outcome::Unchanged);
    desk.write("feed.staged/2.snapshot.json", &whole);
    desk.run("feed add feed policy.json");
    assert_eq!(phone.refresh(DAY_1), Outcome::Updated);
}

#[test]
fn private_keys_are_not_put_where_changes_wait_and_what_is_not_ours_is_not_thrown_away() {
    let desk = Desk::new();
    for line in [
        "feed init feed --keys feed.staged/keys --no-passphrase",
        "feed init feed --keys keys --online-keys feed.staged --no-passphrase",
        "feed init feed --keys x/../feed.staged --no-passphrase",
    ] {
        let (code, said) = desk.refused(line);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("keep private keys elsewhere"), "{said}");
        assert!(!desk.path("feed").exists() && !desk.path("feed.staged").exists());
    }
    desk.init();
    let rotate =
        "feed rotate feed timestamp --new-keys 1 --new-keys-in feed.staged/keys --no-passphrase --keys keys";
    let (code, said) = desk.refused(rotate);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("keep private keys elsewhere"), "{said}");
    // Put there by hand.
    for name in ["keys/alice.pem", "targets/alice.pem", "alice.pem"] {
        fs::create_dir_all(desk.path("feed.staged").join(name).parent().unwrap()).unwrap();
        desk.write(&format!("feed.staged/{name}"), "secret");
    }
    desk.run(&format!("feed add feed policy.json --now {DAY_0}"));
    let (code, said) = desk.fails(&["feed", "discard", "feed"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("feed.staged/alice.pem") && said.contains("left alone"),
        "{said}"
    );
    desk.publish(DAY_0);
    let left: Vec<_> = desk
        .files("feed.staged")
        .into_iter()
        .map(|(path, _)| path)
        .collect();
    assert_eq!(
        left,
        ["alice.pem", "keys/alice.pem", "targets/alice.pem"].map(|name| desk.path("feed.staged").join(name))
    );
}

#[test]
fn a_target_file_that_was_damaged_is_put_right_by_adding_it_again() {
    for damage in [b"half".to_vec(), vec![b' '; 5_000_000]] {
        let desk = Desk::new();
        desk.init();
        desk.publish(DAY_0);
        let is_policy = |path: &std::path::Path| path.to_string_lossy().ends_with(".policy.json");
        let (path, bytes) = desk
            .files("feed")
            .into_iter()
            .find(|(path, _)| is_policy(path))
            .unwrap();
        fs::write(&path, damage).unwrap();
        desk.run(&format!("{PUBLISH} --now {DAY_1}"));
        assert_eq!(fs::read(&path).unwrap(), bytes);
        assert_eq!(desk.new_phone(DAY_1), Outcome::Updated);
    }
}

#[test]
fn what_is_served_can_be_read_by_everybody_whatever_the_umask() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    desk.write("eu.json", "any bytes");
    let sluis = env!("CARGO_BIN_EXE_sluis");
    let lines = format!(
        "umask 077 && {sluis} feed init feed --keys keys --no-passphrase --now {DAY_0} && \
         {sluis} feed add feed eu.json --name maps/eu.json --now {DAY_0} && \
         {sluis} {PUBLISH} --now {DAY_0}"
    );
    let output = Command::new("sh")
        .args(["-c", &lines])
        .current_dir(desk.path(""))
        .output();
    assert!(output.unwrap().status.success());
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for folder in ["feed", "feed/targets", "feed/targets/maps"] {
        assert_eq!(mode(&desk.path(folder)), 0o755, "{folder}");
    }
    for (path, _) in desk.files("feed") {
        assert_eq!(mode(&path), 0o644, "{}", path.display());
    }
    assert_eq!(mode(&desk.path("keys/root.pem")), 0o600);
}

#[test]
fn a_pipe_in_place_of_a_file_does_not_hang_and_a_huge_file_is_not_read_whole() {
    let desk = Desk::new();
    desk.init();
    desk.publish(DAY_0);
    let mkfifo = Command::new("mkfifo").arg(desk.path("feed/2.root.json")).status();
    assert!(mkfifo.unwrap().success());
    let bounded = |line: &str| {
        let line = format!(
            "ulimit -v 2000000; exec timeout 30 {} {line}",
            env!("CARGO_BIN_EXE_sluis")
        );
        let output = Command::new("sh")
            .args(["-c", &line])
            .current_dir(desk.path(""))
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    for line in [
        "verify feed",
        "status feed",
        "publish feed --keys keys",
        "refresh feed --keys keys",
    ] {
        let (code, said) = bounded(&format!("feed {line} --now {DAY_0}"));
        assert_eq!(code, Some(2), "{line}: {said}");
        assert!(
            said.contains("2.root.json") && said.contains("no plain file"),
            "{line}: {said}"
        );
    }
    fs::remove_file(desk.path("feed/2.root.json")).unwrap();
    desk.run(&format!(
        "feed add feed policy.json --name other.json --now {DAY_0}"
    ));
    for (name, line) in [
        ("huge.json", "add feed huge.json"),
        ("huge.sig", "attach feed targets --signature huge.sig"),
        (
            "huge.pub",
            "rotate feed root --public-key huge.pub --keys keys --dry-run",
        ),
        ("feed/2.root.json", "status feed"),
        ("feed/timestamp.json", "refresh feed --keys keys"),
    ] {
        let file = fs::File::create(desk.path(name)).unwrap();
        file.set_len(3 << 30).unwrap();
        let (code, said) = bounded(&format!("feed {line}"));
        assert_eq!(code, Some(2), "{line}: {said}");
        assert!(
            said.contains(name)
                && (said.contains("which is the most") || said.contains("phones take at most")),
            "{line}: {said}"
        );
        fs::remove_file(desk.path(name)).unwrap();
    }
}
