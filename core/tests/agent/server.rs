//! The feeds of the tests, and what they serve.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use sluis_core::agent::message::{Fetch, FetchOutcome};
use sluis_core::feed::hex;

use crate::repository::Repository;

/// Serves feeds by name.
#[derive(Default)]
pub(crate) struct Server {
    pub(crate) feeds: BTreeMap<String, Repository>,
    /// Feeds that do not answer.
    pub(crate) dead: BTreeSet<String>,
}

impl Server {
    /// A server with one feed.
    pub(crate) fn with(name: &str, policy: &Value) -> Self {
        let mut server = Self::default();
        server.add(name, policy);
        server
    }

    /// Begins a feed with its first policy.
    pub(crate) fn add(&mut self, name: &str, policy: &Value) {
        let mut repository = Repository::unpublished();
        repository.content.remove("catalogue.json");
        repository.publish_policy(&policy.to_string());
        self.feeds.insert(name.into(), repository);
    }

    /// Publishes the next policy of a feed.
    pub(crate) fn publish(&mut self, name: &str, policy: &Value) {
        self.feeds
            .get_mut(name)
            .unwrap()
            .publish_policy(&policy.to_string());
    }

    /// A configuration that names these feeds.
    pub(crate) fn configuration(&self, names: &[&str]) -> Value {
        let feed = |name: &&str| {
            json!({
                "name": name,
                "url": format!("https://feeds.example/{name}/"),
                "root_sha256": hex::encode(&self.feeds[*name].pin()),
            })
        };
        json!({ "feeds": names.iter().map(feed).collect::<Vec<_>>() })
    }

    pub(crate) fn answer(&self, fetch: &Fetch) -> (FetchOutcome, Option<Vec<u8>>) {
        if self.dead.contains(&fetch.feed) {
            let message = "no route to host".into();
            return (FetchOutcome::Failed { message }, None);
        }
        let base = format!("https://feeds.example/{}/", fetch.feed);
        let path = fetch.url.strip_prefix(&base).unwrap();
        match self.feeds[&fetch.feed].files.get(path) {
            Some(bytes) => {
                assert!(bytes.len() as u64 <= fetch.max_bytes);
                (FetchOutcome::Body {}, Some(bytes.clone()))
            }
            None => (FetchOutcome::Missing {}, None),
        }
    }
}

/// A policy of that layer with these rules.
pub(crate) fn policy(layer: &str, rules: Value) -> Value {
    json!({
        "format": "sluis.policy/1",
        "layer": layer,
        "organisation": { "name": { "nl": format!("Organisatie {layer}"), "en": format!("Organisation {layer}") } },
        "stance": "open",
        "rules": rules,
    })
}

/// A rule that denies packages.
pub(crate) fn deny(id: &str, remedy: &str, packages: &[&str]) -> Value {
    json!({ "id": id, "effect": "deny", "remedy": remedy, "match": { "packages": packages } })
}
