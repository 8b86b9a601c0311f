//! What must be true whatever was served.

use serde_json::json;
use sluis_core::feed::{Outcome, Role, TrustedState, hex};

use super::super::choices::Choices;
use super::{Content, World};
use crate::repository::{DAY, DAY_0, Signers};

impl World {
    /// What must be true after each refresh.
    pub(super) fn holds(&self, before: &TrustedState, outcome: &Outcome) {
        let active = |state: &TrustedState| -> Content {
            let files = state.active().iter();
            files
                .map(|file| (file.name.clone(), hex::encode(&file.sha256)))
                .collect()
        };
        let in_force = active(&self.trusted);
        let together = in_force.is_empty() || self.delegated_once || self.signed.contains(&in_force);
        assert!(together, "files that nobody signed together");
        let each = in_force
            .clone()
            .into_iter()
            .all(|file| self.signed_files.contains(&file));
        assert!(each, "a file that nobody signed");
        if *outcome != Outcome::Updated {
            assert_eq!(active(before), in_force);
        }
        let root = |state: &TrustedState| state.floors().get(&Role::Root);
        let taken = root(&self.trusted).map_or(0, |floor| floor.version);
        if let Some(floor) = root(&self.trusted) {
            let honest = &self.roots[&i64::try_from(floor.version).unwrap_or(-1)];
            let seen = floor.signed_sha256.map(|hash| hex::encode(&hash));
            assert_eq!(
                seen.as_ref(),
                Some(&honest.signed_sha256),
                "a root that nobody meant"
            );
        }
        let first_new = root(before).map_or(0, |floor| floor.version) + 1;
        let may_go_down = self.roots.iter().any(|(version, root)| {
            root.rotates_online_keys && (first_new..=taken).contains(&version.unsigned_abs())
        });
        for role in roles() {
            let (old, new) = (before.floors().get(&role), self.trusted.floors().get(&role));
            let went_down = old.is_some_and(|old| new.is_none_or(|new| new.version < old.version));
            assert!(
                !went_down || (may_go_down && role != Role::Root),
                "the floor of {role} went down"
            );
        }
        if let Some(floor_ms) = self.trusted.clock().floor_ms(self.time) {
            let latest = self
                .latest_issue_s
                .saturating_mul(1000)
                .saturating_add_unsigned(self.passed_ms);
            assert!(floor_ms <= latest, "a clock that nobody signed");
        }
    }

    /// However bad it was: with the online keys rotated, everything in order on the server and the clock set right,
    /// the phone obeys.
    pub(super) fn is_cured(&mut self) {
        for (version, root) in &self.roots {
            self.repository
                .files
                .insert(format!("{version}.root.json"), root.bytes.clone());
        }
        let now_s = DAY_0 + 10_000 * DAY;
        self.time.wall_ms = now_s * 1000;
        self.repository.extra = json!({});
        self.repository.delegated.clear();
        self.repository.only_listed.clear();
        let (timestamp, snapshot) = (Signers::one(62), Signers::one(63));
        for expiry in [
            &mut self.repository.root_expires,
            &mut self.repository.timestamp_expires,
            &mut self.repository.snapshot_expires,
            &mut self.repository.targets_expires,
        ] {
            *expiry = now_s + 10_000 * DAY;
        }
        self.repository.issued = Some(now_s);
        self.repository
            .rotate(|next| (next.timestamp, next.snapshot) = (timestamp, snapshot));
        self.root_is_honest(true);
        (
            self.repository.timestamp_version,
            self.repository.snapshot_version,
            self.repository.targets_version,
        ) = (0, 0, 0);
        self.publish();
        let outcome = self.refresh(&mut Choices::new(&[]));
        assert!(!matches!(outcome, Outcome::Failed(_)), "not cured: {outcome:?}");
        assert_eq!(self.trusted.active().len(), self.repository.content.len());
    }
}

fn roles() -> Vec<Role> {
    let delegated = ["province", "lists", "below", "ends"].map(|name| Role::Delegated(name.into()));
    [Role::Root, Role::Timestamp, Role::Snapshot, Role::Targets]
        .into_iter()
        .chain(delegated)
        .collect()
}
