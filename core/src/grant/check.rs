//! Whether a grant counts: by the policies in force, on this phone, at this time.

use sluis_policy::grant::SignedGrant;
use sluis_policy::policy::{GrantKey, Policy, PublicKey};
use sluis_policy::values::{Digest, Id};

use super::refusal::Refusal;
use crate::feed;
use crate::policy::Ruleset;

/// Whether a phone takes a grant in that comes now: all of it has to be in order, since somebody waits for an answer.
/// `now_ms` is the time that ends permissions by the grant's layer.
///
/// # Errors
/// [`Refusal`], the first reason.
pub fn admit(grant: &SignedGrant, ruleset: &Ruleset, phone: Digest, now_ms: i64) -> Result<(), Refusal> {
    let policy = layer(grant, ruleset)?;
    let signers = signers(grant, policy)?;
    check_target(grant, policy, phone)?;
    check_content(grant, policy, ruleset, &signers, now_ms)
}

/// What a phone would refuse of a grant even if all had signed it who may.
///
/// # Errors
/// [`Refusal`], the first reason.
pub fn admit_draft(grant: &SignedGrant, ruleset: &Ruleset, now_ms: i64) -> Result<(), Refusal> {
    let policy = layer(grant, ruleset)?;
    check_target(grant, policy, grant.grant.phone)?;
    let all: Vec<&GrantKey> = policy.grants.iter().collect();
    check_content(grant, policy, ruleset, &all, now_ms)
}

fn check_content(
    grant: &SignedGrant,
    policy: &Policy,
    ruleset: &Ruleset,
    signers: &[&GrantKey],
    now_ms: i64,
) -> Result<(), Refusal> {
    let until = grant.grant.until;
    for (place, group) in grant.grant.groups.iter().enumerate() {
        check_group(policy, ruleset, signers, place, group)?;
    }
    if until.ms() <= now_ms {
        return Err(Refusal::Over { until });
    }
    for group in &grant.grant.groups {
        let latest_ms = ruleset.exemption_end_ms(&policy.layer, group);
        if let Some(latest_ms) = latest_ms.filter(|latest| until.ms() > *latest) {
            let group = group.clone();
            return Err(Refusal::TooLong {
                until,
                group,
                latest_ms,
            });
        }
    }
    Ok(())
}

/// Whether a grant may take the place of the one of its name: nothing that was taken back by a newer one comes again.
///
/// # Errors
/// [`Refusal::Older`].
pub fn succeeds(grant: &SignedGrant, before: &SignedGrant) -> Result<(), Refusal> {
    let (found, held) = (grant.grant.issued, before.grant.issued);
    if grant.payload == before.payload || found > held {
        return Ok(());
    }
    Err(Refusal::Older { found, held })
}

/// The groups in which a grant that was taken in counts now, whatever the time: what policy has taken back since, it has
/// taken back, and the rest stands.
///
/// # Errors
/// [`Refusal`] where nothing of it counts.
pub fn standing(grant: &SignedGrant, ruleset: &Ruleset, phone: Digest) -> Result<Vec<Id>, Refusal> {
    let policy = layer(grant, ruleset)?;
    let signers = signers(grant, policy)?;
    check_target(grant, policy, phone)?;
    let (mut groups, mut refusal) = (Vec::new(), None);
    for (place, group) in grant.grant.groups.iter().enumerate() {
        match check_group(policy, ruleset, &signers, place, group) {
            Ok(()) => groups.push(group.clone()),
            Err(why) => refusal = refusal.or(Some(why)),
        }
    }
    match refusal {
        Some(why) if groups.is_empty() => Err(why),
        _ => Ok(groups),
    }
}

/// Whether a policy in force lets the key sign that grant for any group: what others write is no concern of the log.
pub fn may_sign(grant: &SignedGrant, ruleset: &Ruleset) -> bool {
    layer(grant, ruleset).is_ok_and(|policy| signers(grant, policy).is_ok())
}

fn layer<'r>(grant: &SignedGrant, ruleset: &'r Ruleset) -> Result<&'r Policy, Refusal> {
    let named = &grant.grant.layer;
    let mut layers = ruleset.layers().iter();
    layers
        .find(|policy| policy.layer == *named)
        .ok_or_else(|| Refusal::Layer(named.clone()))
}

/// The entries of the policy whose keys signed the grant. A key that stands in several entries may do what each says.
fn signers<'p>(grant: &SignedGrant, policy: &'p Policy) -> Result<Vec<&'p GrantKey>, Refusal> {
    let mut found = Vec::new();
    let mut changed = None;
    for (place, signature) in grant.signatures.iter().enumerate() {
        let mut named = policy
            .grants
            .iter()
            .filter(|entry| entry.key == signature.key)
            .peekable();
        if named.peek().is_none() {
            continue;
        }
        if verifies(&signature.key, &grant.payload, &signature.bytes) {
            found.extend(named);
        } else {
            let key = signature.key.clone();
            changed = changed.or(Some(Refusal::Changed { place, key }));
        }
    }
    if !found.is_empty() {
        return Ok(found);
    }
    let keys: Vec<PublicKey> = grant
        .signatures
        .iter()
        .map(|signature| signature.key.clone())
        .collect();
    Err(match changed {
        Some(changed) => changed,
        None if keys.is_empty() => Refusal::Unsigned,
        None => Refusal::Signers(keys),
    })
}

/// Whether that key made that signature over these bytes.
pub fn verifies(key: &PublicKey, payload: &[u8], signature: &[u8]) -> bool {
    let key = match key {
        PublicKey::Ed25519(key) => feed::PublicKey::Ed25519(*key),
        PublicKey::P256(point) => feed::PublicKey::EcdsaP256(*point),
    };
    key.verifies(payload, signature)
}

fn check_target(grant: &SignedGrant, policy: &Policy, this: Digest) -> Result<(), Refusal> {
    let found = grant.grant.phone;
    if found != this {
        return Err(Refusal::Phone { found, this });
    }
    if policy.revoked_grants.contains(&grant.grant.id) {
        return Err(Refusal::Revoked(grant.grant.id.clone()));
    }
    Ok(())
}

fn check_group(
    policy: &Policy,
    ruleset: &Ruleset,
    signers: &[&GrantKey],
    place: usize,
    group: &Id,
) -> Result<(), Refusal> {
    let group = group.clone();
    if !signers.iter().any(|entry| entry.groups.contains(&group)) {
        return Err(Refusal::NotTheirs { place, group });
    }
    if ruleset.exemption_end_ms(&policy.layer, &group).is_none() {
        return Err(Refusal::Group { place, group });
    }
    Ok(())
}
