//! The plan of a publication, written down before its first file is: while it is there, a publication that was cut
//! short is taken up again. Whoever could write in the staging folder may have written it, so it names nothing but files
//! of a feed, each with its digest, and what it would complete is verified again.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::metadata::{self, Draft};
use super::{sha256, target};

/// Where it is, in the staging folder.
pub(super) const NAME: &str = "publication.json";
/// Of a plan with some ten thousand files.
pub(super) const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// The files of a publication in the order in which they are written, each path with its SHA-256.
#[derive(Debug, PartialEq)]
pub(super) struct Journal(Vec<(String, String)>);

impl Journal {
    pub(super) fn of(files: &[(String, Vec<u8>)]) -> Self {
        let entries = files.iter().map(|(path, bytes)| (path.clone(), sha256(bytes)));
        Self(entries.collect())
    }

    /// Reads it; `None` where it is damaged, or names what is no file of a feed.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let journal: Value = serde_json::from_slice(bytes).ok()?;
        let files = journal.get("files")?.as_array()?;
        let entry = |file: &Value| {
            let (path, digest) = (file.get("path")?.as_str()?, file.get("sha256")?.as_str()?);
            is_of_a_feed(path).then(|| (path.to_owned(), digest.to_owned()))
        };
        files.iter().map(entry).collect::<Option<_>>().map(Self)
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let files = self
            .0
            .iter()
            .map(|(path, sha256)| json!({ "path": path, "sha256": sha256 }));
        json!({ "files": files.collect::<Vec<_>>() })
            .to_string()
            .into_bytes()
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(path, sha256)| (path.as_str(), sha256.as_str()))
    }
}

/// The metadata among the files of a publication, if it is what its names say and lists all target files among them.
pub(super) fn drafts(files: &BTreeMap<String, Vec<u8>>) -> Result<Vec<Draft>, String> {
    let mut drafts = Vec::new();
    for (path, bytes) in files {
        let Some(role) = metadata::role_of(path) else {
            continue;
        };
        let draft = Draft::parse(role, bytes).map_err(|problem| format!("{path}: {problem}"))?;
        if draft.path() != *path {
            return Err(format!("{path}: this file says that it is {}", draft.path()));
        }
        drafts.push(draft);
    }
    let listed: Vec<_> = drafts.iter().flat_map(target::listed).collect();
    let is_known = |path: &str, bytes: &[u8]| {
        metadata::role_of(path).is_some() || listed.iter().any(|file| file.path == path && file.is(bytes))
    };
    match files.iter().find(|(path, bytes)| !is_known(path, bytes)) {
        Some((path, _)) => Err(format!(
            "{path}: nothing that is published with it lists this file"
        )),
        None => Ok(drafts),
    }
}

/// Whether a file of a feed can have this path; none of them leads out of it.
pub(super) fn is_of_a_feed(path: &str) -> bool {
    match target::name_of(path) {
        Some((name, _)) => target::check_name(&name).is_ok(),
        None => !path.contains(['/', '\\']) && metadata::role_of(path).is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_names_nothing_but_files_of_a_feed() {
        let hash = "0".repeat(64);
        let good = ["2.root.json", "timestamp.json", "1.maps.json", "1....json"].map(str::to_owned);
        let targets = [
            format!("targets/{hash}.policy.json"),
            format!("targets/maps/{hash}.eu.json"),
        ];
        for path in good.iter().chain(&targets) {
            assert!(is_of_a_feed(path), "{path}");
        }
        for path in [
            "../victim.txt".to_owned(),
            "/etc/passwd".into(),
            "../2.root.json".into(),
            "1./../../x.json".into(),
            "x.json".into(),
            "lock".into(),
            "publication.json".into(),
            "targets/policy.json".into(),
            format!("targets/../{hash}.policy.json"),
            format!("targets//{hash}.policy.json"),
            format!("targets/maps/../../{hash}.eu.json"),
            format!("targets/{hash}."),
            format!("targets/{hash}.a\\b"),
            String::new(),
        ] {
            assert!(!is_of_a_feed(&path), "{path}");
            let journal = json!({ "files": [{ "path": path, "sha256": hash }] }).to_string();
            assert_eq!(Journal::parse(journal.as_bytes()), None, "{path}");
        }
        assert_eq!(
            Journal::parse(b"{\"files\":[\"2.root.json\"]}"),
            None,
            "without a digest"
        );
    }

    #[test]
    fn it_is_read_as_it_was_written() {
        let journal = Journal::of(&[
            ("1.root.json".into(), b"x".to_vec()),
            ("timestamp.json".into(), vec![]),
        ]);
        assert_eq!(Journal::parse(&journal.to_bytes()), Some(journal));
    }
}
