//! `sluis explain` as an administrator runs it. The explanations that must come out stand in `tests/golden/explain`;
//! `SLUIS_BLESS=1` writes them anew, to be read before they are committed.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/explain")
}

fn explain(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sluis"))
        .current_dir(folder())
        .args(["explain"])
        .args(arguments)
        .output()
        .unwrap()
}

/// Of an app on the phone of the folder, a week after it began to obey both policies.
fn on_phone(package: &str, arguments: &[&str]) -> Output {
    let common = [
        package,
        "--policy",
        "national.json",
        "--policy",
        "city.json",
        "--inventory",
        "phone.jsonl",
        "--at",
        "2026-06-01",
        "--since",
        "2026-05-25",
    ];
    explain(&[&common, arguments].concat())
}

fn said(output: &Output) -> String {
    let stderr = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn assert_golden(name: &str, said: &str) {
    let path = folder().join(name);
    if std::env::var_os("SLUIS_BLESS").is_some() {
        fs::write(&path, said).unwrap();
    }
    let golden = fs::read_to_string(&path).unwrap();
    assert_eq!(said, golden, "{name}");
}

#[test]
fn the_whole_derivation_is_told_in_dutch_and_english() {
    for language in ["nl", "en"] {
        for (name, package, more) in [
            ("tiktok", "com.zhiliaoapp.musically", &["--all"][..]),
            (
                "tiktok-inspector",
                "com.zhiliaoapp.musically",
                &["--group", "inspection"][..],
            ),
            ("notes", "com.example.notes", &[][..]),
            ("settings", "com.android.settings", &[][..]),
        ] {
            let output = on_phone(package, &[&["--language", language], more].concat());
            assert_golden(&format!("{name}.{language}.txt"), &said(&output));
        }
        let alone = [
            "com.zhiliaoapp.musically",
            "--policy",
            "national.json",
            "--at",
            "2026-06-01",
            "--language",
            language,
        ];
        assert_golden(&format!("alone.{language}.txt"), &said(&explain(&alone)));
    }
}

#[test]
fn a_program_reads_every_rule_with_its_attributes_and_standing() {
    let output = on_phone("com.zhiliaoapp.musically", &["--format", "json"]);
    let derivation: Value = serde_json::from_str(&said(&output)).unwrap();
    assert_eq!(derivation["format"], "sluis.explanation/1");
    let rules = derivation["layers"][0]["rules"].as_array().unwrap();
    let rule = |id: &str| rules.iter().find(|rule| rule["rule"] == id).unwrap();
    assert_eq!(rules.len(), 5, "all rules, whether or not they are about the app");
    assert_eq!(rule("wallets")["outcome"], "does_not_match");
    assert_eq!(rule("trial")["standing"], "audit_only");
    assert_eq!(rule("next-year")["standing"]["not_yet"], "2027-01-01T00:00:00Z");
    let countries = rule("countries");
    assert_eq!(countries["attributes"][0]["by"][0]["vendor"]["country"], "CN");
    assert_eq!(countries["standing"]["denies"]["now"], Value::Null);
    assert_eq!(countries["standing"]["denies"]["later"][1][1], "remove");
    assert_eq!(derivation["layers"][1]["stance"]["outcome"], "not_approved");
    assert_eq!(derivation["verdict"]["decision"], "not_approved");
}

#[test]
fn a_phone_without_the_app_or_a_name_that_is_none_is_told() {
    for package in ["com.example.absent", "no package", "\u{1b}[31m"] {
        let output = on_phone(package, &[]);
        assert_eq!(output.status.code(), Some(2), "{package}");
        assert!(!String::from_utf8(output.stderr).unwrap().contains('\u{1b}'));
    }
}

#[test]
fn what_an_inventory_says_does_not_steer_the_terminal() {
    assert!(!said(&on_phone("com.example.notes", &[])).contains('\u{1b}'));
}
