//! Whether one rule matches one package, attribute by attribute.
//!
//! Most rules have one attribute and are decided by the index alone; for the others the exact meaning is kept as a
//! [`Matcher`], which checks what the index found.

use std::collections::HashSet;

use sluis_policy::catalogue::{Catalogue, Control, Vendor};
use sluis_policy::policy::{Effect, Match};
use sluis_policy::values::{Digest, PackagePattern};

use super::facts::PackageFacts;
use super::index::{IndexBuilder, Posting};

/// A rule's match with its vendors and countries looked up in the catalogue.
#[derive(Debug)]
pub(super) struct Compiled<'p> {
    reach: Reach,
    /// Every attribute that the rule gives; all must hold.
    attributes: Vec<Attribute<'p>>,
}

/// Whom a rule's attributes reach.
#[derive(Debug, Clone, Copy)]
struct Reach {
    allow: bool,
    /// Prefixes, signers, vendors and countries also reach packages that came with the phone.
    wide: bool,
    /// The rule reaches no package that came with the phone.
    never_system: bool,
}

/// One attribute: it holds if one of its values does.
#[derive(Debug, Default)]
struct Attribute<'p> {
    names: Vec<&'p str>,
    prefixes: Vec<&'p str>,
    signers: Vec<Digest>,
    /// The names come from the catalogue, not from the rule: they reach only what the rule reaches widely.
    from_catalogue: bool,
}

impl<'p> Compiled<'p> {
    pub(super) fn new(effect: Effect, matches: &'p Match, catalogue: &'p Catalogue) -> Self {
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
                signers: matches.signers.clone(),
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
        let reach = Reach {
            allow: effect == Effect::Allow,
            wide: matches.system == Some(true),
            never_system: matches.system == Some(false),
        };
        Self { reach, attributes }
    }

    /// Enters the rule in the index under its first attribute; the others are left to the matcher.
    pub(super) fn enter(&self, rule: u32, index: &mut IndexBuilder<'p>) {
        let Some((first, others)) = self.attributes.split_first() else {
            return;
        };
        let Reach {
            allow,
            wide,
            never_system,
        } = self.reach;
        let verify = !others.is_empty();
        let widely = Posting {
            rule,
            reaches_system: wide,
            verify,
        };
        let named = Posting {
            reaches_system: wide || !never_system && !first.from_catalogue,
            ..widely
        };
        first.names.iter().for_each(|name| index.name(name, named));
        first
            .prefixes
            .iter()
            .for_each(|prefix| index.prefix(prefix, widely));
        // An allow needs every current signer; that is a check of its own.
        let signed = Posting {
            verify: verify || allow,
            ..widely
        };
        first
            .signers
            .iter()
            .for_each(|signer| index.signer(*signer, signed));
    }

    /// What checks the rest; `None` where the index says all there is to say.
    pub(super) fn matcher(self) -> Option<Matcher> {
        let signed = self
            .attributes
            .first()
            .is_some_and(|first| !first.signers.is_empty());
        let needed = self.attributes.len() > 1 || self.reach.allow && signed;
        let owned = |attribute: Attribute<'_>| OwnedAttribute {
            names: attribute.names.into_iter().map(ToOwned::to_owned).collect(),
            prefixes: attribute.prefixes.into_iter().map(ToOwned::to_owned).collect(),
            signers: attribute.signers.into_iter().collect(),
            from_catalogue: attribute.from_catalogue,
        };
        needed.then(|| Matcher {
            reach: self.reach,
            attributes: self.attributes.into_iter().map(owned).collect(),
        })
    }
}

impl<'p> Attribute<'p> {
    fn of_packages(patterns: &'p [PackagePattern]) -> Self {
        let mut attribute = Self::default();
        for pattern in patterns {
            match pattern {
                PackagePattern::Exact(name) => attribute.names.push(name),
                PackagePattern::Prefix(prefix) => attribute.prefixes.push(prefix),
            }
        }
        attribute
    }

    fn of_vendors(vendors: impl Iterator<Item = &'p Vendor>, effect: Effect) -> Self {
        let mut attribute = Self {
            from_catalogue: true,
            ..Self::default()
        };
        for vendor in vendors {
            attribute
                .names
                .extend(vendor.packages.iter().map(|app| app.package.as_str()));
            // A platform key signs Settings too, and anybody can begin a package name so: neither may approve an app,
            // and the first may not forbid one either.
            attribute
                .signers
                .extend(vendor.signers.iter().filter(|s| !s.platform).map(|s| s.sha256));
            if effect != Effect::Allow {
                attribute
                    .prefixes
                    .extend(vendor.prefixes.iter().filter_map(|p| match p {
                        PackagePattern::Prefix(prefix) => Some(prefix.as_str()),
                        PackagePattern::Exact(_) => None,
                    }));
            }
        }
        attribute
    }
}

/// The exact meaning of a rule that the index alone cannot decide.
#[derive(Debug)]
pub(super) struct Matcher {
    reach: Reach,
    attributes: Vec<OwnedAttribute>,
}

/// An [`Attribute`] that outlives the documents it was read from.
#[derive(Debug)]
struct OwnedAttribute {
    names: HashSet<String>,
    prefixes: Vec<String>,
    signers: HashSet<Digest>,
    from_catalogue: bool,
}

impl Matcher {
    /// Whether every attribute holds.
    pub(super) fn matches(&self, package: &PackageFacts) -> bool {
        let system = package.system == Some(true);
        !(system && self.reach.never_system) && self.attributes.iter().all(|a| self.holds(a, package, system))
    }

    fn holds(&self, attribute: &OwnedAttribute, package: &PackageFacts, system: bool) -> bool {
        let Reach { allow, wide, .. } = self.reach;
        let wide = !system || wide;
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
            if allow {
                !signers.current.is_empty() && signers.current.iter().all(ours)
            } else {
                signers.current.iter().chain(&signers.lineage).any(ours)
            }
        };
        named || prefixed() || signed()
    }
}
