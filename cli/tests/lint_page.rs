//! The page about the checks of lint has exactly the checks that there are, and every example on it gives exactly the
//! finding that it is an example of.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use sluis_policy::lint::checks::CHECKS;

/// What the page says of one check.
struct Section<'p> {
    id: &'p str,
    severity: &'p str,
    text: &'p str,
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn page() -> String {
    fs::read_to_string(repository().join("docs/lint.md")).unwrap()
}

fn sections(page: &str) -> Vec<Section<'_>> {
    let parts = page.split("\n### ").skip(1);
    let section = |part| {
        let (heading, text) = str::split_once(part, '\n').unwrap();
        let (id, severity) = heading.split_once(' ').unwrap();
        Section {
            id: id.trim_matches('`'),
            severity: severity.trim_matches(['(', ')']),
            text,
        }
    };
    parts.map(section).collect()
}

fn blocks(text: &str) -> Vec<Value> {
    let blocks = text.split("```json\n").skip(1);
    blocks
        .map(|rest| serde_json::from_str(rest.split_once("\n```").unwrap().0).unwrap())
        .collect()
}

/// The example, with what it leaves out.
fn whole(example: &Value, with_reasons: bool) -> Value {
    let both = |nl: &str, en: &str| json!({"nl": nl, "en": en});
    let mut policy = json!({
        "format": "sluis.policy/1",
        "layer": "exampleton",
        "organisation": {"name": both("Gemeente Voorbeeld", "Exampleton"), "contact": both("Servicedesk", "Service desk")},
        "stance": "open",
        "rules": [],
    });
    for (key, value) in example.as_object().unwrap() {
        policy[key] = value.clone();
    }
    for rule in policy["rules"].as_array_mut().unwrap() {
        if with_reasons && rule["effect"] != "allow" && rule.get("reason").is_none() {
            rule["reason"] = both("Daarom.", "Because.");
        }
    }
    policy
}

#[test]
fn the_page_has_exactly_the_checks_that_there_are() {
    let page = page();
    let told: Vec<(&str, &str)> = sections(&page).iter().map(|s| (s.id, s.severity)).collect();
    let checks = CHECKS.iter().map(|check| (check.id, check.severity.as_str()));
    assert_eq!(told, checks.collect::<Vec<_>>());
    let ids: BTreeSet<&str> = CHECKS.iter().map(|check| check.id).collect();
    assert_eq!(ids.len(), CHECKS.len(), "each name once");
}

#[test]
fn every_example_on_the_page_gives_exactly_its_finding() {
    let page = page();
    for Section { id, text, .. } in sections(&page) {
        let desk = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_sluis"));
        command.args(["lint", "--format", "json", "--now", "2026-11-01T00:00:00Z"]);
        command.current_dir(desk.path());
        if let Some((_, rest)) = text.split_once("`--inventory ") {
            let inventory = rest.split_once('`').unwrap().0;
            command.arg("--inventory").arg(repository().join(inventory));
        }
        for (i, block) in blocks(text).iter().enumerate() {
            let (name, document) = match block.get("format") {
                Some(format) if format == "sluis.lint/1" => ("sluis-lint.json".to_owned(), block.clone()),
                _ => (format!("{i}.json"), whole(block, id != "reason-missing")),
            };
            fs::write(desk.path().join(&name), document.to_string()).unwrap();
            if name != "sluis-lint.json" {
                command.arg(name);
            }
        }
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(1), "{id}: {said}{:?}", output.stderr);
        let report: Value = serde_json::from_str(&said).unwrap();
        let findings = report["findings"].as_array().unwrap();
        let found: BTreeSet<&str> = findings.iter().map(|f| f["check"].as_str().unwrap()).collect();
        assert_eq!(found, [id].into(), "{said}");
    }
}
