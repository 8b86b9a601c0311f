//! Names that mean something else to a file system, a server or a line of a request.

use super::scenario::Scenario;
use super::{delegating, policy, publish_policy, published_once, with_policy};
use crate::repository::{Delegated, Repository};

const REFUSED: &str =
    "has a name that is refused: it has an empty step, `.`, `..`, `\\` or a control character";

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![path_traversal(), line_breaks(), case()]
}

fn path_traversal() -> Scenario {
    named_so(
        "path_traversal_in_target_names",
        "Signed targets list files whose names lead out of the repository, or out of the folder that they are stored in.",
        &[
            "../policy.json",
            "lists/../../policy.json",
            "/policy.json",
            "./policy.json",
            "a//policy.json",
            "..\\policy.json",
        ],
    )
}

fn line_breaks() -> Scenario {
    named_so(
        "line_breaks_in_target_names",
        "Signed targets list files whose names would end the line of a request, and begin a header or another request.",
        &[
            "policy.json\r\nHost: elsewhere.example",
            "policy.json HTTP/1.1\r\n\r\nGET /",
            "a\nb",
            "a\0b",
        ],
    )
}

fn named_so(name: &'static str, threat: &str, names: &[&str]) -> Scenario {
    let mut scenario = Scenario::new(
        name,
        threat,
        "Such a name is refused before anything is asked for, and keeps nobody from the policy.",
    );
    let mut repository = published_once();
    for name in names {
        repository.content.insert((*name).into(), policy(2));
    }
    publish_policy(&mut repository, 3);
    // No server could have files of these names.
    repository.files.retain(|path, _| is_plain(path));
    scenario
        .trusting(super::scenario::FEED, &repository)
        .serves("listed", &repository)
        .obeyed(&repository);
    for name in names {
        scenario
            .wants(name)
            .refused(&format!("file {name:?}"), REFUSED)
            .requests(&["2.root.json", "timestamp.json"]);
    }
    scenario
}

fn is_plain(path: &str) -> bool {
    let odd = |c: char| c.is_control() || c == '\\' || c == ' ';
    !path.contains(odd) && path.split('/').all(|step| !["", ".", ".."].contains(&step)) && hash_is_whole(path)
}

/// Whether a hash stands before a name, as in the names of a consistent snapshot's target files.
fn hash_is_whole(path: &str) -> bool {
    let Some(file) = path.strip_prefix("targets/") else {
        return true;
    };
    file.split_once('.')
        .is_some_and(|(hash, name)| hash.len() == 64 && name == "policy.json")
}

fn case() -> Scenario {
    let mut scenario = Scenario::new(
        "case_tricks_in_names",
        "Names that differ in case only: a policy called Policy.json, a delegation of POLICY.JSON, a role called Targets.",
        "Names are compared byte by byte, also in the store.",
    );
    let mut repository = published_once();
    scenario.following(&repository);
    repository.content.clear();
    repository.content.insert("Policy.json".into(), policy(2));
    repository.delegated = vec![only_in_capitals()];
    repository.publish();
    scenario
        .serves("capitals", &repository)
        .refused("file \"policy.json\"", "is not listed")
        .floor("timestamp", 2)
        .floor("snapshot", 2)
        .floor("targets", 2)
        .floor("lists", 1)
        .requests(&[
            "2.root.json",
            "timestamp.json",
            "2.snapshot.json",
            "2.targets.json",
        ]);
    let mut repository = role_called_targets(&repository);
    scenario
        .serves("role-called-targets", &repository)
        .obeyed(&repository)
        .floor("lists", 2);
    repository.delegated[0]
        .content
        .insert("policy.json".into(), policy(5));
    repository.publish();
    scenario
        .serves("news-of-that-role", &repository)
        .obeyed(&repository);
    scenario
}

fn only_in_capitals() -> Delegated {
    let mut role = Delegated::new("lists", "targets", &["POLICY.JSON"]);
    role.content.insert("policy.json".into(), policy(3));
    role
}

/// What follows, with a role far ahead of the one of almost the same name.
fn role_called_targets(before: &Repository) -> Repository {
    let mut role = with_policy("Targets", "targets", 4);
    role.version = 40;
    let mut repository = delegating([]);
    repository.files = before.files.clone();
    repository.delegated = vec![role, only_in_capitals()];
    repository.delegated[1].version = 1;
    repository.timestamp_version = 2;
    repository.snapshot_version = 2;
    repository.targets_version = 2;
    repository.publish();
    repository
}
