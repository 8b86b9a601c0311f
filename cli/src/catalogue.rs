//! `sluis catalogue`: makes the vendor catalogue that policies refer to.

mod source;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use sluis_policy::catalogue::Catalogue;

use crate::failure::Failure;

/// What can be done with a catalogue.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Turn a curated list of vendors into a catalogue, and say on standard error what was left out and why.
    #[command(
        after_help = "Example:\n  sluis catalogue build vendors.json -o catalogue.json\n\n\
        Exit codes: 0 written, 2 the list can't be used."
    )]
    Build {
        /// The curated list of vendors, JSON.
        vendors: PathBuf,
        /// Where to write the catalogue; standard output if absent.
        #[arg(short, long)]
        output: Option<PathBuf>,
    },
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
    let Command::Build { vendors, output } = &arguments.command;
    build(vendors, output.as_deref()).map_err(Failure::Unusable)
}

fn build(vendors: &Path, output: Option<&Path>) -> Result<(), String> {
    let name = vendors.display();
    let bytes = fs::read(vendors).map_err(|e| format!("{name}: {e}"))?;
    let list = source::read(&bytes).map_err(|e| format!("{name}: {e}"))?;
    let (catalogue, left_out) = source::convert(list).map_err(|e| format!("{name}: {e}"))?;
    let mut json = serde_json::to_string_pretty(&catalogue).map_err(|e| e.to_string())?;
    json.push('\n');
    // What is written must be readable by the strict reader that phones use.
    Catalogue::parse("the catalogue", json.as_bytes()).map_err(|e| e.to_string())?;
    match output {
        Some(path) => fs::write(path, json).map_err(|e| format!("{}: {e}", path.display()))?,
        None => std::io::stdout()
            .write_all(json.as_bytes())
            .map_err(|e| e.to_string())?,
    }
    for line in left_out {
        eprintln!("{line}");
    }
    Ok(())
}
