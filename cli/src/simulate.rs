//! `sluis simulate`: what policies would say of the packages of a phone.

mod table;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Args, ValueEnum};
use serde::Serialize;
use sluis_core::policy::facts::PackageFacts;
use sluis_core::policy::{Basis, Circumstances, Layer, Past, Ruleset, Verdict};
use sluis_policy::catalogue::Catalogue;
use sluis_policy::policy::{Effect, Policy, Remedy};
use sluis_policy::rfc3339;
use sluis_policy::text::Language;

use crate::catalogue;
use crate::failure::Failure;
use crate::inventory::{self, InventoryList};
use crate::messages::Messages;
use crate::output;

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
    /// The packages of a phone: what `pm list packages` prints, or a list of names; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    inventory: PathBuf,
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
    /// Lines of the inventory that could not be read.
    unreadable: Vec<String>,
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
    let InventoryList { packages, unreadable } = read_inventory(&arguments.inventory)?;
    let mut verdicts = Vec::new();
    // The phone obeys the policies from now on, so that every app was there first.
    let past = Past::default();
    let circumstances = Circumstances::on_a_desk(now_ms(), &past);
    ruleset.at(&circumstances).evaluate_all(&packages, &mut verdicts);
    let rows = packages
        .iter()
        .zip(verdicts)
        .map(|(package, verdict)| row(&ruleset, package, verdict, &messages));
    let simulation = Simulation {
        verdicts: rows.collect(),
        unreadable: unreadable.iter().map(ToString::to_string).collect(),
    };
    let report = match arguments.format {
        Format::Text => table::render(&simulation, arguments.all, &messages),
        Format::Json => {
            serde_json::to_string_pretty(&simulation).map_err(|e| Failure::unusable(e.to_string()))?
        }
    };
    output::print(&report)
}

/// Milliseconds since 1970.
fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn layer(path: &Path, catalogue: &Catalogue) -> Result<Layer, Failure> {
    let bytes = fs::read(path).map_err(|e| Failure::file(path, e))?;
    let policy =
        Policy::parse(&path.display().to_string(), &bytes).map_err(|e| Failure::unusable(e.to_string()))?;
    Ok(Layer {
        policy,
        catalogue: catalogue.clone(),
    })
}

fn read_inventory(path: &Path) -> Result<InventoryList, Failure> {
    let mut bytes = Vec::new();
    let read = if path.as_os_str() == "-" {
        std::io::stdin().read_to_end(&mut bytes).map(|_| ())
    } else {
        fs::read(path).map(|read| bytes = read)
    };
    read.map_err(|e| Failure::file(path, e))?;
    inventory::read(&bytes).map_err(|e| Failure::file(path, e))
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
