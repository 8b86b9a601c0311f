//! Who may sign for a role, and how many must, as the phone's own reader reads it: what counts on a phone is what is
//! shown and counted here.

use serde_json::{Map, Value, json};
use sluis_core::feed::metadata::{Authority as Read, Root, Targets};

use super::keys::PublicKey;
use super::metadata::{Draft, ROOT, SNAPSHOT, TARGETS, TIMESTAMP};
use crate::failure::Failure;

/// The keys of one role, and its threshold.
#[derive(Debug, Clone, Default)]
pub(super) struct Authority {
    keys: Vec<PublicKey>,
    nameless: Vec<Nameless>,
    threshold: usize,
}

/// A key that is listed for a role and that this version of Sluis does not know: on a phone of today it signs for
/// nothing, on others it may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Nameless {
    pub(super) id: String,
    /// `null` where only the id is listed.
    object: Value,
}

impl Authority {
    /// What a root, or targets that delegate to it, say of a role, if they do.
    pub(super) fn in_draft(draft: &Draft, role: &str) -> Option<Self> {
        match draft.role() {
            ROOT => Some(Self::in_root(draft, role)),
            _ => Self::in_targets(draft, role),
        }
    }

    /// What a root says of a role.
    pub(super) fn in_root(root: &Draft, role: &str) -> Self {
        let read = root.content::<Root>().and_then(|root| match role {
            ROOT => Some(root.root),
            TARGETS => Some(root.targets),
            SNAPSHOT => Some(root.snapshot),
            TIMESTAMP => Some(root.timestamp),
            _ => None,
        });
        let roles = root.object("roles");
        let entry = roles.get(role).unwrap_or(&Value::Null);
        Self::new(read.as_ref(), entry, &root.object("keys"))
    }

    /// What targets say of a role that they delegate to, if they do.
    pub(super) fn in_targets(targets: &Draft, role: &str) -> Option<Self> {
        let delegations = targets.object("delegations");
        let roles = delegations.get("roles").and_then(Value::as_array)?;
        let entry = roles
            .iter()
            .find(|entry| entry.get("name") == Some(&json!(role)))?;
        let read = targets.content::<Targets>();
        let read = read.and_then(|read| read.delegations.into_iter().find(|found| found.name == role));
        let keys = delegations.get("keys").and_then(Value::as_object);
        let read = read.map(|delegation| delegation.authority);
        Some(Self::new(read.as_ref(), entry, keys.unwrap_or(&Map::new())))
    }

    /// Of what cannot be read nobody can sign enough.
    fn new(read: Option<&Read>, entry: &Value, objects: &Map<String, Value>) -> Self {
        let ids = entry
            .get("keyids")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        let (mut keys, mut nameless) = (Vec::new(), Vec::new());
        for id in ids.filter_map(Value::as_str) {
            let object = objects.get(id).unwrap_or(&Value::Null);
            match read.and_then(|read| read.key(id)) {
                Some(key) => keys.push(PublicKey::listed(id, key.clone(), object)),
                None => nameless.push(Nameless {
                    id: id.to_owned(),
                    object: object.clone(),
                }),
            }
        }
        Self {
            keys,
            nameless,
            threshold: read.map_or(usize::MAX, Read::threshold),
        }
    }

    /// Listed keys of kinds that are not known here.
    pub(super) fn nameless(&self) -> &[Nameless] {
        &self.nameless
    }

    pub(super) fn keys(&self) -> &[PublicKey] {
        &self.keys
    }

    pub(super) fn threshold(&self) -> usize {
        self.threshold
    }

    /// The distinct keys whose signatures hold: the same key under two ids counts once.
    pub(super) fn signers(&self, draft: &Draft) -> Result<Vec<&PublicKey>, Failure> {
        let payload = draft.payload()?;
        let mut signers: Vec<&PublicKey> = Vec::new();
        for key in &self.keys {
            let holds = draft
                .signature(key.id())
                .is_some_and(|signature| key.verifies(&payload, &signature));
            if holds && !signers.iter().any(|signer| signer.is(key)) {
                signers.push(key);
            }
        }
        Ok(signers)
    }

    /// The keys that have not signed.
    pub(super) fn others(&self, draft: &Draft) -> Result<Vec<&PublicKey>, Failure> {
        let signers = self.signers(draft)?;
        let others = self
            .keys
            .iter()
            .filter(|key| !signers.iter().any(|signer| signer.is(key)));
        Ok(others.collect())
    }
}

/// All that is signed, as it would be read together: what is published, with some of what is staged in its place.
#[derive(Debug, Clone)]
pub(super) struct View<'a> {
    /// The root that is published, which a new one has to convince; `None` before the first.
    old_root: Option<&'a Draft>,
    root: &'a Draft,
    /// Targets, and the roles that they delegate to.
    targets: Vec<&'a Draft>,
}

impl<'a> View<'a> {
    pub(super) fn new(old_root: Option<&'a Draft>, root: &'a Draft, targets: Vec<&'a Draft>) -> Self {
        Self {
            old_root,
            root,
            targets,
        }
    }

    /// The targets' metadata, delegated ones included.
    pub(super) fn targets(&self) -> &[&'a Draft] {
        &self.targets
    }

    /// Each of these must be satisfied by what the role signs. A root answers to the one before it, too (TUF 5.3.4);
    /// a role that several delegate to, to each of them.
    pub(super) fn authorities(&self, role: &str) -> Vec<Authority> {
        if role == ROOT {
            let roots = self.old_root.into_iter().chain([self.root]);
            return roots.map(|root| Authority::in_root(root, ROOT)).collect();
        }
        if super::metadata::TOP_LEVEL.contains(&role) {
            return vec![Authority::in_root(self.root, role)];
        }
        let delegators = self.targets.iter();
        delegators
            .filter_map(|targets| Authority::in_targets(targets, role))
            .collect()
    }

    /// Whether all who must vouch for it have.
    pub(super) fn vouches_for(&self, draft: &Draft) -> Result<bool, Failure> {
        for authority in self.authorities(draft.role()) {
            if !draft.is_signed_by(&authority)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::super::keys::{KeyKind, SigningKey};
    use super::*;

    #[test]
    fn the_same_key_under_two_ids_signs_once() {
        let (key, _) = SigningKey::generate(KeyKind::Ed25519).unwrap();
        let (id, object) = (key.public().id(), key.public().object().unwrap());
        let role = json!({ "keyids": [id, "another id"], "threshold": 2 });
        let roles = json!({ "root": role, "targets": role, "snapshot": role, "timestamp": role });
        let keys = json!({ id: object, "another id": object });
        let mut draft = Draft::new(ROOT, 0, [("keys", keys), ("roles", roles)]);
        let authority = Authority::in_root(&draft, ROOT);
        assert_eq!(authority.keys().len(), 2);
        let signature = key.sign(&draft.payload().unwrap()).unwrap();
        draft.attach(id, signature.clone());
        draft.attach("another id", signature);
        assert_eq!(authority.signers(&draft).unwrap().len(), 1);
        assert!(!draft.is_signed_by(&authority).unwrap());
    }

    #[test]
    fn for_what_phones_could_not_read_nobody_can_sign_enough() {
        let draft = Draft::new(ROOT, 0, [("keys", json!({})), ("roles", json!({}))]);
        assert!(!draft.is_signed_by(&Authority::in_root(&draft, ROOT)).unwrap());
    }
}
