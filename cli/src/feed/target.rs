//! Target files: their names, where they lie, and how targets list them and delegate.

use serde_json::{Value, json};
use sluis_core::feed::{Release, hex};

use super::metadata::Draft;
use super::sha256;
use crate::failure::Failure;
use crate::output::shown;

/// A file as targets list it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) name: String,
    /// Below the feed's folder.
    pub(super) path: String,
    pub(super) sha256: String,
    pub(super) length: u64,
    /// Which version of the agent it is, where that is said.
    pub(super) release: Option<Release>,
}

impl Listed {
    /// Whether these bytes are the file.
    pub(super) fn is(&self, bytes: &[u8]) -> bool {
        bytes.len() as u64 == self.length && sha256(bytes) == self.sha256
    }
}

/// The files that these targets list, in the order of their names. A file without a SHA-256 was not listed by Sluis.
pub(super) fn listed(targets: &Draft) -> Vec<Listed> {
    let listed = targets.object("targets");
    let files = listed.iter().filter_map(|(name, entry)| {
        let sha256 = entry.pointer("/hashes/sha256").and_then(Value::as_str)?;
        Some(Listed {
            name: name.clone(),
            path: path(name, sha256),
            sha256: sha256.to_owned(),
            length: entry.get("length").and_then(Value::as_u64)?,
            release: self::release(entry),
        })
    });
    files.collect()
}

/// Which version of the agent a listed file is, where that is said.
pub(super) fn release(entry: &Value) -> Option<Release> {
    let custom = entry.get("custom")?;
    Some(Release {
        package: custom.get("package")?.as_str()?.to_owned(),
        version_code: custom.get("version_code")?.as_u64()?,
        min_sdk: custom.get("min_sdk")?.as_u64()?,
    })
}

/// Where a file of this name and SHA-256 lies: snapshots are consistent, so its last part carries the hash (TUF 6.2).
pub(super) fn path(name: &str, hash: &str) -> String {
    match name.rsplit_once('/') {
        Some((folders, last)) => format!("targets/{folders}/{hash}.{last}"),
        None => format!("targets/{hash}.{name}"),
    }
}

/// The name and the SHA-256 of the file that lies at a path, if one can.
pub(super) fn name_of(path: &str) -> Option<(String, &str)> {
    let below = path.strip_prefix("targets/")?;
    let (folders, last) = match below.rsplit_once('/') {
        Some((folders, last)) => (Some(folders), last),
        None => (None, below),
    };
    let (hash, last) = last.split_once('.')?;
    hex::decode_exact::<32>(hash)?;
    let name = folders.map_or_else(|| last.to_owned(), |folders| format!("{folders}/{last}"));
    Some((name, hash))
}

/// How targets list a file; of the agent's package, also which version it is.
pub(super) fn entry(bytes: &[u8], release: Option<&Release>) -> Value {
    let mut entry = json!({ "length": bytes.len(), "hashes": { "sha256": sha256(bytes) } });
    if let (Some(release), Some(entry)) = (release, entry.as_object_mut()) {
        entry.insert("custom".to_owned(), custom(release));
    }
    entry
}

/// What an entry says of the version of the agent that it is.
pub(super) fn custom(release: &Release) -> Value {
    let Release {
        package,
        version_code,
        min_sdk,
    } = release;
    json!({ "package": package, "version_code": version_code, "min_sdk": min_sdk })
}

/// The roles that these targets delegate to, in their order.
pub(super) fn delegations(targets: &Draft) -> Vec<String> {
    let delegations = targets.object("delegations");
    let roles = delegations.get("roles").and_then(Value::as_array);
    let names = roles
        .into_iter()
        .flatten()
        .filter_map(|role| role.get("name")?.as_str());
    names.map(str::to_owned).collect()
}

/// Refuses names that could lead a reader out of its folder, or a shell astray.
pub(super) fn check_name(name: &str) -> Result<(), Failure> {
    let bad_part = |part: &str| part.is_empty() || part == "." || part == "..";
    if name.split('/').any(bad_part) || name.contains('\\') || shown(name) != name {
        return Err(Failure::unusable(format!(
            "{name:?} is no name for a file of a feed: it is a path like maps/eu.json, without `..`, `\\` and characters that cannot be seen"
        )));
    }
    Ok(())
}

/// Refuses names of roles that are no plain file names.
pub(super) fn check_role_name(name: &str) -> Result<(), Failure> {
    let plain = |c: char| c.is_alphanumeric() || "-_".contains(c);
    if name.is_empty() || !name.chars().all(plain) {
        return Err(Failure::unusable(format!(
            "{name:?} is no name for a role: letters, digits, `-` and `_` only"
        )));
    }
    if super::metadata::TOP_LEVEL.contains(&name) {
        return Err(Failure::unusable(format!(
            "{name} is a role of every feed; nobody delegates to it"
        )));
    }
    Ok(())
}
