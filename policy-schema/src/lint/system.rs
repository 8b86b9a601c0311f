//! Rules that reach what a phone came with: by a maker's key, by the beginning of a name, or by the name of an app that no
//! phone does without.

use super::checks::{
    ALLOW_WITHOUT_SIGNER, FLOOR_REFUSES, OEM_KEY, PLATFORM_KEY, PREFIX_HITS_OTHERS, PREFIX_HITS_SYSTEM,
};
use super::page::Page;
use crate::catalogue::{Catalogue, Category, Vendor};
use crate::policy::{Effect, Rule, StanceKind};
use crate::values::PackagePattern;

/// Packages of real phones; the sources stand in the file.
const SYSTEM: &str = include_str!("../../catalogue/system-packages.txt");

/// How names of apps begin that are taken for a well-known vendor's, and whose they are.
const LOOKALIKES: [(&str, &str); 6] = [
    ("com.cmcmarkets", "the British broker CMC Markets'"),
    ("com.jd.jdsports", "the British retailer JD Sports'"),
    ("com.meituan", "Meituan's"),
    ("com.ss.squarehome", "an unrelated developer's"),
    ("com.tiktok.plugin", "an unrelated developer's"),
    ("ru.vkusvill", "a grocery chain's"),
];

/// The packages that no phone gives up (`core/src/plan/floor.rs` has them by name).
pub const ALWAYS_ON_THE_FLOOR: [&str; 4] = [
    "nl.sluis.agent",
    "com.google.android.gms",
    "com.google.android.gsf",
    "com.android.vending",
];

/// Packages that phones do not give up while they have a role, and which role that usually is.
const USUALLY_ON_THE_FLOOR: [(&str, &str); 21] = [
    ("android", "the system itself"),
    ("com.android.cellbroadcastreceiver", "emergency alerts"),
    ("com.android.cellbroadcastreceiver.module", "emergency alerts"),
    ("com.android.dialer", "the telephone"),
    ("com.android.emergency", "emergency information"),
    ("com.android.packageinstaller", "the package installer"),
    ("com.android.permissioncontroller", "the permission controller"),
    ("com.android.phone", "telephony"),
    ("com.android.providers.telephony", "telephony"),
    ("com.android.settings", "the settings"),
    ("com.android.systemui", "the system's own screens"),
    ("com.android.webview", "the WebView provider"),
    ("com.google.android.apps.messaging", "the app for SMS"),
    ("com.google.android.cellbroadcastreceiver", "emergency alerts"),
    ("com.google.android.dialer", "the telephone"),
    ("com.google.android.euicc", "the eSIM"),
    ("com.google.android.packageinstaller", "the package installer"),
    (
        "com.google.android.permissioncontroller",
        "the permission controller",
    ),
    ("com.google.android.webview", "the WebView provider"),
    ("com.samsung.android.dialer", "the telephone"),
    ("com.samsung.android.messaging", "the app for SMS"),
];

/// Why a phone usually refuses to do anything to a package, whatever a policy says; none if it is not known to. Only the
/// phone knows for certain: it goes by who holds a role there.
pub fn on_the_floor(package: &str) -> Option<&'static str> {
    if ALWAYS_ON_THE_FLOOR.contains(&package) {
        return Some("no phone does without it");
    }
    let mut usually = USUALLY_ON_THE_FLOOR.iter();
    usually.find(|(name, _)| *name == package).map(|(_, role)| *role)
}

/// Packages that came with real phones; there are many more.
pub fn came_with_phones() -> impl Iterator<Item = &'static str> {
    SYSTEM.lines().filter(|line| !line.starts_with('#'))
}

pub(super) fn check(page: &mut Page<'_>, catalogue: &Catalogue) {
    let closed = page.policy.stance.kind == StanceKind::Closed;
    for (pointer, rule) in page.rules() {
        let pointer = format!("{pointer}/match");
        if rule.effect != Effect::Allow {
            prefixes(page, &rule, &pointer);
            lookalikes(page, &rule, catalogue, &pointer);
        } else if closed && rule.matches.signers.is_empty() {
            let message = "approved by name alone: an app from elsewhere can take that name; add `signers`";
            page.find_of(&rule.id, &ALLOW_WITHOUT_SIGNER, pointer.as_str(), message);
        }
        if rule.effect == Effect::Deny && rule.matches.system != Some(false) {
            floor(page, &rule, &pointer);
        }
        signers(page, &rule, catalogue, &pointer);
    }
}

fn prefixes(page: &mut Page<'_>, rule: &Rule, pointer: &str) {
    let reach = match rule.matches.system {
        Some(false) => return,
        Some(true) => "the rule reaches them, since it says `system: true`: name the packages",
        None => {
            "phones leave those alone, and other tools may not: say `system: false`, or name the packages"
        }
    };
    for (i, pattern) in rule.matches.packages.iter().enumerate() {
        let PackagePattern::Prefix(prefix) = pattern else {
            continue;
        };
        let hit: Vec<&str> = came_with_phones()
            .filter(|p| p.starts_with(prefix.as_str()))
            .collect();
        if let Some(first) = hit.first() {
            let others = match hit.len() - 1 {
                0 => String::new(),
                n => format!(" and {n} others"),
            };
            let message =
                format!("`{pattern}` also matches {first}{others}, which came with real phones; {reach}");
            let pointer = format!("{pointer}/packages/{i}");
            page.find_of(&rule.id, &PREFIX_HITS_SYSTEM, pointer, message);
        }
    }
}

/// A rule that also names vendors is narrowed by them.
fn lookalikes(page: &mut Page<'_>, rule: &Rule, catalogue: &Catalogue, pointer: &str) {
    let matches = &rule.matches;
    if !(matches.vendors.is_empty() && matches.controlled_from.is_empty() && matches.signers.is_empty()) {
        return;
    }
    for (i, pattern) in matches.packages.iter().enumerate() {
        let PackagePattern::Prefix(prefix) = pattern else {
            continue;
        };
        let lookalike = LOOKALIKES
            .iter()
            .find(|(names, _)| names.starts_with(prefix.as_str()) && *names != prefix);
        let of = |vendor: &&Vendor| {
            vendor
                .packages
                .iter()
                .any(|app| app.package.starts_with(prefix.as_str()))
        };
        let vendors: Vec<&str> = catalogue
            .vendors
            .iter()
            .filter(of)
            .map(|v| v.name.as_str())
            .collect();
        let hit = match (lookalike, vendors.as_slice()) {
            (Some((names, whose)), _) => format!("apps that begin with {names}, which are {whose}"),
            (None, [_, _, ..]) => format!("apps of {}", vendors.join(" and of ")),
            _ => continue,
        };
        let message = format!("`{pattern}` matches {hit}; name the packages, or the vendor");
        page.find_of(
            &rule.id,
            &PREFIX_HITS_OTHERS,
            format!("{pointer}/packages/{i}"),
            message,
        );
    }
}

fn floor(page: &mut Page<'_>, rule: &Rule, pointer: &str) {
    for (i, pattern) in rule.matches.packages.iter().enumerate() {
        let PackagePattern::Exact(name) = pattern else {
            continue;
        };
        let usually = USUALLY_ON_THE_FLOOR.iter().find(|(package, _)| package == name);
        let why = match usually {
            _ if ALWAYS_ON_THE_FLOOR.contains(&name.as_str()) => {
                "no phone does without it, so every phone will refuse and report it".to_owned()
            }
            Some((_, role)) => format!("a phone on which it is {role} will refuse and report it"),
            None => continue,
        };
        let message = format!("{name} is on the safety floor: {why}");
        page.find_of(
            &rule.id,
            &FLOOR_REFUSES,
            format!("{pointer}/packages/{i}"),
            message,
        );
    }
}

fn signers(page: &mut Page<'_>, rule: &Rule, catalogue: &Catalogue, pointer: &str) {
    for (i, digest) in rule.matches.signers.iter().enumerate() {
        let signers = catalogue
            .vendors
            .iter()
            .flat_map(|v| v.signers.iter().map(move |s| (v, s)));
        let owner = signers.into_iter().find(|(_, signer)| signer.sha256 == *digest);
        let Some((vendor, signer)) = owner else { continue };
        let pointer = format!("{pointer}/signers/{i}");
        if signer.platform {
            let message = format!(
                "a platform key of {}: on its phones it signs the system itself, Settings included",
                vendor.name
            );
            page.find_of(&rule.id, &PLATFORM_KEY, pointer, message);
        } else if vendor.categories.contains(&Category::DeviceOem) {
            let message = format!(
                "a key of {}, which makes phones: it may also sign what its phones came with; name the packages, too",
                vendor.name
            );
            page.find_of(&rule.id, &OEM_KEY, pointer, message);
        }
    }
}
