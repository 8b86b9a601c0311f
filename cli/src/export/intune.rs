//! A device configuration of Microsoft Graph for Intune, `androidDeviceOwnerGeneralDeviceConfiguration`: which apps the
//! personal side of a phone may have.

use serde_json::{Value, json};

use super::apps::Apps;

/// The most apps that Graph takes in `personalProfilePersonalApplications`.
const MOST: usize = 500;

/// Its type, as Graph names it.
const KIND: &str = "#microsoft.graph.androidDeviceOwnerGeneralDeviceConfiguration";

/// Whether a file is such a configuration, so that a newer one may take its place.
pub(super) fn is_one(document: &Value) -> bool {
    document.get("@odata.type").and_then(Value::as_str) == Some(KIND)
}

/// The configuration, and which apps it has no room for.
pub(super) fn write(apps: &Apps) -> (Value, Vec<String>) {
    let (mode, packages): (_, Vec<&String>) = match apps.closed {
        true => ("allowedApps", apps.allowed().collect()),
        false => ("blockedApps", apps.blocked.iter().collect()),
    };
    let item = |package: &String| {
        json!({
            "@odata.type": "#microsoft.graph.appListItem",
            "name": apps.names.get(package).unwrap_or(package),
            "appStoreUrl": format!("https://play.google.com/store/apps/details?id={package}"),
            "appId": package,
        })
    };
    let items: Vec<Value> = packages.iter().copied().take(MOST).map(item).collect();
    let mut untold: Vec<String> = packages
        .iter()
        .skip(MOST)
        .map(|package| format!("{package}: Intune takes no more than {MOST} apps"))
        .collect();
    untold.push("the work side: Intune assigns its apps one by one".into());
    let configuration = json!({
        "@odata.type": KIND,
        "displayName": "Sluis",
        "personalProfilePlayStoreMode": mode,
        "personalProfilePersonalApplications": items,
    });
    (configuration, untold)
}
