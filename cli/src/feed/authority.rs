//! Who may sign for a role, and how many must.

use serde_json::{Map, Value, json};

use super::keys::PublicKey;
use super::metadata::{Draft, ROOT};
use crate::failure::Failure;

/// The keys of one role, and its threshold.
#[derive(Debug, Clone, Default)]
pub(super) struct Authority {
    keys: Vec<PublicKey>,
    threshold: usize,
}

impl Authority {
    /// What a root says of a role.
    pub(super) fn in_root(root: &Draft, role: &str) -> Self {
        let roles = root.object("roles");
        Self::read(&root.object("keys"), roles.get(role).unwrap_or(&Value::Null))
    }

    /// What targets say of a role that they delegate to, if they do.
    pub(super) fn in_targets(targets: &Draft, role: &str) -> Option<Self> {
        let delegations = targets.object("delegations");
        let keys = delegations.get("keys").and_then(Value::as_object);
        let roles = delegations.get("roles").and_then(Value::as_array)?;
        let entry = roles
            .iter()
            .find(|entry| entry.get("name") == Some(&json!(role)))?;
        Some(Self::read(keys.unwrap_or(&Map::new()), entry))
    }

    /// Keys of a kind that Sluis cannot sign with are left out: they count for nothing here, as on a phone that does
    /// not know them.
    fn read(keys: &Map<String, Value>, role: &Value) -> Self {
        let ids = role.get("keyids").and_then(Value::as_array).into_iter().flatten();
        let ids = ids.filter_map(Value::as_str);
        let threshold = role.get("threshold").and_then(Value::as_u64).unwrap_or(u64::MAX);
        Self {
            keys: ids
                .filter_map(|id| PublicKey::from_object(id, keys.get(id)?))
                .collect(),
            threshold: usize::try_from(threshold).unwrap_or(usize::MAX),
        }
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
        let keys = json!({ id: object, "another id": object });
        let role = json!({ "keyids": [id, "another id"], "threshold": 2 });
        let authority = Authority::read(keys.as_object().unwrap(), &role);
        assert_eq!(authority.keys().len(), 2);
        let mut draft = Draft::new(ROOT, 0, []);
        let signature = key.sign(&draft.payload().unwrap()).unwrap();
        draft.attach(id, signature.clone());
        draft.attach("another id", signature);
        assert_eq!(authority.signers(&draft).unwrap().len(), 1);
        assert!(!draft.is_signed_by(&authority).unwrap());
    }
}
