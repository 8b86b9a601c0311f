//! Who holds a role: changing the keys and thresholds that a root, or targets that delegate, list.

use serde_json::{Map, Value, json};

use super::keys::{PublicKey, short};
use super::metadata::{Draft, ROOT};
use crate::failure::Failure;

/// The keys of a role and its threshold, as they will be listed.
#[derive(Debug, Clone)]
pub(super) struct Holders {
    pub(super) key_ids: Vec<String>,
    pub(super) threshold: u64,
}

impl Holders {
    /// What a draft lists for a role now.
    pub(super) fn of(draft: &Draft, role: &str) -> Option<Self> {
        let entry = entry(draft, role)?;
        let ids = entry
            .get("keyids")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        Some(Self {
            key_ids: ids.filter_map(Value::as_str).map(str::to_owned).collect(),
            threshold: entry.get("threshold").and_then(Value::as_u64).unwrap_or(1),
        })
    }

    /// Refuses what could never be signed, once so many keys have come.
    pub(super) fn check(&self, role: &str, more: usize) -> Result<(), Failure> {
        let keys = (self.key_ids.len() + more) as u64;
        if self.threshold == 0 || keys < self.threshold {
            return Err(Failure::unusable(format!(
                "{role} would have {keys} keys, and {} must sign: add keys (--new-keys, --public-key) or lower the \
                 threshold",
                self.threshold
            )));
        }
        Ok(())
    }
}

/// Lists other holders of a role, with the keys that are new among them; keys that no role has any more are dropped.
pub(super) fn set(
    draft: &mut Draft,
    role: &str,
    holders: &Holders,
    new_keys: &[PublicKey],
) -> Result<(), Failure> {
    holders.check(role, 0)?;
    let mut ids = holders.key_ids.clone();
    ids.sort();
    // The same key twice is one signer, and who reads it expects each id once (TUF 4.3).
    if let Some([id, _]) = ids.array_windows().find(|[one, next]| one == next) {
        return Err(Failure::unusable(format!(
            "{role} would have key {} twice",
            short(id)
        )));
    }
    let mut keys = listed_keys(draft);
    for key in new_keys {
        keys.insert(key.id().to_owned(), key.object()?);
    }
    let mut entries = entries(draft);
    match entries.iter_mut().find(|(name, _)| name == role) {
        Some((_, entry)) => {
            entry.insert("keyids".into(), json!(holders.key_ids));
            entry.insert("threshold".into(), holders.threshold.into());
        }
        None => {
            let entry = json!({ "keyids": holders.key_ids, "threshold": holders.threshold });
            entries.push((role.to_owned(), entry.as_object().cloned().unwrap_or_default()));
        }
    }
    write(draft, entries, keys);
    Ok(())
}

/// Changes other fields of a delegated role's entry.
pub(super) fn set_fields(draft: &mut Draft, role: &str, fields: Map<String, Value>) {
    let mut entries = entries(draft);
    for (_, entry) in entries.iter_mut().filter(|(name, _)| name == role) {
        entry.extend(fields.clone());
    }
    let keys = listed_keys(draft);
    write(draft, entries, keys);
}

/// No longer delegates to a role.
pub(super) fn remove(draft: &mut Draft, role: &str) {
    let mut entries = entries(draft);
    entries.retain(|(name, _)| name != role);
    let keys = listed_keys(draft);
    write(draft, entries, keys);
}

/// The roles whose holders a draft lists, in their order.
pub(super) fn roles(draft: &Draft) -> Vec<String> {
    entries(draft).into_iter().map(|(name, _)| name).collect()
}

/// All that a draft lists for a role.
pub(super) fn entry(draft: &Draft, role: &str) -> Option<Map<String, Value>> {
    let found = entries(draft).into_iter().find(|(name, _)| name == role);
    found.map(|(_, entry)| entry)
}

/// The keys that a draft lists, by id.
fn listed_keys(draft: &Draft) -> Map<String, Value> {
    match draft.role() {
        ROOT => draft.object("keys"),
        _ => {
            let delegations = draft.object("delegations");
            let keys = delegations.get("keys").and_then(Value::as_object);
            keys.cloned().unwrap_or_default()
        }
    }
}

/// A root lists its roles as an object, targets as an array whose order counts.
fn entries(draft: &Draft) -> Vec<(String, Map<String, Value>)> {
    if draft.role() == ROOT {
        let roles = draft.object("roles").into_iter();
        return roles
            .map(|(name, entry)| (name, entry.as_object().cloned().unwrap_or_default()))
            .collect();
    }
    let delegations = draft.object("delegations");
    let roles = delegations
        .get("roles")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    roles
        .filter_map(|entry| {
            let entry = entry.as_object()?;
            Some((entry.get("name")?.as_str()?.to_owned(), entry.clone()))
        })
        .collect()
}

fn write(draft: &mut Draft, entries: Vec<(String, Map<String, Value>)>, mut keys: Map<String, Value>) {
    let used = |id: &str| {
        let ids = entries
            .iter()
            .filter_map(|(_, entry)| entry.get("keyids")?.as_array());
        ids.flatten().any(|used| used.as_str() == Some(id))
    };
    keys.retain(|id, _| used(id));
    if draft.role() == ROOT {
        let roles: Map<String, Value> = entries
            .into_iter()
            .map(|(name, entry)| (name, entry.into()))
            .collect();
        draft.set("roles", roles.into());
        draft.set("keys", keys.into());
        return;
    }
    if entries.is_empty() {
        draft.unset("delegations");
        return;
    }
    let roles: Vec<Value> = entries
        .into_iter()
        .map(|(name, mut entry)| {
            entry.insert("name".into(), name.into());
            entry.into()
        })
        .collect();
    draft.set("delegations", json!({ "keys": keys, "roles": roles }));
}
