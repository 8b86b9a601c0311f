//! `sluis simulate`: what policies would say of the packages of a phone.

mod table;

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Args, ValueEnum};
use serde::Serialize;
use sluis_core::policy::facts::PackageFacts;
use sluis_core::policy::{Basis, Circumstances, Device as Asked, Layer, Past, Ruleset, Verdict};
use sluis_policy::catalogue::Catalogue;
use sluis_policy::policy::{Effect, Policy, Remedy};
use sluis_policy::rfc3339;
use sluis_policy::text::Language;

use crate::catalogue;
use crate::failure::Failure;
use crate::inventory::{self, Device, Format as InventoryFormat};
use crate::messages::Messages;
use crate::output;
use crate::policy_file::PolicyFile;

/// What to try on what, and how to say it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    adb shell pm list packages | sluis simulate --policy policy.json --inventory -\n  \
    sluis simulate --policy national.json --policy city.json --inventory phone.txt --all\n  \
    sluis simulate --policy policy.json --inventory phone.txt --format json\n\n\
    What the list does not say is unknown: an app of unknown origin counts as installed by the user, and an unknown \
    signer satisfies no rule that allows by signer.\n\n\
    Exit codes: 0 judged, 2 a file can't be used.")]
pub(crate) struct Arguments {
    /// A policy; give the national one first, then those on top of it.
    #[arg(long = "policy", required = true, value_name = "FILE")]
    policies: Vec<PathBuf>,
    /// The packages of a phone, in any format that `sluis inventory --help` lists; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    inventory: PathBuf,
    /// What the inventory is, where that cannot be told from it.
    #[arg(long, value_enum, value_name = "FORMAT")]
    inventory_format: Option<InventoryFormat>,
    /// The vendor catalogue; the one that comes with this tool if absent.
    #[arg(long, value_name = "FILE")]
    catalogue: Option<PathBuf>,
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
enum Spoken {
    /// Dutch.
    Nl,
    /// English.
    En,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// A table for people.
    Text,
    /// An object with the array `verdicts`.
    Json,
}

/// All verdicts on one phone.
#[derive(Serialize)]
struct Simulation {
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

/// The verdict on one package.
#[derive(Serialize)]
struct Row {
    package: String,
    effect: Effect,
    /// How a denied app is kept from use now; none during a grace.
    remedy: Option<Remedy>,
    /// When what is wanted becomes stricter by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline: Option<String>,
    /// The layer that decided; none where nothing was said.
    layer: Option<String>,
    /// The rule that decided; none where no rule matched.
    rule: Option<String>,
    reason: String,
    /// What the inventory does not say of this package.
    unknown: Vec<&'static str>,
}

/// Does what the arguments ask.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let language = match arguments.language {
        Spoken::Nl => Language::Dutch,
        Spoken::En => Language::English,
    };
    let messages = Messages::new(language);
    let catalogue = catalogue::read(arguments.catalogue.as_deref())?;
    let layers = arguments
        .policies
        .iter()
        .map(|path| layer(path, &catalogue))
        .collect::<Result<_, _>>()?;
    let ruleset = Ruleset::compile(layers).map_err(|e| Failure::unusable(e.to_string()))?;
    let Device {
        packages,
        unreadable,
        by_name,
        ..
    } = read_inventory(arguments, &catalogue)?;
    let verdicts = judged(&ruleset, &packages);
    let rows = packages
        .iter()
        .zip(verdicts)
        .map(|(package, verdict)| row(&ruleset, package, verdict, &messages));
    let by_name = by_name.into_iter().map(|app| ByName {
        candidates: candidates(&ruleset, &app.candidates, &messages),
        name: app.name,
    });
    let rows: Vec<Row> = rows.collect();
    let simulation = Simulation {
        braked: braked(&ruleset, &rows),
        device: ruleset.device(),
        verdicts: rows,
        unreadable_lines: unreadable.count(),
        by_name: by_name.collect(),
        unreadable: unreadable.first().iter().map(ToString::to_string).collect(),
    };
    let report = match arguments.format {
        Format::Text => table::render(&simulation, arguments.all, &messages),
        Format::Json => {
            serde_json::to_string_pretty(&simulation).map_err(|e| Failure::unusable(e.to_string()))?
        }
    };
    output::print(&report)
}

/// The verdicts on a phone that obeys the policies from now on, so that every app was there first.
fn judged(ruleset: &Ruleset, packages: &[PackageFacts]) -> Vec<Verdict> {
    let past = Past::default();
    let circumstances = Circumstances::on_a_desk(now_ms(), &past);
    let mut verdicts = Vec::new();
    ruleset.at(&circumstances).evaluate_all(packages, &mut verdicts);
    verdicts
}

/// Milliseconds since 1970.
fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn layer(path: &Path, catalogue: &Catalogue) -> Result<Layer, Failure> {
    let policy = PolicyFile::read(path)?.parse()?;
    Ok(Layer {
        policy,
        catalogue: catalogue.clone(),
    })
}

/// The first phone of the inventory; others are named, since what is judged is one.
fn read_inventory(arguments: &Arguments, catalogue: &Catalogue) -> Result<Device, Failure> {
    let path = &arguments.inventory;
    let mut phones = inventory::open(std::slice::from_ref(path), arguments.inventory_format, catalogue);
    let first = match phones.next() {
        Some(first) => first.map_err(|e| Failure::unusable(e.to_string()))?,
        None => return Err(Failure::file(path, "no inventory in it")),
    };
    for other in phones {
        match other {
            Ok(other) => eprintln!("not judged: {}", other.name),
            Err(error) => eprintln!("not judged: {error}"),
        }
    }
    Ok(first)
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

/// What packages would get of which nothing but the name is known.
fn candidates(ruleset: &Ruleset, names: &[String], messages: &Messages) -> Vec<Row> {
    let facts = |name: &String| PackageFacts {
        name: name.clone(),
        ..PackageFacts::default()
    };
    let packages: Vec<PackageFacts> = names.iter().map(facts).collect();
    let verdicts = judged(ruleset, &packages);
    let rows = packages.iter().zip(verdicts);
    rows.map(|(package, verdict)| row(ruleset, package, verdict, messages))
        .collect()
}

fn row(ruleset: &Ruleset, package: &PackageFacts, verdict: Verdict, messages: &Messages) -> Row {
    let source = ruleset.source(verdict.basis);
    let rule = source.and_then(|(_, rule)| rule);
    let words = match verdict.basis {
        Basis::Exempted { exemption } => ruleset.exemption(exemption).map(|(_, e)| &e.purpose),
        _ => source.and_then(|(policy, rule)| match rule {
            Some(rule) => rule.reason.as_ref(),
            None => policy.stance.reason.as_ref(),
        }),
    };
    let ours = match (verdict.basis, verdict.effect) {
        (Basis::NothingSaid, _) => "reason_open_stance",
        (Basis::NotApproved { .. }, _) => "reason_not_approved",
        (Basis::Exempted { .. }, _) => "state_exempted",
        (Basis::Rule(_), Effect::Deny) => "reason_forbidden",
        (Basis::Rule(_), Effect::Advise) => "state_advised",
        (Basis::Rule(_), Effect::Allow) => "reason_approved",
    };
    let mut unknown = Vec::new();
    unknown.extend(package.system.is_none().then_some("system"));
    unknown.extend(package.signers.is_none().then_some("signers"));
    Row {
        package: package.name.clone(),
        effect: verdict.effect,
        remedy: verdict.remedy,
        deadline: verdict.deadline_ms.map(|ms| rfc3339::format(ms.div_euclid(1000))),
        layer: source.map(|(policy, _)| policy.layer.to_string()),
        rule: rule.map(|rule| rule.id.to_string()),
        reason: words.map_or_else(
            || messages.get(ours),
            |words| words.get(messages.language()).to_owned(),
        ),
        unknown,
    }
}
