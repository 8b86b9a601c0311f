//! `sluis grant`: made, signed here or elsewhere, shown, and refused as a phone refuses it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

const PHONE: &str = "5f1c2a9e08d7b6435f1c2a9e08d7b6435f1c2a9e08d7b6435f1c2a9e08d7b643";
const OTHER: &str = "60606060606060606060606060606060606060606060606060606060606060aa";
const TODAY: &str = "2026-11-25T09:00:00Z";

struct Desk(TempDir);

impl Desk {
    /// A desk with a key for grants, and a policy that names it for inspectors until the end of the year.
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        let said = desk.run("grant key keys --no-passphrase");
        desk.policy(&json!({}), said.lines().last().unwrap());
        desk
    }

    fn policy(&self, more: &Value, key: &str) {
        let mut policy = json!({
            "format": "sluis.policy/1",
            "layer": "national",
            "organisation": { "name": { "en": "State" } },
            "stance": "open",
            "rules": [{ "id": "ban", "effect": "deny", "match": { "packages": ["bad.app"] } }],
            "exemptions": [{ "rule": "ban", "packages": ["bad.app"], "groups": ["inspection"],
                             "purpose": { "en": "Inspection" }, "until": "2026-12-31T00:00:00Z" }],
            "grants": [{ "key": key, "groups": ["inspection"] }],
        });
        policy
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        fs::write(self.path("policy.json"), policy.to_string()).unwrap();
    }

    fn key(&self) -> String {
        self.run("grant key --show keys/grants.pub").trim().to_owned()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn sluis(&self, line: &str) -> Output {
        Command::new(env!("CARGO_BIN_EXE_sluis"))
            .current_dir(self.0.path())
            .args(line.split_whitespace())
            .env("SLUIS_PASSPHRASE", "five words that nobody guesses")
            .output()
            .unwrap()
    }

    /// What it printed.
    fn run(&self, line: &str) -> String {
        let output = self.sluis(line);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{line}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The exit code and what was said on standard error.
    fn refused(&self, line: &str) -> (i32, String) {
        let output = self.sluis(line);
        let said = String::from_utf8(output.stderr).unwrap();
        (output.status.code().unwrap(), said)
    }

    fn openssl(&self, line: &str) {
        let output = Command::new("openssl")
            .current_dir(self.0.path())
            .args(line.split_whitespace())
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{line}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    /// A draft for the phone, for two weeks.
    fn draft(&self, name: &str, more: &str) {
        let line =
            format!("grant new {name} --layer national --phone {PHONE} --group inspection --now {TODAY}");
        let days = if more.contains("--until") { "" } else { "--days 14" };
        self.run(&format!("{line} {days} {more}"));
    }

    fn signed(&self, name: &str, more: &str) {
        self.draft(name, more);
        self.run(&format!("grant sign {name} --keys keys"));
    }

    fn verify(&self, name: &str, more: &str) -> (i32, String) {
        self.refused(&format!(
            "grant verify {name} --policy policy.json --now {TODAY} {more}"
        ))
    }
}

#[test]
fn a_grant_is_made_signed_and_taken() {
    let desk = Desk::new();
    desk.draft("g.json", "--policy policy.json");
    let said = desk.run(&format!(
        "grant sign g.json --keys keys --policy policy.json --now {TODAY}"
    ));
    assert!(said.contains(&format!("Phone {PHONE} takes it.")), "{said}");
    assert_eq!(
        desk.verify("g.json", &format!("--phone {PHONE}")),
        (0, String::new())
    );
    let report = desk.run("grant inspect g.json --format json");
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["grant"]["until"], "2026-12-09T09:00:00Z");
    assert_eq!(
        report["signatures"],
        json!([{ "key": desk.key(), "holds": true }])
    );
    // The link is the same grant, named or in a file.
    let link = report["link"].as_str().unwrap();
    assert_eq!(
        desk.run(&format!("grant inspect {link}")),
        desk.run("grant inspect g.json")
    );
    fs::write(desk.path("link.txt"), format!("{link}\n")).unwrap();
    assert_eq!(desk.verify("link.txt", ""), (0, String::new()));
}

#[test]
fn two_grants_have_two_names_that_say_nothing() {
    let desk = Desk::new();
    let id = |name: &str| {
        desk.draft(name, "");
        let grant: Value = serde_json::from_slice(&fs::read(desk.path(name)).unwrap()).unwrap();
        grant["signed"]["id"].as_str().unwrap().to_owned()
    };
    let (one, other) = (id("a.json"), id("b.json"));
    assert_ne!(one, other);
    assert!(one.starts_with("g-") && one.len() == 14, "{one}");
}

#[test]
fn signatures_by_openssl_are_taken_and_others_are_not() {
    for (make, sign) in [
        (
            "genpkey -algorithm ED25519 -out alice.pem",
            "pkeyutl -sign -rawin -inkey alice.pem -in g.payload -out g.sig",
        ),
        (
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out alice.pem",
            "dgst -sha256 -sign alice.pem -out g.sig g.payload",
        ),
    ] {
        let desk = Desk::new();
        desk.openssl(make);
        desk.openssl("pkey -in alice.pem -pubout -out alice.pub");
        let alice = desk.run("grant key --show alice.pub");
        desk.policy(&json!({}), alice.trim());
        desk.draft("g.json", "--policy policy.json");
        desk.run("grant payload g.json --output g.payload");
        assert_eq!(
            desk.sluis("grant payload g.json").stdout,
            fs::read(desk.path("g.payload")).unwrap()
        );
        desk.openssl(sign);
        let (code, said) = desk.refused("grant attach g.json --key keys/grants.pub --signature g.sig");
        assert!(code == 2 && said.contains("no signature by"), "{said}");
        desk.run(&format!(
            "grant attach g.json --key {} --signature g.sig",
            alice.trim()
        ));
        assert_eq!(desk.verify("g.json", ""), (0, String::new()), "{make}");
        // Over another grant it is none.
        desk.draft("h.json", "");
        let (code, said) = desk.refused("grant attach h.json --key alice.pub --signature g.sig");
        assert!(code == 2 && said.contains("no signature by"), "{said}");
    }
}

#[test]
fn an_encrypted_key_signs_and_a_key_that_the_policy_does_not_name_does_not() {
    let desk = Desk::new();
    let said = desk.run("grant key locked --key-kind p256");
    let pem = fs::read_to_string(desk.path("locked/grants.pem")).unwrap();
    assert!(pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"), "{pem}");
    desk.draft("g.json", "");
    let before = fs::read(desk.path("g.json")).unwrap();
    let sign = format!("grant sign g.json --keys locked --policy policy.json --now {TODAY}");
    let (code, why) = desk.refused(&sign);
    assert!(code == 1 && why.contains("nothing was signed"), "{why}");
    assert_eq!(fs::read(desk.path("g.json")).unwrap(), before);
    desk.policy(&json!({}), said.lines().last().unwrap());
    desk.run(&sign);
    assert_eq!(desk.verify("g.json", ""), (0, String::new()));
}

#[test]
fn two_who_sign_make_one_grant_whoever_was_first() {
    let desk = Desk::new();
    desk.run("grant key others --no-passphrase");
    desk.draft("a.json", "");
    fs::copy(desk.path("a.json"), desk.path("b.json")).unwrap();
    for (file, order) in [
        ("a.json", ["keys", "others", "keys"]),
        ("b.json", ["others", "keys", "others"]),
    ] {
        for keys in order {
            desk.run(&format!("grant sign {file} --keys {keys}"));
        }
    }
    assert_eq!(
        fs::read(desk.path("a.json")).unwrap(),
        fs::read(desk.path("b.json")).unwrap()
    );
    assert_eq!(desk.verify("a.json", ""), (0, String::new()));
}

#[test]
fn a_grant_is_refused_with_the_reason_that_a_phone_has() {
    let desk = Desk::new();
    desk.signed("g.json", "");
    desk.signed("long.json", "--until 2027-01-01T00:00:00Z");
    desk.signed("named.json", "--id g-9");
    desk.run("grant key others --no-passphrase");
    desk.draft("others.json", "");
    desk.run("grant sign others.json --keys others");
    desk.draft("unsigned.json", "");
    let changed = fs::read_to_string(desk.path("g.json"))
        .unwrap()
        .replace("2026-12-09", "2026-12-19");
    fs::write(desk.path("changed.json"), changed).unwrap();
    desk.policy(&json!({ "revoked_grants": ["g-9"] }), &desk.key());
    for (name, more, why) in [
        (
            "g.json",
            format!("--phone {OTHER}"),
            format!("/signed/phone: found {PHONE}; this phone is {OTHER}"),
        ),
        (
            "long.json",
            String::new(),
            "/signed/until: found 2027-01-01T00:00:00Z; the policy exempts".into(),
        ),
        (
            "named.json",
            String::new(),
            "/signed/id: the policy has revoked grant `g-9`".into(),
        ),
        (
            "others.json",
            String::new(),
            "/signatures: found a signature by ed25519:".into(),
        ),
        (
            "unsigned.json",
            String::new(),
            "/signatures: nobody has signed it".into(),
        ),
        (
            "changed.json",
            String::new(),
            "/signatures/0/sig: this is no signature by ed25519:".into(),
        ),
    ] {
        let (code, said) = desk.verify(name, &more);
        assert_eq!(code, 1, "{name}: {said}");
        assert!(
            said.starts_with(&format!("sluis: a phone refuses this: {why}")),
            "{name}: {said}"
        );
    }
    let (code, said) = desk.refused("grant verify g.json --policy policy.json --now 2026-12-09T09:00:00Z");
    assert!(
        code == 1 && said.contains("/signed/until: it ended at 2026-12-09T09:00:00Z"),
        "{said}"
    );
    let (code, said) = desk.refused("grant inspect changed.json");
    assert!(code == 1 && said.contains("it was changed"), "{said}");
    desk.policy(&json!({ "layer": "city" }), &desk.key());
    let (code, said) = desk.verify("g.json", "");
    assert!(
        code == 1 && said.contains("/signed/layer: no policy of layer `national`"),
        "{said}"
    );
}

#[test]
fn what_a_phone_would_refuse_is_not_even_written_where_the_policy_is_at_hand() {
    let desk = Desk::new();
    let new = format!("grant new g.json --layer national --phone {PHONE} --now {TODAY} --policy policy.json");
    for (more, why) in [
        ("--group inspection --days 90", "/signed/until"),
        ("--group police --days 3", "/signed/groups/0"),
    ] {
        let (code, said) = desk.refused(&format!("{new} {more}"));
        assert!(code == 1 && said.contains(why), "{said}");
        assert!(!desk.path("g.json").exists());
    }
}

#[test]
fn what_is_no_grant_says_where_it_is_wrong() {
    let desk = Desk::new();
    fs::write(desk.path("g.json"), "{\"signed\": {}}").unwrap();
    let (code, said) = desk.refused("grant inspect g.json");
    assert!(
        code == 2 && said.contains("g.json:1:1: found an object without `signatures`"),
        "{said}"
    );
    fs::write(desk.path("page.html"), "<html>").unwrap();
    let (code, said) = desk.refused("grant inspect page.html");
    assert!(
        code == 2 && said.contains("neither a grant nor the link of one"),
        "{said}"
    );
    let (code, said) = desk.refused("grant inspect sluis:grant/AAA=");
    assert!(code == 2 && said.contains("the link is cut off"), "{said}");
    let (code, said) = desk.refused(&format!(
        "grant new g.json --layer national --phone {} --group g --days 3",
        PHONE.strip_suffix(char::is_alphanumeric).unwrap()
    ));
    assert!(code == 2 && said.contains("64 hex digits"), "{said}");
}

/// What is read in a picture of light and dark.
fn read_code(width: usize, height: usize, is_dark: impl FnMut(usize, usize) -> bool) -> String {
    let mut image = rqrr::PreparedImage::prepare_from_bitmap(width, height, is_dark);
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1);
    grids[0].decode().unwrap().1
}

#[test]
fn the_code_on_the_terminal_and_in_the_picture_read_back_as_the_link() {
    let desk = Desk::new();
    desk.signed("g.json", "");
    let link = desk.run("grant qr g.json --link").trim().to_owned();
    for (option, ground_is_dark) in [("", true), ("--light", false)] {
        let shown = desk.run(&format!("grant qr g.json {option}"));
        assert!(!shown.contains('\u{1b}'), "no colours in a pipe");
        let lines: Vec<Vec<char>> = shown.lines().map(|line| line.chars().collect()).collect();
        let width = lines[0].len();
        assert!(lines.iter().all(|line| line.len() == width));
        // Four pixels to a module, on white paper.
        let (side, margin) = (4, 16);
        let read = read_code(
            width * side + 2 * margin,
            lines.len() * 2 * side + 2 * margin,
            |x, y| {
                let place = x
                    .checked_sub(margin)
                    .zip(y.checked_sub(margin))
                    .map(|(x, y)| (x / side, y / side));
                let lit = place.is_some_and(|(x, y)| {
                    let character = lines
                        .get(y / 2)
                        .and_then(|line| line.get(x))
                        .copied()
                        .unwrap_or(' ');
                    matches!((character, y % 2), ('█', _) | ('▀', 0) | ('▄', 1))
                });
                let outside = place.is_none_or(|(x, y)| x >= width || y >= lines.len() * 2);
                // What surrounds the code is told apart from its light margin.
                if outside { false } else { lit != ground_is_dark }
            },
        );
        assert_eq!(read, link, "{option}");
    }
    desk.run("grant qr g.json --png g.png");
    let decoder = png::Decoder::new(std::io::Cursor::new(fs::read(desk.path("g.png")).unwrap()));
    let mut reader = decoder.read_info().unwrap();
    let mut rows = vec![0; reader.output_buffer_size().unwrap()];
    let picture = reader.next_frame(&mut rows).unwrap();
    let (width, height) = (picture.width as usize, picture.height as usize);
    let read = read_code(width, height, |x, y| {
        rows[y * picture.line_size + x / 8] >> (7 - x % 8) & 1 == 0
    });
    assert_eq!(read, link);
    let (code, said) = {
        desk.draft("unsigned.json", "");
        desk.refused("grant qr unsigned.json")
    };
    assert!(code == 1 && said.contains("nobody has signed"), "{said}");
}

#[test]
fn a_simulation_shows_what_a_grant_does_and_takes_none_that_a_phone_would_refuse() {
    let desk = Desk::new();
    desk.signed("g.json", "");
    fs::write(desk.path("phone.txt"), "package:bad.app\n").unwrap();
    let simulate = "simulate --policy policy.json --inventory phone.txt --format json";
    let effect = |more: &str| {
        let said = desk.run(&format!("{simulate} {more}"));
        let found: Value = serde_json::from_str(&said).unwrap();
        found["verdicts"][0]["effect"].as_str().unwrap().to_owned()
    };
    assert_eq!(effect("--at 2026-11-26"), "deny");
    assert_eq!(effect("--at 2026-11-26 --grant g.json"), "allow");
    assert_eq!(
        effect(&format!("--at 2026-11-26 --grant g.json --phone-id {PHONE}")),
        "allow"
    );
    let explained = desk.run("explain bad.app --policy policy.json --at 2026-11-26 --grant g.json");
    assert!(explained.contains("Inspection"), "{explained}");
    for (more, why) in [
        (format!("--at 2026-11-26 --phone-id {OTHER}"), "/signed/phone"),
        ("--at 2026-12-10".to_owned(), "/signed/until"),
    ] {
        let (code, said) = desk.refused(&format!("{simulate} {more} --grant g.json"));
        assert!(code == 2 && said.contains(why), "{said}");
    }
}

#[test]
fn a_new_draft_takes_the_place_of_a_draft_and_never_of_a_signed_grant() {
    let desk = Desk::new();
    desk.draft("g.json", "--id one");
    desk.draft("g.json", "--id two");
    desk.run("grant sign g.json --keys keys");
    let signed = fs::read(desk.path("g.json")).unwrap();
    let (code, said) = desk.refused(&format!(
        "grant new g.json --layer national --phone {PHONE} --group inspection --days 14 --now {TODAY}"
    ));
    assert_eq!(code, 2);
    assert!(said.contains("g.json: exists already"), "{said}");
    assert_eq!(fs::read(desk.path("g.json")).unwrap(), signed);
}
