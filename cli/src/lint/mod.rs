//! `sluis lint`: what is wrong with policies, before they are signed.

mod impact;
mod sarif;
mod silences;
mod text;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde::Serialize;
use sluis_policy::catalogue::Catalogue;
use sluis_policy::lint::checks::Needs;
use sluis_policy::lint::silence::{Silenced, Sorted};
use sluis_policy::lint::{Document, Finding, lint_together};

use crate::catalogue;
use crate::clock::Clock;
use crate::failure::Failure;
use crate::inventory::Format as InventoryFormat;
use crate::output;
use crate::policy_file::PolicyFile;

/// What to check, and how to say it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    sluis lint policy.yaml\n  \
    sluis lint national.json city.json --format json\n  \
    sluis lint policy.json --catalogue our-catalogue.json\n  \
    sluis lint national.json city.json --inventory phones/\n  \
    sluis lint policy.json --format sarif > lint.sarif\n\n\
    Several policies are those that a phone obeys together: what they say of each other is checked, too.\n\n\
    What is accepted stands with its reason in a file sluis-lint.json beside the policy:\n  \
    {\"format\": \"sluis.lint/1\", \"silences\": [{\"check\": \"narrow-list\", \"rule\": \"tiktok\", \"reason\": \"…\"}]}\n\n\
    Every check is explained in docs/lint.md.\n\n\
    Exit codes: 0 nothing found, or all of it silenced; 1 findings; 2 a file can't be used (it cannot be read, or is \
    neither JSON nor YAML).")]
pub(crate) struct Arguments {
    /// The policies to check.
    #[arg(required = true, value_name = "POLICY")]
    policies: Vec<PathBuf>,
    /// The vendor catalogue that the policies refer to; the one that comes with this tool if absent.
    #[arg(long, value_name = "FILE")]
    catalogue: Option<PathBuf>,
    /// Apps of real phones, files or folders in any format that `sluis inventory --help` lists: tells which rule changes
    /// how many apps.
    #[arg(long, value_name = "PATH")]
    inventory: Vec<PathBuf>,
    /// What the inventories are, where that cannot be told from them.
    #[arg(long, value_enum, value_name = "FORMAT")]
    inventory_format: Option<InventoryFormat>,
    /// Findings that are accepted, instead of those in the file sluis-lint.json beside each policy.
    #[arg(long, value_name = "FILE")]
    silences: Option<PathBuf>,
    /// List what is silenced, too, with the reasons (JSON and SARIF always do).
    #[arg(long)]
    show_silenced: bool,
    /// How to write the findings.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    clock: Clock,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// One line per finding.
    Text,
    /// An object with the arrays `findings` and `silenced`.
    Json,
    /// SARIF 2.1.0, which code hosting services show beside the lines.
    Sarif,
}

/// A policy as it was read.
struct Source {
    path: PathBuf,
    file: PolicyFile,
}

impl Source {
    fn read(path: &Path) -> Result<Self, Failure> {
        Ok(Self {
            file: PolicyFile::read(path)?,
            path: path.to_owned(),
        })
    }

    fn document(&self) -> Document<'_> {
        self.file.document()
    }

    fn is_of(&self, finding: &Finding) -> bool {
        self.document().name == finding.document
    }
}

#[derive(Serialize)]
struct Report {
    findings: Vec<Finding>,
    silenced: Vec<Silenced>,
}

/// Does what the arguments ask.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let catalogue = catalogue::read(arguments.catalogue.as_deref())?;
    let now_ms = arguments.clock.now()?.saturating_mul(1000);
    let sources = arguments.policies.iter().map(|path| Source::read(path));
    let sources: Vec<Source> = sources.collect::<Result<_, _>>()?;
    let findings = found(arguments, &sources, &catalogue, now_ms)?;
    let mut at = vec![Needs::Time];
    at.extend((sources.len() > 1).then_some(Needs::Layers));
    at.extend((!arguments.inventory.is_empty()).then_some(Needs::Inventory));
    let Sorted { findings, silenced } =
        silences::sort(arguments.silences.as_deref(), &sources, findings, &at, now_ms)?;
    let clean = findings.is_empty();
    let report = match arguments.format {
        Format::Text => text::render(&findings, &silenced, sources.len(), arguments.show_silenced),
        Format::Json => in_json(&Report { findings, silenced })?,
        Format::Sarif => in_json(&sarif::log(&findings, &silenced))?,
    };
    output::print(&report)?;
    if clean {
        Ok(())
    } else {
        Err(Failure::Findings(None))
    }
}

/// What there is to say, in the order of the policies and of their lines.
fn found(
    arguments: &Arguments,
    sources: &[Source],
    catalogue: &Catalogue,
    now_ms: i64,
) -> Result<Vec<Finding>, Failure> {
    let documents: Vec<Document<'_>> = sources.iter().map(Source::document).collect();
    let mut findings = lint_together(&documents, catalogue, Some(now_ms));
    if !arguments.inventory.is_empty() {
        let phones = crate::inventory::open(&arguments.inventory, arguments.inventory_format, catalogue);
        findings.extend(impact::findings(&documents, catalogue, phones, now_ms)?);
    }
    for finding in &mut findings {
        if let Some(source) = sources.iter().find(|source| source.is_of(finding)) {
            source.file.put(finding);
        }
    }
    let place = |finding: &Finding| sources.iter().position(|source| source.is_of(finding));
    findings.sort_by_key(|finding| (place(finding), finding.line, finding.column));
    Ok(findings)
}

fn in_json<T: Serialize>(report: &T) -> Result<String, Failure> {
    serde_json::to_string_pretty(report).map_err(|e| Failure::unusable(e.to_string()))
}
