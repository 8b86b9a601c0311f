//! What is remembered of feeds.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::{Store, StoreError};
use crate::feed::{
    ActiveFile, ClockFloor, Commit, FeedIdentity, Floor, Floors, Role, TrustedClock, TrustedState,
    VerifiedFile,
};

impl Store {
    /// What is remembered of a feed; empty for one that is new.
    ///
    /// # Errors
    /// The store cannot be read, or holds what this version never writes.
    pub fn feed(&self, feed: &FeedIdentity) -> Result<TrustedState, StoreError> {
        load(&self.connection, feed)
    }

    /// The bytes of a file in force.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn feed_file(&self, feed: &FeedIdentity, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        file(&self.connection, feed, name)
    }

    /// Takes one step of an update, all of it or nothing.
    ///
    /// # Errors
    /// The store cannot be written; the update must be dropped then.
    pub fn commit_feed(&mut self, feed: &FeedIdentity, step: &Commit) -> Result<(), StoreError> {
        self.commit_feed_steps(feed, std::slice::from_ref(step))
    }

    /// Takes steps of an update that follow on each other, all of them or none: for who shows nothing of an update
    /// before it has ended.
    ///
    /// # Errors
    /// The store cannot be written.
    pub fn commit_feed_steps(&mut self, feed: &FeedIdentity, steps: &[Commit]) -> Result<(), StoreError> {
        if steps.is_empty() {
            return Ok(());
        }
        self.transaction(|transaction| commit_all(transaction, feed, steps))
    }

    /// Makes a store where there never was one, which has these steps from the first moment on: quicker than to make
    /// one and to write them then.
    ///
    /// # Errors
    /// The store cannot be written. There is none then.
    pub fn begin_with_feed_steps(
        path: &Path,
        feed: &FeedIdentity,
        steps: &[Commit],
    ) -> Result<(), StoreError> {
        Self::make(path, |transaction| commit_all(transaction, feed, steps))
    }
}

/// What is remembered of a feed; empty for one that is new.
pub(crate) fn load(db: &Connection, feed: &FeedIdentity) -> Result<TrustedState, StoreError> {
    let Some((id, clock)) = feed_row(db, feed)? else {
        return Ok(TrustedState::default());
    };
    Ok(TrustedState {
        metadata: metadata(db, id)?,
        floors: Floors(floors(db, id)?),
        clock,
        active: active(db, id)?,
    })
}

/// What a feed has signed about the time.
pub(crate) fn clock(db: &Connection, feed: &FeedIdentity) -> Result<TrustedClock, StoreError> {
    Ok(feed_row(db, feed)?.map(|(_, clock)| clock).unwrap_or_default())
}

/// The bytes of a file in force.
pub(crate) fn file(db: &Connection, feed: &FeedIdentity, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT bytes FROM feed_file JOIN feed ON feed.id = feed_file.feed
               WHERE feed.name = ?1 AND root_sha256 = ?2 AND feed_file.name = ?3";
    Ok(db
        .query_row(sql, params![feed.name, feed.root_sha256, name], |row| row.get(0))
        .optional()?)
}

/// Whether a feed of that name has files in force, with whatever root of trust.
pub(crate) fn has_files(db: &Connection, name: &str) -> Result<bool, StoreError> {
    let sql =
        "SELECT EXISTS (SELECT 1 FROM feed_file JOIN feed ON feed.id = feed_file.feed WHERE feed.name = ?1)";
    Ok(db.query_row(sql, [name], |row| row.get(0))?)
}

fn feed_row(db: &Connection, feed: &FeedIdentity) -> Result<Option<(i64, TrustedClock)>, StoreError> {
    let sql = "SELECT id, issued_s, floor_ms, floor_boot_count, floor_elapsed_ms FROM feed
               WHERE name = ?1 AND root_sha256 = ?2";
    let row = db.query_row(sql, params![feed.name, feed.root_sha256], |row| {
        let at_ms: Option<i64> = row.get(2)?;
        let floor = match at_ms {
            None => None,
            Some(at_ms) => Some(ClockFloor {
                at_ms,
                boot_count: row.get(3)?,
                elapsed_ms: row.get(4)?,
            }),
        };
        let issued_s = row.get(1)?;
        Ok((row.get(0)?, TrustedClock { issued_s, floor }))
    });
    Ok(row.optional()?)
}

fn metadata(db: &Connection, id: i64) -> Result<BTreeMap<Role, Vec<u8>>, StoreError> {
    let mut statement = db.prepare("SELECT role, bytes FROM feed_metadata WHERE feed = ?1")?;
    let rows = statement.query_map([id], |row| Ok((role(row.get(0)?), row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn floors(db: &Connection, id: i64) -> Result<BTreeMap<Role, Floor>, StoreError> {
    let mut statement = db.prepare("SELECT role, version, signed_sha256 FROM feed_floor WHERE feed = ?1")?;
    let rows = statement.query_map([id], |row| {
        let floor = Floor {
            version: row.get(1)?,
            signed_sha256: row.get(2)?,
        };
        Ok((role(row.get(0)?), floor))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn active(db: &Connection, id: i64) -> Result<Vec<ActiveFile>, StoreError> {
    let mut statement =
        db.prepare("SELECT name, sha256, length(bytes) FROM feed_file WHERE feed = ?1 ORDER BY name")?;
    let rows = statement.query_map([id], |row| {
        Ok(ActiveFile {
            name: row.get(0)?,
            sha256: row.get(1)?,
            length: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn commit_all(
    transaction: &Transaction<'_>,
    feed: &FeedIdentity,
    steps: &[Commit],
) -> Result<(), StoreError> {
    steps.iter().try_for_each(|step| commit(transaction, feed, step))
}

/// Writes one step of an update; the caller's transaction makes it one.
pub(crate) fn commit(
    transaction: &Transaction<'_>,
    feed: &FeedIdentity,
    step: &Commit,
) -> Result<(), StoreError> {
    transaction.execute(
        "INSERT INTO feed (name, root_sha256) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        params![feed.name, feed.root_sha256],
    )?;
    let id: i64 = transaction.query_row(
        "SELECT id FROM feed WHERE name = ?1 AND root_sha256 = ?2",
        params![feed.name, feed.root_sha256],
        |row| row.get(0),
    )?;
    if let Some(rotation) = step.rotation {
        if rotation.resets_floors() {
            transaction.execute(
                "DELETE FROM feed_metadata WHERE feed = ?1 AND role <> 'root'",
                [id],
            )?;
            transaction.execute("DELETE FROM feed_floor WHERE feed = ?1 AND role <> 'root'", [id])?;
        }
        if rotation.resets_clock() {
            write_clock(transaction, id, &TrustedClock::default())?;
        }
    }
    if let Some((role, bytes)) = &step.metadata {
        transaction.execute(
            "INSERT INTO feed_metadata (feed, role, bytes) VALUES (?1, ?2, ?3)
             ON CONFLICT (feed, role) DO UPDATE SET bytes = excluded.bytes",
            params![id, role.name(), bytes],
        )?;
    }
    for (role, floor) in &step.floors {
        // The verifier never lowers a floor; should it ever, the store does not follow.
        transaction.execute(
            "INSERT INTO feed_floor (feed, role, version, signed_sha256) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (feed, role) DO UPDATE SET version = excluded.version, signed_sha256 = excluded.signed_sha256
             WHERE excluded.version >= version",
            params![id, role.name(), floor.version, floor.signed_sha256],
        )?;
    }
    if let Some(clock) = &step.clock {
        write_clock(transaction, id, clock)?;
    }
    if let Some(files) = &step.activation {
        write_files(transaction, id, files)?;
    }
    Ok(())
}

fn write_clock(transaction: &Transaction<'_>, id: i64, clock: &TrustedClock) -> Result<(), StoreError> {
    let floor = clock.floor;
    transaction.execute(
        "UPDATE feed SET issued_s = ?2, floor_ms = ?3, floor_boot_count = ?4, floor_elapsed_ms = ?5 WHERE id = ?1",
        params![
            id,
            clock.issued_s,
            floor.map(|floor| floor.at_ms),
            floor.map(|floor| floor.boot_count),
            floor.map(|floor| floor.elapsed_ms),
        ],
    )?;
    Ok(())
}

fn write_files(transaction: &Transaction<'_>, id: i64, files: &[VerifiedFile]) -> Result<(), StoreError> {
    let mut statement = transaction.prepare("SELECT name FROM feed_file WHERE feed = ?1")?;
    let before: Vec<String> = statement
        .query_map([id], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for name in before
        .iter()
        .filter(|name| !files.iter().any(|file| file.name() == *name))
    {
        transaction.execute(
            "DELETE FROM feed_file WHERE feed = ?1 AND name = ?2",
            params![id, name],
        )?;
    }
    for file in files {
        if let Some(bytes) = file.bytes() {
            transaction.execute(
                "INSERT INTO feed_file (feed, name, sha256, bytes) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (feed, name) DO UPDATE SET sha256 = excluded.sha256, bytes = excluded.bytes",
                params![id, file.name(), file.active.sha256, bytes],
            )?;
        }
    }
    Ok(())
}

fn role(name: String) -> Role {
    match name.as_str() {
        "root" => Role::Root,
        "timestamp" => Role::Timestamp,
        "snapshot" => Role::Snapshot,
        "targets" => Role::Targets,
        _ => Role::Delegated(name),
    }
}
