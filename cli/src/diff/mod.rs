//! `sluis diff`: what a change of policies does to the phones of a fleet, before any of them obeys it.

mod brake;
mod change;
mod chart;
mod html;
mod phones;
mod report;
mod sources;
mod tally;
mod text;
mod threads;
mod words;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use sluis_core::policy::{Circumstances, Past, Ruleset};
use sluis_policy::catalogue::Catalogue;

use crate::catalogue;
use crate::failure::Failure;
use crate::feed;
use crate::inventory::{self, Format as InventoryFormat};
use crate::messages::{Messages, Spoken};
use crate::output;
use crate::policies;
use crate::situation::Situation;
use phones::Sides;
use report::Report;
use sources::Sources;

/// What to compare, on which phones, and how to tell it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    sluis diff policy.json new-policy.json --inventory phones/\n  \
    sluis diff city.json new-city.json --with national.json --inventory fleet.jsonl.gz --html report.html\n  \
    sluis diff in-force/ proposed/ --inventory fleet.jsonl --format json\n  \
    generate-inventory | sluis diff policy.json new-policy.json --inventory -\n\n\
    Both sides are judged as by a phone that obeys them from now on, with all its apps on it.\n\n\
    Exit codes: 0 nothing changes, 1 something changes or a part of the inventories can't be read, \
    2 a file can't be used or nothing can be read.")]
pub(crate) struct Arguments {
    /// The policy in force; of a folder all policies in it, in the order of their names.
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The policy that is to take its place.
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// A policy that stays as it is on both sides, below the others: the national one, say.
    #[arg(long = "with", value_name = "FILE")]
    base: Vec<PathBuf>,
    /// Phones with their packages, in any format that `sluis inventory --help` lists; files, folders, or `-` for
    /// standard input.
    #[arg(long = "inventory", required = true, num_args = 1.., value_name = "FILE")]
    inventories: Vec<PathBuf>,
    /// What the inventories are, where that cannot be told from them.
    #[arg(long, value_enum, value_name = "FORMAT")]
    inventory_format: Option<InventoryFormat>,
    /// The vendor catalogue; the one that comes with this tool if absent.
    #[arg(long, value_name = "FILE")]
    catalogue: Option<PathBuf>,
    /// The vendor catalogue of the new side, if that is to change too.
    #[arg(long, value_name = "FILE")]
    new_catalogue: Option<PathBuf>,
    #[command(flatten)]
    situation: Situation,
    /// The language of headings and reasons.
    #[arg(long, value_enum, default_value_t = Spoken::En)]
    language: Spoken,
    /// How to write the report.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write the report as a page for people, too.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// Tables for a terminal.
    Text,
    /// An object.
    Json,
    /// A page that needs nothing else.
    Html,
}

/// Does what the arguments ask.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let messages = Messages::new(arguments.language.language());
    let catalogue = catalogue::read(arguments.catalogue.as_deref())?;
    let new_catalogue = match &arguments.new_catalogue {
        Some(path) => &catalogue::read(Some(path))?,
        None => &catalogue,
    };
    let before = side(arguments, &arguments.old, &catalogue)?;
    let after = side(arguments, &arguments.new, new_catalogue)?;
    arguments.situation.check(&[&before, &after])?;
    let report = compared(arguments, [&before, &after], &catalogue, &messages)?;
    if report.phones == 0 {
        return Err(Failure::unusable("no inventory could be read"));
    }
    if let Some(path) = &arguments.html {
        let page = html::render(&report, &messages);
        feed::replace(path, page.as_bytes(), "page of `sluis diff`", html::is_one)?;
    }
    let said = match arguments.format {
        Format::Text => text::render(&report, &messages),
        Format::Html => html::render(&report, &messages),
        Format::Json => {
            serde_json::to_string_pretty(&report).map_err(|error| Failure::unusable(error.to_string()))?
        }
    };
    output::print(&said)?;
    match report.is_empty() && report.unreadable_files == 0 && report.unreadable_lines == 0 {
        true => Ok(()),
        false => Err(Failure::Findings(None)),
    }
}

/// The policies of one side: what stays, and what is compared.
fn side(arguments: &Arguments, path: &Path, catalogue: &Catalogue) -> Result<Ruleset, Failure> {
    let mut files = arguments.base.clone();
    files.extend(policies::files(path)?);
    policies::compose(&files, catalogue)
}

fn compared(
    arguments: &Arguments,
    [before, after]: [&Ruleset; 2],
    catalogue: &Catalogue,
    messages: &Messages,
) -> Result<Report, Failure> {
    let situation = &arguments.situation;
    let (at_ms, past) = (situation.at_ms(), Past::default());
    let groups = [before, after].map(|ruleset| situation.memberships(ruleset));
    let [old, new] = groups.each_ref().map(|groups| Circumstances {
        groups,
        ..Circumstances::on_a_desk(at_ms, &past)
    });
    let announces = [before, after].iter().any(|ruleset| announces(ruleset));
    let [old_end, new_end] = [&old, &new].map(|circumstances| Circumstances {
        wall_ms: Circumstances::IN_THE_END_MS,
        ..circumstances.clone()
    });
    let mut sources = Sources::default();
    let numbers = [before, after].map(|ruleset| sources.number(ruleset));
    let sides = Sides {
        before: before.at(&old),
        after: after.at(&new),
        in_the_end: announces.then(|| [before.at(&old_end), after.at(&new_end)]),
        numbers,
        sources,
    };
    let inventories = inventory::open(&arguments.inventories, arguments.inventory_format, catalogue);
    let size = inventory::size(&arguments.inventories);
    let result = threads::all(&sides, inventories, size)?;
    let rollout = [before, after].iter().any(|ruleset| {
        let rules = ruleset.layers().iter().flat_map(|policy| &policy.rules);
        rules.into_iter().any(|rule| rule.rollout.is_some())
    });
    Ok(Report::new(
        at_ms,
        result,
        &sides.sources,
        brake::max_changes(before, after, arguments.new_catalogue.is_some()),
        rollout,
        messages.language(),
    ))
}

/// Whether something begins or ends by itself.
fn announces(ruleset: &Ruleset) -> bool {
    ruleset.layers().iter().any(|policy| {
        let mut rules = policy.rules.iter();
        !policy.exemptions.is_empty() || rules.any(|rule| rule.from.is_some() || rule.until.is_some())
    })
}
