//! Repositories made by others, read by `sluis feed verify` over HTTP.

use std::fs;
use std::path::{Path, PathBuf};

use peers_interop::feed::{catalogue, policy};
use peers_interop::programs::{Client, Programs, run};
use peers_interop::server::Server;
use tempfile::TempDir;

/// A repository of another author, on its way to us.
struct Repository {
    programs: Programs,
    folder: TempDir,
    server: Server,
    state: PathBuf,
}

impl Repository {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let files = folder.path().join("files");
        fs::create_dir(&files).unwrap();
        fs::write(files.join("policy.json"), policy("first", 1)).unwrap();
        fs::copy(catalogue(), files.join("catalogue.json")).unwrap();
        let server = Server::start(&folder.path().join("repository")).unwrap();
        let state = folder.path().join("state");
        fs::create_dir(&state).unwrap();
        Self {
            programs: Programs::from_environment(),
            folder,
            server,
            state,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// One that python-tuf makes.
    fn by_python(options: &[&str]) -> Self {
        let repository = Self::new();
        let mut author = repository.programs.python("author.py");
        author
            .current_dir(repository.folder.path())
            .args(["repository", "files"])
            .args(options);
        run(&mut author).unwrap();
        repository
    }

    /// One that `tough` makes, with a key of each kind.
    fn by_tough(kinds: &[&str]) -> Self {
        let repository = Self::new();
        let mut author = repository.programs.peer("tough-author");
        author
            .current_dir(repository.folder.path())
            .args(["repository", "files"])
            .args(kinds);
        run(&mut author).unwrap();
        repository
    }

    /// One refresh by our client; the answer names the files of the repository that it was given.
    fn refresh(&self) -> Result<Vec<String>, String> {
        drop(self.server.exchanges());
        let root = self.path("repository/1.root.json");
        let mut command = self
            .programs
            .refresh(Client::Sluis, &self.server.url(), &root, &self.state)
            .unwrap();
        run(&mut command)?;
        let given = self
            .server
            .exchanges()
            .into_iter()
            .filter(|exchange| exchange.status == 200);
        Ok(given.map(|exchange| exchange.path).collect())
    }

    /// A refresh that brings the policy.
    fn is_taken(&self, case: &str) {
        let given = self.refresh().unwrap_or_else(|said| panic!("{case}: {said}"));
        let policies = given.iter().filter(|path| path.ends_with("policy.json")).count();
        assert_eq!(policies, 1, "{case}: {given:?}");
    }

    fn is_refused(&self, case: &str) {
        assert!(self.refresh().is_err(), "{case}: taken");
    }

    fn forget(&self) {
        fs::remove_dir_all(&self.state).unwrap();
        fs::create_dir(&self.state).unwrap();
    }

    /// Each file that the policy takes, changed in one byte, keeps us from taking the policy.
    fn is_refused_when_tampered_with(&self, case: &str) {
        let folder = self.path("repository");
        self.forget();
        let asked = self.refresh().unwrap();
        // What comes after the policy and the catalogue is asked for the sake of a new agent; neither waits for that.
        let last = asked
            .iter()
            .rposition(|path| path.starts_with("/targets/"))
            .unwrap();
        for path in asked.into_iter().take(last + 1) {
            let file = folder.join(percent_decoded(path.trim_start_matches('/')));
            let before = fs::read(&file).unwrap();
            fs::write(&file, changed(&file, &before)).unwrap();
            self.forget();
            self.is_refused(&format!("{case}, {path} tampered with"));
            fs::write(&file, before).unwrap();
        }
        self.forget();
        self.is_taken(case);
    }
}

fn percent_decoded(path: &str) -> String {
    let mut parts = path.split('%');
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    String::from_utf8(bytes).unwrap()
}

/// Another expiry in metadata, so that it still can be read; another last byte elsewhere.
fn changed(file: &Path, before: &[u8]) -> Vec<u8> {
    let mut bytes = before.to_vec();
    let is_target = file.parent().unwrap().ends_with("targets");
    let expires = b"\"expires\"";
    let field = bytes.windows(expires.len()).position(|window| window == expires);
    match field.filter(|_| !is_target) {
        // The decade of the year: `"expires": "2026-`.
        Some(at) => {
            let year = at
                + expires.len()
                + before[at + expires.len()..]
                    .iter()
                    .position(u8::is_ascii_digit)
                    .unwrap();
            bytes[year + 2] = b'9';
        }
        None => *bytes.last_mut().unwrap() ^= 1,
    }
    assert_ne!(bytes, before);
    bytes
}

const ALL_KINDS: &str = "ed25519,ecdsa,rsa";

#[test]
fn every_kind_of_key_that_python_tuf_makes_is_read_with_consistent_snapshots_and_without() {
    for kind in ["ed25519", "ecdsa", "rsa"] {
        for consistent in ["on", "off"] {
            let repository = Repository::by_python(&["--keys", kind, "--consistent", consistent]);
            repository.is_taken(&format!("{kind}, consistent snapshots {consistent}"));
        }
    }
}

#[test]
fn a_threshold_of_three_is_met_by_keys_of_three_kinds() {
    let repository = Repository::by_python(&["--keys", ALL_KINDS, "--threshold", "3"]);
    repository.is_taken("three kinds");
    repository.is_refused_when_tampered_with("three kinds");
}

#[test]
fn lengths_and_hashes_may_be_left_out() {
    for consistent in ["on", "off"] {
        let repository = Repository::by_python(&["--bare", "--consistent", consistent]);
        repository.is_taken("bare");
        repository.is_refused_when_tampered_with("bare");
    }
}

#[test]
fn delegations_of_python_tuf_are_followed() {
    for delegation in ["patterns", "hash-prefixes"] {
        for consistent in ["on", "off"] {
            let case = format!("{delegation}, consistent snapshots {consistent}");
            let options = [
                "--delegation",
                delegation,
                "--consistent",
                consistent,
                "--keys",
                ALL_KINDS,
            ];
            let repository = Repository::by_python(&options);
            repository.is_taken(&case);
            repository.is_refused_when_tampered_with(&case);
        }
    }
}

#[test]
fn a_rotation_of_every_key_of_python_tuf_is_followed() {
    for consistent in ["on", "off"] {
        let options = [
            "--rotate",
            "before",
            "--keys",
            ALL_KINDS,
            "--threshold",
            "3",
            "--consistent",
            consistent,
        ];
        let repository = Repository::by_python(&options);
        // From before the rotation, and by somebody who comes after it.
        repository.server.serve(&repository.path("before"));
        repository.is_taken("before the rotation");
        repository.server.serve(&repository.path("repository"));
        let given = repository.refresh().unwrap();
        assert!(given.iter().any(|path| path == "/2.root.json"), "{given:?}");
        repository.forget();
        repository.is_taken("after the rotation");
        // Who knows the new keys takes nothing that the old ones signed.
        repository.server.serve(&repository.path("before"));
        repository.is_refused("gone back to before the rotation");
    }
}

#[test]
fn a_repository_of_tough_is_read() {
    for kinds in [
        &["ed25519"],
        &["p256"],
        &["rsa"],
        &["ed25519", "p256", "rsa"] as &[&str],
    ] {
        let repository = Repository::by_tough(kinds);
        let case = kinds.join(" and ");
        repository.is_taken(&case);
        repository.is_refused_when_tampered_with(&case);
    }
}
