//! `sluis simulate` as an administrator runs it.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

const POLICY: &str = r#"{
  "format": "sluis.policy/1",
  "layer": "city",
  "organisation": { "name": { "nl": "Gemeente", "en": "City" } },
  "stance": "open",
  "rules": [
    { "id": "ban", "effect": "deny", "remedy": "hide", "match": { "packages": ["bad.app"] },
      "reason": { "nl": "Dat mag niet.", "en": "Not allowed." } },
    { "id": "key", "effect": "deny",
      "match": { "signers": ["1111111111111111111111111111111111111111111111111111111111111111"] } },
    { "id": "advice", "effect": "advise", "match": { "packages": ["dubious.app"] } }
  ]
}"#;

struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        desk.write("policy.json", POLICY);
        desk
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.path().join(name), text).unwrap();
    }

    /// Runs `sluis simulate --inventory -` on this list.
    fn simulate(&self, inventory: &str, arguments: &[&str]) -> Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_sluis"))
            .current_dir(self.0.path())
            .args(["simulate", "--inventory", "-"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // It may have refused the policy before it reads the list.
        let _ = child.stdin.take().unwrap().write_all(inventory.as_bytes());
        child.wait_with_output().unwrap()
    }

    fn text(&self, inventory: &str, arguments: &[&str]) -> String {
        self.ended(0, inventory, arguments)
    }

    /// The same where it has to end with that exit code.
    fn ended(&self, code: i32, inventory: &str, arguments: &[&str]) -> String {
        let output = self.simulate(inventory, &[&["--policy", "policy.json"], arguments].concat());
        assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    fn json(&self, inventory: &str, arguments: &[&str]) -> Value {
        let text = self.text(inventory, &[&["--format", "json"], arguments].concat());
        serde_json::from_str(&text).unwrap()
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

const PHONE: &str = "package:bad.app\npackage:good.app\npackage:dubious.app\n";

#[test]
fn every_package_has_a_verdict_with_layer_rule_and_reason() {
    let report = Desk::new().json(PHONE, &[]);
    let verdicts = report["verdicts"].as_array().unwrap();
    let said: Vec<[&Value; 5]> = verdicts
        .iter()
        .map(|v| ["package", "effect", "layer", "rule", "reason"].map(|field| &v[field]))
        .collect();
    let null = Value::Null;
    let words = |text: &str| Value::from(text);
    assert_eq!(
        said[0],
        [
            &words("bad.app"),
            &words("deny"),
            &words("city"),
            &words("ban"),
            &words("Not allowed.")
        ]
    );
    assert_eq!(
        said[1],
        [
            &words("good.app"),
            &words("allow"),
            &null,
            &null,
            &words("no rule forbids it")
        ]
    );
    assert_eq!(
        said[2][..4],
        [
            &words("dubious.app"),
            &words("advise"),
            &words("city"),
            &words("advice")
        ]
    );
    assert_eq!(
        (said.len(), &verdicts[0]["remedy"], &verdicts[1]["remedy"]),
        (3, &words("hide"), &null)
    );
}

#[test]
fn the_table_lists_what_policy_concerns_and_counts_the_rest() {
    let desk = Desk::new();
    let table = desk.text(PHONE, &[]);
    let first = table.lines().next().unwrap();
    let columns: Vec<&str> = first.split_whitespace().collect();
    assert_eq!(
        columns,
        ["package", "verdict", "action", "layer", "rule", "reason"]
    );
    assert!(
        table.contains("Not allowed.") && !table.contains("good.app"),
        "{table}"
    );
    assert!(
        table.contains("3 apps: 1 denied, 1 advised against, 1 allowed."),
        "{table}"
    );
    assert!(desk.text(PHONE, &["--all"]).contains("good.app"));
}

#[test]
fn how_a_denied_app_is_kept_from_use_is_told_and_what_removing_costs() {
    let desk = Desk::new();
    let table = desk.text(PHONE, &[]);
    assert!(table.contains("deny, hide"), "{table}");
    assert!(table.contains("is not known here"), "the safety floor: {table}");
    assert!(!table.contains("destroys"), "{table}");
    desk.write("policy.json", &POLICY.replace("\"hide\"", "\"remove\""));
    let table = desk.text(PHONE, &[]);
    assert!(
        table.contains("deny, remove") && table.contains("Removing an app destroys what is in it"),
        "{table}"
    );
    let nothing = desk.text("package:good.app\n", &[]);
    assert!(!nothing.contains("is not known here"), "{nothing}");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let desk = Desk::new();
    let mut child = Command::new(env!("CARGO_BIN_EXE_sluis"))
        .current_dir(desk.0.path())
        .args(["simulate", "--inventory", "-", "--policy", "policy.json", "--all"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    child.stdin.take().unwrap().write_all(PHONE.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
}

#[test]
fn headings_and_reasons_come_in_dutch_too() {
    let table = Desk::new().text(PHONE, &["--language", "nl"]);
    assert!(table.starts_with("pakket"), "{table}");
    assert!(
        table.contains("verboden") && table.contains("Dat mag niet."),
        "{table}"
    );
    let report = Desk::new().json(PHONE, &["--language", "nl"]);
    assert_eq!(report["verdicts"][0]["reason"], "Dat mag niet.");
    assert_eq!(
        report["verdicts"][0]["effect"], "deny",
        "for programs, in any language"
    );
}

#[test]
fn what_the_list_does_not_say_is_told() {
    let desk = Desk::new();
    let list = "package:/system/app/Bad.apk=bad.app\npackage:good.app\n";
    let report = desk.json(list, &[]);
    assert_eq!(report["verdicts"][0]["unknown"], serde_json::json!(["signers"]));
    assert_eq!(
        report["verdicts"][1]["unknown"],
        serde_json::json!(["system", "signers"])
    );
    let table = desk.text(list, &[]);
    assert!(
        table.contains("Of 1 app the list does not say whether"),
        "{table}"
    );
    assert!(
        table.contains("Of 2 apps the list does not say who signed"),
        "{table}"
    );
}

#[test]
fn without_a_rule_that_matched_rule_is_null_also_where_nothing_was_approved() {
    let desk = Desk::new();
    desk.write("policy.json", &POLICY.replace("\"open\"", "\"closed\""));
    let report = desk.json(PHONE, &[]);
    let good = &report["verdicts"][1];
    assert_eq!(
        (&good["effect"], &good["layer"], &good["rule"]),
        (&"deny".into(), &"city".into(), &Value::Null)
    );
    // An unknown signer satisfies no allow.
    let allow = POLICY
        .replace("\"open\"", "\"closed\"")
        .replace("\"key\", \"effect\": \"deny\"", "\"key\", \"effect\": \"allow\"");
    desk.write("policy.json", &allow);
    assert_eq!(desk.json(PHONE, &[])["verdicts"][1]["effect"], "deny");
}

#[test]
fn a_typo_in_a_policy_is_located() {
    let desk = Desk::new();
    desk.write(
        "policy.json",
        &POLICY.replace("\"effect\": \"advise\"", "\"efect\": \"advise\""),
    );
    let output = desk.simulate(PHONE, &["--policy", "policy.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(output.stdout, b"");
    let said = stderr(&output);
    assert!(said.contains("policy.json:11:23: /rules/2/efect: "), "{said}");
    assert!(said.contains("`effect`"), "what was meant: {said}");
}

#[test]
fn two_policies_of_one_layer_cannot_be_told_apart() {
    let output = Desk::new().simulate(PHONE, &["--policy", "policy.json", "--policy", "policy.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("layer `city`"), "{}", stderr(&output));
}

#[test]
fn lines_that_are_no_packages_are_reported_and_the_rest_is_judged() {
    let desk = Desk::new();
    let list = "package:bad.app\n\u{1b}[31m rubbish here\npackage:not a!\npackage:dubious.app\n";
    let report: Value = serde_json::from_str(&desk.ended(1, list, &["--format", "json"])).unwrap();
    assert!(report["verdicts"].as_array().unwrap().len() >= 2);
    let unreadable = report["unreadable"].as_array().unwrap();
    assert!(
        unreadable[0].as_str().unwrap().starts_with("line 2: "),
        "{unreadable:?}"
    );
    let table = desk.ended(1, list, &[]);
    assert!(
        table.contains("could not be read") && table.contains("line 2: "),
        "{table}"
    );
    assert!(!table.contains('\u{1b}'), "a list must not steer the terminal");
}

#[test]
fn an_app_that_is_known_by_name_only_is_told_and_never_counted() {
    let desk = Desk::new();
    let policy = POLICY.replace("bad.app", "com.zhiliaoapp.musically");
    desk.write("policy.json", &policy);
    let export = "ApplicationName,DeviceName,Platform\nTikTok,Pixel,AndroidWorkProfile\nSome notes,Pixel,AndroidWorkProfile\n";
    let table = desk.text(export, &[]);
    assert!(table.contains("0 apps: 0 denied"), "{table}");
    assert!(table.contains("2 apps are known by name only"), "{table}");
    assert!(
        table.contains("\n  TikTok: com.zhiliaoapp.musically: deny, hide (city, ban)"),
        "{table}"
    );
    let json = desk.json(export, &[]);
    assert_eq!(json["verdicts"].as_array().unwrap().len(), 0);
    assert_eq!(json["by_name"][0]["name"], "TikTok");
    assert_eq!(json["by_name"][1]["candidates"].as_array().unwrap().len(), 0);
}

#[test]
fn every_line_that_cannot_be_read_is_counted_even_if_they_are_too_many_to_list() {
    let list = format!("package:good.app\n{}", "?\n".repeat(250));
    assert!(
        Desk::new()
            .ended(1, &list, &[])
            .contains("250 lines could not be read:")
    );
}

/// A line of an inventory: a phone with these packages.
fn phone(name: &str, packages: &Value) -> String {
    serde_json::json!({ "format": "sluis.inventory/1", "device": name, "packages": packages }).to_string()
}

#[test]
fn every_phone_of_an_inventory_is_judged_or_only_the_one_that_is_asked_for() {
    let desk = Desk::new();
    let named = |name: &str| phone(name, &serde_json::json!([{ "name": format!("{name}.app") }]));
    let both = format!("{}\n{}\n", named("bad"), named("good"));
    let text = desk.text(&both, &[]);
    let places =
        ["bad\n", "1 app: 1 denied", "good\n", "1 app: 0 denied"].map(|part| text.find(part).unwrap());
    assert!(places.is_sorted(), "{text}");
    let good = desk.json(&both, &["--phone", "good"]);
    assert_eq!(
        (&good["phone"], &good["verdicts"][0]["effect"]),
        (&"good".into(), &"allow".into())
    );
    let all = desk.text(&both, &["--format", "json"]);
    let objects: Vec<Value> = serde_json::Deserializer::from_str(&all)
        .into_iter()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(objects.len(), 2);
    let nobody = desk.simulate(&both, &["--policy", "policy.json", "--phone", "ugly"]);
    assert_eq!(nobody.status.code(), Some(2));
    assert!(
        stderr(&nobody).contains("no phone of that name"),
        "{}",
        stderr(&nobody)
    );
}

#[test]
fn of_several_files_the_readable_ones_are_judged_and_the_others_are_findings() {
    let desk = Desk::new();
    desk.write("good.txt", PHONE);
    desk.write("empty.txt", "");
    let output = Command::new(env!("CARGO_BIN_EXE_sluis"))
        .current_dir(desk.0.path())
        .args([
            "simulate",
            "--policy",
            "policy.json",
            "--inventory",
            "empty.txt",
            "good.txt",
        ])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8(output.stdout.clone())
            .unwrap()
            .contains("3 apps: 1 denied")
    );
    assert!(
        stderr(&output).contains("empty.txt: empty, no package found"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_phone_that_cannot_be_read_is_none_on_which_all_is_well() {
    let desk = Desk::new();
    let broken = "{\"format\":\"sluis.inventory/1\",\"device\":\"a\",\"packages\":[{}]}\n";
    let good = phone("good", &json!([{ "name": "good.app" }])) + "\n";
    let some = desk.simulate(&format!("{good}{broken}"), &["--policy", "policy.json"]);
    assert_eq!(some.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&some.stdout).matches(" denied").count(),
        1
    );
    assert!(
        stderr(&some).contains("standard input, line 2: line 2: "),
        "{}",
        stderr(&some)
    );
    // Without it nobody knows whether the one that is asked for is there.
    let asked = ["--policy", "policy.json", "--phone", "good"];
    assert_eq!(
        desk.simulate(&format!("{good}{broken}"), &asked).status.code(),
        Some(1)
    );
    let none = desk.simulate(&broken.repeat(2), &["--policy", "policy.json"]);
    assert_eq!((none.status.code(), none.stdout.as_slice()), (Some(2), &b""[..]));
    assert!(
        stderr(&none).contains("no inventory could be read"),
        "{}",
        stderr(&none)
    );
}

/// A policy with a grace, an exemption, a second rule for the same app, and a vendor's country.
const LAYERED: &str = r#"{
  "format": "sluis.policy/1", "layer": "state",
  "organisation": { "name": { "en": "State" } }, "stance": "open",
  "rules": [
    { "id": "countries", "effect": "deny", "remedy": "remove", "grace": "P14D", "match": { "controlled_from": ["CN"] } },
    { "id": "by-name", "effect": "deny", "match": { "packages": ["com.zhiliaoapp.musically"] } }
  ],
  "exemptions": [
    { "rule": "countries", "packages": ["com.zhiliaoapp.*"], "groups": ["inspection"], "purpose": { "en": "Inspection." }, "until": "2026-12-31T00:00:00Z" },
    { "rule": "by-name", "packages": ["com.zhiliaoapp.*"], "groups": ["inspection"], "purpose": { "en": "Inspection." }, "until": "2026-12-31T00:00:00Z" }
  ]
}"#;

fn tiktok(system: bool) -> String {
    phone(
        "p",
        &serde_json::json!([{ "name": "com.zhiliaoapp.musically", "system": system }]),
    )
}

fn layered(inventory: &str, arguments: &[&str]) -> Value {
    let desk = Desk::new();
    desk.write("policy.json", LAYERED);
    desk.json(inventory, arguments)["verdicts"][0].clone()
}

#[test]
fn a_verdict_tells_by_which_attribute_and_through_which_vendor_it_came_and_what_else_denies() {
    let said = layered(&tiktok(false), &["--at", "2026-06-01", "--since", "2026-01-01"]);
    assert_eq!(
        (&said["decision"], &said["rule"], &said["remedy"]),
        (&"forbidden".into(), &"countries".into(), &"remove".into())
    );
    let matched = &said["matched"][0];
    assert_eq!(matched["attribute"], "controlled_from");
    let vendor = &matched["by"][0]["vendor"];
    assert_eq!(
        (&vendor["id"], &vendor["country"]),
        (&"bytedance".into(), &"CN".into())
    );
    assert_eq!(vendor["by"][0]["name"], "com.zhiliaoapp.musically");
    let other =
        serde_json::json!([{ "layer": "state", "rule": "by-name", "remedy": "suspend", "exempted": false }]);
    assert_eq!(said["also_denied_by"], other);
    assert_eq!(said["actions"], serde_json::json!(["suspend", "uninstall"]));
}

#[test]
fn the_moment_and_since_when_a_policy_is_obeyed_decide_on_a_grace() {
    let fresh = layered(&tiktok(false), &["--at", "2026-06-01"]);
    assert_eq!(
        (&fresh["rule"], &fresh["remedy"], &fresh["deadline"]),
        (
            &"by-name".into(),
            &"suspend".into(),
            &"2026-06-15T00:00:00Z".into()
        )
    );
    let later = layered(
        &tiktok(false),
        &["--at", "2026-06-20T12:00:00Z", "--since", "2026-06-01"],
    );
    assert_eq!(
        (&later["rule"], &later["remedy"]),
        (&"countries".into(), &"remove".into())
    );
}

#[test]
fn an_app_that_is_removed_only_after_its_grace_is_warned_of_too() {
    let desk = Desk::new();
    desk.write("policy.json", LAYERED);
    let text = desk.text(&tiktok(false), &["--at", "2026-06-01"]);
    assert!(text.contains("What must be archived"), "{text}");
    let exempted = desk.text(&tiktok(false), &["--at", "2026-06-01", "--group", "inspection"]);
    assert!(
        exempted.contains("What must be archived"),
        "it is removed once the exemption has ended: {exempted}"
    );
    desk.write("policy.json", &LAYERED.replace("remove", "hide"));
    assert!(
        !desk
            .text(&tiktok(false), &["--at", "2026-06-01"])
            .contains("archived")
    );
}

#[test]
fn a_group_is_exempted_until_its_exemption_ends_and_a_slip_in_its_name_is_told() {
    let arguments = ["--at", "2026-06-01", "--group", "inspection"];
    let said = layered(&tiktok(false), &arguments);
    assert_eq!(
        (&said["effect"], &said["decision"]),
        (&"allow".into(), &"exempted".into())
    );
    assert_eq!(said["exemption"]["from"], "state/countries");
    assert_eq!(said["exemption"]["purpose"], "Inspection.");
    assert_eq!(said["exemption"]["until"], "2026-12-31T00:00:00Z");
    assert_eq!(said["also_denied_by"].as_array().unwrap().len(), 2);
    assert_eq!(said["actions"], serde_json::json!([]));
    let of_layer = ["--at", "2026-06-01", "--group", "state/inspection"];
    assert_eq!(layered(&tiktok(false), &of_layer), said);
    let over = layered(&tiktok(false), &["--at", "2027-01-01", "--group", "inspection"]);
    assert_eq!(over["effect"], "deny");
    let desk = Desk::new();
    desk.write("policy.json", LAYERED);
    for wrong in ["inspektion", "other/inspection"] {
        let output = desk.simulate(&tiktok(false), &["--policy", "policy.json", "--group", wrong]);
        assert_eq!(output.status.code(), Some(2), "{wrong}");
    }
}

#[test]
fn the_role_decides_what_the_phone_does() {
    for (role, actions) in [
        ("device-owner", serde_json::json!(["suspend", "uninstall"])),
        ("work-profile", serde_json::json!(["suspend", "ask_to_uninstall"])),
        ("delegate", serde_json::json!(["suspend", "ask_to_uninstall"])),
        ("none", serde_json::json!(["ask", "ask_to_uninstall"])),
    ] {
        let arguments = ["--at", "2026-06-01", "--since", "2026-01-01", "--role", role];
        assert_eq!(layered(&tiktok(false), &arguments)["actions"], actions, "{role}");
    }
}

#[test]
fn what_the_phone_needs_to_work_safely_is_left_alone_and_that_is_told() {
    let desk = Desk::new();
    desk.write("policy.json", &POLICY.replace("\"hide\"", "\"remove\""));
    let needed = serde_json::json!({
        "format": "sluis.inventory/1", "device": "p", "packages": [{ "name": "bad.app", "system": true }],
        "roles": { "dialer": ["bad.app"] }
    });
    let said = desk.json(&needed.to_string(), &[])["verdicts"][0].clone();
    assert_eq!(
        (&said["effect"], &said["protected_by"]),
        (&"deny".into(), &"dialer".into())
    );
    assert_eq!(said["actions"], serde_json::json!([]));
    let text = desk.text(&needed.to_string(), &[]);
    assert!(
        text.contains("leave alone") && !text.contains("destroys"),
        "{text}"
    );
}

#[test]
fn a_list_without_packages_is_unusable() {
    for list in ["", "\n\n", "error: no devices/emulators found\n"] {
        let output = Desk::new().simulate(list, &["--policy", "policy.json"]);
        assert_eq!(output.status.code(), Some(2), "{list:?}");
        assert!(
            stderr(&output).contains("no package found"),
            "{}",
            stderr(&output)
        );
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Verdicts of an example policy on a committed inventory, other than "allow": "effect remedy rule package", sorted.
fn on_real_phone(policy: &str, inventory: &str) -> BTreeSet<String> {
    let path = |path: String| root().join(path).to_str().unwrap().to_owned();
    let output = Command::new(env!("CARGO_BIN_EXE_sluis"))
        .args(["simulate", "--format", "json"])
        .args(["--policy", &path(format!("policy-schema/examples/{policy}.json"))])
        .args(["--inventory", &path(format!("tests/inventories/{inventory}.txt"))])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["unreadable"], serde_json::json!([]));
    let verdicts = report["verdicts"].as_array().unwrap().iter();
    let words = |v: &Value| {
        let field = |name: &str| v[name].as_str().unwrap_or("-").to_owned();
        ["effect", "remedy", "rule", "package"].map(field).join(" ")
    };
    verdicts.filter(|v| v["effect"] != "allow").map(words).collect()
}

const S10E: &str = "samsung-s10e-android11";
const VIVO: &str = "vivo-china-rom-system";
const VIVO_USER: &str = "vivo-china-rom-user";

/// The packages that a committed list names, one a line.
fn listed(path: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(root().join(path)).unwrap();
    let lines = text.lines().map(str::trim);
    let packages = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    packages
        .map(|line| line.strip_prefix("package:").unwrap_or(line).to_owned())
        .collect()
}

fn each(prefix: &str, packages: &BTreeSet<String>) -> BTreeSet<String> {
    packages
        .iter()
        .map(|package| format!("{prefix} {package}"))
        .collect()
}

#[test]
fn by_country_only_the_makers_of_the_golden_list_are_meant() {
    // The same rule and the same catalogue, once as advice and once as a ban.
    for (policy, verdict) in [
        ("advise-by-country", "advise - espionage-risk"),
        ("province-removes", "deny remove countries"),
    ] {
        for inventory in [S10E, VIVO, VIVO_USER] {
            let golden = listed(&format!("tests/golden/controlled-from/{inventory}.txt"));
            assert_eq!(
                on_real_phone(policy, inventory),
                each(verdict, &golden),
                "{policy} {inventory}"
            );
        }
    }
}

#[test]
fn where_only_approved_apps_run_these_phones_have_none() {
    // The lists do not say what came with the phone, so all counts as added; and none of the approved apps is there.
    for inventory in [S10E, VIVO, VIVO_USER] {
        let all = listed(&format!("tests/inventories/{inventory}.txt"));
        assert_eq!(
            on_real_phone("approved-apps-only", inventory),
            each("deny suspend -", &all),
            "{inventory}"
        );
    }
}

#[test]
fn the_central_governments_list_names_no_app_of_these_phones() {
    // Douyin, the TikTok for China, is on the vivo; the list names TikTok's packages for the rest of the world.
    assert!(listed("tests/inventories/vivo-china-rom-user.txt").contains("com.ss.android.ugc.aweme"));
    for inventory in [S10E, VIVO, VIVO_USER] {
        assert_eq!(
            on_real_phone("central-government-list", inventory),
            BTreeSet::new(),
            "{inventory}"
        );
    }
}

#[test]
fn the_municipality_means_pinduoduo_alone() {
    for inventory in [S10E, VIVO] {
        assert_eq!(
            on_real_phone("municipality", inventory),
            BTreeSet::new(),
            "{inventory}"
        );
    }
    let expected = BTreeSet::from(["deny suspend pinduoduo-temu com.xunmeng.pinduoduo".to_owned()]);
    assert_eq!(on_real_phone("municipality", VIVO_USER), expected);
}

#[test]
fn what_is_asked_of_the_phone_itself_is_shown_in_text_and_json() {
    let desk = Desk::new();
    let device = json!({ "forbid": ["users", "debugging"], "installs": "closed", "keyboards": [] });
    let policy = json!({
        "format": "sluis.policy/1", "layer": "city", "organisation": { "name": { "en": "City" } },
        "stance": "open", "rules": [], "device": device
    });
    desk.write("policy.json", &policy.to_string());
    let text = desk.text("package:com.example.app\n", &[]);
    assert!(
        text.contains("Asked of the phone itself: forbid debugging, users; installs closed; keyboards []"),
        "{text}"
    );
    let json = desk.json("package:com.example.app\n", &[]);
    assert_eq!(json["device"]["forbidden"], json!(["debugging", "users"]));
    assert_eq!(json["device"]["installs"], json!("closed"));
    assert_eq!(json["device"]["keyboards"], json!([]));
}

#[test]
fn a_policy_that_a_phone_would_hold_back_is_warned_of() {
    let desk = Desk::new();
    let apps: Vec<String> = (0..4).map(|n| format!("bad.app{n}")).collect();
    let policy = |max_changes: u32| {
        json!({
            "format": "sluis.policy/1", "layer": "city", "organisation": { "name": { "en": "City" } },
            "stance": "open", "limits": { "max_changes": max_changes },
            "rules": [{ "id": "ban", "effect": "deny", "match": { "packages": apps } }]
        })
    };
    let inventory: String = apps.iter().map(|app| format!("package:{app}\n")).collect();
    for (max_changes, warned) in [(3, true), (4, false)] {
        desk.write("policy.json", &policy(max_changes).to_string());
        let text = desk.text(&inventory, &[]);
        assert_eq!(text.contains("would hold this one back"), warned, "{text}");
    }
}
