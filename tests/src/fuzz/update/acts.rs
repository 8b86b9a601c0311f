//! What the author, a thief, the server and the owner of the phone may do between two refreshes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::super::choices::Choices;
use super::World;
use super::damage::damaged;
use crate::repository::{DAY, DAY_0, Delegated, Key, Signers, file, sha256};

/// As far as a version goes, with room for those after it.
const FAR: i64 = i64::MAX - 1000;
/// A key that no root ever lists.
const STRANGER: u8 = 99;

impl World {
    /// One act of the author, a thief, the server or the owner of the phone.
    pub(super) fn act(&mut self, choices: &mut Choices<'_>) {
        match choices.below(18) {
            0 => self.days_pass(choices.around().unsigned_abs()),
            1 => {
                self.time.wall_ms = self
                    .time
                    .wall_ms
                    .saturating_add(choices.around() * 100 * DAY * 1000)
            }
            2 => {
                self.time.boot_count += 1;
                self.time.elapsed_ms = 0;
            }
            3 => self.sets_versions(choices),
            4 => self.sets_expiry(choices),
            5 => {
                self.repository.issued = match choices.below(4) {
                    0 => None,
                    1 => Some(DAY_0 + 73 * 365 * DAY),
                    _ => Some(DAY_0 + choices.around() * DAY),
                };
            }
            6 => self.repository.hashes = !self.repository.hashes,
            7 => self.repository.extra = extra(choices),
            8 => self.rotates(choices),
            9 => self.forges_targets(choices),
            10 => self.forges_root(),
            11 => self.writes_with_online_keys(),
            12 => {
                let version = choices.around().max(1);
                self.repository.only_listed.insert("province".into(), version);
            }
            13 => self.repository.content = BTreeMap::from([("catalogue.json".into(), vec![choices.byte()])]),
            14 => self.damages_a_file(choices),
            15 => self.leaves_to_others(choices),
            16 => self.forges_delegated(choices),
            _ => self.publish(),
        }
    }

    fn days_pass(&mut self, days: u64) {
        let ms = days * DAY.unsigned_abs() * 1000;
        self.time.elapsed_ms += ms;
        self.passed_ms += ms;
        self.time.wall_ms = self.time.wall_ms.saturating_add_unsigned(ms);
    }

    fn sets_versions(&mut self, choices: &mut Choices<'_>) {
        let version = match choices.below(3) {
            0 => FAR,
            _ => choices.around().max(0),
        };
        match choices.below(5) {
            0 => self.repository.timestamp_version = version,
            1 => self.repository.snapshot_version = version,
            2 => self.repository.targets_version = version,
            3 => {
                for role in &mut self.repository.delegated {
                    role.version = version;
                }
            }
            _ => {
                self.repository.timestamp_version = version;
                self.repository.snapshot_version = version;
                self.repository.targets_version = version;
            }
        }
    }

    fn sets_expiry(&mut self, choices: &mut Choices<'_>) {
        let expires = DAY_0 + choices.around() * 10 * DAY;
        match choices.below(4) {
            0 => self.repository.root_expires = expires,
            1 => self.repository.timestamp_expires = expires,
            2 => self.repository.snapshot_expires = expires,
            _ => self.repository.targets_expires = expires,
        }
    }

    /// The next root, with other keys for one role.
    fn rotates(&mut self, choices: &mut Choices<'_>) {
        let role = choices.below(5);
        // Keys that come back with a lower threshold would make good what too few of them signed before.
        let base = match u8::try_from(self.repository.root_version) {
            Ok(version) if role == 3 => 110 + 3 * version,
            _ => pool(role),
        };
        let signers = signers(base, choices);
        let before = [&self.repository.timestamp, &self.repository.snapshot].map(public_keys);
        // A root that no phone can read is nothing that a later root could cure.
        let extra = std::mem::replace(&mut self.repository.extra, json!({}));
        self.repository.rotate(|next| match role {
            0 => next.root = signers,
            1 => next.timestamp = signers,
            2 => next.snapshot = signers,
            3 => next.targets = signers,
            _ => next.consistent_snapshot = !next.consistent_snapshot,
        });
        let after = [&self.repository.timestamp, &self.repository.snapshot].map(public_keys);
        let lost = before.iter().zip(&after).any(|(old, new)| !old.is_subset(new));
        self.root_is_honest(lost);
        self.repository.extra = extra;
    }

    /// Another policy, signed by too few of the targets' keys, however the signatures look.
    fn forges_targets(&mut self, choices: &mut Choices<'_>) {
        let honest = self.repository.targets.keys.clone();
        let few = usize::try_from(self.repository.targets.threshold - 1).unwrap_or(0);
        let mut keys: Vec<Key> = honest.iter().take(few).cloned().collect();
        match choices.below(3) {
            0 => keys.extend(keys.clone().into_iter().map(|key| key.called("again"))),
            1 => keys.push(Key::new(STRANGER).called(&honest[0].id)),
            _ => keys.extend([STRANGER, STRANGER - 1].map(Key::new)),
        }
        self.repository.targets.keys = keys;
        let forged = format!("{{\"forged\":{}}}", choices.byte());
        let content = self.repository.content.clone();
        self.repository
            .content
            .insert("policy.json".into(), forged.into_bytes());
        self.repository.publish();
        self.note_time();
        self.repository.content = content;
        self.repository.targets.keys = honest;
    }

    /// The policy moves to a role, to a role below a role, or back.
    fn leaves_to_others(&mut self, choices: &mut Choices<'_>) {
        self.repository.content.remove("policy.json");
        let role = |name: &str, by: &str| Delegated::new(name, by, &["policy.json"]);
        self.repository.delegated = match choices.below(4) {
            0 => Vec::new(),
            1 => vec![role("lists", "targets").signed_by(signers(pool(4), choices))],
            2 => vec![
                role("lists", "targets"),
                role("below", "lists").signed_by(signers(pool(4), choices)),
            ],
            _ => vec![
                role("ends", "below"),
                role("lists", "targets").terminating(),
                role("below", "lists"),
            ],
        };
        for role in &mut self.repository.delegated {
            role.version = choices.around().max(0);
        }
        self.delegated_once = true;
        self.publish();
    }

    /// A policy by a role that it was left to, signed by nobody who may.
    fn forges_delegated(&mut self, choices: &mut Choices<'_>) {
        let roles = &self.repository.delegated;
        if roles.is_empty() {
            return;
        }
        let role = &roles[choices.below(roles.len())];
        let forged = format!("{{\"forged\":{}}}", choices.byte());
        let content = BTreeMap::from([("policy.json".to_owned(), forged.clone().into_bytes())]);
        let signed = self
            .repository
            .targets_signed(&role.name, role.version, role.expires, &content);
        let path = format!("{}.{}.json", role.version, role.name);
        let file = file(&signed, &[Key::new(STRANGER), Key::new(4)]);
        self.repository.files.insert(path, file);
        let target = format!("targets/{}.policy.json", sha256(forged.as_bytes()));
        self.repository.files.insert(target, forged.into_bytes());
        self.writes_with_online_keys();
    }

    /// The next root, by strangers.
    fn forges_root(&mut self) {
        let honest = std::mem::replace(&mut self.repository.root, Signers::one(STRANGER));
        self.repository.root_version += 1;
        self.repository.write_root();
        self.repository.root_version -= 1;
        self.repository.root = honest;
    }

    /// What a thief of the timestamp and snapshot keys could write: any versions, over targets that are there.
    fn writes_with_online_keys(&mut self) {
        self.repository.write_snapshot();
        self.repository.write_timestamp();
        self.note_time();
    }

    fn damages_a_file(&mut self, choices: &mut Choices<'_>) {
        let paths: Vec<String> = self.repository.files.keys().cloned().collect();
        let path = &paths[choices.below(paths.len())];
        match choices.below(3) {
            0 => {
                self.repository.files.remove(path);
            }
            1 => {
                let other = self.repository.files[&paths[choices.below(paths.len())]].clone();
                self.repository.files.insert(path.clone(), other);
            }
            _ => {
                let damaged = damaged(&self.repository.files[path], choices);
                self.repository.files.insert(path.clone(), damaged);
            }
        }
    }
}

fn public_keys(signers: &Signers) -> BTreeSet<String> {
    signers.keys.iter().map(|key| key.public().to_string()).collect()
}

/// Where the keys that a role may get begin.
fn pool(role: usize) -> u8 {
    10 + 10 * u8::try_from(role).unwrap_or(0)
}

fn signers(base: u8, choices: &mut Choices<'_>) -> Signers {
    let count = choices.below(3) + 1;
    let keys: Vec<Key> = (0..count).map(|_| Key::new(base + choices.byte() % 3)).collect();
    let distinct = keys
        .iter()
        .map(|key| key.id.clone())
        .collect::<BTreeSet<_>>()
        .len();
    Signers {
        threshold: i64::try_from(choices.below(distinct) + 1).unwrap_or(1),
        keys: keys.into_iter().fold(Vec::new(), |mut unique: Vec<Key>, key| {
            if unique.iter().all(|other| other.id != key.id) {
                unique.push(key);
            }
            unique
        }),
    }
}

fn extra(choices: &mut Choices<'_>) -> Value {
    match choices.below(5) {
        0 => json!({ "spec_version": "2.0.0" }),
        1 => json!({ "version": choices.around() }),
        2 => json!({ "expires": "2026-02-30T00:00:00Z" }),
        3 => json!({ "x": "x".repeat(usize::from(choices.byte()) * 1024) }),
        _ => json!({ "x": [null, { "é\u{7f}": "\u{0}\"\\" }] }),
    }
}
