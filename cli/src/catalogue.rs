//! `sluis catalogue`: makes the vendor catalogue that policies refer to.

mod difference;
mod source;
mod write;

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use sluis_policy::catalogue::Catalogue;

use crate::failure::Failure;
use crate::output;

/// What can be done with a catalogue.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  sluis catalogue update vendors.json --into catalogue.json --dry-run\n\n\
    Exit codes: 0 done, 1 with --check: there is a difference, 2 a file can't be used."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a catalogue from curated lists, and show what that changes before it is written.
    ///
    /// Every vendor, package, prefix, signer and SDK that is added, removed or changed gets a line. What the lists have
    /// and the catalogue leaves out, since it would hit the wrong app, is said on standard error with the reason.
    #[command(after_help = "Examples:\n  \
        sluis catalogue update vendors.json sdk_signatures.json --into catalogue.json\n  \
        sluis catalogue update vendors.json sdk_signatures.json --into catalogue.json --dry-run\n  \
        sluis catalogue update vendors.json sdk_signatures.json --into catalogue.json --check\n\n\
        Exit codes: 0 written, or nothing to change; 1 with --check: the catalogue is not what the lists give; \
        2 a file can't be used.")]
    Update(Update),
}

#[derive(Debug, Args)]
struct Update {
    /// Curated lists, JSON: of vendors, and of SDKs.
    #[arg(required = true, value_name = "SOURCE")]
    sources: Vec<PathBuf>,
    /// The catalogue to write; what it says now is what the difference is to.
    #[arg(long, value_name = "FILE")]
    into: PathBuf,
    /// Show the difference and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Show the difference, write nothing, and fail if there is one.
    #[arg(long, conflicts_with = "dry_run")]
    check: bool,
}

/// The catalogue that comes with this tool.
const CATALOGUE: &[u8] = include_bytes!("../../policy-schema/catalogue/catalogue.json");

/// The catalogue in that file, or the one that comes with this tool.
pub(crate) fn read(path: Option<&Path>) -> Result<Catalogue, Failure> {
    let catalogue = match path {
        Some(path) => {
            let bytes = fs::read(path).map_err(|e| Failure::file(path, e))?;
            Catalogue::parse(&path.display().to_string(), &bytes)
        }
        None => Catalogue::parse("the built-in catalogue", CATALOGUE),
    };
    catalogue.map_err(|e| Failure::unusable(e.to_string()))
}

/// Does what the arguments ask.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Command::Update(arguments) = &arguments.command;
    update(arguments)
}

fn update(arguments: &Update) -> Result<(), Failure> {
    let Update {
        sources,
        into,
        dry_run,
        check,
    } = arguments;
    let (new, notices) = source::read(sources).map_err(Failure::Unusable)?;
    let text = write::to_text(&new).map_err(|e| Failure::unusable(e.to_string()))?;
    // What is written must be readable by the strict reader that phones use, and say the same.
    let again = Catalogue::parse("the new catalogue", &text).map_err(|e| Failure::unusable(e.to_string()))?;
    if again != new {
        return Err(Failure::unusable(
            "the new catalogue does not read as it was made",
        ));
    }
    let before = match fs::read(into) {
        Ok(bytes) => Some(bytes),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(Failure::file(into, error)),
    };
    let old = match &before {
        Some(bytes) => Catalogue::parse(&into.display().to_string(), bytes)
            .map_err(|e| Failure::unusable(e.to_string()))?,
        None => Catalogue::default(),
    };
    let mut report = difference::lines(&old, &new);
    for notice in notices {
        eprintln!("{notice}");
    }
    let same = before.as_deref() == Some(text.as_slice());
    report.push(match (same, report.is_empty()) {
        (true, _) => format!("{} is what the lists give.", into.display()),
        (false, true) => format!("{} says the same in other words.", into.display()),
        (false, false) => format!("{} is not what the lists give.", into.display()),
    });
    if !same && !dry_run && !check {
        replace(into, &text)?;
        report.pop();
        report.push(format!("{} was written.", into.display()));
    }
    output::print(&report.join("\n"))?;
    match *check && !same {
        true => Err(Failure::Findings(None)),
        false => Ok(()),
    }
}

/// In one step, so that nobody ever reads half a catalogue.
fn replace(path: &Path, text: &[u8]) -> Result<(), Failure> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    fs::write(&beside, text).map_err(|e| Failure::file(&beside, e))?;
    fs::rename(&beside, path).map_err(|e| Failure::file(path, e))
}
