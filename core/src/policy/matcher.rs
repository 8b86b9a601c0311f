//! Whether one rule matches one package, attribute by attribute: the exact meaning, used where the index alone
//! cannot decide.

use std::collections::HashSet;

use sluis_policy::catalogue::{Catalogue, Control, Vendor};
use sluis_policy::policy::{Effect, Match};
use sluis_policy::values::{Digest, PackagePattern};

use super::facts::PackageFacts;
use super::index::{IndexBuilder, Posting};

/// A rule's match with its vendors and countries looked up in the catalogue.
#[derive(Debug)]
pub(super) struct Matcher {
    allow: bool,
    /// Prefixes, signers, vendors and countries also reach packages that came with the phone.
    wide: bool,
    /// The rule reaches no package that came with the phone.
    never_system: bool,
    /// Every attribute that the rule gives; all must hold.
    attributes: Vec<Attribute>,
}

/// One attribute: it holds if one of its values does.
#[derive(Debug, Default)]
struct Attribute {
    names: HashSet<String>,
    prefixes: Vec<String>,
    signers: HashSet<Digest>,
    /// The names come from the catalogue, not from the rule: they reach only what the rule reaches widely.
    from_catalogue: bool,
}

impl Matcher {
    pub(super) fn new(effect: Effect, matches: &Match, catalogue: &Catalogue) -> Self {
        let vendors = |wanted: &dyn Fn(&Vendor) -> bool| {
            let sure = |v: &&Vendor| matches.contested || v.control_assessment == Control::Clear;
            Attribute::of_vendors(
                catalogue.vendors.iter().filter(sure).filter(|v| wanted(v)),
                effect,
            )
        };
        let mut attributes = Vec::new();
        if !matches.packages.is_empty() {
            attributes.push(Attribute::of_packages(&matches.packages));
        }
        if !matches.signers.is_empty() {
            attributes.push(Attribute {
                signers: matches.signers.iter().copied().collect(),
                ..Attribute::default()
            });
        }
        if !matches.vendors.is_empty() {
            attributes.push(vendors(&|v| matches.vendors.contains(&v.id)));
        }
        if !matches.controlled_from.is_empty() {
            let country = |v: &Vendor| {
                v.country_of_control
                    .is_some_and(|c| matches.controlled_from.contains(&c))
            };
            attributes.push(vendors(&country));
        }
        let allow = effect == Effect::Allow;
        let (wide, never_system) = (matches.system == Some(true), matches.system == Some(false));
        Self {
            allow,
            wide,
            never_system,
            attributes,
        }
    }

    /// Enters the rule in the index under its first attribute; the others are left to [`Matcher::matches`].
    pub(super) fn enter(&self, rule: u32, index: &mut IndexBuilder) {
        let Some((first, others)) = self.attributes.split_first() else {
            return;
        };
        let verify = !others.is_empty();
        let wide = Posting {
            rule,
            reaches_system: self.wide,
            verify,
        };
        let named = Posting {
            reaches_system: self.wide || !self.never_system && !first.from_catalogue,
            ..wide
        };
        first.names.iter().for_each(|name| index.name(name, named));
        first
            .prefixes
            .iter()
            .for_each(|prefix| index.prefix(prefix, wide));
        // An allow needs every current signer; that is a check of its own.
        let signed = Posting {
            verify: verify || self.allow,
            ..wide
        };
        first
            .signers
            .iter()
            .for_each(|signer| index.signer(*signer, signed));
    }

    /// Whether every attribute holds.
    pub(super) fn matches(&self, package: &PackageFacts) -> bool {
        let system = package.system == Some(true);
        !(system && self.never_system) && self.attributes.iter().all(|a| self.holds(a, package, system))
    }

    fn holds(&self, attribute: &Attribute, package: &PackageFacts, system: bool) -> bool {
        let wide = !system || self.wide;
        let named = attribute.names.contains(&package.name) && (wide || !attribute.from_catalogue);
        let prefixed = || {
            wide && attribute
                .prefixes
                .iter()
                .any(|prefix| package.name.starts_with(prefix.as_str()))
        };
        let signed = || {
            let Some(signers) = package.signers.as_ref().filter(|_| wide) else {
                return false;
            };
            let ours = |signer: &Digest| attribute.signers.contains(signer);
            if self.allow {
                !signers.current.is_empty() && signers.current.iter().all(ours)
            } else {
                signers.current.iter().chain(&signers.lineage).any(ours)
            }
        };
        named || prefixed() || signed()
    }
}

impl Attribute {
    fn of_packages(patterns: &[PackagePattern]) -> Self {
        let mut attribute = Self::default();
        for pattern in patterns {
            match pattern {
                PackagePattern::Exact(name) => drop(attribute.names.insert(name.clone())),
                PackagePattern::Prefix(prefix) => attribute.prefixes.push(prefix.clone()),
            }
        }
        attribute
    }

    fn of_vendors<'c>(vendors: impl Iterator<Item = &'c Vendor>, effect: Effect) -> Self {
        let mut attribute = Self {
            from_catalogue: true,
            ..Self::default()
        };
        for vendor in vendors {
            attribute
                .names
                .extend(vendor.packages.iter().map(|app| app.package.clone()));
            // A platform key signs Settings too, and anybody can begin a package name so: neither may approve an app,
            // and the first may not forbid one either.
            attribute
                .signers
                .extend(vendor.signers.iter().filter(|s| !s.platform).map(|s| s.sha256));
            if effect != Effect::Allow {
                let prefixes = vendor.prefixes.iter().filter_map(|p| match p {
                    PackagePattern::Prefix(prefix) => Some(prefix.clone()),
                    PackagePattern::Exact(_) => None,
                });
                attribute.prefixes.extend(prefixes);
            }
        }
        attribute
    }
}
