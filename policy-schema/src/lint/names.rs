//! Names that lead to the catalogue: whether it has them, and whether they match anything.

use super::checks::{
    CONTESTED_COMPONENT, CONTESTED_VENDOR, COUNTRY_WITHOUT_VENDOR, NOTHING_KNOWN, UNKNOWN_COMPONENT,
    UNKNOWN_VENDOR,
};
use super::page::Page;
use crate::catalogue::{Catalogue, Control, Vendor};
use crate::decode::nearest;
use crate::policy::{ComponentPattern, Match};
use crate::values::Id;

pub(super) fn check(page: &mut Page<'_>, catalogue: &Catalogue) {
    for (pointer, rule) in page.rules() {
        let mut side = Side {
            page,
            catalogue,
            rule: &rule.id,
        };
        side.check(&rule.matches, rule.matches.contested, &format!("{pointer}/match"));
        if let Some(except) = &rule.except {
            side.check(except, except.contested, &format!("{pointer}/except"));
        }
    }
}

/// The `match` or the `except` of a rule.
struct Side<'a, 'p> {
    page: &'a mut Page<'p>,
    catalogue: &'a Catalogue,
    rule: &'a Id,
}

impl Side<'_, '_> {
    fn check(&mut self, matches: &Match, contested: bool, pointer: &str) {
        for (i, id) in matches.vendors.iter().enumerate() {
            self.vendor(id, contested, format!("{pointer}/vendors/{i}"));
        }
        for (i, pattern) in matches.components.iter().enumerate() {
            if let ComponentPattern::Sdk(id) = pattern {
                self.component(id, contested, format!("{pointer}/components/{i}"));
            }
        }
        for (i, country) in matches.controlled_from.iter().enumerate() {
            let counts = |control| control == Control::Clear || contested;
            let mut vendors = self.catalogue.vendors.iter();
            if !vendors.any(|v| v.country_of_control == Some(*country) && counts(v.control_assessment)) {
                let message =
                    format!("the catalogue has no vendor controlled from {country}: this matches nothing");
                let pointer = format!("{pointer}/controlled_from/{i}");
                self.page
                    .find_of(self.rule, &COUNTRY_WITHOUT_VENDOR, pointer, message);
            }
        }
    }

    fn vendor(&mut self, id: &Id, contested: bool, pointer: String) {
        let Some(vendor) = self.catalogue.vendor(id) else {
            let ids = self.catalogue.vendors.iter().map(|v| v.id.as_str());
            let message = unknown("vendor", id, ids.collect());
            return self.page.find_of(self.rule, &UNKNOWN_VENDOR, pointer, message);
        };
        if vendor.control_assessment == Control::Contested && !contested {
            let message = format!(
                "who controls {} is contested, so this matches nothing; add `contested: true` if it is meant",
                vendor.name
            );
            self.page.find_of(self.rule, &CONTESTED_VENDOR, pointer, message);
        } else if !gives_itself_away(vendor) {
            let message = format!(
                "the catalogue knows no package, prefix, certificate or site of {}: this matches nothing",
                vendor.name
            );
            self.page.find_of(self.rule, &NOTHING_KNOWN, pointer, message);
        }
    }

    fn component(&mut self, id: &Id, contested: bool, pointer: String) {
        let Some(component) = self.catalogue.component(id) else {
            let ids = self.catalogue.components.iter().map(|c| c.id.as_str());
            let message = unknown("component", id, ids.collect());
            return self.page.find_of(self.rule, &UNKNOWN_COMPONENT, pointer, message);
        };
        if component.control_assessment == Control::Contested && !contested {
            let message = format!(
                "who controls {}, which makes {}, is contested, so this matches nothing; add `contested: true` if it is \
                 meant",
                component.made_by, component.name
            );
            self.page
                .find_of(self.rule, &CONTESTED_COMPONENT, pointer, message);
        } else if component.classes.is_empty() && component.manifest.is_empty() {
            let message = format!(
                "the catalogue knows no class of {}, and a phone sees nothing else of it: this matches nothing",
                component.name
            );
            self.page.find_of(self.rule, &NOTHING_KNOWN, pointer, message);
        }
    }
}

fn unknown(what: &str, id: &Id, ids: Vec<&str>) -> String {
    let hint = nearest(id.as_str(), &ids).map(|id| format!(" (perhaps `{id}`)"));
    let hint = hint.unwrap_or_default();
    format!("the catalogue has no {what} `{id}`{hint}: this matches nothing")
}

fn gives_itself_away(vendor: &Vendor) -> bool {
    let signs = vendor.signers.iter().any(|signer| !signer.platform);
    signs || !(vendor.packages.is_empty() && vendor.prefixes.is_empty() && vendor.domains.is_empty())
}
