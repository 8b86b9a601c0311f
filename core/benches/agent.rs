//! How long the agent takes for what an employee waits for, its store on a real disk: to start, to plan a whole phone,
//! and to answer an app that was just installed. Two feeds, the committed catalogue, and the phones of `world`.
#![allow(
    missing_docs,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::panic,
    reason = "not shipped: a bench may panic"
)]

#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../tests/feed/repository.rs"]
mod repository;
mod world;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::hint::black_box;
use std::path::Path;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use sluis_core::agent::Agent;
use sluis_core::agent::message::{
    Configuration, Directives, Event, FeedConfiguration, FetchOutcome, Report, Time,
};
use sluis_core::feed::hex;
use sluis_core::policy::facts::{Inventory, PackageFacts, Roles};
use tempfile::TempDir;

use repository::{DAY_0, Repository};
use world::world;

const CATALOGUE: &[u8] = include_bytes!("../../policy-schema/catalogue/catalogue.json");

fn tell(agent: &mut Agent, event: Event, body: Option<&[u8]>) -> Directives {
    let time = Time {
        wall_ms: DAY_0 * 1000,
        elapsed_ms: 60_000,
        boot_count: 1,
    };
    agent.handle(Report { time, event }, body).unwrap()
}

/// The store of a phone that has verified both feeds, its second copy with it: files by name.
fn enrolled(policies: &[String]) -> BTreeMap<OsString, Vec<u8>> {
    let feeds: Vec<(String, Repository)> = policies
        .iter()
        .enumerate()
        .map(|(i, policy)| {
            let mut repository = Repository::unpublished();
            repository
                .content
                .insert("policy.json".into(), policy.clone().into_bytes());
            repository
                .content
                .insert("catalogue.json".into(), CATALOGUE.to_vec());
            repository.publish();
            (format!("feed{i}"), repository)
        })
        .collect();
    let url = |name: &str| format!("https://feeds.example/{name}/");
    let configured = |(name, repository): &(String, Repository)| FeedConfiguration {
        name: name.clone(),
        url: url(name),
        root_sha256: Some(hex::encode(&repository.pin())),
        root: None,
    };
    let feeds_configured = feeds.iter().map(configured).collect();
    let configuration = Configuration {
        feeds: feeds_configured,
        allow_loopback_http: false,
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sluis.db");
    let mut agent = Agent::open(&path).unwrap();
    let mut fetches = tell(&mut agent, Event::Configure { configuration }, None).fetches;
    while let Some(fetch) = fetches.pop() {
        let repository = &feeds.iter().find(|(name, _)| *name == fetch.feed).unwrap().1;
        let body = repository
            .files
            .get(fetch.url.strip_prefix(&url(&fetch.feed)).unwrap());
        let outcome = if body.is_some() {
            FetchOutcome::Body {}
        } else {
            FetchOutcome::Missing {}
        };
        let event = Event::Fetched {
            feed: fetch.feed,
            url: fetch.url,
            outcome,
        };
        fetches.extend(tell(&mut agent, event, body.map(Vec::as_slice)).fetches);
    }
    drop(agent);
    let files = fs::read_dir(folder.path()).unwrap().map(Result::unwrap);
    files
        .map(|file| (file.file_name(), fs::read(file.path()).unwrap()))
        .collect()
}

/// The same store once more, in a folder of its own.
fn copy(store: &BTreeMap<OsString, Vec<u8>>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in store {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

fn open(folder: &Path) -> Agent {
    Agent::open(&folder.join("sluis.db")).unwrap()
}

fn benches(criterion: &mut Criterion) {
    let world = world();
    let store = enrolled(&world.policies);
    let inventory = Inventory {
        packages: world.phones[0].clone(),
        roles: Roles::new(),
    };
    let forbidden = PackageFacts {
        name: forbidden(&world.policies[0]),
        system: Some(false),
        ..PackageFacts::default()
    };

    let planned = |agent: &mut Agent| {
        tell(
            agent,
            Event::Inventory {
                inventory: inventory.clone(),
                api: None,
            },
            None,
        )
        .actions
        .len()
    };
    println!(
        "the first plan of this phone has {} actions",
        planned(&mut open(copy(&store).path()))
    );

    criterion.bench_function(
        "open the store, read and compile two policies and the catalogue",
        |b| {
            b.iter_batched(
                || copy(&store),
                |folder| (open(folder.path()), folder),
                BatchSize::PerIteration,
            );
        },
    );
    criterion.bench_function(
        "cold start to the first full plan of 400 packages, durable",
        |b| {
            let start = |folder: TempDir| {
                let mut agent = open(folder.path());
                black_box(planned(&mut agent));
                (agent, folder)
            };
            b.iter_batched(|| copy(&store), start, BatchSize::PerIteration);
        },
    );
    criterion.bench_function("a forbidden app is installed: its actions, durable", |b| {
        let ready = || {
            let folder = copy(&store);
            (open(folder.path()), folder)
        };
        let arrives = |(mut agent, folder): (Agent, TempDir)| {
            let (name, facts) = (forbidden.name.clone(), Some(Box::new(forbidden.clone())));
            let actions = tell(
                &mut agent,
                Event::PackageChanged {
                    name,
                    facts,
                    roles: Roles::new(),
                },
                None,
            )
            .actions;
            assert!(!actions.is_empty());
            (agent, folder)
        };
        b.iter_batched(ready, arrives, BatchSize::PerIteration);
    });
}

/// The first name that the policy denies.
fn forbidden(policy: &str) -> String {
    let start = policy.find("\"packages\":[\"").unwrap() + "\"packages\":[\"".len();
    policy[start..].split('"').next().unwrap().to_owned()
}

criterion_group!(all, benches);
criterion_main!(all);
