//! What a server, or whoever signs for a part of a feed, may try with the agent's own package.

use serde_json::{Value, json};

use super::fixture::NewAgent;
use super::scenario::Scenario;
use super::{publish_policy, published_once};
use crate::repository::{Delegated, Repository, sha256};

const NAME: &str = "agent.apk";
const PACKAGE: &str = "nl.sluis.agent";
/// The version on the phone.
const INSTALLED: u64 = 5;

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        older(),
        of_another_package(),
        of_other_bytes(),
        longer_than_listed(),
        kept_back(),
        not_left_to_the_role(),
    ]
}

fn apk(version_code: u64) -> Vec<u8> {
    format!("stands for version {version_code} of {PACKAGE}\n").into_bytes()
}

fn custom(package: &str, version_code: u64) -> Value {
    json!({ "package": package, "version_code": version_code, "min_sdk": 26 })
}

fn list(repository: &mut Repository, bytes: Vec<u8>, custom: Value) {
    repository.content.insert(NAME.into(), bytes);
    repository.custom.insert(NAME.into(), custom);
    repository.publish();
}

/// In place of the package that is listed.
fn serve(repository: &mut Repository, listed: &[u8], bytes: Option<&[u8]>) {
    let path = format!("targets/{}.{NAME}", sha256(listed));
    match bytes {
        Some(bytes) => drop(repository.files.insert(path, bytes.to_vec())),
        None => drop(repository.files.remove(&path)),
    }
}

fn expected(fetched: bool, installed: Option<u64>, refused: Option<&str>) -> NewAgent {
    NewAgent {
        package: PACKAGE.into(),
        version_code: INSTALLED,
        fetched,
        installed,
        refused: refused.map(ToOwned::to_owned),
    }
}

fn older() -> Scenario {
    let mut scenario = Scenario::new(
        "older_agent",
        "A feed lists an older version of the agent, whose holes are known; or other bytes under the version that is there.",
        "Only a version above the one that runs is even asked for; Android refuses an older one, too.",
    );
    let mut repository = published_once();
    scenario.following(&repository);
    for (folder, bytes, version) in [
        ("older", apk(INSTALLED - 1), INSTALLED - 1),
        ("the-same", b"another version 5".to_vec(), INSTALLED),
    ] {
        list(&mut repository, bytes, custom(PACKAGE, version));
        scenario
            .serves(folder, &repository)
            .confirmed(&repository)
            .agent(expected(false, None, None));
    }
    // The rest of it is in order: a newer one is taken.
    list(
        &mut repository,
        apk(INSTALLED + 1),
        custom(PACKAGE, INSTALLED + 1),
    );
    scenario
        .serves("newer", &repository)
        .confirmed(&repository)
        .agent(expected(true, Some(INSTALLED + 1), None));
    scenario
}

fn of_another_package() -> Scenario {
    let mut scenario = Scenario::new(
        "agent_of_another_package",
        "Another app is listed as a new version of the agent, to have it installed silently.",
        "It must be of the agent's own package, by what is listed and by what Android reads in it; Android takes only the agent's own signer.",
    );
    let mut repository = published_once();
    scenario.following(&repository);
    list(&mut repository, apk(6), custom("org.example.other", 6));
    scenario
        .serves("another", &repository)
        .confirmed(&repository)
        .agent(expected(
            false,
            None,
            Some("it is \"org.example.other\", not nl.sluis.agent"),
        ));
    scenario
}

fn of_other_bytes() -> Scenario {
    let mut scenario = Scenario::new(
        "agent_of_other_bytes",
        "Whoever holds the server exchanges the agent's package for another of the same length.",
        "The hash that targets list, before anything else sees the bytes (TUF 5.7.2).",
    );
    let mut repository = published_once();
    scenario.following(&repository);
    list(&mut repository, apk(6), custom(PACKAGE, 6));
    serve(&mut repository, &apk(6), Some(&apk(7)));
    scenario
        .serves("exchanged", &repository)
        .confirmed(&repository)
        .agent(expected(
            true,
            None,
            Some("feed national: file \"agent.apk\" does not have the SHA-256 that is listed for it"),
        ));
    scenario
}

fn longer_than_listed() -> Scenario {
    let mut scenario = Scenario::new(
        "agent_longer_than_listed",
        "The agent's package is sent with more behind it than is listed, to fill the phone's memory.",
        "No more bytes are read than are listed, and no more than 16 MiB are ever asked for.",
    );
    let mut repository = published_once();
    scenario.following(&repository);
    list(&mut repository, apk(6), custom(PACKAGE, 6));
    let longer = [apk(6), vec![b'.'; 100]].concat();
    serve(&mut repository, &apk(6), Some(&longer));
    scenario
        .serves("longer", &repository)
        .confirmed(&repository)
        .agent(expected(
            true,
            None,
            Some("feed national: file \"agent.apk\" has more bytes than are allowed"),
        ));
    scenario
}

fn kept_back() -> Scenario {
    let mut scenario = Scenario::new(
        "agent_kept_back",
        "The server keeps the agent's package back, so that the policy published with it does not come into force.",
        "The policy comes into force first; the agent is looked for afterwards.",
    );
    let mut repository = published_once();
    scenario.following(&repository);
    repository.content.insert(NAME.into(), apk(6));
    repository.custom.insert(NAME.into(), custom(PACKAGE, 6));
    publish_policy(&mut repository, 2);
    serve(&mut repository, &apk(6), None);
    scenario
        .serves("without-it", &repository)
        .obeyed(&repository)
        .agent(expected(
            true,
            None,
            Some("feed national: file \"agent.apk\" is missing"),
        ));
    scenario
}

fn not_left_to_the_role() -> Scenario {
    let mut scenario = Scenario::new(
        "agent_listed_by_a_role_to_which_it_was_not_left",
        "A role that was left other files lists a new version of the agent.",
        "The agent is looked for as every other file: a role is asked only for what was left to it.",
    );
    let mut repository = published_once();
    scenario.following(&repository);
    let mut maps = Delegated::new("maps", "targets", &["maps/*"]);
    maps.content.insert(NAME.into(), apk(6));
    repository.delegated.push(maps);
    repository.custom.insert(NAME.into(), custom(PACKAGE, 6));
    repository.publish();
    scenario
        .serves("listed", &repository)
        .confirmed(&repository)
        .agent(expected(false, None, None));
    scenario
}
