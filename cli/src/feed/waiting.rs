//! What still keeps staged metadata from being published: signatures that are missing.

use super::authority::{Authority, View};
use super::desk::Desk;
use super::keyholders;
use super::keys::{KeyRing, PublicKey};
use super::metadata::{Draft, SNAPSHOT, TIMESTAMP};
use crate::failure::Failure;
use crate::output::shown;
use crate::progress;

/// A role whose threshold is not met.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) role: String,
    pub(super) version: u64,
    /// For each who must be convinced: how many more must sign, and who can.
    pub(super) missing: Vec<Missing>,
}

/// How many more signatures are needed, and whose count.
#[derive(Debug)]
pub(super) struct Missing {
    pub(super) signed: usize,
    pub(super) threshold: usize,
    pub(super) by: Vec<PublicKey>,
}

impl Waiting {
    /// What one role waits for; `None` when nothing is missing.
    pub(super) fn of(draft: &Draft, authorities: &[Authority]) -> Result<Option<Self>, Failure> {
        let mut missing = Vec::new();
        for authority in authorities {
            let (signed, threshold) = (authority.signers(draft)?.len(), authority.threshold());
            if signed < threshold {
                let by = authority.others(draft)?.into_iter().cloned().collect();
                missing.push(Missing {
                    signed,
                    threshold,
                    by,
                });
            }
        }
        Ok((!missing.is_empty()).then(|| Self {
            role: draft.role().to_owned(),
            version: draft.version(),
            missing,
        }))
    }

    /// What all staged roles wait for but snapshot and timestamp, which are made when the others are complete.
    pub(super) fn all(desk: &Desk) -> Result<Vec<Self>, Failure> {
        let view = desk.view()?;
        let mut waiting = Vec::new();
        for draft in offline(desk) {
            waiting.extend(Self::of(draft, &view.authorities(draft.role()))?);
        }
        Ok(waiting)
    }
}

/// Staged metadata that people decide about: all but snapshot and timestamp.
pub(super) fn offline(desk: &Desk) -> impl Iterator<Item = &Draft> {
    desk.staged()
        .filter(|draft| ![SNAPSHOT, TIMESTAMP].contains(&draft.role()))
}

/// The keys whose signatures are of use on a role's metadata: those that must vouch for it, and those that had to for
/// the version before. Readers that have not seen a change of keys yet can verify the new version by these.
pub(super) fn useful_keys(desk: &Desk, view: &View<'_>, role: &str) -> Result<Vec<PublicKey>, Failure> {
    let mut keys: Vec<PublicKey> = Vec::new();
    let before = match &desk.published {
        Some(_) => desk.view_with(&|_| false)?.authorities(role),
        None => Vec::new(),
    };
    for key in view
        .authorities(role)
        .iter()
        .chain(&before)
        .flat_map(Authority::keys)
    {
        if !keys.iter().any(|known| known.is(key)) {
            keys.push(key.clone());
        }
    }
    Ok(keys)
}

/// Refuses keys of which none is listed for anything that is to be signed: they are those of another feed.
pub(super) fn refuse_useless_keys(desk: &Desk, ring: &KeyRing) -> Result<(), Failure> {
    let view = desk.view()?;
    let roles: Vec<&str> = offline(desk)
        .map(Draft::role)
        .chain([SNAPSHOT, TIMESTAMP])
        .collect();
    for role in &roles {
        let keys = useful_keys(desk, &view, role)?;
        if ring.has_unknown() || keys.iter().any(|key| ring.path_of(key).is_some()) {
            return Ok(());
        }
    }
    Err(Failure::unusable(format!(
        "none of the keys at hand is one that the feed lists for {}; `sluis feed status` shows those",
        roles.join(", ")
    )))
}

/// Refuses staged roles that list keys which nobody can name here, unless they are published already: who signed them
/// would give a say to somebody unknown.
pub(super) fn refuse_nameless_keys(desk: &Desk, roles: &[&str]) -> Result<(), Failure> {
    for draft in desk.staged().filter(|draft| roles.contains(&draft.role())) {
        let before = desk.get_published(draft.role());
        for role in keyholders::roles(draft) {
            let known = before.and_then(|before| Authority::in_draft(before, &role));
            let known = known.unwrap_or_default();
            let listed = Authority::in_draft(draft, &role).unwrap_or_default();
            let mut nameless = listed.nameless().iter();
            if let Some(key) = nameless.find(|key| !known.nameless().contains(key)) {
                return Err(Failure::unusable(format!(
                    "{} version {} lists key {} for {}, which is of a kind that is not known here: whoever holds it could \
                     have a say. Nothing was signed or published; `sluis feed discard {}` throws away what is staged",
                    shown(draft.role()),
                    draft.version(),
                    shown(&key.id),
                    shown(&role),
                    desk.folder.display()
                )));
            }
        }
    }
    Ok(())
}

/// Signs with every key at hand that is of use and has not signed yet; the answer says whether any was.
pub(super) fn sign(draft: &mut Draft, keys: &[PublicKey], ring: &mut KeyRing) -> Result<bool, Failure> {
    let payload = draft.payload()?;
    let mut signed = false;
    for key in keys {
        let there = draft.signature(key.id());
        if there.is_some_and(|signature| key.verifies(&payload, &signature)) {
            continue;
        }
        progress::show(&format!("signing {}", draft.role()));
        if let Some(signature) = ring.sign(key, &payload)? {
            draft.attach(key.id(), signature);
            signed = true;
        }
    }
    Ok(signed)
}

/// Signs staged metadata that people decide about, of some roles or of all; the answer names the roles that got a
/// signature.
pub(super) fn sign_all(desk: &mut Desk, ring: &mut KeyRing, only: &[String]) -> Result<Vec<String>, Failure> {
    let roles = offline(desk).map(|draft| draft.role().to_owned()).collect();
    sign_roles(desk, ring, roles, only)
}

/// Signs a snapshot or timestamp that was staged since its threshold was not met.
pub(super) fn sign_online(
    desk: &mut Desk,
    ring: &mut KeyRing,
    only: &[String],
) -> Result<Vec<String>, Failure> {
    let roles = [SNAPSHOT, TIMESTAMP].map(str::to_owned).to_vec();
    sign_roles(desk, ring, roles, only)
}

fn sign_roles(
    desk: &mut Desk,
    ring: &mut KeyRing,
    roles: Vec<String>,
    only: &[String],
) -> Result<Vec<String>, Failure> {
    let mut wanted = Vec::new();
    {
        let view = desk.view()?;
        for role in roles
            .into_iter()
            .filter(|role| only.is_empty() || only.contains(role))
        {
            let keys = useful_keys(desk, &view, &role)?;
            wanted.push((role, keys));
        }
    }
    let mut signed = Vec::new();
    for (role, keys) in wanted {
        for draft in desk.staged_mut().filter(|draft| draft.role() == role) {
            if sign(draft, &keys, ring)? {
                signed.push(role.clone());
            }
        }
    }
    Ok(signed)
}
