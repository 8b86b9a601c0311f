//! Lists of apps that leave out what their author probably meant, by what the catalogue knows. It looks at all policies
//! together, since one may have what another leaves out.

use std::collections::{BTreeSet, HashMap};

use super::checks::{EDITION_MISSING, NARROW_LIST};
use super::cover::{names, reaches_name};
use super::page::Page;
use crate::catalogue::{App, Catalogue, Control, Vendor};
use crate::policy::{Effect, Policy, Rule};
use crate::values::PackagePattern;

pub(super) fn check(pages: &mut [&mut Page<'_>], catalogue: &Catalogue) {
    let known = Known::of(catalogue);
    let policies: Vec<Policy> = pages.iter().map(|page| page.policy.clone()).collect();
    for page in pages {
        for (pointer, rule) in page.rules() {
            if lists_apps(&rule) {
                let pointer = format!("{pointer}/match/packages");
                editions(page, &rule, &policies, &known, &pointer);
            }
        }
        if let Some((pointer, rule, message)) = narrow(page, &policies, &known) {
            page.find_of(
                &rule.id,
                &NARROW_LIST,
                format!("{pointer}/match/packages"),
                message,
            );
        }
    }
}

/// Whether a rule is against apps that it names one by one.
fn lists_apps(rule: &Rule) -> bool {
    let matches = &rule.matches;
    let by_control = !(matches.vendors.is_empty() && matches.controlled_from.is_empty());
    rule.effect != Effect::Allow && !by_control && !matches.packages.is_empty()
}

/// Whether any rule of these is against the app.
fn is_meant(app: &App, policies: &[Policy], catalogue: &Catalogue) -> bool {
    let against = policies
        .iter()
        .flat_map(|p| &p.rules)
        .filter(|r| r.effect != Effect::Allow);
    let by_name = |rule: &Rule| {
        rule.matches
            .packages
            .iter()
            .any(|pattern| names(pattern, &app.package))
    };
    let mut against = against;
    against.any(|rule| by_name(rule) || reaches_name(&rule.matches, &app.package, catalogue))
}

/// A catalogue, and its apps by their packages, each with who makes it.
struct Known<'c> {
    catalogue: &'c Catalogue,
    apps: HashMap<&'c str, (&'c Vendor, &'c App)>,
}

impl<'c> Known<'c> {
    fn of(catalogue: &'c Catalogue) -> Self {
        let vendors = catalogue.vendors.iter();
        let apps = vendors.flat_map(|vendor| vendor.packages.iter().map(move |app| (vendor, app)));
        Self {
            catalogue,
            apps: apps
                .map(|(vendor, app)| (app.package.as_str(), (vendor, app)))
                .collect(),
        }
    }

    /// The app that is named, with its vendor, if the catalogue has it.
    fn app(&self, pattern: &PackagePattern) -> Option<(&'c Vendor, &'c App)> {
        match pattern {
            PackagePattern::Exact(name) => self.apps.get(name.as_str()).copied(),
            PackagePattern::Prefix(_) => None,
        }
    }
}

/// Other editions of an app that is named: for another country, smaller, for larger screens.
fn editions(page: &mut Page<'_>, rule: &Rule, policies: &[Policy], known: &Known<'_>, pointer: &str) {
    for (i, pattern) in rule.matches.packages.iter().enumerate() {
        let Some((vendor, app)) = known.app(pattern) else {
            continue;
        };
        let Some(name) = app.name.as_deref() else { continue };
        let another = |other: &&App| {
            other.package != app.package
                && other.name.as_deref().is_some_and(|other| is_edition(other, name))
                && !is_meant(other, policies, known.catalogue)
        };
        let missing: Vec<&str> = vendor
            .packages
            .iter()
            .filter(another)
            .map(|a| a.package.as_str())
            .collect();
        if !missing.is_empty() {
            let message = format!("{name} also comes as {}, which no rule names", missing.join(", "));
            page.find_of(&rule.id, &EDITION_MISSING, format!("{pointer}/{i}"), message);
        }
    }
}

fn is_edition(other: &str, name: &str) -> bool {
    const EDITIONS: [&str; 7] = ["", " Lite", " Go", " HD", " Pad", " for Pad", " TV"];
    other
        .strip_prefix(name)
        .is_some_and(|rest| rest.starts_with(" (") || EDITIONS.contains(&rest))
}

/// A policy that is against some apps of one vendor and against nothing else that the catalogue knows: what happened where
/// a list named apps from several countries and only TikTok was blocked.
fn narrow(page: &Page<'_>, policies: &[Policy], known: &Known<'_>) -> Option<(String, Rule, String)> {
    let rules = page.rules();
    let mut listing = rules.iter().filter(|(_, rule)| lists_apps(rule));
    let vendors: BTreeSet<&str> = policies
        .iter()
        .flat_map(|policy| &policy.rules)
        .filter(|rule| lists_apps(rule))
        .flat_map(|rule| &rule.matches.packages)
        .filter_map(|pattern| known.app(pattern))
        .map(|(vendor, _)| vendor.id.as_str())
        .collect();
    let by_control = policies.iter().flat_map(|policy| &policy.rules).any(|rule| {
        rule.effect != Effect::Allow
            && !(rule.matches.vendors.is_empty() && rule.matches.controlled_from.is_empty())
    });
    let (pointer, rule) = listing.find(|(_, rule)| {
        let packages = &rule.matches.packages;
        packages.iter().any(|pattern| known.app(pattern).is_some())
    })?;
    if by_control || vendors.len() != 1 {
        return None;
    }
    let vendor = known
        .catalogue
        .vendors
        .iter()
        .find(|v| vendors.contains(v.id.as_str()))?;
    let country = vendor
        .country_of_control
        .filter(|_| vendor.control_assessment == Control::Clear)?;
    let (meant, others): (Vec<&App>, Vec<&App>) = vendor
        .packages
        .iter()
        .partition(|app| is_meant(app, policies, known.catalogue));
    let from_there = |v: &&Vendor| {
        v.id != vendor.id && v.country_of_control == Some(country) && v.control_assessment == Control::Clear
    };
    let neighbours = known.catalogue.vendors.iter().filter(from_there).count();
    if others.is_empty() && neighbours == 0 {
        return None;
    }
    let mut examples: Vec<&str> = others.iter().filter_map(|app| app.name.as_deref()).collect();
    examples.dedup();
    examples.truncate(3);
    let such_as = match examples.is_empty() {
        true => String::new(),
        false => format!(" (not {})", examples.join(", ")),
    };
    let message = format!(
        "of the {} apps that the catalogue knows of {} this names {}{such_as}, and of the {neighbours} other vendors \
         controlled from {country} none; if they are meant, match `vendors: [\"{}\"]` or `controlled_from: [\"{country}\"]`",
        vendor.packages.len(),
        vendor.name,
        meant.len(),
        vendor.id
    );
    Some((pointer.clone(), rule.clone(), message))
}
