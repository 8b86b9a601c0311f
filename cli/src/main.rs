//! The administrator's tool.
#![forbid(unsafe_code)]

mod bundle;
mod catalogue;
mod clock;
mod export;
mod failure;
mod feed;
mod grant;
mod http;
mod inventory;
mod lint;
mod messages;
mod output;
mod policy_file;
mod simulate;
mod source;
mod visit;
mod yaml;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

const EXIT_CODES: &str = "Exit codes: 0 fine, 1 findings, 2 unusable input.";

/// Keeps forbidden apps off phones: write, try, sign and publish policy.
#[derive(Debug, Parser)]
#[command(name = "sluis", version, after_help = EXIT_CODES)]
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
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Lint(arguments) => lint::run(&arguments),
        Command::Simulate(arguments) => simulate::run(&arguments),
        Command::Feed(arguments) => feed::run(&arguments),
        Command::Grant(arguments) => grant::run(&arguments),
        Command::Bundle(arguments) => bundle::run(&arguments),
        Command::Inventory(arguments) => inventory::run(&arguments),
        Command::Export(arguments) => export::run(&arguments),
        Command::Catalogue(arguments) => catalogue::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Findings that were printed already say all there is to say.
            if let Some(message) = failure.message() {
                eprintln!("sluis: {message}");
            }
            failure.exit_code()
        }
    }
}
