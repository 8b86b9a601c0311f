//! Grants: taking one in, and which of those on record count under the policies in force.

use rusqlite::{Connection, Transaction};
use sluis_policy::grant::{Grant, SignedGrant};
use sluis_policy::text::Language;
use sluis_policy::values::{Digest, Id};

use super::error::AgentError;
use super::message::{Argument, Directives, Message, Time};
use super::session::Session;
use crate::audit::Event;
use crate::feed::{TrustedClock, sha256};
use crate::grant::{self, Given, Refusal};
use crate::policy::{Membership, Ruleset};
use crate::store::agent::record;
use crate::store::grants::{self as table, HeldGrant, PhoneId};
use crate::store::{StoreError, feed as feed_table};

/// The most grants on record. Those that are over make room, the one that ended first before the others.
const MOST: usize = 64;

/// A grant on record, and what it is worth.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) grant: SignedGrant,
    /// The groups in which it counts, whatever the time; none where the policies in force accept nothing of it.
    pub(super) groups: Result<Vec<Id>, Refusal>,
    /// Why it does not count, as the log was told.
    ended: Option<String>,
}

/// The grants on record, before any policy was asked about them.
pub(super) fn load(db: &Connection) -> Result<Vec<Held>, AgentError> {
    let read = |held: HeldGrant| {
        let grant = SignedGrant::parse("held grant", held.json.as_bytes())
            .map_err(|errors| StoreError::Corrupt(errors.to_string()))?;
        let groups = Err(Refusal::Layer(grant.grant.layer.clone()));
        Ok(Held {
            grant,
            groups,
            ended: held.ended,
        })
    };
    table::held(db)?.into_iter().map(read).collect()
}

impl Held {
    /// Whether it is the one of that name.
    fn is(&self, other: &Grant) -> bool {
        let Grant { layer, id, .. } = &self.grant.grant;
        (layer, id) == (&other.layer, &other.id)
    }

    /// The groups in which it counts under those policies.
    fn groups_under(&self, ruleset: Option<&Ruleset>, phone: Option<PhoneId>) -> Result<Vec<Id>, Refusal> {
        match (ruleset, phone.filter(|phone| phone.from_key)) {
            (Some(ruleset), Some(phone)) => grant::standing(&self.grant, ruleset, phone.digest),
            _ => Err(Refusal::Layer(self.grant.grant.layer.clone())),
        }
    }

    fn memberships(&self) -> Vec<Membership> {
        self.groups
            .as_ref()
            .map_or_else(|_| Vec::new(), |groups| grant::memberships(&self.grant, groups))
    }
}

impl Session {
    /// Takes in a grant. What is refused changes nothing.
    pub(super) fn grant(
        &mut self,
        db: &Transaction<'_>,
        given: Given<'_>,
        languages: &[String],
        time: Time,
        out: &mut Directives,
    ) -> Result<(), AgentError> {
        let grant = match given.read("grant") {
            Ok(grant) => grant,
            Err(why) => {
                say(out, "grant_unreadable", [Argument::Text(why.to_string())]);
                return Ok(());
            }
        };
        let (Some(in_force), Some(phone)) =
            (self.in_force.clone(), self.phone.filter(|phone| phone.from_key))
        else {
            let id = match self.in_force {
                None => "grant_no_policy",
                Some(_) => "grant_no_phone_id",
            };
            say(out, id, []);
            return Ok(());
        };
        let ruleset = &in_force.ruleset;
        let now_ms = self.clock_of(db, &grant.grant.layer)?.now_ms(time);
        let before = self.held.iter().find(|held| held.is(&grant.grant));
        let before = before.map(|held| held.grant.clone());
        let outcome = grant::admit(&grant, ruleset, phone.digest, now_ms).and_then(|()| {
            before
                .as_ref()
                .map_or(Ok(()), |before| grant::succeeds(&grant, before))
        });
        if let Err(refusal) = &outcome {
            let why = refusal.to_string();
            if grant::may_sign(&grant, ruleset) && self.is_new_refusal(&grant) {
                self.log_grant(db, &grant, Some(&why), time)?;
            }
            say(out, refused(refusal), [Argument::Text(why)]);
            return Ok(());
        }
        if before.as_ref() == Some(&grant) {
            say(out, "grant_unchanged", []);
            return Ok(());
        }
        if before.is_none() && !self.make_room(db, now_ms)? {
            say(out, "grant_too_many", [Argument::Count(MOST as u64)]);
            return Ok(());
        }
        self.log_grant(db, &grant, None, time)?;
        table::hold(db, &on_record(&grant)?)?;
        self.held = load(db)?;
        self.regroup();
        out.list_packages = true;
        let language = Language::preferred(languages);
        let whose = ruleset
            .layers()
            .iter()
            .find(|policy| policy.layer == grant.grant.layer);
        let whose = whose.map_or_else(String::new, |policy| {
            policy.organisation.name.get(language).to_owned()
        });
        let groups: Vec<&str> = grant.grant.groups.iter().map(Id::as_str).collect();
        say(
            out,
            "grant_taken",
            [
                Argument::Text(whose),
                Argument::Text(groups.join(", ")),
                Argument::Time(grant.grant.until.ms()),
            ],
        );
        Ok(())
    }

    /// Whether this grant was not refused before by this process. Anybody can show a phone the same thing again and
    /// again; what nobody signed who may leaves no trace at all.
    fn is_new_refusal(&mut self, grant: &SignedGrant) -> bool {
        if self.refused_grants.len() >= MOST {
            self.refused_grants.clear();
        }
        self.refused_grants.insert(Digest(sha256(&grant.payload)))
    }

    fn log_grant(
        &self,
        db: &Connection,
        grant: &SignedGrant,
        refused: Option<&str>,
        time: Time,
    ) -> Result<(), AgentError> {
        let Grant {
            layer,
            id,
            groups,
            until,
            ..
        } = &grant.grant;
        let event = Event::Grant {
            sha256: Digest(sha256(&grant.payload)),
            layer: layer.as_str(),
            grant: id.as_str(),
            groups: groups.iter().map(Id::as_str).collect(),
            until_ms: until.ms(),
            refused,
        };
        Ok(record(db, time.wall_ms, &event)?)
    }

    /// Makes room for one more grant; whether there is room.
    fn make_room(&mut self, db: &Connection, now_ms: i64) -> Result<bool, AgentError> {
        if self.held.len() < MOST {
            return Ok(true);
        }
        let until = |held: &&Held| held.grant.grant.until;
        let first = self
            .held
            .iter()
            .min_by_key(until)
            .map(|held| held.grant.grant.clone());
        let Some(Grant { layer, id, .. }) = first.filter(|grant| grant.until.ms() <= now_ms) else {
            return Ok(false);
        };
        table::forget(db, layer.as_str(), id.as_str())?;
        Ok(true)
    }

    /// What a layer's feed has signed of the time.
    pub(super) fn clock_of(&self, db: &Connection, layer: &Id) -> Result<TrustedClock, AgentError> {
        let place = self.in_force.as_ref().and_then(|in_force| {
            let places = in_force.feeds().zip(in_force.ruleset.layers());
            let name = places.into_iter().find(|(_, policy)| policy.layer == *layer);
            name.map(|(feed, _)| feed.to_owned())
        });
        let feed = self
            .feeds
            .iter()
            .find(|feed| Some(feed.name()) == place.as_deref());
        let clock = feed
            .map(|feed| feed_table::clock(db, &feed.identity))
            .transpose()?;
        Ok(clock.unwrap_or_default())
    }

    /// Finds out anew in which groups the phone is: policy, phone or grants changed.
    pub(super) fn regroup(&mut self) {
        let in_force = self.in_force.clone();
        let ruleset = in_force.as_ref().map(|in_force| &in_force.ruleset);
        for held in &mut self.held {
            held.groups = held.groups_under(ruleset, self.phone);
        }
        self.members = self.held.iter().flat_map(Held::memberships).collect();
    }

    /// The groups in which the phone would be under those policies.
    pub(super) fn members_under(&self, ruleset: &Ruleset) -> Vec<Membership> {
        let groups = |held: &Held| match held.groups_under(Some(ruleset), self.phone) {
            Ok(groups) => grant::memberships(&held.grant, &groups),
            Err(_) => Vec::new(),
        };
        self.held.iter().flat_map(groups).collect()
    }

    /// Tells the log which grants have ended, or count again.
    pub(super) fn tell_of_grants(
        &mut self,
        db: &Connection,
        time: Time,
        out: &mut Directives,
    ) -> Result<(), AgentError> {
        // A layer that cannot be read has ended nothing.
        if self.held.is_empty()
            || self
                .in_force
                .as_ref()
                .is_none_or(|in_force| in_force.incomplete())
        {
            return Ok(());
        }
        let mut held = std::mem::take(&mut self.held);
        let told = held
            .iter_mut()
            .try_for_each(|held| self.tell_of(db, held, time, out));
        self.held = held;
        told
    }

    fn tell_of(
        &self,
        db: &Connection,
        held: &mut Held,
        time: Time,
        out: &mut Directives,
    ) -> Result<(), AgentError> {
        let Grant { layer, id, until, .. } = &held.grant.grant;
        let over = until.ms() <= self.clock_of(db, layer)?.now_ms(time);
        let ended = match &held.groups {
            Err(refusal) => Some(refusal.to_string()),
            Ok(_) if over => Some(Refusal::Over { until: *until }.to_string()),
            Ok(_) => None,
        };
        if ended == held.ended {
            return Ok(());
        }
        let event = Event::GrantJudged {
            layer: layer.as_str(),
            grant: id.as_str(),
            ended: ended.as_deref(),
        };
        record(db, time.wall_ms, &event)?;
        table::set_ended(db, layer.as_str(), id.as_str(), ended.as_deref())?;
        let names = [layer, id].map(|name| Argument::Text(name.to_string()));
        out.notices.push(match &ended {
            Some(why) => Message::new(
                "notice_grant_ended",
                names.into_iter().chain([Argument::Text(why.clone())]),
            ),
            None => Message::new("notice_grant_counts", names),
        });
        held.ended = ended;
        Ok(())
    }

    /// Takes down the id of the key in the phone's key store. Another one than before means that the key was lost, and
    /// with it all that was granted to it.
    pub(super) fn identified(
        &mut self,
        db: &Transaction<'_>,
        digest: Digest,
        time: Time,
        out: &mut Directives,
    ) -> Result<(), AgentError> {
        let before = self.phone.filter(|phone| phone.from_key);
        if before.is_some_and(|before| before.digest == digest) {
            return Ok(());
        }
        let phone = PhoneId {
            digest,
            from_key: true,
            changed_ms: before.map(|_| time.wall_ms),
        };
        table::set_phone(db, phone)?;
        let event = Event::PhoneId {
            phone: digest,
            before: before.map(|before| before.digest),
        };
        record(db, time.wall_ms, &event)?;
        if before.is_some() {
            out.notices.push(Message::new("notice_phone_changed", []));
        }
        self.phone = Some(phone);
        self.regroup();
        out.list_packages = self.in_force.is_some();
        Ok(())
    }
}

fn on_record(grant: &SignedGrant) -> Result<HeldGrant, AgentError> {
    Ok(HeldGrant {
        layer: grant.grant.layer.to_string(),
        id: grant.grant.id.to_string(),
        json: serde_json::to_string(grant)?,
        ended: None,
    })
}

/// What people are told of a refusal.
fn refused(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::Layer(_) => "grant_foreign",
        Refusal::Unsigned | Refusal::Signers(_) | Refusal::NotTheirs { .. } => "grant_signers",
        Refusal::Changed { .. } => "grant_changed",
        Refusal::Revoked(_) => "grant_revoked",
        Refusal::Phone { .. } => "grant_other_phone",
        Refusal::Group { .. } => "grant_group",
        Refusal::Over { .. } => "grant_over",
        Refusal::TooLong { .. } => "grant_too_long",
        Refusal::Older { .. } => "grant_older",
    }
}

/// Tells whoever brought the grant, and the system log.
fn say(out: &mut Directives, id: &str, args: impl IntoIterator<Item = Argument>) {
    let message = Message::new(id, args);
    out.notices.push(message.clone());
    out.bundle = Some(message);
}
