//! `sluis bundle`: a feed in one file, for phones that no network reaches.

mod create;
mod verify;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use sluis_policy::values::Digest;

use crate::clock::Clock;
use crate::failure::Failure;
use crate::feed::verify::digest;

const CREATE_HELP: &str = "\
Examples:
  sluis bundle create /srv/feed -o exampleton.sluis
  sluis bundle create https://phones.exampleton.example/feed/ --root-sha256 8370e732… -o exampleton.sluis

Takes from the feed what a phone needs that has never seen it, and so what any phone needs, checks it as a phone does, \
and writes it into one file. A phone takes that file only if it obeys the feed, and never goes back with it. The file \
is of use for as long as the feed's timestamp: make a new one after each `sluis feed publish`.

Exit codes: 0 written, 1 phones would refuse it, 2 the feed cannot be read or reached, or the file not written.";

const VERIFY_HELP: &str = "\
Examples:
  sluis bundle verify exampleton.sluis
  sluis bundle verify exampleton.sluis --root-sha256 8370e732… --json

Exit codes: 0 phones take it, 1 phones refuse it, 2 the file cannot be read.";

const HELP: &str = "\
Example:
  sluis bundle create /srv/feed -o exampleton.sluis

Exit codes: 0 done, 1 phones refuse it, 2 unusable input.";

/// Arguments of `sluis bundle`.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write what phones need of a feed into one file.
    #[command(after_help = CREATE_HELP)]
    Create(Create),
    /// See what is in a bundle, and whether phones take it.
    #[command(visible_alias = "inspect", after_help = VERIFY_HELP)]
    Verify(Verify),
}

#[derive(Debug, Args)]
struct Create {
    /// The feed's folder, or its address.
    #[arg(value_name = "DIR|URL")]
    feed: String,
    /// Where to write the bundle; its name should end in .sluis. An older bundle there is replaced, no other file.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// The SHA-256 of the feed's first root, as phones are told it. May be left out for a folder, which is then taken at
    /// its word.
    #[arg(long, value_name = "DIGEST", value_parser = digest)]
    root_sha256: Option<Digest>,
    /// Trust these certificate authorities (PEM) besides the system's.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    #[command(flatten)]
    clock: Clock,
}

#[derive(Debug, Args)]
struct Verify {
    /// The bundle.
    #[arg(value_name = "FILE")]
    bundle: PathBuf,
    /// The SHA-256 of the feed's first root, as phones are told it. Left out, the bundle is taken at its word.
    #[arg(long, value_name = "DIGEST", value_parser = digest)]
    root_sha256: Option<Digest>,
    /// Write JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    clock: Clock,
}

/// Does what the arguments ask.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        Command::Create(arguments) => create::create(arguments, arguments.clock.now()?),
        Command::Verify(arguments) => verify::verify(arguments, arguments.clock.now()?),
    }
}
