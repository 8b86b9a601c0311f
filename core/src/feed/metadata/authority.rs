//! Which keys sign for a role, and how many of them must (TUF 4.3, 4.5).

use std::collections::BTreeMap;
use std::sync::Arc;

use sluis_policy::json::Node;

use super::fields;
use crate::feed::error::Reason;
use crate::feed::keys::PublicKey;

/// The keys that a root or a delegation lists, by id. Those of kinds that are unknown here are left out.
///
/// Ids are taken as names: TUF asks that they be computed, so that one id cannot stand for two keys; here an id is
/// looked up in one object without duplicates, and thresholds count keys by value.
pub(super) struct Keys<'a>(BTreeMap<&'a str, Arc<PublicKey>>);

impl<'a> Keys<'a> {
    /// Reads the object `keys` of `parent`.
    pub(super) fn read(parent: &'a Node) -> Result<Self, Reason> {
        let mut keys = BTreeMap::new();
        for member in fields::members(fields::member(parent, "keys")?, "keys")? {
            if let Some(key) = PublicKey::read(&member.node)? {
                keys.insert(member.key.as_str(), Arc::new(key));
            }
        }
        Ok(Self(keys))
    }
}

/// The keys of one role and how many of them must sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    keys: BTreeMap<String, Arc<PublicKey>>,
    threshold: usize,
}

impl Authority {
    /// Reads `keyids` and `threshold` of a role.
    pub(super) fn read(role: &Node, keys: &Keys<'_>) -> Result<Self, Reason> {
        let mut own = BTreeMap::new();
        for node in fields::array(role, "keyids")? {
            let id = node.as_str().ok_or_else(|| fields::malformed(node, "a key id"))?;
            if let Some(key) = keys.0.get(id) {
                own.insert(id.to_owned(), Arc::clone(key));
            }
        }
        let threshold = fields::number(role, "threshold", 1)?;
        Ok(Self {
            keys: own,
            threshold: usize::try_from(threshold).unwrap_or(usize::MAX),
        })
    }

    /// The key listed under an id, if this role has it and its kind is known here.
    pub fn key(&self, id: &str) -> Option<&PublicKey> {
        self.keys.get(id).map(Arc::as_ref)
    }

    /// How many distinct keys must sign, 1 or more.
    pub fn threshold(&self) -> usize {
        self.threshold
    }

    /// Whether a key that could sign before can no longer sign now. A key that only joined does not count: who stole
    /// an old one could still use it.
    pub(super) fn was_rotated(&self, new: &Self) -> bool {
        self.keys
            .values()
            .any(|old| !new.keys.values().any(|key| key == old))
    }
}
