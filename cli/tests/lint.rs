//! `sluis lint` as an administrator runs it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn sluis(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sluis"))
        .args(arguments)
        .output()
        .unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn schema(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    root.join("policy-schema").join(path).to_str().unwrap().to_owned()
}

fn written(folder: &tempfile::TempDir, name: &str, text: &str) -> String {
    let path: PathBuf = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_policy_that_is_fine_exits_with_0() {
    let clean = ["advise-by-country", "central-government-list", "municipality"];
    let paths: Vec<String> = clean
        .iter()
        .map(|name| schema(&format!("examples/{name}.json")))
        .collect();
    for path in &paths {
        let output = sluis(&["lint", path]);
        assert_eq!(stdout(&output), "1 policy checked, nothing found\n");
        assert_eq!(output.status.code(), Some(0));
    }
    let overlay = [&paths[1], &paths[2]].map(String::as_str);
    let output = sluis(&[&["lint"], overlay.as_slice()].concat());
    assert_eq!(stdout(&output), "2 policies checked, nothing found\n");
}

#[test]
fn a_province_that_removes_apps_is_told_what_is_lost() {
    let output = sluis(&["lint", &schema("examples/province-removes.json")]);
    let text = stdout(&output);
    assert_eq!(text.matches("[remove-without-grace]").count(), 2, "{text}");
    assert!(text.ends_with("1 policy checked, 2 findings\n"), "{text}");
}

#[test]
fn findings_exit_with_1_and_say_where() {
    let path = schema("tests/broken/several-errors-at-once.json");
    let output = sluis(&["lint", &path]);
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    let first = format!("{path}:3:12: error: /layer: found \"My City\"; expected ");
    assert!(text.starts_with(&first), "{text}");
    assert!(text.ends_with("1 policy checked, 6 findings\n"), "{text}");
}

#[test]
fn findings_in_json_are_for_programs() {
    let path = schema("examples/approved-apps-only.json");
    let output = sluis(&["lint", "--format", "json", &path]);
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let findings = report["findings"].as_array().unwrap();
    assert!(!findings.is_empty());
    for finding in findings {
        assert_eq!(finding["check"], "allow-without-signer");
        assert_eq!(finding["severity"], "warning");
        assert_eq!(finding["document"], path.as_str());
        assert!(finding["line"].as_u64().unwrap() > 1);
        assert!(finding["pointer"].as_str().unwrap().starts_with("/rules/"));
    }
    let clean = sluis(&["lint", "--format", "json", &schema("examples/municipality.json")]);
    assert_eq!(
        serde_json::from_str::<Value>(&stdout(&clean)).unwrap()["findings"],
        serde_json::json!([])
    );
}

#[test]
fn another_catalogue_knows_other_vendors() {
    let folder = tempfile::tempdir().unwrap();
    let empty = written(
        &folder,
        "empty.json",
        r#"{"format": "sluis.catalogue/1", "vendors": []}"#,
    );
    let output = sluis(&[
        "lint",
        "--catalogue",
        &empty,
        &schema("examples/municipality.json"),
    ]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stdout(&output).contains("the catalogue has no vendor `pdd`"),
        "{}",
        stdout(&output)
    );
}

#[test]
fn a_file_that_cannot_be_used_exits_with_2_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let broken = written(&folder, "catalogue.json", r#"{"format": "sluis.catalogue/1"}"#);
    let municipality = schema("examples/municipality.json");
    for (arguments, said) in [
        (
            vec!["lint", "no-such-policy.json"],
            "sluis: no-such-policy.json: ",
        ),
        (
            vec!["lint", "--catalogue", &broken, &municipality],
            "expected the field `vendors`",
        ),
        (vec!["lint"], "<POLICY>"),
    ] {
        let output = sluis(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(said), "{}", stderr(&output));
        assert_eq!(stdout(&output), "");
    }
}

#[test]
fn a_file_that_is_no_json_is_no_policy_with_findings() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.json");
    let too_large = vec![b' '; 5 << 20];
    for bytes in [
        b"".as_slice(),
        b"\"\xff\"",
        b"{ \"format\": }",
        b"# a list",
        &too_large,
    ] {
        std::fs::write(&path, bytes).unwrap();
        let output = sluis(&["lint", path.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(2), "{}", stdout(&output));
        assert_eq!(stdout(&output), "");
        assert!(stderr(&output).contains("policy.json:1:"), "{}", stderr(&output));
    }
    // A document that is no policy is one with findings.
    std::fs::write(&path, "[]").unwrap();
    assert_eq!(sluis(&["lint", path.to_str().unwrap()]).status.code(), Some(1));
}

/// A province's policy that removes, in a folder of its own.
fn province() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let bytes = std::fs::read_to_string(schema("examples/province-removes.json")).unwrap();
    let path = written(&folder, "province.json", &bytes);
    (folder, path)
}

const REASON: &str = "The board decided on removal at once.";

fn silence(more: &str) -> String {
    format!(
        r#"{{"format": "sluis.lint/1", "silences": [{{"check": "remove-without-grace", {more} "reason": "{REASON}"}}]}}"#
    )
}

#[test]
fn what_is_silenced_beside_the_policy_is_counted_and_no_longer_fails() {
    let (folder, path) = province();
    written(&folder, "sluis-lint.json", &silence(""));
    let output = sluis(&["lint", &path]);
    assert_eq!(stdout(&output), "1 policy checked, nothing found, 2 silenced\n");
    assert_eq!(output.status.code(), Some(0));
    let shown = stdout(&sluis(&["lint", "--show-silenced", &path]));
    assert_eq!(shown.matches(REASON).count(), 2, "{shown}");
    let report: Value = serde_json::from_str(&stdout(&sluis(&["lint", "--format", "json", &path]))).unwrap();
    assert_eq!(report["findings"], serde_json::json!([]));
    assert_eq!(report["silenced"][1]["reason"], REASON);
    assert_eq!(report["silenced"][1]["check"], "remove-without-grace");
}

#[test]
fn a_silence_of_one_rule_leaves_the_others() {
    let (folder, path) = province();
    let rule = serde_json::from_str::<Value>(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let id = rule["rules"][0]["id"].as_str().unwrap().to_owned();
    let file = written(&folder, "accepted.json", &silence(&format!(r#""rule": "{id}","#)));
    let output = sluis(&["lint", "--silences", &file, &path]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).ends_with("1 policy checked, 1 finding, 1 silenced\n"));
}

#[test]
fn a_silence_that_silences_nothing_fails_and_says_where_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let clean = std::fs::read_to_string(schema("examples/municipality.json")).unwrap();
    let path = written(&folder, "policy.json", &clean);
    let file = written(&folder, "sluis-lint.json", &silence(""));
    let output = sluis(&["lint", &path]);
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    assert!(
        text.starts_with(&format!("{file}:1:41: warning: /silences/0: ")),
        "{text}"
    );
    assert!(text.contains("[silence-without-effect]"), "{text}");
}

#[test]
fn silences_that_cannot_be_read_or_are_not_there_exit_with_2() {
    let (folder, path) = province();
    let file = written(
        &folder,
        "other.json",
        r#"{"format": "sluis.lint/1", "silences": [{"check": "invalid", "reason": "r"}]}"#,
    );
    for silences in [file.as_str(), "no-such-file.json"] {
        let output = sluis(&["lint", "--silences", silences, &path]);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(silences), "{}", stderr(&output));
    }
}

#[test]
fn a_rule_that_changes_more_of_a_real_phone_than_phones_take_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let inventory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/inventories");
    let policy = |packages: &str| {
        let text = format!(
            r#"{{"format": "sluis.policy/1", "layer": "city", "stance": "open",
             "organisation": {{"name": {{"en": "City"}}, "contact": {{"en": "Desk"}}}},
             "rules": [{{"id": "r", "effect": "deny", "match": {{"packages": [{packages}], "system": false}},
                        "reason": {{"nl": "Daarom.", "en": "Because."}}}}]}}"#
        );
        written(&folder, "policy.json", &text)
    };
    let lint = |path: &str| {
        let inventory = inventory.to_str().unwrap();
        stdout(&sluis(&[
            "lint",
            "--inventory",
            inventory,
            "--format",
            "json",
            path,
        ]))
    };
    let findings = |said: String| serde_json::from_str::<Value>(&said).unwrap()["findings"].clone();
    let many = findings(lint(&policy(r#""com.vivo.*""#)));
    assert_eq!(many[0]["check"], "many-changes");
    assert_eq!(
        (&many[0]["rule"], &many[0]["pointer"]),
        (&"r".into(), &"/rules/0".into())
    );
    assert_eq!(many[0]["line"], 3);
    let message = many[0]["message"].as_str().unwrap();
    assert!(
        message.contains("vivo-china-rom-system.txt") && message.contains(" 25 "),
        "{message}"
    );
    assert_eq!(
        findings(lint(&policy(r#""com.vivo.weather""#))),
        serde_json::json!([])
    );
}

#[test]
fn what_the_policy_itself_says_of_changes_is_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let inventory = written(&folder, "phone.txt", "package:com.a.one\npackage:com.a.two\n");
    let found = |limits: &str| {
        let text = format!(
            r#"{{"format": "sluis.policy/1", "layer": "city", "stance": "open", {limits}
             "organisation": {{"name": {{"en": "City"}}, "contact": {{"en": "Desk"}}}},
             "rules": [{{"id": "r", "effect": "deny", "match": {{"packages": ["com.a.*"]}},
                        "reason": {{"nl": "Daarom.", "en": "Because."}}}}]}}"#
        );
        let path = written(&folder, "policy.json", &text);
        stdout(&sluis(&["lint", "--inventory", &inventory, &path]))
    };
    assert!(found(r#""limits": {"max_changes": 1},"#).contains("is against 2 apps"));
    assert!(found(r#""limits": {"max_changes": 2},"#).contains("nothing found"));
    assert!(found("").contains("nothing found"));
}

#[test]
fn findings_in_yaml_stand_where_the_yaml_says_it() {
    let folder = tempfile::tempdir().unwrap();
    let yaml = "\
# The city's policy.
format: sluis.policy/1
layer: city
organisation:
  name: {en: City}
  contact: {en: Desk}
stance: open
rules:
  - id: games
    effect: deny
    reason: {nl: Daarom., en: Because.}
    match:
      packages:
        - com.example.game
        - com.vivo.*
";
    let path = written(&folder, "policy.yaml", yaml);
    let inventory = written(&folder, "phone.txt", "package:com.a.one\n");
    for more in [&[][..], &["--inventory", inventory.as_str()]] {
        let text = stdout(&sluis(&[&["lint", path.as_str()], more].concat()));
        let place = format!("{path}:15:11: warning: /rules/0/match/packages/1: ");
        assert!(text.starts_with(&place), "{text}");
    }
}

#[test]
fn what_lint_calls_a_part_of_the_system_was_seen_on_a_real_phone() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let list = std::fs::read_to_string(root.join("policy-schema/catalogue/system-packages.txt")).unwrap();
    let inventories = root.join("tests/inventories");
    let plain = |name: &str| std::fs::read_to_string(inventories.join(name)).unwrap();
    let names = [
        plain("samsung-s10e-android11.txt"),
        plain("vivo-china-rom-system.txt"),
    ]
    .concat();
    let mut seen: BTreeSet<String> = names
        .lines()
        .filter_map(|line| line.strip_prefix("package:"))
        .map(str::to_owned)
        .collect();
    let packed = std::fs::File::open(inventories.join("dumpsys-package-tvbox-android7.txt.gz")).unwrap();
    let mut dump = Vec::new();
    flate2::read::GzDecoder::new(packed)
        .read_to_end(&mut dump)
        .unwrap();
    let dump = String::from_utf8_lossy(&dump);
    let of_the_system = dump
        .split("\n  Package [")
        .skip(1)
        .filter(|part| part.contains("pkgFlags=[ SYSTEM"));
    seen.extend(of_the_system.map(|part| part.split(']').next().unwrap().to_owned()));

    let (from_phones, from_makers) = list.split_once("# Launchers and guards").unwrap();
    let from_phones: Vec<&str> = from_phones
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    assert!(from_phones.len() > 500, "only {}", from_phones.len());
    for package in from_phones {
        assert!(seen.contains(package), "{package} is on none of the phones");
    }
    assert_eq!(
        from_makers.lines().skip(1).count(),
        6,
        "what is only said to be so stays little"
    );
}

/// The members that SARIF 2.1.0 requires, and those that viewers go by; the sections are the standard's.
fn check_sarif(log: &Value) {
    // 3.13
    assert_eq!(log["version"], "2.1.0");
    assert!(
        log["$schema"]
            .as_str()
            .unwrap()
            .ends_with("sarif-schema-2.1.0.json")
    );
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    for run in log["runs"].as_array().unwrap() {
        // 3.14, 3.18, 3.19
        let driver = &run["tool"]["driver"];
        assert_eq!(driver["name"], "sluis");
        let rules = driver["rules"].as_array().unwrap();
        for rule in rules {
            // 3.49: an id, and texts in objects.
            assert!(
                rule["id"].is_string() && rule["shortDescription"]["text"].is_string(),
                "{rule}"
            );
        }
        assert_eq!(run["columnKind"], "unicodeCodePoints");
        for result in run["results"].as_array().unwrap() {
            // 3.27: the rule's index is that of the rule with its id.
            let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
            assert_eq!(rule["id"], result["ruleId"]);
            assert!(["none", "note", "warning", "error"].contains(&result["level"].as_str().unwrap()));
            assert!(!result["message"]["text"].as_str().unwrap().is_empty());
            let place = &result["locations"][0]["physicalLocation"];
            // 3.30: lines and columns count from 1.
            assert!(place["region"]["startLine"].as_u64().unwrap() >= 1);
            assert!(place["region"]["startColumn"].as_u64().unwrap() >= 1);
            assert_eq!(keys(&place["artifactLocation"]), ["uri"]);
            let uri = place["artifactLocation"]["uri"].as_str().unwrap();
            assert!(
                uri.bytes()
                    .all(|b| b.is_ascii_graphic() && !b"<>\"\\^`{|}".contains(&b)),
                "{uri}"
            );
            for suppression in result["suppressions"].as_array().unwrap() {
                // 3.35
                assert!(["inSource", "external"].contains(&suppression["kind"].as_str().unwrap()));
                assert!(
                    ["accepted", "underReview", "rejected"]
                        .contains(&suppression["status"].as_str().unwrap())
                );
                assert!(!suppression["justification"].as_str().unwrap().is_empty());
            }
        }
    }
}

#[test]
fn findings_in_sarif_are_for_code_hosting_services() {
    let (folder, path) = province();
    written(&folder, "sluis-lint.json", &silence(""));
    let broken = schema("tests/broken/several-errors-at-once.json");
    let output = sluis(&["lint", "--format", "sarif", &path, &broken]);
    assert_eq!(output.status.code(), Some(1));
    let log: Value = serde_json::from_str(&stdout(&output)).unwrap();
    check_sarif(&log);
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 8);
    let suppressed = results
        .iter()
        .filter(|r| r["suppressions"] != serde_json::json!([]));
    let reasons: Vec<&str> = suppressed
        .map(|r| r["suppressions"][0]["justification"].as_str().unwrap())
        .collect();
    assert_eq!(reasons, [REASON; 2]);
    let first = &results[0];
    assert_eq!(
        (&first["ruleId"], &first["level"]),
        (&"invalid".into(), &"error".into())
    );
    let region = &first["locations"][0]["physicalLocation"]["region"];
    assert_eq!(*region, serde_json::json!({"startLine": 3, "startColumn": 12}));
}

#[test]
fn a_path_is_a_uri_that_finds_the_file_again() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("our policies")).unwrap();
    std::fs::write(folder.path().join("our policies/é%.json"), "[]").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_sluis"))
        .args(["lint", "--format", "sarif", "our policies/é%.json"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let log: Value = serde_json::from_str(&stdout(&output)).unwrap();
    check_sarif(&log);
    let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "our%20policies/%C3%A9%25.json");
}

#[test]
fn help_shows_how_it_is_used() {
    let text = stdout(&sluis(&["lint", "--help"]));
    assert!(
        text.contains("Examples:") && text.contains("Exit codes:"),
        "{text}"
    );
}
