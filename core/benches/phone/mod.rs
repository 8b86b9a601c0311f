//! The agent of a phone that obeys two feeds, its store on a real disk.

#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../../tests/feed/repository.rs"]
mod repository;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

use sluis_core::agent::Agent;
use sluis_core::agent::message::{
    Configuration, Directives, Event, FeedConfiguration, FetchOutcome, Report, Time,
};
use sluis_core::feed::hex;
use tempfile::TempDir;

use repository::{DAY_0, Repository};

const CATALOGUE: &[u8] = include_bytes!("../../../policy-schema/catalogue/catalogue.json");

pub(crate) fn tell(agent: &mut Agent, event: Event, body: Option<&[u8]>) -> Directives {
    let time = Time {
        wall_ms: DAY_0 * 1000,
        elapsed_ms: 60_000,
        boot_count: 1,
    };
    agent.handle(Report { time, event }, body).unwrap()
}

/// The store of a phone that has verified both feeds, its second copy with it: files by name.
pub(crate) fn enrolled(policies: &[String]) -> BTreeMap<OsString, Vec<u8>> {
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
pub(crate) fn copy(store: &BTreeMap<OsString, Vec<u8>>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in store {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

pub(crate) fn open(folder: &Path) -> Agent {
    Agent::open(&folder.join("sluis.db")).unwrap()
}
