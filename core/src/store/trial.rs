//! Files that verified and are on trial, and the files that a phone obeys in their place.

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use sluis_policy::values::Digest;

use super::StoreError;
use super::feed;
use crate::feed::{FeedIdentity, VerifiedFile};

/// How a trial stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trial {
    /// It was not found out yet how much the files change.
    Open,
    /// They change too much.
    Held(Held),
}

/// That files change too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Held {
    /// How many apps they would newly forbid.
    pub(crate) changes: u64,
    /// How many they may.
    pub(crate) limited: u64,
    /// Since when that is known, in wall-clock milliseconds.
    pub(crate) since_ms: i64,
}

const ID: &str = "(SELECT id FROM feed WHERE feed.name = ?1 AND root_sha256 = ?2)";

/// Whether a feed's newest files are on trial.
pub(crate) fn of(db: &Connection, feed: &FeedIdentity) -> Result<Option<Trial>, StoreError> {
    let sql = format!("SELECT changes, limited, held_ms FROM trial WHERE feed = {ID}");
    let read = |row: &rusqlite::Row<'_>| {
        Ok(match row.get(0)? {
            None => Trial::Open,
            Some(changes) => Trial::Held(Held {
                changes,
                limited: row.get(1)?,
                since_ms: row.get(2)?,
            }),
        })
    };
    let mut statement = db.prepare_cached(&sql)?;
    Ok(statement
        .query_row(params![feed.name, feed.root_sha256], read)
        .optional()?)
}

/// Keeps the files in force beside those that are about to take their place. What is on trial already stays beside
/// what was in force before it.
pub(crate) fn begin(
    db: &Transaction<'_>,
    feed: &FeedIdentity,
    files: &[VerifiedFile],
) -> Result<(), StoreError> {
    let identity = params![feed.name, feed.root_sha256];
    db.execute(
        &format!("INSERT INTO trial (feed) VALUES ({ID}) ON CONFLICT DO UPDATE SET changes = NULL, limited = NULL, held_ms = NULL"),
        identity,
    )?;
    for file in files.iter().filter(|file| file.bytes().is_some()) {
        keep(db, feed, file.name())?;
    }
    let mut statement = db.prepare(&format!("SELECT name FROM feed_file WHERE feed = {ID}"))?;
    let before: Vec<String> = statement
        .query_map(identity, |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for gone in before
        .iter()
        .filter(|name| !files.iter().any(|file| file.name() == *name))
    {
        keep(db, feed, gone)?;
    }
    Ok(())
}

fn keep(db: &Transaction<'_>, feed: &FeedIdentity, name: &str) -> Result<(), StoreError> {
    let sql = format!(
        "INSERT OR IGNORE INTO obeyed_file (feed, name, bytes)
         VALUES ({ID}, ?3, (SELECT bytes FROM feed_file WHERE feed = {ID} AND feed_file.name = ?3))"
    );
    db.execute(&sql, params![feed.name, feed.root_sha256, name])?;
    Ok(())
}

/// Takes down that the newest files change too much.
pub(crate) fn hold(db: &Connection, feed: &FeedIdentity, held: Held) -> Result<(), StoreError> {
    let sql = format!("UPDATE trial SET changes = ?3, limited = ?4, held_ms = ?5 WHERE feed = {ID}");
    db.execute(
        &sql,
        params![
            feed.name,
            feed.root_sha256,
            held.changes,
            held.limited,
            held.since_ms
        ],
    )?;
    Ok(())
}

/// The newest files are in force.
pub(crate) fn end(db: &Connection, feed: &FeedIdentity) -> Result<(), StoreError> {
    let sql = format!("DELETE FROM trial WHERE feed = {ID}");
    db.execute(&sql, params![feed.name, feed.root_sha256])?;
    Ok(())
}

/// The bytes of a file that the phone obeys.
pub(crate) fn obeyed_file(
    db: &Connection,
    feed: &FeedIdentity,
    name: &str,
) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = format!("SELECT bytes FROM obeyed_file WHERE feed = {ID} AND obeyed_file.name = ?3");
    let kept: Option<Option<Vec<u8>>> = db
        .prepare_cached(&sql)?
        .query_row(params![feed.name, feed.root_sha256, name], |row| row.get(0))
        .optional()?;
    match kept {
        Some(bytes) => Ok(bytes),
        None => feed::file(db, feed, name),
    }
}

/// The newest files of a feed, by name.
pub(crate) fn newest(db: &Connection, feed: &FeedIdentity) -> Result<Vec<(String, Digest)>, StoreError> {
    let sql =
        format!("SELECT feed_file.name, sha256 FROM feed_file WHERE feed = {ID} ORDER BY feed_file.name");
    let mut statement = db.prepare(&sql)?;
    let rows = statement.query_map(params![feed.name, feed.root_sha256], |row| {
        Ok((row.get(0)?, Digest(row.get(1)?)))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
