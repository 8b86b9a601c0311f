//! What grants hang on: the phone's id, and the grants that it took in.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use sluis_policy::values::Digest;

use super::StoreError;

/// What this phone is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PhoneId {
    /// A rollout goes by it.
    pub(crate) digest: Digest,
    /// It is that of a key in the phone's key store, so that grants can name it; else it was made at random.
    pub(crate) from_key: bool,
    /// When it took the place of another key's, in wall-clock milliseconds.
    pub(crate) changed_ms: Option<i64>,
}

/// A grant on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HeldGrant {
    pub(crate) layer: String,
    pub(crate) id: String,
    /// As it came.
    pub(crate) json: String,
    /// Why it does not count, as the log was told.
    #[serde(skip)]
    pub(crate) ended: Option<String>,
}

pub(crate) fn phone(db: &Connection) -> Result<Option<PhoneId>, StoreError> {
    let read = |row: &Row<'_>| {
        Ok(PhoneId {
            digest: Digest(row.get(0)?),
            from_key: row.get(1)?,
            changed_ms: row.get(2)?,
        })
    };
    let sql = "SELECT phone, from_key, changed_ms FROM phone";
    Ok(db.query_row(sql, [], read).optional()?)
}

pub(crate) fn set_phone(db: &Connection, phone: PhoneId) -> Result<(), StoreError> {
    let sql = "INSERT INTO phone (id, phone, from_key, changed_ms) VALUES (1, ?1, ?2, ?3)
               ON CONFLICT DO UPDATE SET phone = ?1, from_key = ?2, changed_ms = ?3";
    db.execute(sql, params![phone.digest.0, phone.from_key, phone.changed_ms])?;
    Ok(())
}

/// All of them, by layer and id.
pub(crate) fn held(db: &Connection) -> Result<Vec<HeldGrant>, StoreError> {
    let read = |row: &Row<'_>| {
        Ok(HeldGrant {
            layer: row.get(0)?,
            id: row.get(1)?,
            json: row.get(2)?,
            ended: row.get(3)?,
        })
    };
    let mut statement =
        db.prepare_cached("SELECT layer, id, json, ended FROM held_grant ORDER BY layer, id")?;
    Ok(statement.query_map([], read)?.collect::<Result<_, _>>()?)
}

/// Puts one on record, in place of what had its name.
pub(crate) fn hold(db: &Connection, grant: &HeldGrant) -> Result<(), StoreError> {
    let HeldGrant {
        layer,
        id,
        json,
        ended,
    } = grant;
    let sql = "INSERT INTO held_grant (layer, id, json, ended) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT DO UPDATE SET json = ?3, ended = ?4";
    db.execute(sql, params![layer, id, json, ended])?;
    Ok(())
}

/// Takes down that the log was told that it ended, or counts again.
pub(crate) fn set_ended(db: &Connection, layer: &str, id: &str, why: Option<&str>) -> Result<(), StoreError> {
    let sql = "UPDATE held_grant SET ended = ?3 WHERE layer = ?1 AND id = ?2";
    db.execute(sql, params![layer, id, why])?;
    Ok(())
}

pub(crate) fn forget(db: &Connection, layer: &str, id: &str) -> Result<(), StoreError> {
    db.execute("DELETE FROM held_grant WHERE layer = ?1 AND id = ?2", [layer, id])?;
    Ok(())
}
