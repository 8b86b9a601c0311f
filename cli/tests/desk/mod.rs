//! An administrator's desk: a folder with a feed in it, and `sluis` as a process.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

pub(crate) const DAY_0: &str = "2026-11-23T10:00:00Z";
pub(crate) const DAY_1: &str = "2026-11-24T10:00:00Z";

pub(crate) struct Desk {
    folder: TempDir,
    /// What phones trust the feed by.
    pub(crate) root_sha256: String,
}

impl Desk {
    /// A desk with a feed, published once on the first day.
    pub(crate) fn with_feed() -> Self {
        let mut desk = Self {
            folder: tempfile::tempdir().unwrap(),
            root_sha256: String::new(),
        };
        let catalogue = r#"{"format": "sluis.catalogue/1", "vendors": []}"#;
        fs::write(desk.path("catalogue.json"), catalogue).unwrap();
        let init = ["feed", "init", "feed", "--keys", "keys"];
        let said = desk.succeeds(&[&init[..], &["--no-passphrase", "--now", DAY_0]].concat());
        let is_digest = |word: &&str| word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit());
        desk.root_sha256 = said.split_whitespace().find(is_digest).unwrap().to_owned();
        desk.publish("first", DAY_0);
        desk
    }

    /// Publishes a policy with one rule of that name.
    pub(crate) fn publish(&self, rule: &str, now: &str) {
        let policy = format!(
            r#"{{"format": "sluis.policy/1", "layer": "national", "organisation": {{"name": {{"en": "State"}}}},
                "stance": "open",
                "rules": [{{"id": "{rule}", "effect": "deny", "match": {{"packages": ["bad.app"]}}}}]}}"#
        );
        fs::write(self.path("policy.json"), policy).unwrap();
        let documents = ["--policy", "policy.json", "--catalogue", "catalogue.json"];
        let publish = ["feed", "publish", "feed", "--keys", "keys", "--now", now];
        self.succeeds(&[&publish[..], &documents].concat());
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sluis"));
        command.current_dir(self.folder.path()).args(arguments);
        // What this machine's proxies would do is another test's matter.
        for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"] {
            command.env_remove(name).env_remove(name.to_ascii_lowercase());
        }
        command
    }

    pub(crate) fn sluis(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// What it printed.
    pub(crate) fn succeeds(&self, arguments: &[&str]) -> String {
        let output = self.sluis(arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The exit code and what was said on standard error.
    pub(crate) fn says(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = self.sluis(arguments);
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    }

    /// A file of the feed.
    pub(crate) fn feed(&self, path: &str) -> Option<Vec<u8>> {
        fs::read(self.path("feed").join(path.trim_start_matches('/'))).ok()
    }

    /// Writes a folder of files.
    pub(crate) fn write_files(&self, folder: &str, files: &BTreeMap<String, Vec<u8>>) {
        for (name, bytes) in files {
            let path = self.path(folder).join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
    }

    /// Copies a folder of the desk with all that is in it.
    pub(crate) fn copy(&self, from: &str, to: &str) {
        copy(&self.path(from), &self.path(to));
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
