//! What the agent did on this phone: the tables of `0002_agent.sql`, with what later migrations added.

use rusqlite::{Connection, OptionalExtension, Result, Row, params};
use serde::{Deserialize, Serialize};
use sluis_policy::values::Digest;

use crate::audit::{Entry, Event, START};
use crate::plan::Hold;

/// How the last refresh of a feed went.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FeedHealth {
    /// The last time that the whole feed verified, in wall-clock milliseconds.
    pub checked_ms: Option<i64>,
    /// Refreshes that failed since then.
    pub failures: u32,
    /// Why the last one failed.
    pub failure: Option<String>,
    /// What it served was in order but for its age.
    pub expired: bool,
}

/// Where an app that policy concerns stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppState {
    /// Something was ordered and has not come back yet.
    Pending,
    /// It cannot be opened.
    Suspended,
    /// It is there but out of sight.
    Hidden,
    /// It is gone.
    Removed,
    /// Policy advises against it; nothing was done.
    Advised,
    /// Policy forbids it from a moment to come; nothing was done yet.
    Announced,
    /// Policy forbids it, and an exemption keeps it in use.
    Exempted,
    /// The safety floor stood in the way.
    Refused,
    /// What was wanted could not be done.
    Failed,
    /// Policy no longer objects, and what Sluis did was undone.
    Restored,
    /// Policy does not object, and it is not on the phone; what Sluis did to it is to be undone should it come back.
    Absent,
}

const STATES: [(AppState, &str); 11] = [
    (AppState::Pending, "pending"),
    (AppState::Suspended, "suspended"),
    (AppState::Hidden, "hidden"),
    (AppState::Removed, "removed"),
    (AppState::Advised, "advised"),
    (AppState::Announced, "announced"),
    (AppState::Exempted, "exempted"),
    (AppState::Refused, "refused"),
    (AppState::Failed, "failed"),
    (AppState::Restored, "restored"),
    (AppState::Absent, "absent"),
];

/// One app that policy concerns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct App {
    /// The package name.
    pub package: String,
    /// The name that people know it by.
    pub label: Option<String>,
    /// Where it stands.
    pub state: AppState,
    /// The floor's clause, or what failed.
    pub detail: Option<String>,
    /// Since when, in wall-clock milliseconds.
    pub since_ms: i64,
    /// Whose rule and why, as JSON.
    pub grounds: String,
    /// What Sluis did to it.
    pub hold: Hold,
    /// What was last known of it, as JSON.
    pub last_known: Option<String>,
}

/// An action that was ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Names it.
    pub id: u64,
    /// What.
    pub kind: String,
    /// To which package or restriction.
    pub subject: String,
    /// What goes with a restriction, as JSON.
    pub value: Option<String>,
}

/// The feeds that this phone obeys, as JSON.
pub(crate) fn configuration(db: &Connection) -> Result<Option<String>> {
    db.query_row("SELECT json FROM configuration", [], |row| row.get(0))
        .optional()
}

pub(crate) fn set_configuration(db: &Connection, json: &str) -> Result<()> {
    db.execute(
        "INSERT INTO configuration (id, json) VALUES (1, ?1) ON CONFLICT DO UPDATE SET json = ?1",
        [json],
    )?;
    Ok(())
}

pub(crate) fn feed_health(db: &Connection, feed: &str) -> Result<FeedHealth> {
    let sql = "SELECT checked_ms, failures, failure, expired FROM feed_health WHERE feed = ?1";
    let read = |row: &Row<'_>| {
        Ok(FeedHealth {
            checked_ms: row.get(0)?,
            failures: row.get(1)?,
            failure: row.get(2)?,
            expired: row.get(3)?,
        })
    };
    Ok(db.query_row(sql, [feed], read).optional()?.unwrap_or_default())
}

pub(crate) fn set_feed_health(db: &Connection, feed: &str, health: &FeedHealth) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO feed_health (feed, checked_ms, failures, failure, expired)
        VALUES (?1, ?2, ?3, ?4, ?5)";
    let FeedHealth {
        checked_ms,
        failures,
        failure,
        expired,
    } = health;
    db.execute(sql, params![feed, checked_ms, failures, failure, expired])?;
    Ok(())
}

const APP_COLUMNS: &str =
    "package, label, state, detail, since_ms, grounds, suspended, hidden, uninstall_failed, last_known";

fn read_app(row: &Row<'_>) -> Result<App> {
    let written: String = row.get(2)?;
    let state = STATES
        .iter()
        .find(|(_, word)| *word == written)
        .map(|(state, _)| *state);
    Ok(App {
        package: row.get(0)?,
        label: row.get(1)?,
        state: state.ok_or(rusqlite::Error::InvalidQuery)?,
        detail: row.get(3)?,
        since_ms: row.get(4)?,
        grounds: row.get(5)?,
        hold: Hold {
            suspended: row.get(6)?,
            hidden: row.get(7)?,
            uninstall_failed: row.get(8)?,
        },
        last_known: row.get(9)?,
    })
}

/// All apps that policy concerns, what happened last first.
pub(crate) fn apps(db: &Connection) -> Result<Vec<App>> {
    let sql = format!("SELECT {APP_COLUMNS} FROM app ORDER BY since_ms DESC, package");
    db.prepare_cached(&sql)?.query_map([], read_app)?.collect()
}

pub(crate) fn app(db: &Connection, package: &str) -> Result<Option<App>> {
    let sql = format!("SELECT {APP_COLUMNS} FROM app WHERE package = ?1");
    db.prepare_cached(&sql)?.query_row([package], read_app).optional()
}

pub(crate) fn set_app(db: &Connection, app: &App) -> Result<()> {
    let word = STATES
        .iter()
        .find(|(state, _)| *state == app.state)
        .map(|(_, word)| *word);
    // No `INSERT OR REPLACE`: that a row did not change must show, so that the second copy need not be written.
    let sql = format!(
        "INSERT INTO app ({APP_COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT DO UPDATE SET label = ?2, state = ?3, detail = ?4, since_ms = ?5, grounds = ?6, suspended = ?7,
             hidden = ?8, uninstall_failed = ?9, last_known = ?10"
    );
    let Hold {
        suspended,
        hidden,
        uninstall_failed,
    } = app.hold;
    db.prepare_cached(&sql)?.execute(params![
        app.package,
        app.label,
        word,
        app.detail,
        app.since_ms,
        app.grounds,
        suspended,
        hidden,
        uninstall_failed,
        app.last_known
    ])?;
    Ok(())
}

pub(crate) fn forget_app(db: &Connection, package: &str) -> Result<()> {
    db.execute("DELETE FROM app WHERE package = ?1", [package])?;
    Ok(())
}

/// Writes the intent down and returns its id.
pub(crate) fn order(
    db: &Connection,
    kind: &str,
    subject: &str,
    value: Option<&str>,
    time_ms: i64,
) -> Result<u64> {
    let sql = "INSERT INTO journal (kind, subject, value, ordered_ms) VALUES (?1, ?2, ?3, ?4)";
    db.prepare_cached(sql)?
        .execute(params![kind, subject, value, time_ms])?;
    Ok(u64::try_from(db.last_insert_rowid()).unwrap_or_default())
}

/// All orders whose result has not come yet.
pub(crate) fn orders(db: &Connection) -> Result<Vec<Order>> {
    let sql = "SELECT id, kind, subject, value FROM journal ORDER BY id";
    let read = |row: &Row<'_>| {
        Ok(Order {
            id: row.get(0)?,
            kind: row.get(1)?,
            subject: row.get(2)?,
            value: row.get(3)?,
        })
    };
    db.prepare_cached(sql)?.query_map([], read)?.collect()
}

/// Takes an order out of the journal; `None` if it is not there, or not any more.
pub(crate) fn close_order(db: &Connection, id: u64) -> Result<Option<Order>> {
    let sql = "DELETE FROM journal WHERE id = ?1 RETURNING id, kind, subject, value";
    let read = |row: &Row<'_>| {
        Ok(Order {
            id: row.get(0)?,
            kind: row.get(1)?,
            subject: row.get(2)?,
            value: row.get(3)?,
        })
    };
    db.prepare_cached(sql)?
        .query_row([i64::try_from(id).unwrap_or(-1)], read)
        .optional()
}

/// The restrictions that Sluis set, each with what goes with it as JSON, as far as that is known.
pub(crate) fn restrictions(db: &Connection) -> Result<Vec<(String, Option<String>)>> {
    db.prepare_cached("SELECT name, value FROM restriction")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

pub(crate) fn set_restriction(db: &Connection, name: &str, value: Option<&str>) -> Result<()> {
    let sql = "INSERT INTO restriction (name, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2";
    db.execute(sql, params![name, value])?;
    Ok(())
}

pub(crate) fn lift_restriction(db: &Connection, name: &str) -> Result<()> {
    db.execute("DELETE FROM restriction WHERE name = ?1", [name])?;
    Ok(())
}

/// Adds to the audit chain.
pub(crate) fn record(db: &Connection, time_ms: i64, event: &Event<'_>) -> Result<()> {
    let last = "SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1";
    let read = |row: &Row<'_>| Ok((row.get(0)?, Digest(row.get(1)?)));
    let (number, hash) = db
        .prepare_cached(last)?
        .query_row([], read)
        .optional()?
        .unwrap_or((0, START));
    let text =
        serde_json::to_string(event).map_err(|e| rusqlite::Error::ToSqlConversionFailure(Box::new(e)))?;
    let Entry {
        number,
        time_ms,
        entry,
        hash,
    } = Entry::after(number, hash, time_ms, text);
    let sql = "INSERT INTO audit (number, time_ms, entry, hash) VALUES (?1, ?2, ?3, ?4)";
    db.prepare_cached(sql)?
        .execute(params![number, time_ms, entry, hash.0])?;
    Ok(())
}

/// The whole chain.
pub(crate) fn audit(db: &Connection) -> Result<Vec<Entry>> {
    let sql = "SELECT number, time_ms, entry, hash FROM audit ORDER BY number";
    let read = |row: &Row<'_>| {
        Ok(Entry {
            number: row.get(0)?,
            time_ms: row.get(1)?,
            entry: row.get(2)?,
            hash: Digest(row.get(3)?),
        })
    };
    db.prepare_cached(sql)?.query_map([], read)?.collect()
}
