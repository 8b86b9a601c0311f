//! The attributes of a match that no name and no signer leads to.

use sluis_policy::catalogue::{Catalogue, Component, Control};
use sluis_policy::policy::{ComponentPattern, Match};
use sluis_policy::values::PackagePattern;

use super::facts::PackageFacts;
use super::matcher::{Attribute, Witness};
use super::truth::Truth;

/// All that are given must hold.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Conditions {
    installers: Vec<String>,
    permissions: Vec<String>,
    classes: Vec<PackagePattern>,
    sdks: Vec<Component>,
    /// By component, also where none of those that are named is in the catalogue: then it never holds.
    by_component: bool,
    version_below: Option<u64>,
}

impl Conditions {
    pub(super) fn of(matches: &Match, catalogue: &Catalogue) -> Self {
        let (mut classes, mut sdks) = (Vec::new(), Vec::new());
        for component in &matches.components {
            match component {
                ComponentPattern::Class(pattern) => classes.push(pattern.clone()),
                ComponentPattern::Sdk(id) => {
                    let sure =
                        |sdk: &&Component| matches.contested || sdk.control_assessment == Control::Clear;
                    sdks.extend(catalogue.component(id).filter(sure).cloned());
                }
            }
        }
        Self {
            installers: matches.installers.clone(),
            permissions: matches.permissions.clone(),
            classes,
            sdks,
            by_component: !matches.components.is_empty(),
            version_below: matches.version_below,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether all hold; `reached` says whether more than an exact name reaches the package.
    pub(super) fn hold(&self, package: &PackageFacts, reached: bool) -> Truth {
        let each = self.each(package, reached);
        each.map(|(_, holds)| holds).fold(Truth::Yes, Truth::and)
    }

    /// Whether each that is given holds.
    pub(super) fn each(
        &self,
        package: &PackageFacts,
        reached: bool,
    ) -> impl Iterator<Item = (Attribute, Truth)> {
        let given = [
            (!self.installers.is_empty()).then(|| (Attribute::Installers, self.installer(package))),
            (!self.permissions.is_empty()).then(|| (Attribute::Permissions, self.permission(package))),
            self.by_component
                .then(|| (Attribute::Components, self.component(package))),
        ];
        let reaching = given.into_iter().flatten();
        let reaching =
            reaching.map(move |(attribute, holds)| (attribute, if reached { holds } else { Truth::No }));
        // A version only narrows.
        let version = self
            .version_below
            .map(|below| known(package.version_code.as_ref(), |code| *code < below));
        reaching.chain(version.map(|holds| (Attribute::VersionBelow, holds)))
    }

    /// What of the package makes that attribute hold.
    pub(super) fn witnesses(&self, attribute: Attribute, package: &PackageFacts) -> Vec<Witness> {
        match attribute {
            Attribute::Installers => package
                .installer
                .iter()
                .cloned()
                .map(Witness::Installer)
                .collect(),
            Attribute::Permissions => {
                let asked = package.permissions.iter().flatten();
                asked
                    .filter(|permission| self.permissions.contains(permission))
                    .cloned()
                    .map(Witness::Permission)
                    .collect()
            }
            Attribute::Components => {
                let declared = package.components.iter().flatten();
                declared
                    .filter_map(|class| {
                        let sdk = self.sdks.iter().find(|sdk| sdk.has_class(class));
                        (sdk.is_some() || self.names(class)).then(|| Witness::Component {
                            class: class.clone(),
                            sdk: sdk.map(|sdk| sdk.id.clone()),
                        })
                    })
                    .collect()
            }
            Attribute::VersionBelow => package
                .version_code
                .into_iter()
                .map(Witness::VersionCode)
                .collect(),
            _ => Vec::new(),
        }
    }

    fn installer(&self, package: &PackageFacts) -> Truth {
        known(package.installer.as_ref(), |installer| {
            self.installers.contains(installer)
        })
    }

    fn permission(&self, package: &PackageFacts) -> Truth {
        known(package.permissions.as_ref(), |asked| {
            asked
                .iter()
                .any(|permission| self.permissions.contains(permission))
        })
    }

    fn component(&self, package: &PackageFacts) -> Truth {
        let matches = |class: &String| self.names(class) || self.sdks.iter().any(|sdk| sdk.has_class(class));
        known(package.components.as_ref(), |classes| classes.iter().any(matches))
    }

    fn names(&self, class: &str) -> bool {
        self.classes.iter().any(|pattern| match pattern {
            PackagePattern::Exact(name) => name == class,
            PackagePattern::Prefix(prefix) => class.starts_with(prefix.as_str()),
        })
    }
}

fn known<T>(fact: Option<&T>, holds: impl FnOnce(&T) -> bool) -> Truth {
    fact.map_or(Truth::Unknown, |fact| Truth::from(holds(fact)))
}
