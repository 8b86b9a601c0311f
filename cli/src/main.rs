//! The administrator's tool.
#![forbid(unsafe_code)]

mod failure;
mod feed;

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
    /// Sign policy and publish it as static files.
    Feed(feed::Arguments),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Feed(arguments) => feed::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("sluis: {failure}");
            failure.exit_code()
        }
    }
}
