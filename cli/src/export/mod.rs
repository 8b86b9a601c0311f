//! `sluis export`: the same policy for what an agent on the phone cannot reach, in the words of the management system that
//! can: the personal side of a phone that belongs to the organisation.

mod amapi;
mod apps;
mod intune;
mod untold;

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::Value;
use sluis_core::agent::message::Configuration;

use crate::catalogue;
use crate::clock;
use crate::failure::Failure;
use crate::feed;
use crate::output;
use crate::policy_file::PolicyFile;
use apps::Apps;

/// What Sluis's own entry promises and the app does not keep. No policy can mend it, so `--strict` does not fail by it.
const NO_DELEGATE_YET: &str = "the entry of nl.sluis.agent has no effect yet: the app reads no managed configuration, and \
    enforces as device owner only, not with `delegatedScopes`; what is blocked is blocked by the management system alone";

/// For which management system.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  sluis export amapi --policy policy.json -o amapi.json\n\n\
    Exit codes: 0 written; 1 with --strict: something cannot be expressed; 2 a file can't be used."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a policy of the Android Management API.
    ///
    /// It names each app that the policies forbid or approve now, for the work side and for the personal side, but none
    /// that a phone would leave alone. Its entry of Sluis itself has no effect yet: the app works as device owner only.
    /// What the API cannot express is told on standard error, line by line.
    #[command(after_help = "Examples:\n  \
        sluis export amapi --policy national.json --policy city.json -o amapi.json\n  \
        sluis export amapi --policy policy.json --configuration feeds.json --strict\n\n\
        Merge it into the policy that your enterprise has: it says only what concerns apps. Export again when a policy, \
        the catalogue or the time of a rule changes.\n\n\
        Exit codes: 0 written; 1 with --strict: something cannot be expressed; 2 a file can't be used.")]
    Amapi(Amapi),
    /// Write a list of restricted apps for Microsoft Intune.
    ///
    /// It is a device configuration of Microsoft Graph (androidDeviceOwnerGeneralDeviceConfiguration) for the personal
    /// side of a phone that belongs to the organisation. What Intune cannot express is told on standard error, line by line.
    #[command(after_help = "Examples:\n  \
        sluis export intune --policy national.json --policy city.json -o intune.json\n\n\
        Exit codes: 0 written; 1 with --strict: something cannot be expressed; 2 a file can't be used.")]
    Intune(Policies),
}

#[derive(Debug, Args)]
struct Amapi {
    #[command(flatten)]
    policies: Policies,
    /// Which feeds Sluis obeys, JSON, as given to a phone when it is enrolled.
    #[arg(long, value_name = "FILE")]
    configuration: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Policies {
    /// A policy; give the national one first, then those on top of it.
    #[arg(long = "policy", required = true, value_name = "FILE")]
    policies: Vec<PathBuf>,
    /// The vendor catalogue; the one that comes with this tool if absent.
    #[arg(long, value_name = "FILE")]
    catalogue: Option<PathBuf>,
    /// Where to write; standard output if absent.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Fail if something cannot be expressed.
    #[arg(long)]
    strict: bool,
}

/// Does what the arguments ask.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    type IsOne = fn(&Value) -> bool;
    let (policies, (document, untold), note, is_one): (_, _, _, IsOne) = match &arguments.command {
        Command::Amapi(amapi) => {
            let (apps, untold) = read(&amapi.policies)?;
            let configuration = amapi.configuration.as_deref().map(configuration).transpose()?;
            let exported = amapi::write(&apps, configuration.as_deref());
            let exported = with(exported, untold);
            (&amapi.policies, exported, Some(NO_DELEGATE_YET), amapi::is_one)
        }
        Command::Intune(policies) => {
            let (apps, untold) = read(policies)?;
            let exported = with(intune::write(&apps), untold);
            (policies, exported, None, intune::is_one)
        }
    };
    let text = serde_json::to_string_pretty(&document).map_err(|e| Failure::unusable(e.to_string()))?;
    match &policies.output {
        Some(path) => feed::replace(path, (text + "\n").as_bytes(), "export of this kind", |old| {
            serde_json::from_slice(old).is_ok_and(|old| is_one(&old))
        })?,
        None => output::print(&text)?,
    }
    for line in &untold {
        eprintln!("not expressed: {line}");
    }
    if let Some(note) = note {
        eprintln!("note: {note}");
    }
    match policies.strict && !untold.is_empty() {
        true => Err(Failure::findings(format!(
            "{} things are not expressed",
            untold.len()
        ))),
        false => Ok(()),
    }
}

fn with<T>((document, more): (T, Vec<String>), mut untold: Vec<String>) -> (T, Vec<String>) {
    untold.extend(more);
    (document, untold)
}

/// The apps that the policies name, and what cannot be said by naming apps.
fn read(arguments: &Policies) -> Result<(Apps, Vec<String>), Failure> {
    let catalogue = catalogue::read(arguments.catalogue.as_deref())?;
    let policies = arguments
        .policies
        .iter()
        .map(|path| PolicyFile::read(path)?.parse())
        .collect::<Result<Vec<_>, _>>()?;
    let now_ms = clock::now_ms();
    let mut untold = untold::lines(&policies, now_ms);
    let mut apps = Apps::named(policies, &catalogue, now_ms).map_err(|e| Failure::unusable(e.to_string()))?;
    untold.append(&mut apps.left_out);
    Ok((apps, untold))
}

/// The configuration as a phone takes it, in one line.
fn configuration(path: &Path) -> Result<String, Failure> {
    let bytes = fs::read(path).map_err(|e| Failure::file(path, e))?;
    let configuration: Configuration = serde_json::from_slice(&bytes).map_err(|e| Failure::file(path, e))?;
    if configuration.feeds.is_empty() {
        return Err(Failure::file(path, "/feeds: between 1 and 16 feeds are needed"));
    }
    serde_json::to_string(&configuration).map_err(|e| Failure::file(path, e))
}
