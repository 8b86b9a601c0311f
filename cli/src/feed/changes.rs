//! What a draft says otherwise than what is published: all of it is told before somebody signs it.

use serde_json::{Map, Value};

use super::authority::Authority;
use super::keyholders;
use super::metadata::{Draft, ROOT, TOP_LEVEL};
use super::target;
use crate::output::shown;

/// Fields that are told in words of their own, or that every version changes.
const TOLD: [&str; 9] = [
    "_type",
    "spec_version",
    "version",
    "expires",
    "targets",
    "delegations",
    "keys",
    "roles",
    "meta",
];

/// One line a change, `before` being what is published of the role now.
pub(super) fn changes(before: Option<&Draft>, draft: &Draft) -> Vec<String> {
    let mut lines = files(before, draft);
    lines.extend(holders(before, draft));
    lines.extend(order(before, draft));
    lines.extend(listed_metadata(before, draft));
    lines.extend(fields(before, draft));
    lines
}

/// Target files, and what is said of them: by what phones read, be it complete or not.
fn files(before: Option<&Draft>, draft: &Draft) -> Vec<String> {
    let old = before.map(|before| before.object("targets")).unwrap_or_default();
    let new = draft.object("targets");
    let mut lines = Vec::new();
    for (name, entry) in &new {
        let sign = match old.get(name) {
            None => "+",
            Some(old) if old != entry => "~",
            Some(_) => continue,
        };
        let length = entry.get("length").and_then(Value::as_u64).unwrap_or_default();
        let mut line = format!("  {sign} {} ({length} bytes", shown(name));
        let release = target::release(entry);
        if let Some(release) = &release {
            let (package, version) = (shown(&release.package), release.version_code);
            line.push_str(&format!(", version {version} of {package}"));
            line.push_str(&format!(", from API level {}", release.min_sdk));
        }
        line.push(')');
        let told = release.map(|release| target::custom(&release));
        if let Some(custom) = entry.get("custom").filter(|custom| told.as_ref() != Some(custom)) {
            line.push_str(&format!(", custom {}", compact(custom)));
        }
        lines.push(line);
    }
    for name in old.keys().filter(|name| !new.contains_key(*name)) {
        lines.push(format!("  - {}", shown(name)));
    }
    lines
}

/// Which keys come and go, and what else changes, for the roles that this metadata decides about.
fn holders(before: Option<&Draft>, draft: &Draft) -> Vec<String> {
    let mut roles: Vec<String> = match draft.role() {
        ROOT => TOP_LEVEL.iter().map(|role| (*role).to_owned()).collect(),
        _ => Vec::new(),
    };
    for role in before.into_iter().chain([draft]).flat_map(keyholders::roles) {
        if !roles.contains(&role) {
            roles.push(role);
        }
    }
    let mut lines = Vec::new();
    for role in roles {
        let mut said = keys(before, draft, &role);
        let entry = |draft: &Draft| keyholders::entry(draft, &role);
        let (old, new) = (before.and_then(entry), entry(draft));
        if old.is_some() && new.is_none() {
            said.insert(0, "gone".into());
        }
        said.extend(terms(old.unwrap_or_default(), new.unwrap_or_default()));
        if !said.is_empty() {
            lines.push(format!("  {}: {}", shown(&role), said.join(", ")));
        }
    }
    lines
}

fn keys(before: Option<&Draft>, draft: &Draft, role: &str) -> Vec<String> {
    let authority = |draft: &Draft| Authority::in_draft(draft, role);
    let old = before.and_then(authority).unwrap_or_default();
    let new = authority(draft);
    let is_gone = new.is_none();
    let new = new.unwrap_or_default();
    let not_in = |keys: &Authority, other: &Authority| -> Vec<String> {
        let known = keys.keys().iter();
        let known = known.filter(|key| !other.keys().iter().any(|k| k.is(key)));
        let nameless = keys.nameless().iter();
        let nameless = nameless.filter(|key| !other.nameless().contains(key));
        let nameless = nameless.map(|key| format!("{}, which is of a kind not known here", shown(&key.id)));
        known.map(|key| key.name()).chain(nameless).collect()
    };
    let mut said = Vec::new();
    said.extend(not_in(&new, &old).iter().map(|key| format!("+ key {key}")));
    said.extend(not_in(&old, &new).iter().map(|key| format!("- key {key}")));
    if old.threshold() != new.threshold() && !is_gone {
        said.push(format!("{} must sign", new.threshold()));
    }
    said
}

/// What else a delegation says: which files the role may list, and whether the search ends there.
fn terms(old: Map<String, Value>, new: Map<String, Value>) -> Vec<String> {
    let mut said = Vec::new();
    for (name, value) in new.iter().filter(|(name, value)| old.get(*name) != Some(value)) {
        match (name.as_str(), value) {
            ("name" | "keyids" | "threshold", _) => {}
            ("paths", Value::Array(paths)) => {
                let paths: Vec<String> = paths
                    .iter()
                    .map(|path| path.as_str().map_or_else(|| compact(path), shown))
                    .collect();
                said.push(format!("may list {}", paths.join(" ")));
            }
            ("terminating", Value::Bool(true)) => said.push("what matches is nowhere else".into()),
            ("terminating", Value::Bool(false)) if !old.contains_key("terminating") => {}
            ("terminating", Value::Bool(false)) => said.push("what matches can be elsewhere, too".into()),
            (_, value) => said.push(format!("{} {}", shown(name), compact(value))),
        }
    }
    for name in old
        .keys()
        .filter(|name| !new.contains_key(*name) && !new.is_empty())
    {
        said.push(format!("no {} any more", shown(name)));
    }
    said
}

/// A search asks the roles in their order, and the first that lists a file decides.
fn order(before: Option<&Draft>, draft: &Draft) -> Option<String> {
    if draft.role() == ROOT {
        return None;
    }
    let (old, new) = (before.map(keyholders::roles)?, keyholders::roles(draft));
    let still: Vec<&String> = old.iter().filter(|role| new.contains(role)).collect();
    let in_order = new.iter().take(still.len()).eq(still);
    let names: Vec<String> = new.iter().map(|role| shown(role)).collect();
    (!in_order).then(|| format!("  they are asked in this order: {}", names.join(", ")))
}

/// What a snapshot or timestamp vouches for.
fn listed_metadata(before: Option<&Draft>, draft: &Draft) -> Vec<String> {
    let old = before.map(|before| before.object("meta")).unwrap_or_default();
    let new = draft.object("meta");
    let mut lines = Vec::new();
    for (name, entry) in new.iter().filter(|(name, entry)| old.get(*name) != Some(entry)) {
        let version = entry.get("version").map(compact).unwrap_or_default();
        lines.push(format!("  lists {} version {version}", shown(name)));
    }
    for name in old.keys().filter(|name| !new.contains_key(*name)) {
        lines.push(format!("  no longer lists {}", shown(name)));
    }
    lines
}

/// Everything else, as it stands there.
fn fields(before: Option<&Draft>, draft: &Draft) -> Vec<String> {
    let mut names: Vec<&str> = before
        .into_iter()
        .chain([draft])
        .flat_map(Draft::fields)
        .collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| !TOLD.contains(name));
    let mut lines = Vec::new();
    for name in names {
        let (old, new) = (before.and_then(|before| before.get(name)), draft.get(name));
        // Of a first root this is what is expected.
        let usual = name == "consistent_snapshot" && before.is_none() && new == Some(&Value::Bool(true));
        if old != new && !usual {
            let new = new.map_or_else(|| "is gone".to_owned(), compact);
            lines.push(format!("  {}: {new}", shown(name)));
        }
    }
    lines
}

fn compact(value: &Value) -> String {
    shown(&value.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::metadata::TARGETS;
    use super::*;

    fn targets(files: Value, delegations: Value) -> Draft {
        Draft::new(TARGETS, 0, [("targets", files), ("delegations", delegations)])
    }

    fn delegation(name: &str, paths: &[&str], terminating: bool) -> Value {
        json!({ "name": name, "keyids": [], "threshold": 1, "paths": paths, "terminating": terminating })
    }

    #[test]
    fn every_change_of_a_delegation_is_told() {
        let (maps, toys) = (
            delegation("maps", &["maps/*"], false),
            delegation("toys", &["t/*"], false),
        );
        let before = targets(json!({}), json!({ "keys": {}, "roles": [maps, toys] }));
        let told = |roles: Value| {
            let now = targets(json!({}), json!({ "keys": {}, "roles": roles }));
            changes(Some(&before), &now)
        };
        assert_eq!(told(json!([maps, toys])), Vec::<String>::new());
        assert_eq!(
            told(json!([delegation("maps", &["maps/*", "*"], true), toys])),
            ["  maps: may list maps/* *, what matches is nowhere else"]
        );
        assert_eq!(told(json!([maps])), ["  toys: gone"]);
        assert_eq!(
            told(json!([toys, maps])),
            ["  they are asked in this order: toys, maps"]
        );
        let first = delegation("first", &["policy.json"], true);
        assert_eq!(
            told(json!([first, maps, toys])),
            [
                "  first: 1 must sign, may list policy.json, what matches is nowhere else",
                "  they are asked in this order: first, maps, toys"
            ]
        );
        let by_hash = json!({ "name": "maps", "keyids": [], "threshold": 1, "path_hash_prefixes": ["0"], "terminating": false });
        assert_eq!(
            told(json!([by_hash, toys])),
            ["  maps: path_hash_prefixes [\"0\"], no paths any more"]
        );
    }

    #[test]
    fn what_is_said_of_a_file_is_told_and_no_name_forges_a_line() {
        let files = |custom: u8| json!({ "a\n  - b": { "length": 1, "hashes": { "sha512": "00" }, "custom": { "c": custom } } });
        let before = targets(files(1), json!({ "keys": {}, "roles": [] }));
        let now = targets(files(2), json!({ "keys": {}, "roles": [] }));
        assert_eq!(
            changes(Some(&before), &now),
            ["  ~ a\\u{a}  - b (1 bytes), custom {\"c\":2}"]
        );
        assert_eq!(
            changes(
                None,
                &Draft::new(
                    "x",
                    0,
                    [("consistent_snapshot", json!(false)), ("own", json!("\u{202e}"))]
                )
            ),
            ["  consistent_snapshot: false", "  own: \"\\u{202e}\""]
        );
    }
}
