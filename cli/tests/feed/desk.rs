//! An administrator's desk: a folder in which `sluis` runs as a process, and a phone that reads what it makes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use sluis_core::agent::message::Time;
use sluis_core::feed::{Answer, Commit, FeedIdentity, Next, Outcome, TrustedState, Update, hex, rfc3339};
use tempfile::TempDir;

pub(crate) const DAY_0: &str = "2026-11-23T10:00:00Z";
pub(crate) const DAY_1: &str = "2026-11-24T10:00:00Z";

/// A policy that forbids one app.
pub(crate) fn policy(rule: &str) -> String {
    format!(
        r#"{{"format": "sluis.policy/1", "layer": "national", "organisation": {{"name": {{"en": "State"}}}},
            "stance": "open",
            "rules": [{{"id": "{rule}", "effect": "deny", "match": {{"packages": ["bad.app"]}}}}]}}"#
    )
}

pub(crate) struct Desk {
    folder: TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let desk = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        desk.write("policy.json", &policy("first"));
        desk.write(
            "catalogue.json",
            r#"{"format": "sluis.catalogue/1", "vendors": []}"#,
        );
        desk
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// The tool, about to be run; no passphrase comes from whoever runs the tests.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sluis"));
        command
            .current_dir(self.folder.path())
            .env_remove("SLUIS_PASSPHRASE")
            .stdin(Stdio::null())
            .args(arguments);
        command
    }

    pub(crate) fn sluis(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs a command line that needs no quotes.
    pub(crate) fn run(&self, line: &str) -> String {
        self.succeeds(&line.split_whitespace().collect::<Vec<_>>())
    }

    /// As [`Desk::run`], for one that is not to succeed: the exit code, and what was said on both outputs.
    pub(crate) fn refused(&self, line: &str) -> (Option<i32>, String) {
        let output = self.sluis(&line.split_whitespace().collect::<Vec<_>>());
        assert!(!output.status.success(), "{line}");
        let said = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(said).unwrap())
    }

    /// A metadata file, or any other JSON.
    pub(crate) fn json(&self, path: &str) -> serde_json::Value {
        serde_json::from_slice(&fs::read(self.path(path)).unwrap()).unwrap()
    }

    /// What phones know of the feed.
    pub(crate) fn identity(&self) -> FeedIdentity {
        let first = fs::read(self.path("feed/1.root.json")).unwrap();
        FeedIdentity {
            name: "national".into(),
            root_sha256: ring::digest::digest(&ring::digest::SHA256, &first)
                .as_ref()
                .try_into()
                .unwrap(),
        }
    }

    /// What a phone that is new to the feed makes of it.
    pub(crate) fn new_phone(&self, now: &str) -> Outcome {
        update(&self.identity(), &self.path("feed"), TrustedState::default(), now).0
    }

    pub(crate) fn succeeds(&self, arguments: &[&str]) -> String {
        let output = self.sluis(arguments);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// The exit code and what was said.
    pub(crate) fn fails(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = self.sluis(arguments);
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    }

    /// Makes a feed; the answer is what phones need to know of it.
    pub(crate) fn init(&self) -> FeedIdentity {
        // That of a real one is slow on purpose.
        let said = self.succeeds(&[
            "feed",
            "init",
            "feed",
            "--keys",
            "keys",
            "--no-passphrase",
            "--now",
            DAY_0,
        ]);
        let sha256 = said.split_whitespace().find_map(hex::decode_exact);
        FeedIdentity {
            name: "national".into(),
            root_sha256: sha256.unwrap(),
        }
    }

    pub(crate) fn publish(&self, now: &str) {
        self.succeeds(&[
            "feed",
            "publish",
            "feed",
            "--keys",
            "keys",
            "--policy",
            "policy.json",
            "--catalogue",
            "catalogue.json",
            "--now",
            now,
        ]);
    }

    /// All files below a folder, but for the lock, which says who had it last.
    pub(crate) fn files(&self, folder: &str) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        let mut folders = vec![self.path(folder)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if !path.ends_with("lock") {
                    let bytes = fs::read(&path).unwrap();
                    files.push((path, bytes));
                }
            }
        }
        files.sort();
        files
    }
}

/// A phone's clocks at a time.
pub(crate) fn time(now: &str) -> Time {
    Time {
        wall_ms: rfc3339::parse(now).unwrap() * 1000,
        elapsed_ms: 0,
        boot_count: 1,
    }
}

/// An update of a phone that fetches from a folder, at a time.
pub(crate) fn update(
    feed: &FeedIdentity,
    folder: &Path,
    trusted: TrustedState,
    now: &str,
) -> (Outcome, Vec<Commit>) {
    let mut update = Update::start(feed, trusted, time(now));
    let mut steps = Vec::new();
    loop {
        match update.next() {
            Next::Done(outcome) => return (outcome, steps),
            Next::Fetch { path, max_bytes } => {
                let bytes = fs::read(folder.join(path)).ok();
                assert!(bytes.iter().all(|bytes| bytes.len() as u64 <= max_bytes));
                steps.extend(update.received(&bytes.as_deref().map_or(Answer::Missing, Answer::Body)));
            }
        }
    }
}

/// A phone that follows the feed, and what it trusts by now.
pub(crate) struct Phone<'a> {
    desk: &'a Desk,
    trusted: TrustedState,
}

impl<'a> Phone<'a> {
    pub(crate) fn following(desk: &'a Desk) -> Self {
        let trusted = TrustedState::default();
        Self { desk, trusted }
    }

    pub(crate) fn refresh(&mut self, now: &str) -> Outcome {
        let mut update = Update::start(&self.desk.identity(), self.trusted.clone(), time(now));
        loop {
            match update.next() {
                Next::Done(outcome) => {
                    self.trusted = update.trusted().clone();
                    return outcome;
                }
                Next::Fetch { path, .. } => {
                    let bytes = fs::read(self.desk.path("feed").join(path)).ok();
                    update.received(&bytes.as_deref().map_or(Answer::Missing, Answer::Body));
                }
            }
        }
    }
}

pub(crate) const PUBLISH: &str = "feed publish feed --keys keys --policy policy.json";
