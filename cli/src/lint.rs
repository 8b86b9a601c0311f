//! `sluis lint`: what is wrong with a policy, before it is signed.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::Serialize;
use sluis_policy::lint::Finding;

use crate::catalogue;
use crate::failure::Failure;
use crate::output;
use crate::policy_file::PolicyFile;

/// What to check, and how to say it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    sluis lint policy.yaml\n  \
    sluis lint national.json city.json --format json\n  \
    sluis lint policy.json --catalogue our-catalogue.json\n\n\
    Exit codes: 0 nothing found, 1 findings, 2 a file can't be used (it cannot be read, or is neither JSON nor YAML).")]
pub(crate) struct Arguments {
    /// The policies to check.
    #[arg(required = true, value_name = "POLICY")]
    policies: Vec<PathBuf>,
    /// The vendor catalogue that the policies refer to; the one that comes with this tool if absent.
    #[arg(long, value_name = "FILE")]
    catalogue: Option<PathBuf>,
    /// How to write the findings.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// One line per finding.
    Text,
    /// An object with the array `findings`.
    Json,
}

#[derive(Serialize)]
struct Report {
    findings: Vec<Finding>,
}

/// Does what the arguments ask.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let catalogue = catalogue::read(arguments.catalogue.as_deref())?;
    let mut findings = Vec::new();
    for path in &arguments.policies {
        findings.extend(PolicyFile::read(path)?.lint(&catalogue));
    }
    let clean = findings.is_empty();
    let report = match arguments.format {
        Format::Text => text(&findings, arguments.policies.len()),
        Format::Json => serde_json::to_string_pretty(&Report { findings })
            .map_err(|e| Failure::unusable(e.to_string()))?,
    };
    output::print(&report)?;
    if clean {
        Ok(())
    } else {
        Err(Failure::Findings(None))
    }
}

/// One line per finding and one that counts them.
fn text(findings: &[Finding], policies: usize) -> String {
    let policies = match policies {
        1 => "1 policy".to_owned(),
        n => format!("{n} policies"),
    };
    let count = match findings.len() {
        0 => "nothing found".to_owned(),
        1 => "1 finding".to_owned(),
        n => format!("{n} findings"),
    };
    let mut lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    lines.push(format!("{policies} checked, {count}"));
    lines.join("\n")
}
