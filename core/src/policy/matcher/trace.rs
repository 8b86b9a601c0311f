//! By what a rule matches a package, or why it does not. Worked out when somebody asks: verdicts do not pay for it.

use std::iter;

use serde::Serialize;
use sluis_policy::catalogue::{Catalogue, Vendor};
use sluis_policy::policy::{Effect, Match, Rule};
use sluis_policy::values::{Country, Digest, Id};

use super::super::facts::PackageFacts;
use super::super::ruleset::Ruleset;
use super::super::truth::Truth;
use super::super::web;
use super::{Compiled, OwnedSide, OwnedValues, Side, Values, is_controlled, is_named, meant};

/// How one rule relates to one package, attribute by attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleTrace {
    /// What comes of it.
    pub outcome: Outcome,
    /// The attributes of `match`, in the order of the documentation.
    pub attributes: Vec<AttributeTrace>,
    /// The attributes of `except`; empty where the rule has none.
    pub except: Vec<AttributeTrace>,
}

/// Whether a rule is about a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is.
    Matches,
    /// It would be, but for its `except`; of a rule that allows, also where it is not known whether that holds.
    Excepted,
    /// An attribute of its `match` does not hold.
    DoesNotMatch,
    /// That depends on a fact that could not be read: it is not.
    Unknown,
}

/// One attribute of a match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AttributeTrace {
    /// Which one.
    pub attribute: Attribute,
    /// Whether it holds; `None`: the fact could not be read.
    pub holds: Option<bool>,
    /// What of the package makes it hold.
    pub by: Vec<Witness>,
}

/// An attribute of `match`, named as in a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Attribute {
    /// By package name.
    Packages,
    /// By signing certificate.
    Signers,
    /// By vendor of the catalogue.
    Vendors,
    /// By the country that controls the vendor.
    ControlledFrom,
    /// By the site of an installed web app.
    WebOrigins,
    /// By the package that asked for the installation.
    Installers,
    /// By permission asked for.
    Permissions,
    /// By what is built into the app.
    Components,
    /// Only versions before this one.
    VersionBelow,
    /// Whether apps that came with the phone are reached.
    System,
}

/// What of a package makes an attribute hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Witness {
    /// Its name is listed.
    Name(String),
    /// Its name begins so.
    Prefix(String),
    /// It is signed with this certificate now.
    Signer(Digest),
    /// It was signed with this certificate before.
    FormerSigner(Digest),
    /// It is a web app of this site.
    Host(String),
    /// It is an app of a vendor, or of one that a country controls.
    Vendor(ViaVendor),
    /// This package asked for its installation.
    Installer(String),
    /// It asks for this permission.
    Permission(String),
    /// It declares this class.
    Component {
        /// The class.
        class: String,
        /// The SDK of the catalogue whose class that is.
        sdk: Option<Id>,
    },
    /// It has this version code.
    VersionCode(u64),
}

/// The vendor through which an attribute holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ViaVendor {
    /// The vendor's id.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// The country from which it is controlled.
    pub country: Option<Country>,
    /// What of the package is the vendor's.
    pub by: Vec<Witness>,
}

impl Attribute {
    /// The name of the field in a policy.
    pub fn name(self) -> &'static str {
        match self {
            Self::Packages => "packages",
            Self::Signers => "signers",
            Self::Vendors => "vendors",
            Self::ControlledFrom => "controlled_from",
            Self::WebOrigins => "web_origins",
            Self::Installers => "installers",
            Self::Permissions => "permissions",
            Self::Components => "components",
            Self::VersionBelow => "version_below",
            Self::System => "system",
        }
    }
}

impl Ruleset {
    /// How the rule with that number relates to a package. `catalogue` is the one that the rule's layer was compiled
    /// with. `None`: there is no such rule.
    pub fn trace(&self, number: u32, package: &PackageFacts, catalogue: &Catalogue) -> Option<RuleTrace> {
        let (_, rule) = self.rule(number)?;
        Some(RuleTrace::of(rule, catalogue, package))
    }
}

impl RuleTrace {
    fn of(rule: &Rule, catalogue: &Catalogue, package: &PackageFacts) -> Self {
        let Compiled { matches, except, .. } = Compiled::new(rule, catalogue);
        let (matching, attributes) = trace_side(matches, &rule.matches, catalogue, package);
        let (excepted, except) = match (except, &rule.except) {
            (Some(side), Some(except)) => trace_side(side, except, catalogue, package),
            _ => (Truth::No, Vec::new()),
        };
        let out = match rule.effect {
            Effect::Allow => excepted != Truth::No,
            Effect::Deny | Effect::Advise => excepted == Truth::Yes,
        };
        let outcome = match matching {
            Truth::No => Outcome::DoesNotMatch,
            Truth::Unknown => Outcome::Unknown,
            Truth::Yes if out => Outcome::Excepted,
            Truth::Yes => Outcome::Matches,
        };
        Self {
            outcome,
            attributes,
            except,
        }
    }
}

fn trace_side(
    side: Side<'_>,
    matches: &Match,
    catalogue: &Catalogue,
    package: &PackageFacts,
) -> (Truth, Vec<AttributeTrace>) {
    let side = side.owned();
    let system = side.reach.takes_for_system(package);
    let wide = !system || side.reach.wide;
    let mut traces = Vec::new();
    // In the order in which `Side::new` reads them.
    let given = [
        (Attribute::Packages, matches.packages.is_empty()),
        (Attribute::Signers, matches.signers.is_empty()),
        (Attribute::Vendors, matches.vendors.is_empty()),
        (Attribute::ControlledFrom, matches.controlled_from.is_empty()),
        (Attribute::WebOrigins, matches.web_origins.is_empty()),
    ];
    let given = given.iter().filter(|(_, absent)| !absent);
    for ((attribute, _), values) in given.zip(&side.attributes) {
        let holds = side.attribute(values, package, system);
        let by = match (holds, *attribute) {
            (Truth::No | Truth::Unknown, _) => Vec::new(),
            (_, Attribute::Vendors) => vendors(&side, matches, catalogue, is_named, package),
            (_, Attribute::ControlledFrom) => vendors(&side, matches, catalogue, is_controlled, package),
            _ => values.witnesses(package, wide),
        };
        traces.push(trace(*attribute, holds, by));
    }
    for (attribute, holds) in side.conditions.each(package, wide) {
        let by = match holds {
            Truth::Yes => side.conditions.witnesses(attribute, package),
            Truth::No | Truth::Unknown => Vec::new(),
        };
        traces.push(trace(attribute, holds, by));
    }
    if system && side.reach.never_system {
        traces.push(trace(Attribute::System, Truth::No, Vec::new()));
    }
    (side.holds(package), traces)
}

fn trace(attribute: Attribute, holds: Truth, by: Vec<Witness>) -> AttributeTrace {
    let holds = match holds {
        Truth::Yes => Some(true),
        Truth::No => Some(false),
        Truth::Unknown => None,
    };
    AttributeTrace { attribute, holds, by }
}

/// The vendors through which an attribute holds.
fn vendors(
    side: &OwnedSide,
    matches: &Match,
    catalogue: &Catalogue,
    wanted: fn(&Match, &Vendor) -> bool,
    package: &PackageFacts,
) -> Vec<Witness> {
    let wide = !side.reach.takes_for_system(package) || side.reach.wide;
    let via = meant(matches, catalogue, wanted).filter_map(|vendor| {
        let values = Values::of_vendors(iter::once(vendor), side.reach.loosens).owned();
        let by = values.witnesses(package, wide);
        (!by.is_empty()).then(|| {
            Witness::Vendor(ViaVendor {
                id: vendor.id.clone(),
                name: vendor.name.clone(),
                country: vendor.country_of_control,
                by,
            })
        })
    });
    via.collect()
}

impl OwnedValues {
    /// What of the package is among these values; of what came with the phone, its name alone, unless it is reached
    /// `wide`.
    fn witnesses(&self, package: &PackageFacts, wide: bool) -> Vec<Witness> {
        let mut found = Vec::new();
        if self.names.contains(&package.name) {
            found.push(Witness::Name(package.name.clone()));
        }
        if !wide {
            return found;
        }
        let beginnings = self
            .prefixes
            .iter()
            .filter(|prefix| package.name.starts_with(prefix.as_str()));
        found.extend(beginnings.map(|prefix| Witness::Prefix(format!("{prefix}*"))));
        if let Some(signers) = &package.signers {
            let ours = |signer: &&Digest| self.signers.contains(signer);
            found.extend(signers.current.iter().filter(ours).copied().map(Witness::Signer));
            found.extend(
                signers
                    .lineage
                    .iter()
                    .filter(ours)
                    .copied()
                    .map(Witness::FormerSigner),
            );
        }
        if let Some(address) = &package.web_origin {
            web::hosts(address, |host| {
                if self.hosts.contains(host) {
                    found.push(Witness::Host(host.to_owned()));
                }
            });
        }
        found
    }
}
