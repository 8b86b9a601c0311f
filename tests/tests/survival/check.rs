//! What must be true of a store's folder after any crash.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use ring::digest::{SHA256, digest};
use rusqlite::Connection;
use serde_json::Value;
use sluis_core::agent::Agent;
use sluis_core::audit;
use sluis_core::feed::hex;

use crate::world::{FEED, Promised, word};

/// The store's file in a phone's folder.
pub(crate) const STORE: &str = "sluis.db";

/// Opens the folder as the product does, and says what is not as it was promised.
pub(crate) fn check(folder: &Path, promised: &Promised) -> Result<(), String> {
    copy_keeps(folder, promised)?;
    let path = folder.join(STORE);
    let mut agent = Agent::open(&path).map_err(|error| format!("it does not open: {error}"))?;
    let log = agent.audit().map_err(|error| format!("no log: {error}"))?;
    audit::verify(&log).map_err(|error| error.to_string())?;
    drop(agent);
    let store = Connection::open(&path).map_err(|error| error.to_string())?;
    is_whole(&store)?;
    keeps(&store, promised)?;
    let copy = second_copy(folder).ok_or("the second copy is not there after opening")?;
    agrees(&store, &copy)
}

fn ask<T: rusqlite::types::FromSql>(store: &Connection, sql: &str) -> Result<T, String> {
    store
        .query_row(sql, [], |row| row.get(0))
        .map_err(|error| format!("{sql}: {error}"))
}

fn all<T: rusqlite::types::FromSql>(store: &Connection, sql: &str) -> Result<BTreeMap<String, T>, String> {
    let rows = || {
        let mut statement = store.prepare(sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect::<rusqlite::Result<_>>()
    };
    rows().map_err(|error| format!("{sql}: {error}"))
}

fn is_whole(store: &Connection) -> Result<(), String> {
    let found: String = ask(store, "PRAGMA integrity_check")?;
    if found != "ok" {
        return Err(found);
    }
    let recoveries: i64 = ask(store, "SELECT count(*) FROM recovery")?;
    if recoveries > 0 {
        let why: String = ask(store, "SELECT why FROM recovery")?;
        return Err(format!("a crash looked like damage: {why}"));
    }
    let files: BTreeMap<String, Vec<u8>> = all(store, "SELECT name, bytes FROM feed_file")?;
    let digests: BTreeMap<String, Vec<u8>> = all(store, "SELECT name, sha256 FROM feed_file")?;
    for (name, bytes) in &files {
        if digest(&SHA256, bytes).as_ref() != digests[name] {
            return Err(format!("{name} is not what its digest says"));
        }
    }
    let obeyed: BTreeMap<String, Vec<u8>> = all(store, "SELECT name, bytes FROM obeyed_file")?;
    let trials: i64 = ask(store, "SELECT count(*) FROM trial")?;
    if obeyed.is_empty() != (trials == 0) {
        return Err("a trial without a version before, or the other way round".into());
    }
    for files in [&files, &obeyed] {
        let publications: Vec<Option<u64>> = files.values().map(|bytes| publication_of(bytes)).collect();
        match publications[..] {
            [] => {}
            [Some(catalogue), Some(policy)] if catalogue == policy => {}
            _ => return Err(format!("half a policy is in force: {publications:?}")),
        }
    }
    Ok(())
}

fn publication_of(bytes: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (_, rest) = text.split_once("publication-")?;
    let number = rest.split_once('.')?.0.parse().ok()?;
    text.contains(&word(number)).then_some(number)
}

fn keeps(store: &Connection, promised: &Promised) -> Result<(), String> {
    let configured: i64 = ask(store, "SELECT count(*) FROM configuration")?;
    if promised.configured && configured == 0 {
        return Err("the configuration is gone".into());
    }
    let floors: BTreeMap<String, u64> = all(store, "SELECT role, version FROM feed_floor")?;
    holds_floors(&floors, promised).map_err(|why| format!("store: {why}"))?;
    let policy: Option<Vec<u8>> = ask(
        store,
        "SELECT max(bytes) FROM feed_file WHERE name = 'policy.json'",
    )?;
    let in_force = policy.and_then(|bytes| publication_of(&bytes)).unwrap_or(0);
    if in_force < promised.in_force {
        let promised = promised.in_force;
        return Err(format!(
            "publication {in_force} is in force, and {promised} had been"
        ));
    }
    let suspended = all(store, "SELECT package, suspended FROM app")?;
    let hidden = all(store, "SELECT package, hidden FROM app")?;
    holds_apps(&suspended, &hidden, promised).map_err(|why| format!("store: {why}"))
}

fn holds_floors(floors: &BTreeMap<String, u64>, promised: &Promised) -> Result<(), String> {
    for (role, promised) in &promised.floors {
        let found = floors.get(role).copied().unwrap_or(0);
        if found < *promised {
            return Err(format!(
                "the floor of {role} went back from {promised} to {found}"
            ));
        }
    }
    Ok(())
}

fn holds_apps(
    suspended: &BTreeMap<String, bool>,
    hidden: &BTreeMap<String, bool>,
    promised: &Promised,
) -> Result<(), String> {
    for (what, found, promised) in [
        ("suspended", suspended, &promised.suspended),
        ("hidden", hidden, &promised.hidden),
    ] {
        if let Some(app) = promised.keys().find(|app| found.get(*app) != Some(&true)) {
            return Err(format!("that Sluis has {app} {what} is not on record any more"));
        }
    }
    Ok(())
}

/// The latest state in the second copy's files, read as docs/decisions/0008 describes it.
fn second_copy(folder: &Path) -> Option<Value> {
    let states = [".copy-a", ".copy-b"].into_iter().filter_map(|suffix| {
        let text = fs::read_to_string(folder.join(format!("{STORE}{suffix}"))).ok()?;
        let (head, body) = text.split_once('\n')?;
        let seal = head.strip_prefix("sluis.copy/1 ")?;
        let sealed = format!("sluis.copy/1\n{body}");
        (hex::encode(digest(&SHA256, sealed.as_bytes()).as_ref()) == seal)
            .then(|| serde_json::from_str::<Value>(body).unwrap())
    });
    states.max_by_key(|state| state["generation"].as_i64())
}

/// The second copy alone, before anything is opened: with it the loss of the store would be survived.
fn copy_keeps(folder: &Path, promised: &Promised) -> Result<(), String> {
    if *promised == Promised::default() {
        return Ok(());
    }
    let copy = second_copy(folder).ok_or("copy: it is not there")?;
    let content = &copy["content"];
    if promised.configured && content["configuration"].is_null() {
        return Err("copy: the configuration is gone".into());
    }
    holds_floors(&floors_of(content), promised).map_err(|why| format!("copy: {why}"))?;
    holds_apps(&held(content, "suspended"), &held(content, "hidden"), promised)
        .map_err(|why| format!("copy: {why}"))
}

fn floors_of(content: &Value) -> BTreeMap<String, u64> {
    let feeds = content["feeds"].as_array().unwrap();
    let feed = feeds.iter().find(|feed| feed["name"] == FEED);
    let floors = feed
        .map(|feed| feed["floors"].as_array().unwrap().clone())
        .unwrap_or_default();
    let floor = |floor: &Value| {
        (
            floor["role"].as_str().unwrap().to_owned(),
            floor["version"].as_u64().unwrap(),
        )
    };
    floors.iter().map(floor).collect()
}

fn held(content: &Value, how: &str) -> BTreeMap<String, bool> {
    let apps = content["apps"].as_array().unwrap().iter();
    let app = |app: &Value| {
        (
            app["package"].as_str().unwrap().to_owned(),
            app["hold"][how] == true,
        )
    };
    apps.map(app).filter(|(_, held)| *held).collect()
}

/// Store and copy say the same, now that the store was opened.
fn agrees(store: &Connection, copy: &Value) -> Result<(), String> {
    let generation: i64 = ask(store, "SELECT number FROM generation")?;
    if copy["generation"].as_i64() != Some(generation) {
        return Err(format!(
            "the store is in state {generation}, its copy in {}",
            copy["generation"]
        ));
    }
    let content = &copy["content"];
    let floors: BTreeMap<String, u64> = all(store, "SELECT role, version FROM feed_floor")?;
    let suspended: BTreeMap<String, bool> = all(store, "SELECT package, suspended FROM app WHERE suspended")?;
    let hidden: BTreeMap<String, bool> = all(store, "SELECT package, hidden FROM app WHERE hidden")?;
    let same = floors == floors_of(content)
        && suspended == held(content, "suspended")
        && hidden == held(content, "hidden");
    if same {
        Ok(())
    } else {
        Err("the copy says something else than the store".into())
    }
}
