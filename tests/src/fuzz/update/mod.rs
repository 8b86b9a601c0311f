//! The whole state machine against a repository whose author, server and clock do what the bytes say.
//!
//! Honest acts and thefts of the online keys are mixed with files that were changed on the way. Whatever comes of it:
//! nothing panics, no files are in force together but those that a threshold of the targets' keys signed together, no
//! floor goes down without a rotation that may lower it, no clock is moved by anything but signed times, and in the
//! end a rotation of the online keys cures the phone.

mod acts;
mod damage;
mod promises;

use std::collections::{BTreeMap, BTreeSet};

use sluis_core::agent::message::Time;
use sluis_core::feed::{Answer, FeedIdentity, Next, Outcome, Role, TrustedState, Update, limits};

use self::damage::damaged;
use super::choices::Choices;
use crate::repository::{DAY_0, Repository, canonical_form, sha256};

/// Refreshes in one run.
const REFRESHES: usize = 8;
/// Requests after which a refresh would be called endless.
const MANY: usize = 200;

/// Plays the bytes.
pub fn update(data: &[u8]) {
    let mut choices = Choices::new(data);
    let mut world = World::new();
    for _ in 0..REFRESHES {
        if choices.is_empty() {
            break;
        }
        for _ in 0..choices.below(6) {
            world.act(&mut choices);
        }
        world.refresh(&mut choices);
    }
    world.is_cured();
}

/// The files in force, by name and SHA-256.
type Content = BTreeMap<String, String>;

struct World {
    repository: Repository,
    /// What a threshold of the targets' keys signed together, at any time.
    signed: BTreeSet<Content>,
    /// The same file by file, with what roles signed that some were left to.
    signed_files: BTreeSet<(String, String)>,
    /// Whether files were ever left to another role: what is in force may come from two publications then.
    delegated_once: bool,
    /// The honest roots, by version: their files, what their signed part hashes to, and whether they rotate an online
    /// key.
    roots: BTreeMap<i64, HonestRoot>,
    /// The latest time that any timestamp ever said.
    latest_issue_s: i64,
    policies: u32,
    feed: FeedIdentity,
    trusted: TrustedState,
    time: Time,
    /// Milliseconds that passed while the phone ran, over all boots.
    passed_ms: u64,
}

struct HonestRoot {
    bytes: Vec<u8>,
    signed_sha256: String,
    rotates_online_keys: bool,
}

impl World {
    fn new() -> Self {
        let repository = Repository::unpublished();
        let feed = FeedIdentity {
            name: "national".into(),
            root_sha256: repository.pin(),
        };
        let mut world = Self {
            repository,
            signed: BTreeSet::new(),
            signed_files: BTreeSet::new(),
            delegated_once: false,
            roots: BTreeMap::new(),
            latest_issue_s: i64::MIN,
            policies: 0,
            feed,
            trusted: TrustedState::default(),
            time: Time {
                wall_ms: DAY_0 * 1000,
                elapsed_ms: 60_000,
                boot_count: 1,
            },
            passed_ms: 60_000,
        };
        world.root_is_honest(false);
        world.publish();
        world
    }

    /// Notes that the newest root is one that the author means.
    fn root_is_honest(&mut self, rotates_online_keys: bool) {
        let version = self.repository.root_version;
        let root = HonestRoot {
            bytes: self.repository.files[&format!("{version}.root.json")].clone(),
            signed_sha256: sha256(&canonical_form(&self.repository.root_signed())),
            rotates_online_keys,
        };
        self.roots.insert(version, root);
    }

    fn publish(&mut self) {
        self.policies += 1;
        let policy = format!("{{\"policy\":{}}}", self.policies);
        let last = self.repository.delegated.last_mut().map(|role| &mut role.content);
        last.unwrap_or(&mut self.repository.content)
            .insert("policy.json".into(), policy.into_bytes());
        self.repository.publish();
        self.note_signed();
    }

    /// Notes what the targets' keys have just signed, and which time the timestamp's key.
    fn note_signed(&mut self) {
        let hashed = |(name, bytes): (&String, &Vec<u8>)| (name.clone(), sha256(bytes));
        let delegated = self.repository.delegated.iter().flat_map(|role| &role.content);
        self.signed_files
            .extend(delegated.chain(&self.repository.content).map(hashed));
        self.signed
            .insert(self.repository.content.iter().map(hashed).collect());
        self.note_time();
    }

    fn note_time(&mut self) {
        self.latest_issue_s = self
            .latest_issue_s
            .max(self.repository.issued.unwrap_or(i64::MIN));
    }

    /// A refresh, over a way on which files may be lost or changed.
    fn refresh(&mut self, choices: &mut Choices<'_>) -> Outcome {
        let before = self.trusted.clone();
        let mut update = Update::start(&self.feed, before.clone(), self.time);
        let mut requests = 0;
        let outcome = loop {
            match update.next() {
                Next::Done(outcome) => break outcome,
                Next::Fetch { path, max_bytes } => {
                    requests += 1;
                    assert!(requests < MANY, "a refresh that does not end");
                    check_request(&path, max_bytes);
                    let file = self.repository.files.get(&path);
                    let mischief = choices.byte();
                    let changed = match (file, mischief) {
                        (Some(bytes), 3..=6) => damaged(bytes, choices),
                        _ => Vec::new(),
                    };
                    let answer = match (file, mischief) {
                        (_, 0) | (None, _) => Answer::Missing,
                        (_, 1) => Answer::Failed("no answer".into()),
                        (_, 2) => Answer::TooLong,
                        (Some(_), 3..=6) => Answer::Body(&changed),
                        (Some(bytes), _) => Answer::Body(bytes),
                    };
                    update.received(&answer);
                }
            }
        };
        self.trusted = update.trusted().clone();
        self.holds(&before, &outcome);
        outcome
    }
}

/// What is asked for stays below the repository's address and within the limits.
pub(super) fn check_request(path: &str, max_bytes: u64) {
    let steps = path
        .split('/')
        .all(|step| !step.is_empty() && step != "." && step != "..");
    assert!(
        steps && !path.contains(|c: char| c.is_control() || c == '\\'),
        "{path:?}"
    );
    assert!(
        max_bytes <= limits::max_bytes(&Role::File(String::new())),
        "{path}: {max_bytes}"
    );
}
