//! Every command on a page is run, and says what the page says that it says.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::{TODAY, Way, examples, policies, repository, sluis};

/// What a page holds once its commands have been run.
fn blessed(way: &Way) -> String {
    let mut page = way.page.clone();
    for shown in way.shown() {
        let output = way.run(shown.command);
        let old = format!("\n```console\n$ {}\n```\n", shown.block);
        let new = format!("\n```console\n$ {}\n{output}\n```\n", shown.command);
        assert!(page.contains(&old), "{}: {}", way.name, shown.command);
        page = page.replacen(&old, &new, 1);
    }
    page
}

#[test]
fn what_a_page_shows_is_what_the_tool_says() {
    for way in Way::all() {
        for shown in way.shown() {
            assert_eq!(
                way.run(shown.command),
                shown.output,
                "{}: {}",
                way.name,
                shown.command
            );
        }
    }
}

/// Writes what the tool says into the pages. Read the difference line by line: it is what was decided about people's
/// phones.
#[test]
#[ignore = "writes the pages"]
fn bless() {
    for way in Way::all() {
        fs::write(way.folder.join("README.md"), blessed(&way)).unwrap();
    }
}

#[test]
fn each_of_the_fifteen_ways_has_a_page_that_the_list_and_the_tour_lead_to() {
    let list = fs::read_to_string(examples().join("README.md")).unwrap();
    let ways = Way::all();
    assert_eq!(ways.len(), 15);
    for (number, way) in (1..).zip(&ways) {
        assert!(way.name.starts_with(&format!("{number:02}-")), "{}", way.name);
        let row = format!("\n| [{number}](");
        let row = list
            .split_once(&row)
            .unwrap_or_else(|| panic!("no row for {number}"))
            .1;
        assert!(
            row.starts_with(&format!("{}/README.md)", way.name)),
            "{}",
            way.name
        );
    }
    for page in ["README.md", "docs/policy.md"] {
        let page = fs::read_to_string(repository().join(page)).unwrap();
        assert!(page.contains("policy-schema/examples/README.md"));
    }
}

#[test]
fn each_page_checks_its_policies_and_tries_them_in_both_languages() {
    for way in Way::all() {
        let shown = way.shown();
        let commands: Vec<&str> = shown.iter().map(|shown| shown.command).collect();
        let simulated: BTreeSet<PathBuf> = way.policies().into_iter().flatten().collect();
        let own: BTreeSet<PathBuf> = policies()
            .into_iter()
            .filter(|path| path.starts_with(way.folder.canonicalize().unwrap()))
            .collect();
        assert!(own.is_subset(&simulated), "{}: {own:?}", way.name);
        for set in way.policies() {
            let of_set = |command: &&&str| {
                let words: Vec<&str> = command.split(' ').collect();
                let named = words.windows(2).filter(|pair| pair[0] == "--policy");
                let named = named.map(|pair| way.folder.join(pair[1]).canonicalize().unwrap());
                words[1] == "simulate" && named.eq(set.iter().cloned())
            };
            let simulations = commands.iter().filter(of_set);
            // Two policies on top of one baseline say the same baseline's words.
            let dutch = simulations
                .clone()
                .any(|command| command.ends_with(" --language nl"));
            let english = simulations
                .clone()
                .any(|command| !command.contains("--language nl"));
            assert!(english && dutch, "{}: {set:?}", way.name);
            for policy in set {
                let checked = commands.iter().any(|command| {
                    command.starts_with("sluis lint ")
                        && command.split(' ').any(|word| {
                            way.folder
                                .join(word)
                                .canonicalize()
                                .is_ok_and(|path| path == policy)
                        })
                });
                assert!(checked, "{}: {}", way.name, policy.display());
            }
        }
    }
}

#[test]
fn lint_finds_no_error_in_an_example_and_what_it_warns_of_was_accepted_or_is_the_example() {
    let mut checked = BTreeSet::new();
    for way in Way::all() {
        for shown in way.shown() {
            let Some(arguments) = shown.command.strip_prefix("sluis lint ") else {
                continue;
            };
            let words: Vec<&str> = arguments
                .split(' ')
                .filter(|word| *word != "--show-silenced")
                .collect();
            let all = [&["lint", "--format", "json", "--now", TODAY], words.as_slice()].concat();
            let output = sluis(&way.folder, &all);
            let report: Value = serde_json::from_slice(&output.stdout).unwrap();
            let findings = report["findings"].as_array().unwrap();
            let checks: Vec<&str> = findings.iter().map(|f| f["check"].as_str().unwrap()).collect();
            let is_the_example = way.name.starts_with("11-") && words == ["policy.yaml"];
            let expected: &[&str] = match is_the_example {
                true => &["narrow-list", "edition-missing"],
                false => &[],
            };
            assert_eq!(checks, expected, "{}: {}", way.name, shown.command);
            assert!(findings.iter().all(|finding| finding["severity"] == "warning"));
            let files = words
                .iter()
                .filter(|word| word.ends_with(".yaml") || word.ends_with(".json"));
            checked.extend(files.map(|file| way.folder.join(file).canonicalize().unwrap()));
        }
    }
    for policy in policies() {
        assert!(checked.contains(&policy), "{}", policy.display());
    }
}
