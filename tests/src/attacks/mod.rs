//! Attacks on a feed as fixtures: a folder for each threat, with the files that a server would serve, step by step,
//! and what must come of them. They are generated, so that they can be made anew when the format moves on; their
//! keys are made of known seeds and sign for nothing else.
//!
//! `tests/tests/attacks.rs` plays each through the real client and the real store; `cli/tests/attacks.rs` plays what
//! one feed's server can do over HTTP as well, and what may happen on the way.

mod agent;
mod clock;
mod delegation;
mod document;
mod documents;
mod file_names;
mod fixture;
mod published;
mod rollback;
mod rotation;
mod scenario;
mod signatures;
mod transport;

use std::collections::BTreeMap;

pub use fixture::{Answer, Clocks, Ending, Fixture, NewAgent, Published, Step, folder, names};

use crate::repository::{Delegated, Repository};
use scenario::Scenario;

/// Every fixture's files, by path below [`folder`].
///
/// # Errors
/// Never, but for a mistake in the format of `expected.json`.
pub fn generate() -> serde_json::Result<BTreeMap<String, Vec<u8>>> {
    let mut all = BTreeMap::new();
    for scenario in scenarios() {
        let name = scenario.name;
        for (path, bytes) in scenario.into_files()? {
            all.insert(format!("{name}/{path}"), bytes);
        }
    }
    Ok(all)
}

/// The text of `docs/threats.md`.
pub fn document() -> String {
    let scenarios = scenarios();
    let fixtures: Vec<_> = scenarios
        .iter()
        .map(|scenario| (scenario.name, scenario.fixture()))
        .collect();
    document::document(&fixtures)
}

fn scenarios() -> Vec<Scenario> {
    [
        rollback::scenarios(),
        signatures::scenarios(),
        rotation::scenarios(),
        delegation::scenarios(),
        documents::scenarios(),
        file_names::scenarios(),
        clock::scenarios(),
        transport::scenarios(),
        agent::scenarios(),
        published::scenarios(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A policy that a phone can read; each number gives another one.
fn policy(number: u32) -> Vec<u8> {
    format!(
        r#"{{"format":"sluis.policy/1","layer":"national","organisation":{{"name":{{"nl":"Test","en":"Test"}},"contact":{{"nl":"test@example.org","en":"test@example.org"}}}},"stance":"open","rules":[{{"id":"rule-{number}","effect":"deny","match":{{"packages":["org.example.app{number}"]}},"remedy":"suspend","reason":{{"nl":"Test {number}.","en":"Test {number}."}}}}]}}"#
    )
    .into_bytes()
}

/// A repository with documents that a phone can read, of which nothing is published yet but the root.
fn unpublished() -> Repository {
    let mut repository = Repository::unpublished();
    repository.content = BTreeMap::from([("policy.json".into(), policy(1))]);
    repository
}

/// As [`unpublished`], with a first publication.
fn published_once() -> Repository {
    let mut repository = unpublished();
    repository.publish();
    repository
}

/// As [`unpublished`], published at version 5 everywhere but in the root: there is something to roll back to.
fn at_version_5() -> Repository {
    let mut repository = unpublished();
    set_versions(&mut repository, 5);
    repository.write();
    repository
}

fn set_versions(repository: &mut Repository, version: i64) {
    repository.timestamp_version = version;
    repository.snapshot_version = version;
    repository.targets_version = version;
}

/// Publishes another policy, as the next version.
fn publish_policy(repository: &mut Repository, number: u32) {
    repository.content.insert("policy.json".into(), policy(number));
    repository.publish();
}

/// A repository whose top-level targets list nothing, but leave all to these roles.
fn delegating(roles: impl IntoIterator<Item = Delegated>) -> Repository {
    let mut repository = unpublished();
    repository.content.clear();
    repository.delegated = roles.into_iter().collect();
    repository.publish();
    repository
}

/// A role to which `by` leaves the policy, and which lists one.
fn with_policy(name: &str, by: &str, number: u32) -> Delegated {
    let mut role = Delegated::new(name, by, &["policy.json"]);
    role.content.insert("policy.json".into(), policy(number));
    role
}
