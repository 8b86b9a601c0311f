//! The administrator's tool.
#![forbid(unsafe_code)]

mod catalogue;
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "`simulate` reads its inventories with it")
)]
mod inventory;
mod lint;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Keeps forbidden apps off government phones: the administrator's tool.
#[derive(Debug, Parser)]
#[command(name = "sluis", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make the vendor catalogue.
    Catalogue(catalogue::Arguments),
    /// Check policies before they are signed.
    Lint(lint::Arguments),
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Catalogue(arguments) => catalogue::run(&arguments),
        Command::Lint(arguments) => lint::run(&arguments),
    }
}
