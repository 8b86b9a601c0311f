//! What is remembered of the phone's switches, beside those that are on: the tables of `0011_change.sql`.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Result, params};

/// A switch that the phone did not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// What was to go with it, as JSON.
    pub(crate) value: String,
    /// When that was last tried, in wall-clock milliseconds.
    pub(crate) at_ms: i64,
}

pub(crate) fn refused(db: &Connection) -> Result<BTreeMap<String, Refused>> {
    let read = |row: &rusqlite::Row<'_>| {
        let refused = Refused {
            value: row.get(1)?,
            at_ms: row.get(2)?,
        };
        Ok((row.get(0)?, refused))
    };
    db.prepare_cached("SELECT name, value, tried_ms FROM refused_restriction")?
        .query_map([], read)?
        .collect()
}

pub(crate) fn set_refused(db: &Connection, name: &str, refused: &Refused) -> Result<()> {
    db.execute(
        "INSERT OR REPLACE INTO refused_restriction (name, value, tried_ms) VALUES (?1, ?2, ?3)",
        params![name, refused.value, refused.at_ms],
    )?;
    Ok(())
}

pub(crate) fn forget_refused(db: &Connection, name: &str) -> Result<()> {
    db.execute("DELETE FROM refused_restriction WHERE name = ?1", [name])?;
    Ok(())
}

/// When installing was last opened for updates.
pub(crate) fn window_opened_ms(db: &Connection) -> Result<Option<i64>> {
    db.query_row("SELECT opened_ms FROM install_window", [], |row| row.get(0))
        .optional()
}

pub(crate) fn set_window(db: &Connection, opened_ms: i64) -> Result<()> {
    let sql =
        "INSERT INTO install_window (id, opened_ms) VALUES (1, ?1) ON CONFLICT DO UPDATE SET opened_ms = ?1";
    db.execute(sql, [opened_ms])?;
    Ok(())
}

pub(crate) fn forget_window(db: &Connection) -> Result<()> {
    db.execute("DELETE FROM install_window", [])?;
    Ok(())
}

/// Whether a feed has been silent for longer than its policy bears.
pub(crate) fn is_silent(db: &Connection, feed: &str) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM silent_feed WHERE feed = ?1)";
    db.query_row(sql, [feed], |row| row.get(0))
}

pub(crate) fn set_silent(db: &Connection, feed: &str, since_ms: i64) -> Result<()> {
    let sql = "INSERT OR IGNORE INTO silent_feed (feed, since_ms) VALUES (?1, ?2)";
    db.execute(sql, params![feed, since_ms])?;
    Ok(())
}

/// The feed has spoken. Whether it had been silent.
pub(crate) fn heard(db: &Connection, feed: &str) -> Result<bool> {
    Ok(db.execute("DELETE FROM silent_feed WHERE feed = ?1", [feed])? > 0)
}
