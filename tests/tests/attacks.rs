//! Attacks on a feed, each from its folder under `fixtures/feed`: the files are served as they lie there, to the real
//! client with the real store, and every step must end as `expected.json` says: in how it ends and why, in the files
//! in force, in every role's floor and in the clock.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sluis_core::agent::Agent;
use sluis_core::agent::message::{
    Action, Configuration, Event, FeedConfiguration, Fetch, FetchOutcome, Installed, Report, Step as Order,
    Time,
};
use sluis_core::feed::{Answer, FeedIdentity, Next, Outcome, Role, Update, Wanted, hex, rfc3339};
use sluis_core::store::Store;
use sluis_policy::policy::Policy;
use sluis_tests::attacks::{Clocks, Ending, Fixture, NewAgent, Step, document, folder, generate, names};
use sluis_tests::messages::repository;
use tempfile::TempDir;

/// One test for each threat, named as its folder.
macro_rules! attacks {
    ($($name:ident),* $(,)?) => {
        $(
            #[test]
            fn $name() {
                play(stringify!($name));
            }
        )*

        const PLAYED: &[&str] = &[$(stringify!($name)),*];
    };
}

attacks! {
    agent_kept_back,
    agent_listed_by_a_role_to_which_it_was_not_left,
    agent_longer_than_listed,
    agent_of_another_package,
    agent_of_other_bytes,
    case_tricks_in_names,
    clock_set_back_ten_years,
    clock_set_forward_ten_years,
    cve_2021_41131_path_traversal_in_a_role_name,
    cve_2022_29173_older_versions_of_all_roles_but_root,
    cve_2024_47534_delegations_in_another_order,
    cve_2025_2885_root_of_an_unexpected_version,
    cve_2025_2886_search_goes_on_after_a_terminating_delegation,
    cve_2025_2887_rollback_of_a_delegated_role_in_the_snapshot,
    cve_2025_2888_timestamp_kept_though_its_snapshot_is_older,
    cve_2026_23991_json_that_is_no_metadata,
    cve_2026_23992_delegation_with_a_threshold_of_none,
    delegated_role_lists_what_was_not_left_to_it,
    delegated_role_signed_by_too_few,
    delegations_without_end,
    depth_inside_signed,
    duplicate_key_inside_signed,
    equal_snapshot_version_with_other_bytes,
    equal_targets_version_with_other_bytes,
    equal_timestamp_version_with_other_bytes,
    expired_when_it_arrives,
    expiry_of_the_final_root_after_a_rotation,
    fast_forward_by_stolen_online_keys,
    feed_without_issue_times,
    float_inside_signed,
    freeze,
    issued_earlier_than_before_or_after_its_own_expiry,
    issued_in_2099_by_a_stolen_timestamp_key,
    line_breaks_in_target_names,
    mix_and_match_against_hashes,
    mix_and_match_where_no_hashes_are_listed,
    next_root_signed_by_its_own_keys_only,
    older_agent,
    one_of_two_feeds_is_dead,
    path_traversal_in_target_names,
    replay_after_expiry,
    rollback_of_a_delegated_role,
    rollback_of_the_root,
    rollback_of_the_snapshot,
    rollback_of_the_targets,
    rollback_of_the_timestamp,
    root_chain_longer_than_one_refresh_takes,
    same_key_under_two_ids,
    skipped_root,
    targets_signed_by_a_stolen_online_key,
    threshold_met_by_unknown_keys,
    two_feeds_that_disagree_about_the_time,
    wrong_root,
}

#[test]
fn every_folder_has_a_test_and_every_test_a_folder() {
    let played: BTreeSet<String> = PLAYED.iter().map(|name| (*name).to_owned()).collect();
    let folders: BTreeSet<String> = names()
        .into_iter()
        // Those are played over HTTP: `cli/tests/attacks.rs`.
        .filter(|name| !Fixture::read(&folder().join(name)).unwrap().needs_a_server())
        .collect();
    assert_eq!(folders, played);
}

#[test]
fn the_fixtures_are_what_their_generator_writes() {
    let mut found = BTreeMap::new();
    read_all(&folder(), &folder(), &mut found);
    let written = generate().unwrap();
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&found), names(&written));
    for (path, bytes) in &written {
        assert_eq!(&found[path], bytes, "{path}: run `make strings`");
    }
}

#[test]
fn the_page_of_threats_says_what_the_fixtures_say() {
    let page = fs::read_to_string(repository().join("docs/threats.md")).unwrap();
    assert_eq!(page, document(), "run `make strings`");
}

#[test]
fn policies_in_the_fixtures_are_policies() {
    for (path, bytes) in generate().unwrap() {
        if path.ends_with("policy.json") {
            assert!(Policy::parse(&path, &bytes).is_ok(), "{path}");
        }
    }
}

fn read_all(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_all(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            files.insert(name, fs::read(&path).unwrap());
        }
    }
}

/// A phone, the servers that it asks, and the fixture that says what happens.
struct Play {
    threat: PathBuf,
    fixture: Fixture,
    store: TempDir,
    served: BTreeMap<String, BTreeMap<String, Vec<u8>>>,
}

fn play(name: &str) {
    let threat = folder().join(name);
    let fixture = Fixture::read(&threat).unwrap();
    let mut play = Play {
        threat,
        fixture,
        store: tempfile::tempdir().unwrap(),
        served: BTreeMap::new(),
    };
    for number in 0..play.fixture.steps.len() {
        play.step(number);
    }
}

impl Play {
    fn step(&mut self, number: usize) {
        self.publish(number);
        let step = &self.fixture.steps[number];
        let context = format!(
            "{}, step {} ({:?})",
            self.threat.display(),
            number + 1,
            step.serves
        );
        if step.root_lost {
            self.lose_root();
        }
        let identity = self.identity(&step.feed);
        let time = time(&step.time);
        let (ending, requests) = self.refresh(&identity, step, time);
        assert_eq!(ending, step.outcome, "{context}");
        if let Some(expected) = &step.requests {
            assert_eq!(&requests, expected, "{context}");
        }
        if let Some(expected) = &step.agent {
            assert_eq!(&self.agent(expected, &step.feed, time), expected, "{context}");
        }
        // What one feed does must not touch another: all are looked at after each step.
        for feed in self.fixture.root_sha256.keys() {
            let last = self.fixture.steps[..=number]
                .iter()
                .rev()
                .find(|step| &step.feed == feed);
            if let Some(last) = last {
                self.check(last, &format!("{context}, feed {feed}"));
            }
        }
        if let Some(not_before) = &step.not_before {
            let trusted = self.open().feed(&identity).unwrap();
            let floor_ms = trusted.clock().floor_ms(time).unwrap();
            assert_eq!(
                &rfc3339::format(floor_ms.div_euclid(1000)),
                not_before,
                "{context}"
            );
        }
    }

    /// Puts the step's files on its server.
    fn publish(&mut self, number: usize) {
        let step = &self.fixture.steps[number];
        let served = self.served.entry(step.feed.clone()).or_default();
        for path in &step.gone {
            assert!(served.remove(path).is_some(), "{path} was never there");
        }
        if let Some(name) = &step.serves {
            let folder = self.threat.join(name);
            read_all(&folder, &folder, served);
        }
    }

    fn refresh(&self, identity: &FeedIdentity, step: &Step, time: Time) -> (Ending, Vec<String>) {
        let mut store = self.open();
        let served = &self.served[&step.feed];
        let mut requests = Vec::new();
        let trusted = store.feed(identity).unwrap();
        let mut update = match step.wants.is_empty() {
            true => Update::start(identity, trusted, time),
            false => Update::start_for(
                identity,
                trusted,
                time,
                step.wants.iter().map(|name| wanted(name)).collect(),
            ),
        };
        loop {
            match update.next() {
                Next::Done(outcome) => return (ending(outcome), requests),
                Next::Fetch { path, max_bytes } => {
                    let answer = match served.get(&path) {
                        _ if step.dead => Answer::Failed("no answer".into()),
                        None => Answer::Missing,
                        Some(bytes) if bytes.len() as u64 > max_bytes => Answer::TooLong,
                        Some(bytes) => Answer::Body(bytes),
                    };
                    requests.push(path);
                    for commit in update.received(&answer) {
                        store.commit_feed(identity, &commit).unwrap();
                    }
                }
            }
        }
    }

    /// What becomes of the agent's package on a phone that refreshes this feed, the whole agent at work.
    fn agent(&self, expected: &NewAgent, feed: &str, time: Time) -> NewAgent {
        let mut agent = Agent::open(&self.store.path().join("agent.db")).unwrap();
        let installed = Installed {
            package: expected.package.clone(),
            version_code: expected.version_code,
            sdk: 34,
            installs_silently: true,
        };
        let base = format!("https://feeds.example/{feed}/");
        let configuration = Configuration {
            feeds: vec![FeedConfiguration {
                name: feed.into(),
                url: base.clone(),
                root_sha256: Some(self.fixture.root_sha256[feed].clone()),
                root: None,
            }],
            allow_loopback_http: false,
        };
        let mut found = NewAgent {
            fetched: false,
            installed: None,
            refused: None,
            ..expected.clone()
        };
        let mut events = VecDeque::from([
            (Event::Agent { installed }, None),
            (Event::Configure { configuration }, None),
        ]);
        while let Some((event, body)) = events.pop_front() {
            let directives = agent.handle(Report { time, event }, body).unwrap();
            for Action { step, .. } in directives.actions {
                if let Order::UpdateAgent { version_code, .. } = step {
                    found.installed = Some(version_code);
                }
            }
            for Fetch { feed, url, max_bytes } in directives.fetches {
                let path = url.strip_prefix(&base).unwrap();
                found.fetched |= path.ends_with(".agent.apk");
                let served = self.served[&feed].get(path);
                let (outcome, body) = match served {
                    None => (FetchOutcome::Missing {}, None),
                    Some(bytes) if bytes.len() as u64 > max_bytes => (FetchOutcome::TooLong {}, None),
                    Some(bytes) => (FetchOutcome::Body {}, Some(bytes.as_slice())),
                };
                events.push_back((Event::Fetched { feed, url, outcome }, body));
            }
        }
        let log = agent.audit().unwrap();
        let entries = log
            .iter()
            .map(|entry| serde_json::from_str(&entry.entry).unwrap());
        let mut refused = entries.filter(|entry: &Value| entry["kind"] == "agent_refused");
        found.refused = refused
            .next()
            .map(|entry| entry["why"].as_str().unwrap().to_owned());
        found
    }

    /// What is in force of a feed, and below which versions it will not go.
    fn check(&self, step: &Step, context: &str) {
        let identity = self.identity(&step.feed);
        let store = self.open();
        let trusted = store.feed(&identity).unwrap();
        let active: BTreeSet<&str> = trusted.active().iter().map(|file| file.name.as_str()).collect();
        let expected: BTreeSet<&str> = step.in_force.keys().map(String::as_str).collect();
        assert_eq!(active, expected, "{context}");
        for (name, place) in &step.in_force {
            let expected = fs::read_to_string(self.threat.join(place)).unwrap();
            let in_force = store.feed_file(&identity, name).unwrap().unwrap();
            assert_eq!(
                String::from_utf8(in_force).unwrap(),
                expected,
                "{context}: {name}"
            );
        }
        assert_eq!(self.floors(&identity), step.floors, "{context}");
        for (name, version) in &step.floors {
            let floor = trusted.floors().get(&role(name)).map(|floor| floor.version);
            assert_eq!(floor, Some(*version), "{context}: {name}");
        }
    }

    /// All floors that are written down, whoever may have no more use for them.
    fn floors(&self, identity: &FeedIdentity) -> BTreeMap<String, u64> {
        let sql =
            "SELECT role, version FROM feed_floor JOIN feed ON feed.id = feed_floor.feed WHERE name = ?1";
        let connection = rusqlite::Connection::open(self.store_path()).unwrap();
        let mut statement = connection.prepare(sql).unwrap();
        statement
            .query_map([&identity.name], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap()
    }

    fn lose_root(&self) {
        let connection = rusqlite::Connection::open(self.store_path()).unwrap();
        let deleted = connection.execute("DELETE FROM feed_metadata WHERE role = 'root'", []);
        assert_eq!(deleted.unwrap(), 1);
    }

    fn identity(&self, feed: &str) -> FeedIdentity {
        FeedIdentity {
            name: feed.into(),
            root_sha256: hex::decode_exact(&self.fixture.root_sha256[feed]).unwrap(),
        }
    }

    fn open(&self) -> Store {
        Store::open(&self.store_path()).unwrap()
    }

    fn store_path(&self) -> PathBuf {
        self.store.path().join("sluis.db")
    }
}

fn wanted(name: &str) -> Wanted {
    Wanted {
        name: name.into(),
        required: true,
        max_bytes: 1024,
    }
}

fn time(clocks: &Clocks) -> Time {
    Time {
        wall_ms: rfc3339::parse(&clocks.wall).unwrap() * 1000,
        elapsed_ms: clocks.running_s * 1000,
        boot_count: clocks.boots,
    }
}

fn ending(outcome: Outcome) -> Ending {
    match outcome {
        Outcome::Updated => Ending::Updated,
        Outcome::Unchanged => Ending::Unchanged,
        Outcome::Failed(error) => Ending::Refused {
            role: error.role.to_string(),
            reason: error.reason.to_string(),
        },
    }
}

fn role(name: &str) -> Role {
    match name {
        "root" => Role::Root,
        "timestamp" => Role::Timestamp,
        "snapshot" => Role::Snapshot,
        "targets" => Role::Targets,
        delegated => Role::Delegated(delegated.into()),
    }
}
