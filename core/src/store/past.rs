//! What happened on this phone before, as far as verdicts depend on it: the tables of `0010_policy_state.sql`.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rusqlite::{Connection, params};
use sluis_policy::values::Id;

use super::StoreError;
use crate::policy::{Activation, Past, RuleName};

/// All that is remembered.
pub(crate) fn load(db: &Connection) -> Result<Past, StoreError> {
    let mut past = Past::default();
    let mut snapshots: HashMap<i64, Arc<HashSet<String>>> = HashMap::new();
    let mut statement = db.prepare("SELECT id, present FROM snapshot")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let present: String = row.get(1)?;
        let names: HashSet<String> =
            serde_json::from_str(&present).map_err(|_| rusqlite::Error::InvalidQuery)?;
        snapshots.insert(row.get(0)?, Arc::new(names));
    }
    let mut statement = db.prepare("SELECT layer, rule, at_ms, snapshot FROM activation")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let present = snapshots.get(&row.get(3)?).cloned().unwrap_or_default();
        let at_ms = row.get(2)?;
        past.activations.insert(name(row)?, Activation { at_ms, present });
    }
    let mut statement = db.prepare("SELECT layer, rule, package, ended_ms FROM exempted")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let packages = past.exempted.entry(name(row)?).or_default();
        packages.insert(row.get(2)?, row.get(3)?);
    }
    Ok(past)
}

fn name(row: &rusqlite::Row<'_>) -> Result<RuleName, rusqlite::Error> {
    let id = |column| Id::parse(&row.get::<_, String>(column)?).ok_or(rusqlite::Error::InvalidQuery);
    Ok(RuleName {
        layer: id(0)?,
        rule: id(1)?,
    })
}

/// Takes down that the phone obeys these rules from now on, each from its own moment, and what was there.
pub(crate) fn activate(
    db: &Connection,
    rules: &[(RuleName, i64)],
    present: &HashSet<String>,
) -> Result<(), StoreError> {
    let mut names: Vec<&String> = present.iter().collect();
    names.sort_unstable();
    let json = serde_json::to_string(&names).map_err(|_| rusqlite::Error::InvalidQuery)?;
    db.execute("INSERT INTO snapshot (present) VALUES (?1)", [json])?;
    let snapshot = db.last_insert_rowid();
    let sql = "INSERT INTO activation (layer, rule, at_ms, snapshot) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
    let mut statement = db.prepare_cached(sql)?;
    for (RuleName { layer, rule }, at_ms) in rules {
        statement.execute(params![layer.as_str(), rule.as_str(), at_ms, snapshot])?;
    }
    Ok(())
}

/// The moment that was taken down was told by a clock that ran ahead: it is not later than this one.
pub(crate) fn bring_forward(db: &Connection, name: &RuleName, at_ms: i64) -> Result<(), StoreError> {
    let sql = "UPDATE activation SET at_ms = ?3 WHERE layer = ?1 AND rule = ?2";
    db.execute(sql, params![name.layer.as_str(), name.rule.as_str(), at_ms])?;
    Ok(())
}

/// Takes down that an exemption is in use for a package, or when it was found to have ended.
pub(crate) fn set_exempted(
    db: &Connection,
    name: &RuleName,
    package: &str,
    ended_ms: Option<i64>,
) -> Result<(), StoreError> {
    let sql = "INSERT OR REPLACE INTO exempted (layer, rule, package, ended_ms) VALUES (?1, ?2, ?3, ?4)";
    db.execute(
        sql,
        params![name.layer.as_str(), name.rule.as_str(), package, ended_ms],
    )?;
    Ok(())
}
