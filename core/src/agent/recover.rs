//! What the agent does when its store is lost or damaged: what is held stays held, and the feeds are asked again.

use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, Transaction};
use sluis_policy::grant::SignedGrant;

use super::configure;
use super::error::AgentError;
use super::grounds::Grounds;
use super::last_known::LastKnown;
use super::message::{Argument, Directives, Message, Time};
use super::session::Session;
use crate::audit::Event;
use crate::store::recovery::{self, Recovery};
use crate::store::second_copy::Content;
use crate::store::{Store, StoreError};

/// How long people are told that everything was lost: until somebody who can judge that has surely seen it.
const TOLD_FOR_MS: i64 = 30 * 24 * 3_600_000;

/// Opens the store and reads it; one that is lost or damaged is made anew first.
pub(super) fn open(path: &Path) -> Result<(Store, Session), AgentError> {
    let opened = Store::open(path).map_err(AgentError::from).and_then(load);
    match opened {
        Err(AgentError::Store(StoreError::Corrupt(why))) => anew(path, &why),
        opened => opened,
    }
}

/// Makes the store anew from its second copy, and reads it.
pub(super) fn anew(path: &Path, why: &str) -> Result<(Store, Session), AgentError> {
    load(Store::recover(path, why, mend)?)
}

fn load(mut store: Store) -> Result<(Store, Session), AgentError> {
    let session = store.transaction(|db| Session::load(db))?;
    Ok((store, session))
}

/// The digest says that the copy is what was written; damage may have been in the store already when it was. What cannot
/// be read is left out, or else every new store would have it again.
fn mend(content: &mut Content) {
    content.configuration = content.configuration.take().filter(|json| {
        let configuration = serde_json::from_str(json).map_err(AgentError::from);
        configuration.and_then(configure::check).is_ok()
    });
    content
        .grants
        .retain(|held| SignedGrant::parse("held grant", held.json.as_bytes()).is_ok());
    for app in &mut content.apps {
        if LastKnown::of(app).is_err() {
            app.last_known = None;
        }
        if Grounds::of_app(app).is_err() {
            app.grounds = Grounds::lost();
        }
    }
}

impl Session {
    /// Goes on in the same process as what a new store says. The policies that were in force cannot be read back any
    /// more: nothing is released, but what they forbid stays forbidden until the feeds have brought them again.
    pub(super) fn go_on_as(&mut self, restored: Self) {
        let resumed = self.resumed();
        let restored = restored.having_resumed(resumed).in_the_app_of(self);
        let before = std::mem::replace(self, restored);
        if let Some(in_force) = before.in_force.and_then(Arc::into_inner)
            && self.recovering()
            && !in_force.is_empty()
        {
            self.in_force = Some(Arc::new(in_force.without_files(&self.feeds)));
            self.regroup();
        }
    }

    /// Tells of a recovery that nobody was told of yet, and asks the feeds for what was lost.
    pub(super) fn tell_of_recovery(
        &mut self,
        db: &Transaction<'_>,
        time: Time,
        out: &mut Directives,
    ) -> Result<bool, AgentError> {
        let Some(recovery) = self
            .recovery
            .as_mut()
            .filter(|recovery| recovery.told_ms.is_none())
        else {
            return Ok(false);
        };
        recovery.told_ms = Some(time.wall_ms);
        recovery::write(db, recovery)?;
        let Recovery {
            why, from_copy, log, ..
        } = &*recovery;
        let event = Event::Recovered {
            why,
            from_copy: *from_copy,
            log_before: log.as_ref().map(|log| (log.number, log.hash)),
        };
        crate::store::agent::record(db, time.wall_ms, &event)?;
        let id = match from_copy {
            true => "notice_store_restored",
            false => "notice_store_lost",
        };
        out.notices.push(Message::new(id, [Argument::Text(why.clone())]));
        Ok(true)
    }

    /// The shell passed feeds on before of which the store knows nothing: all of it was lost, and nothing was left to show
    /// that it had been there.
    pub(super) fn forgot_its_feeds(
        &mut self,
        db: &Transaction<'_>,
        time: Time,
        out: &mut Directives,
    ) -> Result<(), AgentError> {
        if !self.recovering() {
            self.recovery = Some(Recovery {
                why: "it and its second copy are gone".into(),
                from_copy: false,
                log: None,
                told_ms: None,
                settled: false,
            });
            self.tell_of_recovery(db, time, out)?;
        }
        Ok(())
    }

    /// Whether a recovery has not come to its end: what is held may be Sluis's without being on record.
    pub(super) fn recovering(&self) -> bool {
        self.recovery.as_ref().is_some_and(|recovery| !recovery.settled)
    }

    /// The whole phone was looked at under all policies: what Sluis holds is on record again.
    pub(super) fn recovered(&mut self, db: &Transaction<'_>) -> Result<(), AgentError> {
        if let Some(recovery) = self.recovery.as_mut() {
            recovery.settled = true;
            recovery::write(db, recovery)?;
        }
        Ok(())
    }

    /// What people have to know of a recovery.
    pub(super) fn recovery_warning(&self, time: Time) -> Option<Message> {
        let Recovery {
            from_copy,
            told_ms,
            settled,
            ..
        } = self.recovery.as_ref()?;
        let told = (*told_ms)?;
        let id = match from_copy {
            true => "warning_store_restored",
            false => "warning_store_lost",
        };
        let over = *settled && (*from_copy || time.wall_ms.saturating_sub(told) > TOLD_FOR_MS);
        (!over).then(|| Message::new(id, [Argument::Time(told)]))
    }
}

/// Whether files of that feed that were in force went with the store.
pub(super) fn files_were_lost(db: &Connection, feed: &str) -> Result<bool, StoreError> {
    // Where nothing says which feeds had files, any feed may have had some.
    let sql = "SELECT EXISTS (SELECT 1 FROM lost_files WHERE feed = ?1)
               OR EXISTS (SELECT 1 FROM recovery WHERE NOT from_copy AND NOT settled)";
    Ok(db.query_row(sql, [feed], |row| row.get(0))?)
}
