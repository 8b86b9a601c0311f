//! Whether one `match` reaches every app that another reaches. It is said only where that is certain; where it is not
//! seen, it may still be so.

use std::collections::HashMap;

use crate::catalogue::{Catalogue, Control, Vendor};
use crate::policy::{Match, Rule};
use crate::values::{Id, PackagePattern};

/// Rules by what they can cover: a policy may have thousands, of which each is to be held against few.
pub(super) struct Broad<'r> {
    exact: HashMap<&'r str, Vec<usize>>,
    /// Those that can cover any: they go by no whole name.
    others: Vec<usize>,
}

impl<'r> Broad<'r> {
    pub(super) fn of(rules: &'r [Rule]) -> Self {
        let mut broad = Self {
            exact: HashMap::new(),
            others: Vec::new(),
        };
        for (i, rule) in rules.iter().enumerate() {
            let packages = &rule.matches.packages;
            for pattern in packages {
                if let PackagePattern::Exact(name) = pattern {
                    broad.exact.entry(name).or_default().push(i);
                }
            }
            let by_prefix = packages.iter().any(|p| matches!(p, PackagePattern::Prefix(_)));
            if packages.is_empty() || by_prefix {
                broad.others.push(i);
            }
        }
        broad
    }

    /// The places of all rules that may cover that `match`, in order.
    pub(super) fn candidates(&self, narrow: &Match) -> Vec<usize> {
        let mut places = self.others.clone();
        if let Some(PackagePattern::Exact(name)) = narrow.packages.first() {
            places.extend(self.exact.get(name.as_str()).into_iter().flatten());
        }
        places.sort_unstable();
        places.dedup();
        places
    }
}

/// Whether `wide` says something of every app of which `narrow` does, exceptions considered.
pub(super) fn covers(wide: &Rule, narrow: &Rule, catalogue: &Catalogue) -> bool {
    let excepted = wide.except.is_none() || wide.except == narrow.except;
    excepted && reaches(&wide.matches, &narrow.matches, catalogue)
}

/// Whether every app that satisfies `narrow` satisfies `wide`.
pub(super) fn reaches(wide: &Match, narrow: &Match, catalogue: &Catalogue) -> bool {
    let of_the_phone = match (wide.system, narrow.system) {
        (Some(true), _) | (_, Some(false)) => true,
        // Then only whole names reach what came with the phone.
        (None, None) => false,
        (Some(false), _) | (None, Some(true)) => return false,
    };
    let by_control =
        !(wide.vendors.is_empty() && wide.controlled_from.is_empty() && wide.components.is_empty());
    if narrow.contested && !wide.contested && by_control {
        return false;
    }
    let older = match (wide.version_below, narrow.version_below) {
        (None, _) => true,
        (Some(wide), Some(narrow)) => narrow <= wide,
        (Some(_), None) => false,
    };
    let packages = within(&wide.packages, &narrow.packages, |wide, narrow| {
        wide == narrow || of_the_phone_or_prefix(of_the_phone, narrow) && begins(wide, narrow)
    });
    older
        && packages
        && within(&wide.signers, &narrow.signers, PartialEq::eq)
        && within(&wide.vendors, &narrow.vendors, PartialEq::eq)
        && by_country(wide, narrow, catalogue)
        && within(&wide.installers, &narrow.installers, PartialEq::eq)
        && within(&wide.web_origins, &narrow.web_origins, PartialEq::eq)
        && within(&wide.permissions, &narrow.permissions, PartialEq::eq)
        && within(&wide.components, &narrow.components, PartialEq::eq)
}

/// Whether an attribute is as wide as another; one that is absent is the widest.
fn within<T>(wide: &[T], narrow: &[T], covers: impl Fn(&T, &T) -> bool) -> bool {
    let covered = |value: &T| wide.iter().any(|wide| covers(wide, value));
    wide.is_empty() || !narrow.is_empty() && narrow.iter().all(covered)
}

/// A whole name also reaches an app that came with the phone, and a prefix does not, unless the rules say otherwise.
fn of_the_phone_or_prefix(of_the_phone: bool, narrow: &PackagePattern) -> bool {
    of_the_phone || matches!(narrow, PackagePattern::Prefix(_))
}

fn begins(wide: &PackagePattern, narrow: &PackagePattern) -> bool {
    let (PackagePattern::Exact(name) | PackagePattern::Prefix(name)) = narrow;
    matches!(wide, PackagePattern::Prefix(prefix) if name.starts_with(prefix.as_str()))
}

/// A country covers itself, and the vendors that are controlled from there.
fn by_country(wide: &Match, narrow: &Match, catalogue: &Catalogue) -> bool {
    if within(&wide.controlled_from, &narrow.controlled_from, PartialEq::eq) {
        return true;
    }
    let from_there = |id: &Id| {
        catalogue
            .vendor(id)
            .is_some_and(|v| counts(v, wide) && is_from(v, wide))
    };
    !narrow.vendors.is_empty() && narrow.vendors.iter().all(from_there)
}

/// Whether that vendor's apps are of those that the `match` is about, as far as control goes.
pub(super) fn counts(vendor: &Vendor, matches: &Match) -> bool {
    vendor.control_assessment == Control::Clear || matches.contested
}

fn is_from(vendor: &Vendor, matches: &Match) -> bool {
    vendor
        .country_of_control
        .is_some_and(|country| matches.controlled_from.contains(&country))
}

/// Whether a rule with this `match` is certain to reach an app of that name which somebody installed.
pub(super) fn reaches_name(matches: &Match, package: &str, catalogue: &Catalogue) -> bool {
    let Match {
        packages,
        signers,
        vendors,
        controlled_from,
        installers,
        web_origins,
        permissions,
        components,
        version_below,
        contested: _,
        system: _,
    } = matches;
    let by_name_alone = signers.is_empty()
        && installers.is_empty()
        && web_origins.is_empty()
        && permissions.is_empty()
        && components.is_empty()
        && version_below.is_none();
    let makes = |vendor: &Vendor| {
        counts(vendor, matches)
            && (vendor.packages.iter().any(|app| app.package == package)
                || vendor.prefixes.iter().any(|prefix| names(prefix, package)))
    };
    let by = |is_meant: &dyn Fn(&Vendor) -> bool| catalogue.vendors.iter().any(|v| is_meant(v) && makes(v));
    by_name_alone
        && (packages.is_empty() || packages.iter().any(|pattern| names(pattern, package)))
        && (vendors.is_empty() || by(&|vendor| vendors.contains(&vendor.id)))
        && (controlled_from.is_empty() || by(&|vendor| is_from(vendor, matches)))
}

/// Whether that is a name of the package.
pub(super) fn names(pattern: &PackagePattern, package: &str) -> bool {
    match pattern {
        PackagePattern::Exact(name) => name == package,
        PackagePattern::Prefix(prefix) => package.starts_with(prefix.as_str()),
    }
}
