//! `sluis lint` as an administrator runs it.
#![allow(clippy::unwrap_used)]

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
    let clean = [
        "advise-by-country",
        "central-government-list",
        "municipality",
        "province-removes",
    ];
    let paths: Vec<String> = clean
        .iter()
        .map(|name| schema(&format!("examples/{name}.json")))
        .collect();
    let mut arguments = vec!["lint"];
    arguments.extend(paths.iter().map(String::as_str));
    let output = sluis(&arguments);
    assert_eq!(stdout(&output), "4 policies checked, nothing found\n");
    assert_eq!(output.status.code(), Some(0));
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

#[test]
fn help_shows_how_it_is_used() {
    let text = stdout(&sluis(&["lint", "--help"]));
    assert!(
        text.contains("Examples:") && text.contains("Exit codes:"),
        "{text}"
    );
}
