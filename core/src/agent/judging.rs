//! By what packages are judged at a moment: policy, time, and what happened on this phone before.

use std::collections::HashSet;
use std::sync::Arc;

use ring::rand::{SecureRandom, SystemRandom};
use rusqlite::Connection;
use sluis_policy::values::Digest;

use super::error::AgentError;
use super::in_force::InForce;
use super::message::{Directives, Time};
use super::reconcile::{Caution, Exempted, Round};
use super::session::Session;
use crate::policy::facts::Inventory;
use crate::policy::{Activation, Circumstances, Floors, Judge};
use crate::store::grants::{self, PhoneId};
use crate::store::{feed as feed_table, past as table};

impl Session {
    /// Runs `work` with what is in force at this moment, and with what is to be minded; `None` where nothing is in force.
    pub(super) fn judged<T>(
        &self,
        db: &Connection,
        time: Time,
        work: impl FnOnce(&Judge<'_>, Caution) -> Result<T, AgentError>,
    ) -> Result<Option<T>, AgentError> {
        let Some(in_force) = &self.in_force else {
            return Ok(None);
        };
        let circumstances = self.circumstances(db, time, in_force)?;
        let judge = in_force.ruleset.at(&circumstances);
        let caution = Caution {
            incomplete: in_force.incomplete(),
            recovering: self.recovering(),
        };
        work(&judge, caution).map(Some)
    }

    /// By what packages are judged at this moment under those policies.
    pub(super) fn circumstances(
        &self,
        db: &Connection,
        time: Time,
        in_force: &InForce,
    ) -> Result<Circumstances<'_>, AgentError> {
        let mut floors = Vec::new();
        for name in in_force.feeds() {
            let feed = self.feeds.iter().find(|feed| feed.name() == name);
            let clock = feed
                .map(|feed| feed_table::clock(db, &feed.identity))
                .transpose()?;
            floors.push(clock.and_then(|clock| clock.floor_ms(time)));
        }
        Ok(Circumstances {
            wall_ms: time.wall_ms,
            floors: Floors::Signed(floors),
            phone: self.phone.map(|phone| phone.digest),
            groups: &self.members,
            past: &self.past,
        })
    }

    /// One round of reconciling; `None` where no policy is in force.
    pub(super) fn reconcile<T>(
        &mut self,
        db: &Connection,
        time: Time,
        out: &mut Directives,
        work: impl FnOnce(&mut Round<'_>) -> Result<T, AgentError>,
    ) -> Result<Option<T>, AgentError> {
        let worked = self.judged(db, time, |judge, caution| {
            let mut round = Round::new(db, judge, caution, time.wall_ms, out)?;
            let done = work(&mut round)?;
            Ok((done, round.into_exempted()))
        })?;
        let Some((done, exempted)) = worked else {
            return Ok(None);
        };
        for exempted in exempted {
            self.remember_exemption(db, exempted)?;
        }
        Ok(Some(done))
    }

    /// Takes down which rules the phone obeys from now on, and what was there first.
    pub(super) fn obey(
        &mut self,
        db: &Connection,
        time: Time,
        inventory: &Inventory,
    ) -> Result<(), AgentError> {
        if inventory.packages.is_empty() {
            // A list that could not be read: it does not say what was there.
            return Ok(());
        }
        let past = &self.past;
        let found = self.judged(db, time, |judge, _| {
            let mut new = Vec::new();
            let mut ahead = Vec::new();
            for (name, now_ms) in judge.obeyed() {
                match past.activations.get(&name) {
                    None => new.push((name, now_ms)),
                    Some(activation) if activation.at_ms > now_ms => ahead.push((name, now_ms)),
                    Some(_) => {}
                }
            }
            let graces = new.iter().any(|(name, _)| judge.has_grace(name));
            Ok((new, ahead, graces))
        })?;
        let Some((new, ahead, graces)) = found else {
            return Ok(());
        };
        for (name, now_ms) in ahead {
            table::bring_forward(db, &name, now_ms)?;
            if let Some(activation) = self.past.activations.get_mut(&name) {
                activation.at_ms = now_ms;
            }
        }
        if new.is_empty() {
            return Ok(());
        }
        // Only a grace needs to know.
        // A phone that lost its memory may have given it already.
        let graces = graces && !self.recovering();
        let present = inventory
            .packages
            .iter()
            .filter(|_| graces)
            .map(|package| package.name.clone());
        let present: Arc<HashSet<String>> = Arc::new(present.collect());
        table::activate(db, &new, &present)?;
        for (name, at_ms) in new {
            let present = Arc::clone(&present);
            self.past.activations.insert(name, Activation { at_ms, present });
        }
        Ok(())
    }

    fn remember_exemption(&mut self, db: &Connection, exempted: Exempted) -> Result<(), AgentError> {
        let Exempted {
            rule,
            package,
            now_ms,
            in_use,
        } = exempted;
        let before = self
            .past
            .exempted
            .get(&rule)
            .and_then(|packages| packages.get(&package));
        let after = match (in_use, before) {
            (true, Some(None)) | (false, None | Some(Some(_))) => return Ok(()),
            (true, _) => None,
            (false, Some(None)) => Some(now_ms),
        };
        table::set_exempted(db, &rule, &package, after)?;
        self.past.exempted.entry(rule).or_default().insert(package, after);
        Ok(())
    }
}

/// What a rollout goes by on this phone; made where there is none yet, until the shell says which key it has.
pub(super) fn phone(db: &Connection) -> Result<Option<PhoneId>, AgentError> {
    if let Some(phone) = grants::phone(db)? {
        return Ok(Some(phone));
    }
    let mut bytes = [0; 32];
    if SystemRandom::new().fill(&mut bytes).is_err() {
        // The next start tries again; until then what is rolled out is in force here.
        return Ok(None);
    }
    let phone = PhoneId {
        digest: Digest(bytes),
        from_key: false,
        changed_ms: None,
    };
    grants::set_phone(db, phone)?;
    Ok(Some(phone))
}
