//! A feed made by `sluis` as an administrator makes one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use ring::digest::{SHA256, digest};
use tempfile::TempDir;

use crate::hex;
use crate::programs::{Programs, run};

/// What phones are told of a feed: the SHA-256 of its first root.
pub fn pin(root: &Path) -> io::Result<String> {
    Ok(hex::encode(digest(&SHA256, &fs::read(root)?).as_ref()))
}

/// A policy with one rule of that name, as long as asked with the help of packages that nobody has.
pub fn policy(rule: &str, packages: usize) -> String {
    let packages: Vec<String> = (0..packages).map(|n| format!("\"forbidden.app{n}\"")).collect();
    format!(
        r#"{{"format": "sluis.policy/1", "layer": "national", "organisation": {{"name": {{"en": "State"}}}},
            "stance": "open",
            "rules": [{{"id": "{rule}", "effect": "deny", "match": {{"packages": [{}]}}}}]}}"#,
        packages.join(", ")
    )
}

/// The catalogue that the product ships.
pub fn catalogue() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../policy-schema/catalogue/catalogue.json")
}

/// A desk with a feed and its keys.
#[derive(Debug)]
pub struct Desk<'a> {
    programs: &'a Programs,
    folder: TempDir,
}

impl<'a> Desk<'a> {
    /// A feed of which nothing is published yet.
    ///
    /// # Errors
    /// What `sluis` said.
    pub fn new(programs: &'a Programs, init: &[&str]) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let desk = Self { programs, folder };
        let feed = ["feed", "init", "feed", "--keys", "keys", "--no-passphrase"];
        desk.sluis(&[feed.as_slice(), init].concat())?;
        Ok(desk)
    }

    /// A file on the desk.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The feed's folder, to be served.
    pub fn feed(&self) -> PathBuf {
        self.path("feed")
    }

    /// The root that clients start from.
    pub fn root(&self) -> PathBuf {
        self.path("feed/1.root.json")
    }

    /// Runs `sluis` at the desk.
    ///
    /// # Errors
    /// What it said.
    pub fn sluis(&self, arguments: &[&str]) -> Result<String, String> {
        run(self
            .programs
            .sluis()
            .current_dir(self.folder.path())
            .args(arguments))
    }

    /// Publishes this policy and the shipped catalogue.
    ///
    /// # Errors
    /// What `sluis` said.
    pub fn publish(&self, policy: &str) -> Result<(), String> {
        fs::write(self.path("policy.json"), policy).map_err(|error| error.to_string())?;
        let catalogue = catalogue();
        let catalogue = catalogue.to_str().ok_or("a path that is no text")?;
        let arguments = [
            "feed",
            "publish",
            "feed",
            "--keys",
            "keys",
            "--policy",
            "policy.json",
            "--catalogue",
            catalogue,
        ];
        self.sluis(&arguments).map(drop)
    }
}
