//! The administrator's tool.
#![forbid(unsafe_code)]

mod bundle;
mod catalogue;
mod clock;
mod completion;
mod diff;
mod explain;
mod export;
mod failure;
mod feed;
mod files;
mod grant;
mod http;
mod inventory;
mod lint;
mod man;
mod messages;
mod output;
mod policies;
mod policy_file;
mod progress;
mod role;
mod schema;
mod simulate;
mod situation;
mod source;
#[cfg(test)]
mod tests;
mod verdict;
mod visit;
mod yaml;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

const HELP: &str = "\
Examples:
  sluis lint policy.json
  sluis simulate --policy policy.json --inventory phone.txt
  sluis diff policy.json new-policy.json --inventory phones/
  sluis feed publish /srv/feed --keys /media/usb/feed-keys --policy policy.json

Colours are left out in a pipe and where NO_COLOR is set; CLICOLOR_FORCE=1 keeps them in a pipe.

Exit codes: 0 fine, 1 findings, 2 unusable input. `sluis COMMAND --help` says what they mean there.";

/// Keeps forbidden apps off phones: write, try, sign and publish policy.
#[derive(Debug, Parser)]
#[command(name = "sluis", version, after_help = HELP)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check policies before they are signed.
    Lint(lint::Arguments),
    /// Try policies on the packages of a phone.
    Simulate(simulate::Arguments),
    /// Say step by step why policies judge an app as they do.
    Explain(explain::Arguments),
    /// Say what a change of policies does to the phones of a fleet.
    Diff(diff::Arguments),
    /// Sign policy and publish it as static files.
    Feed(feed::Arguments),
    /// Say which phone an exemption is for.
    Grant(grant::Arguments),
    /// Put a feed into one file, for phones that no network reaches.
    Bundle(bundle::Arguments),
    /// Read lists of installed apps, and say what is in them.
    Inventory(inventory::Arguments),
    /// Write the same policy for a management system that reaches what Sluis cannot.
    Export(export::Arguments),
    /// Make the vendor catalogue.
    Catalogue(catalogue::Arguments),
    /// Print the JSON Schema of a document, for editors.
    Schema(schema::Arguments),
    /// Print what a shell needs to complete commands and options.
    Completion(completion::Arguments),
    /// Write a manual page for each command.
    Man(man::Arguments),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Lint(arguments) => lint::run(&arguments),
        Command::Simulate(arguments) => simulate::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Feed(arguments) => feed::run(&arguments),
        Command::Grant(arguments) => grant::run(&arguments),
        Command::Bundle(arguments) => bundle::run(&arguments),
        Command::Inventory(arguments) => inventory::run(&arguments),
        Command::Export(arguments) => export::run(&arguments),
        Command::Catalogue(arguments) => catalogue::run(&arguments),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Completion(arguments) => completion::run(&arguments, Arguments::command()),
        Command::Man(arguments) => man::run(&arguments, Arguments::command()),
    };
    progress::clear();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Findings that were printed already say all there is to say.
            if let Some(message) = failure.message() {
                output::fail(message);
            }
            failure.exit_code()
        }
    }
}
