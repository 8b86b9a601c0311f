//! `expected.json`: what a fixture's phone is served, step by step, and what must come of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::{Deserialize, Serialize};

/// One threat, played through.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixture {
    /// What somebody tries.
    pub threat: String,
    /// What stands against it.
    pub held_by: String,
    /// The weakness of another client that this repeats, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Published>,
    /// The feeds that the phone obeys: SHA-256 of the first root of each, by name.
    pub root_sha256: BTreeMap<String, String>,
    /// What happens, in this order, to one phone.
    pub steps: Vec<Step>,
}

/// A weakness that was found in another client.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// Its number.
    pub id: String,
    /// The client that had it.
    pub client: String,
    /// What went wrong there.
    pub went_wrong: String,
    /// Where that is to be read.
    pub source: String,
}

/// One refresh of one feed.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Which feed is refreshed.
    pub feed: String,
    /// The folder whose files the server has from now on, besides those of the steps before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serves: Option<String>,
    /// Paths that the server has no more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<String>,
    /// What comes in place of files, by path; of every file under `*`. It is made on the way, not kept in a folder.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<String, Answer>,
    /// The server answers nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dead: bool,
    /// The phone lost its copy of the root just before; it kept the floors.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub root_lost: bool,
    /// Target files that are wanted in place of those that phones take.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wants: Vec<String>,
    /// What the phone's clocks say.
    pub time: Clocks,
    /// How the refresh ends.
    pub outcome: Ending,
    /// What the phone asks for, where that is part of the promise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<Vec<String>>,
    /// The files in force afterwards: by name, the file of this fixture that has their bytes.
    pub in_force: BTreeMap<String, String>,
    /// The lowest version of each role that the phone takes from now on.
    pub floors: BTreeMap<String, u64>,
    /// The earliest that it can be now, by signed issue times, where that is part of the promise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<String>,
    /// What becomes of the agent's own package, where this is about that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<NewAgent>,
}

/// A new version of the agent, on a phone whose owner it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAgent {
    /// The agent's package.
    pub package: String,
    /// The version that is on the phone before.
    pub version_code: u64,
    /// Whether the listed one is asked for.
    pub fetched: bool,
    /// The version that is ordered to be installed, if any is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installed: Option<u64>,
    /// Why the log says that it was refused, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// What a server, or whoever stands between it and a phone, may send in place of a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Answer {
    /// A file of so many bytes, as it announces.
    Bytes(u64),
    /// A body whose end never comes.
    Endless,
    /// A few bytes, compressed, that unfold to this many.
    Compressed(u64),
    /// A page for people.
    Page(String),
    /// The file's head, so many bytes of it, under the length of the whole.
    CutOff(u64),
    /// The whole file, under a length of so many bytes.
    AnnouncedAs(u64),
}

/// A phone's clocks.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clocks {
    /// The time that the phone shows, which its user can set.
    pub wall: String,
    /// Seconds since it was switched on.
    pub running_s: u64,
    /// How often it was switched on.
    pub boots: u64,
}

/// How a refresh ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Ending {
    /// Other files are in force.
    Updated,
    /// All is in order, and the same files are in force.
    Unchanged,
    /// It stopped.
    Refused {
        /// Whose file was not taken.
        role: String,
        /// Why.
        reason: String,
    },
}

impl Fixture {
    /// Whether the threat lies on the way from the server: it takes a web server to play it.
    pub fn needs_a_server(&self) -> bool {
        self.steps.iter().any(|step| !step.answers.is_empty())
    }

    /// Reads a threat's `expected.json`.
    ///
    /// # Errors
    /// It is not there, or not what it should be.
    pub fn read(folder: &Path) -> io::Result<Self> {
        Ok(serde_json::from_slice(&fs::read(folder.join("expected.json"))?)?)
    }
}

/// Where the fixtures are, a folder for each threat.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/feed")
}

/// The names of all fixtures.
///
/// # Panics
/// Where their folder cannot be read.
pub fn names() -> Vec<String> {
    let name =
        |entry: io::Result<fs::DirEntry>| entry.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let entries = fs::read_dir(folder()).and_then(|entries| entries.map(name).collect());
    entries.unwrap_or_else(|error| panic!("{}: {error}", folder().display()))
}
