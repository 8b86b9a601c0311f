//! The example policies: their pages are true, phones take them, and they do nothing that anybody would regret.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod pages;
mod published;
mod traps;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The day on which the examples are looked at: rules and exemptions end.
const TODAY: &str = "2026-12-01T00:00:00Z";

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn examples() -> PathBuf {
    repository().join("policy-schema/examples")
}

fn sluis(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sluis"))
        .args(arguments)
        .current_dir(folder)
        .env_remove("SLUIS_PASSPHRASE")
        .output()
        .unwrap()
}

/// One of the ways: a folder with a page about it.
struct Way {
    folder: PathBuf,
    name: String,
    page: String,
}

/// A command on a page, and what the page says that comes of it.
struct Shown<'p> {
    /// Both, as the page has them.
    block: &'p str,
    command: &'p str,
    output: &'p str,
}

impl Way {
    /// All of them, in order.
    fn all() -> Vec<Self> {
        let folders = fs::read_dir(examples())
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let mut ways: Vec<Self> = folders
            .filter(|folder| folder.join("README.md").is_file())
            .map(|folder| Self {
                name: folder.file_name().unwrap().to_str().unwrap().to_owned(),
                page: fs::read_to_string(folder.join("README.md")).unwrap(),
                folder,
            })
            .collect();
        ways.sort_by(|a, b| a.name.cmp(&b.name));
        ways
    }

    fn shown(&self) -> Vec<Shown<'_>> {
        let blocks = self.page.split("\n```console\n$ ").skip(1);
        blocks
            .map(|rest| {
                let block = rest.split_once("\n```\n").unwrap().0;
                let (command, output) = block.split_once('\n').unwrap_or((block, ""));
                Shown {
                    block,
                    command,
                    output,
                }
            })
            .collect()
    }

    /// What comes of a command on the page: what it prints, also where it fails, and ends with.
    fn run(&self, command: &str) -> String {
        let mut arguments: Vec<&str> = command.strip_prefix("sluis ").unwrap().split(' ').collect();
        if arguments[0] == "lint" {
            arguments.extend(["--now", TODAY]);
        }
        let output = sluis(&self.folder, &arguments);
        let said = [output.stdout, output.stderr].concat();
        String::from_utf8(said).unwrap().trim_end().to_owned()
    }

    /// The policies of each `sluis simulate` on the page: each is a set that a phone obeys together.
    fn policies(&self) -> Vec<Vec<PathBuf>> {
        let mut sets: Vec<Vec<PathBuf>> = Vec::new();
        for shown in self.shown() {
            let words: Vec<&str> = shown.command.split(' ').collect();
            let named = words.windows(2).filter(|pair| pair[0] == "--policy");
            let set: Vec<PathBuf> = named
                .map(|pair| self.folder.join(pair[1]).canonicalize().unwrap())
                .collect();
            if !set.is_empty() && !sets.contains(&set) {
                sets.push(set);
            }
        }
        sets
    }
}

/// Every policy among the examples.
fn policies() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![examples()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let ending = path.extension().and_then(|ending| ending.to_str());
            match ending {
                _ if path.is_dir() => folders.push(path),
                _ if path.ends_with("sluis-lint.json") => {}
                Some("json" | "yaml") => found.push(path.canonicalize().unwrap()),
                _ => {}
            }
        }
    }
    found.sort();
    found
}
