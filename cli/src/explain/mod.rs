//! `sluis explain`: why policies say of an app what they say, step by step.

mod derivation;
mod text;
mod witness;

use std::collections::HashSet;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use sluis_core::policy::facts::{PackageFacts, Roles};
use sluis_core::policy::{Membership, Ruleset};
use sluis_policy::catalogue::Catalogue;
use sluis_policy::policy::Effect;
use sluis_policy::values::is_package;

use crate::catalogue;
use crate::failure::Failure;
use crate::inventory::{self, Device, Format as InventoryFormat};
use crate::messages::{Messages, Spoken};
use crate::output;
use crate::policies;
use crate::role::Role;
use crate::situation::{OnePhone, Situation};
use crate::verdict::Bench;
use derivation::Derivation;

/// What to explain, and how to say it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    sluis explain com.zhiliaoapp.musically --policy policy.json\n  \
    sluis explain com.zhiliaoapp.musically --policy national.json --policy city.json --inventory phone.txt --language nl\n  \
    sluis explain com.zhiliaoapp.musically --policy policy.json --inventory phones/ --phone phones/s10e.txt --format json\n\n\
    Without an inventory nothing but the name is known of the app. JSON is an object for each phone, one after the \
    other.\n\n\
    Exit codes: 0 explained, 2 a file can't be used, or no phone has the app.")]
pub(crate) struct Arguments {
    /// The app, by its package name.
    #[arg(value_name = "PACKAGE")]
    package: String,
    /// A policy; give the national one first, then those on top of it.
    #[arg(long = "policy", required = true, value_name = "FILE")]
    policies: Vec<PathBuf>,
    /// The phone that the app is on, in any format that `sluis inventory --help` lists; `-` is standard input.
    #[arg(long = "inventory", num_args = 1.., value_name = "FILE")]
    inventories: Vec<PathBuf>,
    /// What the inventory is, where that cannot be told from it.
    #[arg(long, value_enum, value_name = "FORMAT")]
    inventory_format: Option<InventoryFormat>,
    /// Only on the phone that is called so in the inventory.
    #[arg(long, value_name = "NAME")]
    phone: Option<String>,
    /// The vendor catalogue; the one that comes with this tool if absent.
    #[arg(long, value_name = "FILE")]
    catalogue: Option<PathBuf>,
    #[command(flatten)]
    situation: Situation,
    #[command(flatten)]
    one_phone: OnePhone,
    /// What Sluis is on the phone.
    #[arg(long, value_enum, default_value_t = Role::DeviceOwner)]
    role: Role,
    /// Also say of each rule that is not about the app why it is not (JSON always does).
    #[arg(long)]
    all: bool,
    /// The language to explain in.
    #[arg(long, value_enum, default_value_t = Spoken::En)]
    language: Spoken,
    /// How to write the explanation.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// An outline for people.
    Text,
    /// An object, for each phone.
    Json,
}

struct Question<'a> {
    arguments: &'a Arguments,
    catalogue: &'a Catalogue,
    ruleset: &'a Ruleset,
    at_ms: i64,
    groups: Vec<Membership>,
    messages: Messages,
}

/// Does what the arguments ask.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    if !is_package(&arguments.package) {
        let wrong = output::shown(&arguments.package);
        return Err(Failure::unusable(format!("`{wrong}` is no package name")));
    }
    let catalogue = catalogue::read(arguments.catalogue.as_deref())?;
    let ruleset = policies::compose(&arguments.policies, &catalogue)?;
    arguments.situation.check(&[&ruleset])?;
    let at_ms = arguments.situation.at_ms();
    let mut groups = arguments.situation.memberships(&ruleset);
    groups.extend(arguments.one_phone.granted(&ruleset, at_ms)?);
    let question = Question {
        arguments,
        catalogue: &catalogue,
        ruleset: &ruleset,
        at_ms,
        groups,
        messages: Messages::new(arguments.language.language()),
    };
    if arguments.inventories.is_empty() {
        let package = PackageFacts {
            name: arguments.package.clone(),
            ..PackageFacts::default()
        };
        return question.tell(&question.derive(
            None,
            &package,
            std::slice::from_ref(&package),
            &Roles::new(),
        ));
    }
    question.on_phones()
}

impl Question<'_> {
    fn on_phones(&self) -> Result<(), Failure> {
        let arguments = self.arguments;
        let mut told = 0;
        for device in inventory::open(&arguments.inventories, arguments.inventory_format, self.catalogue) {
            let Device {
                name,
                packages,
                roles,
                ..
            } = device.map_err(|file| Failure::unusable(file.to_string()))?;
            let found = packages.iter().find(|package| package.name == arguments.package);
            let (Some(package), true) = (
                found,
                arguments.phone.as_ref().is_none_or(|wanted| *wanted == name),
            ) else {
                continue;
            };
            if told > 0 {
                output::print("")?;
            }
            self.tell(&self.derive(Some(name), package, &packages, &roles))?;
            told += 1;
        }
        match told {
            0 => Err(Failure::unusable(format!(
                "no phone in the inventory has {}; without --inventory it is explained by its name alone",
                arguments.package
            ))),
            _ => Ok(()),
        }
    }

    fn derive(
        &self,
        phone: Option<String>,
        package: &PackageFacts,
        packages: &[PackageFacts],
        roles: &Roles,
    ) -> Derivation {
        let Arguments { one_phone, role, .. } = self.arguments;
        let past = one_phone.past(self.ruleset, packages);
        let circumstances = one_phone.circumstances(self.at_ms, &self.groups, &past);
        let judge = self.ruleset.at(&circumstances);
        let denied: HashSet<&str> = packages
            .iter()
            .filter(|package| judge.evaluate(package).effect == Effect::Deny)
            .map(|package| package.name.as_str())
            .collect();
        let bench = Bench {
            judge: &judge,
            catalogue: self.catalogue,
            role: *role,
            messages: &self.messages,
        };
        derivation::derive(&bench, phone, self.at_ms, package, roles, |name: &str| {
            denied.contains(name)
        })
    }

    fn tell(&self, derivation: &Derivation) -> Result<(), Failure> {
        output::print(&match self.arguments.format {
            Format::Text => text::render(derivation, self.arguments.all, &self.messages),
            Format::Json => serde_json::to_string_pretty(derivation)
                .map_err(|error| Failure::unusable(error.to_string()))?,
        })
    }
}
