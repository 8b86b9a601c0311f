//! Root: which keys sign for which role (TUF 4.3).

use std::collections::BTreeMap;

use sluis_policy::json::Node;

use super::{Content, Unverified, Verified, fields};
use crate::feed::error::{Reason, Role};
use crate::feed::keys::PublicKey;

/// The keys of one role and how many of them must sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    keys: BTreeMap<String, PublicKey>,
    threshold: usize,
}

impl Authority {
    /// The key listed under an id, if this role has it and its kind is known here.
    pub fn key(&self, id: &str) -> Option<&PublicKey> {
        self.keys.get(id)
    }

    /// How many distinct keys must sign, 1 or more.
    pub fn threshold(&self) -> usize {
        self.threshold
    }

    /// Whether a key that could sign before can no longer sign now. A key that only joined does not count: who stole
    /// an old one could still use it.
    fn was_rotated(&self, new: &Self) -> bool {
        self.keys
            .values()
            .any(|old| !new.keys.values().any(|key| key == old))
    }
}

/// What a root says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// Whether metadata files carry their version and target files their hash in their names.
    pub consistent_snapshot: bool,
    /// Who signs the next root.
    pub root: Authority,
    /// Who signs timestamps.
    pub timestamp: Authority,
    /// Who signs snapshots.
    pub snapshot: Authority,
    /// Who signs the top-level targets.
    pub targets: Authority,
}

impl Root {
    /// Whether timestamp keys were rotated from this root to `new` (TUF 5.3.11).
    pub fn rotates_timestamp(&self, new: &Self) -> bool {
        self.timestamp.was_rotated(&new.timestamp)
    }

    /// Whether snapshot keys were rotated from this root to `new` (TUF 5.3.11).
    pub fn rotates_snapshot(&self, new: &Self) -> bool {
        self.snapshot.was_rotated(&new.snapshot)
    }
}

impl Content for Root {
    const ROLE: Role = Role::Root;
    const TYPE: &'static str = "root";

    /// Key ids are taken as names: TUF asks that they be computed, so that one id cannot stand for two keys; here an
    /// id is looked up in one object without duplicates, and thresholds count keys by value.
    fn read(signed: &Node) -> Result<Self, Reason> {
        let mut keys = BTreeMap::new();
        for member in fields::members(fields::member(signed, "keys")?, "keys")? {
            if let Some(key) = PublicKey::read(&member.node)? {
                keys.insert(member.key.as_str(), key);
            }
        }
        let roles = fields::object(signed, "roles")?;
        let authority = |name| read_authority(fields::member(roles, name)?, &keys);
        Ok(Self {
            consistent_snapshot: match signed.get("consistent_snapshot") {
                None => false,
                Some(node) => node
                    .as_bool()
                    .ok_or_else(|| fields::malformed(node, "true or false for \"consistent_snapshot\""))?,
            },
            root: authority("root")?,
            timestamp: authority("timestamp")?,
            snapshot: authority("snapshot")?,
            targets: authority("targets")?,
        })
    }
}

fn read_authority(role: &Node, keys: &BTreeMap<&str, PublicKey>) -> Result<Authority, Reason> {
    let mut own = BTreeMap::new();
    for node in fields::array(role, "keyids")? {
        let id = node.as_str().ok_or_else(|| fields::malformed(node, "a key id"))?;
        if let Some(key) = keys.get(id) {
            own.insert(id.to_owned(), key.clone());
        }
    }
    let threshold = fields::number(role, "threshold", 1)?;
    Ok(Authority {
        keys: own,
        threshold: usize::try_from(threshold).unwrap_or(usize::MAX),
    })
}

impl Unverified<Root> {
    /// Verifies a root that nothing but itself vouches for: the one that configuration pins, or one from the store.
    ///
    /// # Errors
    /// How many signed and how many must.
    pub fn verify_self(self) -> Result<Verified<Root>, Reason> {
        let own = self.claim().root.clone();
        self.verify(&own)
    }

    /// Verifies the successor of a trusted root: signed by both (TUF 5.3.4), one version on (TUF 5.3.5).
    ///
    /// # Errors
    /// Whose signatures are missing, or the version that it should have.
    pub fn verify_successor(self, of: &Verified<Root>) -> Result<Verified<Root>, Reason> {
        self.check_signatures(&of.content().root, true)?;
        let (found, expected) = (self.version(), of.version().saturating_add(1));
        if found != expected {
            return Err(Reason::WrongVersion { found, expected });
        }
        self.verify_self()
    }
}
