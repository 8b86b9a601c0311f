//! Whether one rule matches one package, attribute by attribute.
//!
//! Most rules have one attribute and are decided by the index alone; for the others the exact meaning is kept as a
//! [`Matcher`], which checks what the index found.

mod trace;

use std::collections::HashSet;

use sluis_policy::catalogue::{Catalogue, Control, Vendor};
use sluis_policy::policy::{Effect, Match, Rule};
use sluis_policy::values::{Digest, Host, PackagePattern};

use super::conditions::Conditions;
use super::facts::PackageFacts;
use super::index::{IndexBuilder, Posting};
use super::truth::Truth;
use super::web;

pub use trace::{Attribute, AttributeTrace, Outcome, RuleTrace, ViaVendor, Witness};

/// A rule's match with its vendors and countries looked up in the catalogue.
#[derive(Debug)]
pub(super) struct Compiled<'p> {
    effect: Effect,
    matches: Side<'p>,
    except: Option<Side<'p>>,
}

/// A rule's `match`, or its `except`.
#[derive(Debug)]
struct Side<'p> {
    reach: Reach,
    /// Every attribute by which the index can find the rule; all must hold.
    attributes: Vec<Values<'p>>,
    conditions: Conditions,
}

/// Whom a side's attributes reach.
#[derive(Debug, Clone, Copy)]
struct Reach {
    /// What holds loosens: it takes every current signer, and the beginning of a vendor's names is not enough.
    loosens: bool,
    /// Not only exact names reach packages that came with the phone.
    wide: bool,
    /// No package that came with the phone is reached.
    never_system: bool,
    /// A package of unknown origin is reached no further than one that came with the phone: nothing unknown gets an
    /// app out of a rule that forbids. Elsewhere it counts as added.
    unknown_as_system: bool,
}

impl Reach {
    /// Whether the package is to be taken for one that came with the phone.
    fn takes_for_system(self, package: &PackageFacts) -> bool {
        package.system.unwrap_or(self.unknown_as_system)
    }
}

/// One attribute: it holds if one of its values does.
#[derive(Debug, Default)]
struct Values<'p> {
    names: Vec<&'p str>,
    prefixes: Vec<&'p str>,
    signers: Vec<Digest>,
    /// Hosts of web apps; each stands for all below it.
    hosts: Vec<&'p str>,
    /// The names come from the catalogue, not from the rule: they reach only what the rule reaches widely.
    from_catalogue: bool,
}

impl<'p> Compiled<'p> {
    pub(super) fn new(rule: &'p Rule, catalogue: &'p Catalogue) -> Self {
        let allows = rule.effect == Effect::Allow;
        let reach = |loosens, system: Option<bool>| Reach {
            loosens,
            wide: system == Some(true),
            never_system: system == Some(false),
            unknown_as_system: false,
        };
        let side = |matches, reach| Side::new(matches, reach, catalogue);
        let except = rule.except.as_ref().map(|except| {
            // An exception reaches what the rule reaches, if it says nothing else.
            let reach = Reach {
                unknown_as_system: !allows,
                ..reach(!allows, except.system.or(rule.matches.system))
            };
            side(except, reach)
        });
        Self {
            effect: rule.effect,
            matches: side(&rule.matches, reach(allows, rule.matches.system)),
            except,
        }
    }

    /// Enters the rule in the index under its first attribute; the others are left to the matcher. A rule that no
    /// name and no signer leads to is to be tried on every package.
    pub(super) fn enter(&self, rule: u32, index: &mut IndexBuilder<'p>) {
        let Reach {
            loosens,
            wide,
            never_system,
            ..
        } = self.matches.reach;
        let Some((first, others)) = self.matches.attributes.split_first() else {
            return index.every(Posting {
                rule,
                reaches_system: wide,
                verify: true,
            });
        };
        let verify = !others.is_empty() || !self.matches.conditions.is_empty() || self.except.is_some();
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
        // To need every current signer is a check of its own.
        let signed = Posting {
            verify: verify || loosens,
            ..widely
        };
        first
            .signers
            .iter()
            .for_each(|signer| index.signer(*signer, signed));
        first.hosts.iter().for_each(|host| index.host(host, widely));
    }

    /// What checks the rest; `None` where the index says all there is to say.
    pub(super) fn matcher(self) -> Option<Matcher> {
        let Side {
            reach,
            attributes,
            conditions,
        } = &self.matches;
        let signed = attributes.first().is_some_and(|first| !first.signers.is_empty());
        let needed = attributes.len() != 1
            || !conditions.is_empty()
            || self.except.is_some()
            || reach.loosens && signed;
        needed.then(|| Matcher {
            effect: self.effect,
            matches: self.matches.owned(),
            except: self.except.map(Side::owned),
        })
    }
}

impl<'p> Side<'p> {
    fn new(matches: &'p Match, reach: Reach, catalogue: &'p Catalogue) -> Self {
        let vendors = |wanted: fn(&Match, &Vendor) -> bool| {
            Values::of_vendors(meant(matches, catalogue, wanted), reach.loosens)
        };
        let mut attributes = Vec::new();
        if !matches.packages.is_empty() {
            attributes.push(Values::of_packages(&matches.packages));
        }
        if !matches.signers.is_empty() {
            attributes.push(Values {
                signers: matches.signers.clone(),
                ..Values::default()
            });
        }
        if !matches.vendors.is_empty() {
            attributes.push(vendors(is_named));
        }
        if !matches.controlled_from.is_empty() {
            attributes.push(vendors(is_controlled));
        }
        if !matches.web_origins.is_empty() {
            attributes.push(Values {
                hosts: matches.web_origins.iter().map(Host::as_str).collect(),
                ..Values::default()
            });
        }
        Self {
            reach,
            attributes,
            conditions: Conditions::of(matches, catalogue),
        }
    }

    fn owned(self) -> OwnedSide {
        OwnedSide {
            reach: self.reach,
            attributes: self.attributes.into_iter().map(Values::owned).collect(),
            conditions: self.conditions,
        }
    }
}

/// The vendors of the catalogue that a match means.
fn meant<'p>(
    matches: &'p Match,
    catalogue: &'p Catalogue,
    wanted: fn(&Match, &Vendor) -> bool,
) -> impl Iterator<Item = &'p Vendor> {
    let sure = |vendor: &&Vendor| matches.contested || vendor.control_assessment == Control::Clear;
    catalogue
        .vendors
        .iter()
        .filter(sure)
        .filter(move |vendor| wanted(matches, vendor))
}

fn is_named(matches: &Match, vendor: &Vendor) -> bool {
    matches.vendors.contains(&vendor.id)
}

fn is_controlled(matches: &Match, vendor: &Vendor) -> bool {
    let country = vendor.country_of_control;
    country.is_some_and(|country| matches.controlled_from.contains(&country))
}

impl<'p> Values<'p> {
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

    fn of_vendors(vendors: impl Iterator<Item = &'p Vendor>, loosens: bool) -> Self {
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
            // Nor may an address that an app claims.
            if !loosens {
                attribute.hosts.extend(vendor.domains.iter().map(String::as_str));
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

    fn owned(self) -> OwnedValues {
        OwnedValues {
            names: self.names.into_iter().map(ToOwned::to_owned).collect(),
            prefixes: self.prefixes.into_iter().map(ToOwned::to_owned).collect(),
            signers: self.signers.into_iter().collect(),
            hosts: self.hosts.into_iter().map(ToOwned::to_owned).collect(),
            from_catalogue: self.from_catalogue,
        }
    }
}

/// The exact meaning of a rule that the index alone cannot decide.
#[derive(Debug)]
pub(super) struct Matcher {
    effect: Effect,
    matches: OwnedSide,
    except: Option<OwnedSide>,
}

/// A [`Side`] that outlives the documents it was read from.
#[derive(Debug)]
struct OwnedSide {
    reach: Reach,
    attributes: Vec<OwnedValues>,
    conditions: Conditions,
}

#[derive(Debug)]
struct OwnedValues {
    names: HashSet<String>,
    prefixes: Vec<String>,
    signers: HashSet<Digest>,
    hosts: HashSet<String>,
    from_catalogue: bool,
}

impl Matcher {
    /// Whether the rule is about the package. What is not known neither matches a rule nor gets a package out of one
    /// that forbids; out of one that allows it does.
    pub(super) fn matches(&self, package: &PackageFacts) -> bool {
        if self.matches.holds(package) != Truth::Yes {
            return false;
        }
        let excepted = self
            .except
            .as_ref()
            .map_or(Truth::No, |except| except.holds(package));
        match self.effect {
            Effect::Allow => excepted == Truth::No,
            Effect::Deny | Effect::Advise => excepted != Truth::Yes,
        }
    }
}

impl OwnedSide {
    /// Whether all attributes hold.
    fn holds(&self, package: &PackageFacts) -> Truth {
        let system = self.reach.takes_for_system(package);
        let Reach {
            wide, never_system, ..
        } = self.reach;
        if system && never_system {
            return Truth::No;
        }
        let attributes = self.attributes.iter().map(|a| self.attribute(a, package, system));
        let conditions = self.conditions.hold(package, !system || wide);
        attributes.fold(conditions, Truth::and)
    }

    fn attribute(&self, attribute: &OwnedValues, package: &PackageFacts, system: bool) -> Truth {
        let Reach { loosens, wide, .. } = self.reach;
        let wide = !system || wide;
        let named = attribute.names.contains(&package.name) && (wide || !attribute.from_catalogue);
        let prefixed = || {
            wide && attribute
                .prefixes
                .iter()
                .any(|prefix| package.name.starts_with(prefix.as_str()))
        };
        if named || prefixed() {
            return Truth::Yes;
        }
        if !wide {
            return Truth::No;
        }
        signed(&attribute.signers, package, loosens).max(is_at(&attribute.hosts, package))
    }
}

/// Whether the package is signed with one of these keys; where that loosens, with no others.
fn signed(keys: &HashSet<Digest>, package: &PackageFacts, loosens: bool) -> Truth {
    if keys.is_empty() {
        return Truth::No;
    }
    let Some(signers) = &package.signers else {
        return Truth::Unknown;
    };
    let ours = |signer: &Digest| keys.contains(signer);
    let holds = if loosens {
        signers.current.iter().all(ours)
    } else {
        signers.current.iter().chain(&signers.lineage).any(ours)
    };
    // Every package has a signer: an empty list is one that was not read.
    match signers.current.is_empty() {
        true if loosens || !holds => Truth::Unknown,
        _ => Truth::from(holds),
    }
}

/// Whether the package is a web app of one of these hosts.
fn is_at(ours: &HashSet<String>, package: &PackageFacts) -> Truth {
    if ours.is_empty() {
        return Truth::No;
    }
    match &package.web_origin {
        Some(address) => {
            let mut holds = false;
            web::hosts(address, |host| holds |= ours.contains(host));
            Truth::from(holds)
        }
        None if web::is_unknown(package) => Truth::Unknown,
        None => Truth::No,
    }
}
