//! The page on what policies mean names tests, and they are there.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use sluis_tests::messages::repository;

/// The names of all tests in Rust files below a folder.
fn tests_in(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            tests_in(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let mut marked = false;
            for line in text.lines().map(str::trim) {
                if let Some(name) = line.strip_prefix("fn ").filter(|_| marked) {
                    found.insert(name.split('(').next().unwrap_or_default().to_owned());
                }
                marked = line == "#[test]" || marked && line.starts_with("#[");
            }
        }
    }
}

#[test]
fn every_rule_of_the_semantics_names_tests_that_exist() {
    let mut tests = BTreeSet::new();
    for folder in ["core/src", "core/tests"] {
        tests_in(&repository().join(folder), &mut tests);
    }
    let page = fs::read_to_string(repository().join("docs/semantics.md")).unwrap();
    let mut rules = 0;
    let mut tested = 0;
    for line in page.lines() {
        if let Some((number, _)) = line.split_once(". ").filter(|(n, _)| n.parse::<u32>().is_ok()) {
            assert_eq!(rules, tested, "rule {rules} names no tests");
            rules += 1;
            assert_eq!(
                number,
                rules.to_string(),
                "rules are numbered one after the other"
            );
        }
        if let Some(names) = line.trim().strip_prefix("Tests: ") {
            tested += 1;
            for name in names.split(", ") {
                let name = name.trim_matches('`');
                assert!(
                    tests.contains(name),
                    "rule {rules} names the test {name}, which is not there"
                );
            }
        }
    }
    assert_eq!(rules, tested);
    assert!(rules > 30, "only {rules} rules found");
}
