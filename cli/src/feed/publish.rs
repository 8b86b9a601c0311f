//! `sluis feed publish`: the next version of targets, snapshot and timestamp.

use std::path::Path;

use serde_json::{Map, Value, json};
use sluis_core::feed::metadata::Authority;
use sluis_core::feed::rfc3339;

use super::document::Document;
use super::keys::{self, SigningKey};
use super::lock::Lock;
use super::repository::{self, Current};
use super::signing;
use super::verification::{self, Staged};
use crate::failure::Failure;

/// What to publish.
pub(super) struct Publication<'a> {
    pub(super) folder: &'a Path,
    pub(super) keys: &'a Path,
    pub(super) documents: Vec<Document>,
    /// The time of signing, which phones learn the time from; all times in seconds since 1970.
    pub(super) issued: i64,
    pub(super) targets_expire: i64,
    pub(super) snapshot_expires: i64,
    pub(super) timestamp_expires: i64,
}

/// What was published.
pub(super) struct Done {
    /// Of the targets.
    pub(super) version: u64,
    /// When the first part of it expires.
    pub(super) expires: i64,
    /// Publishing again does not help then.
    pub(super) root_expires_first: bool,
}

/// Signs the documents and puts them in the feed, all at once in a reader's eyes.
pub(super) fn publish(publication: &Publication<'_>) -> Result<Done, Failure> {
    repository::must_exist(publication.folder)?;
    let _lock = Lock::take(publication.folder)?;
    let current = repository::read(publication.folder)?;
    check_time(publication, &current)?;
    let versions = Versions::after(&current);
    let staged = sign(publication, &current, &versions)?;
    verification::verify(publication.folder, &current.pin, &staged, publication.issued)?;
    // The timestamp comes last: until it is in place, nothing refers to the rest.
    for (name, bytes) in &staged {
        repository::write(&publication.folder.join(name), bytes)?;
    }
    let root = current.root.expires();
    let others = publication
        .targets_expire
        .min(publication.snapshot_expires)
        .min(publication.timestamp_expires);
    Ok(Done {
        version: versions.targets,
        expires: root.min(others),
        root_expires_first: root < others,
    })
}

struct Versions {
    targets: u64,
    snapshot: u64,
    timestamp: u64,
}

impl Versions {
    fn after(current: &Current) -> Self {
        match &current.published {
            None => Self {
                targets: 1,
                snapshot: 1,
                timestamp: 1,
            },
            Some(published) => Self {
                targets: published.targets.version() + 1,
                snapshot: published.snapshot.version() + 1,
                timestamp: published.timestamp.version() + 1,
            },
        }
    }
}

/// Phones refuse a timestamp that was issued before the last one.
fn check_time(publication: &Publication<'_>, current: &Current) -> Result<(), Failure> {
    let published = current.published.as_ref();
    match published.and_then(|published| published.timestamp.content().issued) {
        Some(last) if last > publication.issued => Err(Failure::unusable(format!(
            "the feed was last published at {}, but this machine's clock says {}: set the clock right",
            rfc3339::format(last),
            rfc3339::format(publication.issued),
        ))),
        _ => Ok(()),
    }
}

/// The new files, in the order in which they are written.
fn sign(
    publication: &Publication<'_>,
    current: &Current,
    versions: &Versions,
) -> Result<Vec<Staged>, Failure> {
    let root = current.root.content();
    let key = |role, authority| role_key(publication.keys, role, authority);
    let (targets_key, snapshot_key, timestamp_key) = (
        key("targets", &root.targets)?,
        key("snapshot", &root.snapshot)?,
        key("timestamp", &root.timestamp)?,
    );

    let mut staged = Vec::new();
    let mut listed = Map::new();
    for document in &publication.documents {
        let sha256 = signing::sha256(&document.bytes);
        listed.insert(
            document.name.into(),
            json!({ "length": document.bytes.len(), "hashes": signing::hashes(&document.bytes) }),
        );
        staged.push((
            format!("targets/{sha256}.{}", document.name),
            document.bytes.clone(),
        ));
    }

    let own = [("targets", listed.into())];
    let targets = signing::signed_part("targets", versions.targets, publication.targets_expire, own);
    let targets = signing::signed_file(&targets, &targets_key)?;

    let own = [(
        "meta",
        json!({ "targets.json": listing(versions.targets, &targets) }),
    )];
    let snapshot = signing::signed_part("snapshot", versions.snapshot, publication.snapshot_expires, own);
    let snapshot = signing::signed_file(&snapshot, &snapshot_key)?;

    let own = [
        (
            "meta",
            json!({ "snapshot.json": listing(versions.snapshot, &snapshot) }),
        ),
        ("x-sluis-issued", rfc3339::format(publication.issued).into()),
    ];
    let timestamp = signing::signed_part(
        "timestamp",
        versions.timestamp,
        publication.timestamp_expires,
        own,
    );
    let timestamp = signing::signed_file(&timestamp, &timestamp_key)?;

    staged.push((format!("{}.targets.json", versions.targets), targets));
    staged.push((format!("{}.snapshot.json", versions.snapshot), snapshot));
    staged.push(("timestamp.json".into(), timestamp));
    Ok(staged)
}

fn listing(version: u64, bytes: &[u8]) -> Value {
    json!({
        "version": version,
        "length": bytes.len(),
        "hashes": signing::hashes(bytes),
    })
}

/// The key in the folder that signs for a role; a key that the root does not list would be of no use.
fn role_key(folder: &Path, role: &str, authority: &Authority) -> Result<SigningKey, Failure> {
    let path = keys::path(folder, role);
    let key = SigningKey::load(&path)?;
    match authority.key(key.id()) {
        Some(listed) if key.is(listed) => Ok(key),
        _ => Err(Failure::file(
            &path,
            format!("this key is not one that the feed's root lists for {role}"),
        )),
    }
}
