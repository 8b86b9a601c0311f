//! A policy of the Android Management API (`enterprises.policies`, v1), as its discovery document describes it.

use serde_json::{Value, json};

use super::apps::Apps;

/// The app on the phone.
const AGENT: &str = "nl.sluis.agent";
/// Where it finds which feeds to obey.
const CONFIGURATION: &str = "nl.sluis.configuration";

/// Whether a file is such a policy, so that a newer one may take its place.
pub(super) fn is_one(document: &Value) -> bool {
    ["applications", "playStoreMode", "personalUsagePolicies"]
        .iter()
        .all(|field| document.get(field).is_some())
}

/// The policy, and what of the apps it does not say.
pub(super) fn write(apps: &Apps, configuration: Option<&str>) -> (Value, Vec<String>) {
    let mut untold = Vec::new();
    let (personal_mode, work_mode) = match apps.closed {
        true => ("ALLOWLIST", "WHITELIST"),
        false => ("BLOCKLIST", "BLACKLIST"),
    };
    // In a closed mode what is not named is blocked already; naming it blocks it whatever else the policy says.
    let blocked = apps.blocked.iter().map(|package| (package, "BLOCKED"));
    let approved = apps.allowed().map(|package| (package, "AVAILABLE"));
    let named: Vec<Value> = blocked
        .chain(approved.filter(|_| apps.closed))
        .filter(|(package, _)| *package != AGENT)
        .map(|(package, install)| json!({ "packageName": package, "installType": install }))
        .collect();
    if apps.closed {
        untold.push(
            "a closed stance leaves apps alone that came with the phone; the API's lists are of the store only".into(),
        );
    }
    let mut agent = json!({
        "packageName": AGENT,
        "installType": "FORCE_INSTALLED",
        "delegatedScopes": ["PACKAGE_ACCESS", "BLOCK_UNINSTALL", "MANAGED_CONFIGURATIONS"],
    });
    match (configuration, agent.as_object_mut()) {
        (Some(configuration), Some(agent)) => {
            let managed = json!({ CONFIGURATION: configuration });
            agent.insert("managedConfiguration".into(), managed);
        }
        _ => untold.push("which feeds Sluis obeys: give --configuration".into()),
    }
    let mut applications = named.clone();
    applications.push(agent);
    let policy = json!({
        "applications": applications,
        "playStoreMode": work_mode,
        "personalUsagePolicies": {
            "personalPlayStoreMode": personal_mode,
            "personalApplications": named,
        },
    });
    (policy, untold)
}
