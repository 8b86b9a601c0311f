//! A feed's folder: where its files are, and what they say.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use sluis_core::feed::metadata::{Root, Unverified};
use sluis_core::feed::{Reason, Role, limits};

use super::authority::{Authority, View};
use super::metadata::{self, Draft, ROOT, SNAPSHOT, TARGETS, TIMESTAMP};
use super::{sha256, target};
use crate::failure::Failure;
use crate::files;
use crate::output::shown;

/// What a feed says now. Its signatures hold; its dates may have passed.
#[derive(Debug)]
pub(super) struct Published {
    pub(super) root: Draft,
    /// SHA-256 of the first root, by which phones know the feed.
    pub(super) pin: String,
    /// The other roles by name; none before the first publication.
    pub(super) others: BTreeMap<String, Draft>,
}

impl Published {
    /// Reads a feed from its folder; `None` where there is no root yet.
    pub(super) fn read(folder: &Path) -> Result<Option<Self>, Failure> {
        let first_path = folder.join(metadata::path(ROOT, 1));
        let Some(first) = read(folder, &metadata::path(ROOT, 1))? else {
            return Ok(None);
        };
        let root = last_root(folder, &first_path, &first)?;
        Ok(Some(Self {
            pin: sha256(&first),
            others: others(folder, &root)?,
            root,
        }))
    }

    /// A role's metadata.
    pub(super) fn get(&self, role: &str) -> Option<&Draft> {
        if role == ROOT {
            Some(&self.root)
        } else {
            self.others.get(role)
        }
    }
}

/// Follows the chain of roots, as a phone does.
fn last_root(folder: &Path, first_path: &Path, first: &[u8]) -> Result<Draft, Failure> {
    let parse = |path: &Path, bytes: &[u8]| in_file(path, Unverified::<Root>::parse(bytes));
    let mut root = in_file(first_path, parse(first_path, first)?.verify_self())?;
    loop {
        let next = metadata::path(ROOT, root.version() + 1);
        let Some(bytes) = read(folder, &next)? else { break };
        let path = folder.join(next);
        root = in_file(&path, parse(&path, &bytes)?.verify_successor(&root))?;
    }
    let path = folder.join(metadata::path(ROOT, root.version()));
    Draft::parse(ROOT, root.bytes()).map_err(|problem| Failure::file(&path, problem))
}

fn others(folder: &Path, root: &Draft) -> Result<BTreeMap<String, Draft>, Failure> {
    let mut others = BTreeMap::new();
    let path = folder.join(metadata::path(TIMESTAMP, 0));
    let Some(bytes) = read(folder, &metadata::path(TIMESTAMP, 0))? else {
        refuse_to_begin_anew(folder, &path)?;
        return Ok(others);
    };
    let view = View::new(None, root, Vec::new());
    let timestamp = verified(&path, TIMESTAMP, &bytes, &view.authorities(TIMESTAMP))?;
    let snapshot = listed(folder, &timestamp, SNAPSHOT, &view)?;
    let targets = listed(folder, &snapshot, TARGETS, &view)?;
    let mut wanted: Vec<String> = snapshot
        .object("meta")
        .keys()
        .filter_map(|name| name.strip_suffix(".json"))
        .filter(|role| *role != TARGETS)
        .map(str::to_owned)
        .collect();
    let mut known = vec![targets];
    // A role can be verified as soon as one that delegates to it has been.
    loop {
        let view = View::new(None, root, known.iter().collect());
        let Some(index) = wanted.iter().position(|role| !view.authorities(role).is_empty()) else {
            break;
        };
        let role = wanted.swap_remove(index);
        let draft = listed(folder, &snapshot, &role, &view)?;
        known.push(draft);
    }
    // What nobody delegates to any more stays listed (TUF 5.5.5) and is read by nobody.
    for draft in known.into_iter().chain([snapshot, timestamp]) {
        others.insert(draft.role().to_owned(), draft);
    }
    Ok(others)
}

/// A role's metadata in the version that another lists.
fn listed(folder: &Path, list: &Draft, role: &str, view: &View<'_>) -> Result<Draft, Failure> {
    let meta = list.object("meta");
    let version = meta
        .get(&format!("{role}.json"))
        .and_then(|entry| entry.get("version"));
    let version = version.and_then(Value::as_u64).unwrap_or_default();
    let name = metadata::path(role, version);
    let path = folder.join(&name);
    let bytes = read(folder, &name)?.ok_or_else(|| {
        let list = shown(&list.path());
        Failure::file(
            &path,
            format!("is missing; {list} lists it: put it back from a copy"),
        )
    })?;
    verified(&path, role, &bytes, &view.authorities(role))
}

fn verified(path: &Path, role: &str, bytes: &[u8], authorities: &[Authority]) -> Result<Draft, Failure> {
    let draft = Draft::parse(role, bytes).map_err(|problem| Failure::file(path, problem))?;
    for authority in authorities {
        let (valid, threshold) = (authority.signers(&draft)?.len(), authority.threshold());
        if valid < threshold {
            let reason = Reason::Signatures {
                valid,
                threshold,
                by_previous_root: false,
            };
            return in_file(path, Err(reason));
        }
    }
    Ok(draft)
}

/// Phones refuse a feed that counts from 1 again.
fn refuse_to_begin_anew(folder: &Path, timestamp: &Path) -> Result<(), Failure> {
    let Some(earlier) = earlier_publication(folder)? else {
        return Ok(());
    };
    Err(Failure::file(
        timestamp,
        format!(
            "is missing, but {} shows that this feed was published before: phones refuse a feed that counts from 1 \
             again. Put timestamp.json back from a copy; only if no phone ever saw a version of this feed, remove \
             all *.targets.json and *.snapshot.json instead",
            shown(&earlier)
        ),
    ))
}

/// A file that only a publication leaves behind.
fn earlier_publication(folder: &Path) -> Result<Option<String>, Failure> {
    for entry in files::entries(folder)? {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".targets.json") || name.ends_with(".snapshot.json") {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

fn in_file<T>(path: &Path, result: Result<T, Reason>) -> Result<T, Failure> {
    result.map_err(|reason| Failure::file(path, format!("this file {reason}")))
}

/// A file of a feed, or `None` where there is no such file; no more of it than phones would take.
pub(super) fn read(folder: &Path, path: &str) -> Result<Option<Vec<u8>>, Failure> {
    let role = match (target::name_of(path), metadata::role_of(path)) {
        (Some((name, _)), _) => Role::File(name),
        (None, Some(ROOT)) => Role::Root,
        (None, Some(SNAPSHOT)) => Role::Snapshot,
        (None, Some(TIMESTAMP)) => Role::Timestamp,
        _ => Role::Targets,
    };
    files::read(&folder.join(path), limits::max_bytes(&role))
}
