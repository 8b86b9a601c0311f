//! `sluis simulate`: what policies would say of the packages of phones, and what these would do.

mod table;

use std::collections::HashSet;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::Serialize;
use sluis_core::plan::floor::{self, Floor};
use sluis_core::policy::facts::{PackageFacts, Roles};
use sluis_core::policy::{Device as Asked, Membership, Ruleset};
use sluis_policy::catalogue::Catalogue;
use sluis_policy::policy::{Effect, Policy};

use crate::catalogue;
use crate::failure::Failure;
use crate::inventory::{self, Device, Format as InventoryFormat};
use crate::messages::{Messages, Spoken};
use crate::output;
use crate::policies;
use crate::role::Role;
use crate::situation::{OnePhone, Situation};
use crate::verdict::{Bench, Row};

/// What to try on what, and how to say it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    adb shell pm list packages | sluis simulate --policy policy.json --inventory -\n  \
    sluis simulate --policy national.json --policy city.json --inventory phone.txt --all\n  \
    sluis simulate --policy policy.json --inventory phone.txt --format json\n  \
    sluis simulate --policy policy.json --inventory phones/ --phone phones/s10e.txt\n  \
    sluis simulate --policy policy.json --inventory phone.txt --group inspection --at 2027-01-01\n\n\
    What the list does not say is unknown: an app of unknown origin counts as installed by the user, and an unknown \
    signer satisfies no rule that allows by signer. A phone obeys the policies from the moment to judge at, unless \
    --since says otherwise, and all its apps were there first. JSON is an object for each phone, one after the other.\n\n\
    Exit codes: 0 judged, 1 a part of the inventories can't be read, 2 a file can't be used or nothing can be read.")]
pub(crate) struct Arguments {
    /// A policy; give the national one first, then those on top of it.
    #[arg(long = "policy", required = true, value_name = "FILE")]
    policies: Vec<PathBuf>,
    /// The packages of phones, in any format that `sluis inventory --help` lists; files, folders, or `-` for standard
    /// input.
    #[arg(long = "inventory", required = true, num_args = 1.., value_name = "FILE")]
    inventories: Vec<PathBuf>,
    /// What the inventories are, where that cannot be told from them.
    #[arg(long, value_enum, value_name = "FORMAT")]
    inventory_format: Option<InventoryFormat>,
    /// Only the phone that is called so in the inventory.
    #[arg(long = "phone", value_name = "NAME")]
    phones: Vec<String>,
    /// The vendor catalogue; the one that comes with this tool if absent.
    #[arg(long, value_name = "FILE")]
    catalogue: Option<PathBuf>,
    #[command(flatten)]
    situation: Situation,
    #[command(flatten)]
    one_phone: OnePhone,
    /// What Sluis is on the phones.
    #[arg(long, value_enum, default_value_t = Role::DeviceOwner)]
    role: Role,
    /// List the apps that are allowed, too (JSON always does).
    #[arg(long)]
    all: bool,
    /// The language of headings and reasons.
    #[arg(long, value_enum, default_value_t = Spoken::En)]
    language: Spoken,
    /// How to write the verdicts.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// A table for people.
    Text,
    /// An object with the array `verdicts`, for each phone.
    Json,
}

/// All verdicts on one phone.
#[derive(Serialize)]
struct Simulation {
    /// What the phone is called in the inventory.
    phone: String,
    verdicts: Vec<Row>,
    /// What the policies together ask of the phone itself.
    device: Asked,
    /// The policies that deny more here than a phone takes from one version to the next.
    braked: Vec<Braked>,
    /// Lines of the inventory that could not be read, the first of them.
    unreadable: Vec<String>,
    /// How many there are.
    unreadable_lines: usize,
    /// Apps of which only a name is known; never counted as certain.
    by_name: Vec<ByName>,
    /// Who holds which role is not known of all that the phone needs to work safely.
    roles_unknown: bool,
}

/// An app that is known by name only, and what packages of that name would get.
#[derive(Serialize)]
struct ByName {
    name: String,
    candidates: Vec<Row>,
}

/// That a policy denies more than a phone takes at once, if a version before left that alone.
#[derive(Serialize)]
struct Braked {
    layer: String,
    denied: usize,
    max_changes: usize,
}

/// What all phones have in common.
struct Trial<'a> {
    arguments: &'a Arguments,
    catalogue: &'a Catalogue,
    ruleset: &'a Ruleset,
    at_ms: i64,
    groups: Vec<Membership>,
    messages: Messages,
}

/// Does what the arguments ask.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let catalogue = catalogue::read(arguments.catalogue.as_deref())?;
    let ruleset = policies::compose(&arguments.policies, &catalogue)?;
    arguments.situation.check(&[&ruleset])?;
    let at_ms = arguments.situation.at_ms();
    let mut groups = arguments.situation.memberships(&ruleset);
    groups.extend(arguments.one_phone.granted(&ruleset, at_ms)?);
    let trial = Trial {
        arguments,
        catalogue: &catalogue,
        ruleset: &ruleset,
        at_ms,
        groups,
        messages: Messages::new(arguments.language.language()),
    };
    let wanted = |name: &String| arguments.phones.is_empty() || arguments.phones.contains(name);
    let inventories = inventory::open(&arguments.inventories, arguments.inventory_format, &catalogue);
    let (mut judged, mut unread, mut failed) = (0, 0, Vec::new());
    for device in inventories {
        match device {
            // It may be any phone, also the one that is asked for.
            Ok(device) if device.is_unknown() => {
                unread += device.unreadable.count();
                for line in device.unreadable.first() {
                    output::tell(&output::shown(&format!("{}: {line}", device.name)));
                }
            }
            Ok(device) if !wanted(&device.name) => {}
            Ok(device) => {
                unread += device.unreadable.count();
                trial.tell(device, judged > 0)?;
                judged += 1;
            }
            Err(file) => failed.push(file.to_string()),
        }
    }
    match (judged, failed.is_empty()) {
        (0, true) if unread > 0 => Err(Failure::unusable("no inventory could be read")),
        (0, true) if arguments.phones.is_empty() => Err(Failure::unusable("no inventory in it")),
        (0, true) => Err(Failure::unusable("no phone of that name in the inventories")),
        (0, false) => Err(Failure::unusable(failed.join("\n"))),
        // Which lines these are was told with each phone.
        (_, true) if unread > 0 => Err(Failure::Findings(None)),
        (_, true) => Ok(()),
        (_, false) => Err(Failure::findings(failed.join("\n"))),
    }
}

impl Trial<'_> {
    /// Judges one phone and says what came of it.
    fn tell(&self, device: Device, further: bool) -> Result<(), Failure> {
        let simulation = self.simulate(device);
        let report = match self.arguments.format {
            Format::Text => table::render(&simulation, self.arguments.all, &self.messages),
            Format::Json => {
                serde_json::to_string_pretty(&simulation).map_err(|e| Failure::unusable(e.to_string()))?
            }
        };
        let several = self.arguments.inventories.len() > 1 || further;
        match self.arguments.format {
            Format::Text if several || simulation.phone != self.first_path() => {
                let blank = if further { "\n" } else { "" };
                output::print(&format!(
                    "{blank}{}\n\n{report}",
                    output::shown(&simulation.phone)
                ))
            }
            _ => output::print(&report),
        }
    }

    /// What the only phone of a plain list is called.
    fn first_path(&self) -> String {
        let path = self.arguments.inventories.first();
        match path.map(|path| path.display().to_string()) {
            Some(path) if path == "-" => "standard input".to_owned(),
            path => path.unwrap_or_default(),
        }
    }

    fn simulate(&self, device: Device) -> Simulation {
        let Device {
            name,
            packages,
            roles,
            by_name,
            unreadable,
        } = device;
        let named = |name: &String| PackageFacts {
            name: name.clone(),
            ..PackageFacts::default()
        };
        let by_name = by_name.into_iter().map(|app| {
            let candidates: Vec<PackageFacts> = app.candidates.iter().map(named).collect();
            ByName {
                candidates: self.rows(&candidates, &Roles::new()),
                name: app.name,
            }
        });
        let verdicts = self.rows(&packages, &roles);
        Simulation {
            device: self.ruleset.device(),
            braked: braked(self.ruleset, &verdicts),
            verdicts,
            unreadable_lines: unreadable.count(),
            by_name: by_name.collect(),
            unreadable: unreadable.first().iter().map(ToString::to_string).collect(),
            roles_unknown: floor::roles().any(|role| !roles.contains_key(role)),
            phone: name,
        }
    }

    fn rows(&self, packages: &[PackageFacts], roles: &Roles) -> Vec<Row> {
        let Arguments { one_phone, role, .. } = self.arguments;
        let past = one_phone.past(self.ruleset, packages);
        let circumstances = one_phone.circumstances(self.at_ms, &self.groups, &past);
        let judge = self.ruleset.at(&circumstances);
        let denied: HashSet<&str> = packages
            .iter()
            .filter(|package| judge.evaluate(package).effect == Effect::Deny)
            .map(|package| package.name.as_str())
            .collect();
        let floor = Floor::new(roles, |name: &str| denied.contains(name));
        let bench = Bench {
            judge: &judge,
            catalogue: self.catalogue,
            role: *role,
            messages: &self.messages,
        };
        packages
            .iter()
            .map(|package| bench.row(package, &floor).0)
            .collect()
    }
}

/// The policies that deny more on this phone than their own limit. Which version a phone obeys is not known here.
fn braked(ruleset: &Ruleset, rows: &[Row]) -> Vec<Braked> {
    let of = |policy: &Policy| Braked {
        denied: rows
            .iter()
            .filter(|row| row.effect == Effect::Deny && row.layer.as_deref() == Some(policy.layer.as_str()))
            .count(),
        layer: policy.layer.to_string(),
        max_changes: policy.limits.unwrap_or_default().max_changes.apps(),
    };
    let all = ruleset.layers().iter().map(of);
    all.filter(|braked| braked.denied > braked.max_changes).collect()
}
