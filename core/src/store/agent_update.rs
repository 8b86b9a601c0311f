//! New versions of the agent itself: the tables of `0014_agent_update.sql`.

use rusqlite::{Connection, OptionalExtension, Result, Row, params};

/// What a feed offers, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offered {
    /// The feed.
    pub(crate) feed: String,
    /// SHA-256 of the package; none where it could not be found out.
    pub(crate) sha256: Option<[u8; 32]>,
    /// The version, where the feed says which it is.
    pub(crate) version_code: Option<u64>,
    /// How often it was fetched.
    pub(crate) attempts: u32,
    /// When last, in wall-clock milliseconds.
    pub(crate) tried_ms: i64,
    /// Why it came to nothing, as far as that is known.
    pub(crate) failure: Option<String>,
}

/// The version that ran last; none on a new phone.
pub(crate) fn version(db: &Connection) -> Result<Option<u64>> {
    let sql = "SELECT version_code FROM agent_version";
    db.query_row(sql, [], |row| row.get(0)).optional()
}

pub(crate) fn set_version(db: &Connection, version_code: u64) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO agent_version (id, version_code) VALUES (1, ?1)";
    db.execute(sql, [version_code])?;
    Ok(())
}

/// What all feeds offer.
pub(crate) fn offers(db: &Connection) -> Result<Vec<Offered>> {
    let sql = "SELECT feed, sha256, version_code, attempts, tried_ms, failure FROM agent_offer ORDER BY feed";
    let read = |row: &Row<'_>| {
        Ok(Offered {
            feed: row.get(0)?,
            sha256: row.get(1)?,
            version_code: row.get(2)?,
            attempts: row.get(3)?,
            tried_ms: row.get(4)?,
            failure: row.get(5)?,
        })
    };
    db.prepare_cached(sql)?.query_map([], read)?.collect()
}

pub(crate) fn set_offer(db: &Connection, offered: &Offered) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO agent_offer (feed, sha256, version_code, attempts, tried_ms, failure)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    let Offered {
        feed,
        sha256,
        version_code,
        attempts,
        tried_ms,
        failure,
    } = offered;
    db.execute(
        sql,
        params![feed, sha256, version_code, attempts, tried_ms, failure],
    )?;
    Ok(())
}

pub(crate) fn forget_offer(db: &Connection, feed: &str) -> Result<()> {
    db.execute("DELETE FROM agent_offer WHERE feed = ?1", [feed])?;
    Ok(())
}
