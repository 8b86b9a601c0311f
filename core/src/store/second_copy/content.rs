//! What is copied: the configuration, all floors, what Sluis holds on the phone, and what the phone was granted.

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};
use sluis_policy::values::Digest;

use super::super::StoreError;
use super::super::agent::{self as table, App};
use super::super::grants::{self, HeldGrant, PhoneId};

/// What is copied; the triggers of `0005_second_copy.sql` and `0021_grant.sql` count its changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Content {
    /// The feeds that this phone obeys, and their roots of trust.
    pub(crate) configuration: Option<String>,
    feeds: Vec<Feed>,
    /// The apps that Sluis holds.
    pub(crate) apps: Vec<App>,
    /// The restrictions that Sluis set.
    restrictions: Vec<String>,
    /// The phone's id, where it is a key's.
    #[serde(default)]
    phone: Option<PhoneId>,
    /// The grants on record.
    #[serde(default)]
    pub(crate) grants: Vec<HeldGrant>,
}

/// Floors and trusted time of one feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Feed {
    name: String,
    root_sha256: Digest,
    issued_s: Option<i64>,
    clock: Option<Clock>,
    floors: Vec<Floor>,
    /// It had files in force.
    had_files: bool,
}

/// The floor under the clock, and when in which boot it held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Clock {
    at_ms: i64,
    boot_count: u64,
    elapsed_ms: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Floor {
    role: String,
    version: u64,
    signed_sha256: Option<Digest>,
}

impl Content {
    /// What the store holds of it.
    pub(crate) fn collect(db: &Connection) -> Result<Self, StoreError> {
        let mut apps = table::apps(db)?;
        apps.retain(|app| app.hold.any());
        let restrictions = table::restrictions(db)?.into_iter();
        let mut restrictions: Vec<String> = restrictions.map(|(name, _)| name).collect();
        restrictions.sort();
        let mut grants = grants::held(db)?;
        // What the log was told went with the log.
        grants.iter_mut().for_each(|grant| grant.ended = None);
        Ok(Self {
            configuration: table::configuration(db)?,
            feeds: feeds(db)?,
            apps,
            restrictions,
            phone: grants::phone(db)?.filter(|phone| phone.from_key),
            grants,
        })
    }

    /// Puts it into a new store.
    pub(crate) fn restore(&self, db: &Transaction<'_>) -> Result<(), StoreError> {
        if let Some(json) = &self.configuration {
            table::set_configuration(db, json)?;
        }
        for feed in &self.feeds {
            restore_feed(db, feed)?;
        }
        for app in &self.apps {
            table::set_app(db, app)?;
        }
        for name in &self.restrictions {
            table::set_restriction(db, name, None)?;
        }
        if let Some(phone) = self.phone {
            grants::set_phone(db, phone)?;
        }
        for grant in &self.grants {
            grants::hold(db, grant)?;
        }
        Ok(())
    }
}

fn feeds(db: &Connection) -> Result<Vec<Feed>, StoreError> {
    let sql = "SELECT id, name, root_sha256, issued_s, floor_ms, floor_boot_count, floor_elapsed_ms,
                   EXISTS (SELECT 1 FROM feed_file WHERE feed_file.feed = feed.id)
                   OR EXISTS (SELECT 1 FROM lost_files WHERE lost_files.feed = feed.name)
               FROM feed ORDER BY name, root_sha256";
    let read = |row: &rusqlite::Row<'_>| {
        let clock = match row.get(4)? {
            None => None,
            Some(at_ms) => Some(Clock {
                at_ms,
                boot_count: row.get(5)?,
                elapsed_ms: row.get(6)?,
            }),
        };
        let feed = Feed {
            name: row.get(1)?,
            root_sha256: Digest(row.get(2)?),
            issued_s: row.get(3)?,
            clock,
            floors: Vec::new(),
            had_files: row.get(7)?,
        };
        Ok((row.get(0)?, feed))
    };
    let mut statement = db.prepare_cached(sql)?;
    let found: Vec<(i64, Feed)> = statement.query_map([], read)?.collect::<Result<_, _>>()?;
    let with_floors = |(id, feed)| {
        Ok(Feed {
            floors: floors(db, id)?,
            ..feed
        })
    };
    found.into_iter().map(with_floors).collect()
}

fn floors(db: &Connection, feed: i64) -> Result<Vec<Floor>, StoreError> {
    let sql = "SELECT role, version, signed_sha256 FROM feed_floor WHERE feed = ?1 ORDER BY role";
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Floor {
            role: row.get(0)?,
            version: row.get(1)?,
            signed_sha256: row.get::<_, Option<[u8; 32]>>(2)?.map(Digest),
        })
    };
    let mut statement = db.prepare_cached(sql)?;
    Ok(statement.query_map([feed], read)?.collect::<Result<_, _>>()?)
}

fn restore_feed(db: &Transaction<'_>, feed: &Feed) -> Result<(), StoreError> {
    let Feed {
        name,
        root_sha256,
        issued_s,
        clock,
        floors,
        had_files,
    } = feed;
    let sql = "INSERT INTO feed (name, root_sha256, issued_s, floor_ms, floor_boot_count, floor_elapsed_ms)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING id";
    let clock = clock.as_ref();
    let row = params![
        name,
        root_sha256.0,
        issued_s,
        clock.map(|clock| clock.at_ms),
        clock.map(|clock| clock.boot_count),
        clock.map(|clock| clock.elapsed_ms),
    ];
    let id: i64 = db.query_row(sql, row, |row| row.get(0))?;
    for floor in floors {
        let sql = "INSERT INTO feed_floor (feed, role, version, signed_sha256) VALUES (?1, ?2, ?3, ?4)";
        let digest = floor.signed_sha256.map(|digest| digest.0);
        db.execute(sql, params![id, floor.role, floor.version, digest])?;
    }
    if *had_files {
        db.execute("INSERT OR IGNORE INTO lost_files VALUES (?1)", [name])?;
    }
    Ok(())
}

/// Which state of it the store holds.
pub(crate) fn generation(db: &Connection) -> Result<i64, StoreError> {
    let sql = "SELECT number FROM generation";
    Ok(db.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// Sets it to what follows on `before`.
pub(crate) fn follow(db: &Connection, before: i64) -> Result<(), StoreError> {
    db.execute("UPDATE generation SET number = ?1", [before.saturating_add(1)])?;
    Ok(())
}

/// The end of the log.
pub(crate) fn log_head(db: &Connection) -> Result<Option<super::LogHead>, StoreError> {
    let sql = "SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1";
    let read = |row: &rusqlite::Row<'_>| {
        Ok(super::LogHead {
            number: row.get(0)?,
            hash: Digest(row.get(1)?),
        })
    };
    Ok(db.prepare_cached(sql)?.query_row([], read).optional()?)
}
