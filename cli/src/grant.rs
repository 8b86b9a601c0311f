//! `sluis grant`: which phones an exemption is for, until when, by whose word.

mod document;
mod inspect;
mod key;
mod new;
mod policies;
mod qr;
mod sign;
mod verify;

pub(crate) use document::read;

use clap::{Args, Subcommand};

use crate::failure::Failure;

const HELP: &str = "\
Examples:
  sluis grant key grant-keys
  sluis grant new grant.json --layer national --phone 8370e732… --group labour-inspection --days 14
  sluis grant sign grant.json --keys grant-keys
  sluis grant qr grant.json

Exit codes: 0 fine, 1 a phone would refuse it, 2 unusable input.";

/// Arguments of `sluis grant`.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a key that signs grants, and say how a policy names it.
    #[command(after_help = key::HELP)]
    Key(key::Key),
    /// Write a grant for one phone.
    #[command(after_help = new::HELP)]
    New(new::New),
    /// Sign a grant.
    #[command(after_help = sign::SIGN_HELP)]
    Sign(sign::Sign),
    /// Write the exact bytes to sign, for a key that is elsewhere.
    #[command(after_help = sign::PAYLOAD_HELP)]
    Payload(sign::Payload),
    /// Take in a signature that was made elsewhere.
    #[command(after_help = sign::ATTACH_HELP)]
    Attach(sign::Attach),
    /// Show what a grant says and who signed it.
    #[command(after_help = inspect::HELP)]
    Inspect(inspect::Inspect),
    /// See whether a phone would take a grant.
    #[command(after_help = verify::HELP)]
    Verify(verify::Verify),
    /// Show a grant as a QR code.
    #[command(after_help = qr::HELP)]
    Qr(qr::Qr),
}

/// Runs `sluis grant …`.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        Command::Key(arguments) => key::run(arguments),
        Command::New(arguments) => new::run(arguments),
        Command::Sign(arguments) => sign::sign(arguments),
        Command::Payload(arguments) => sign::payload(arguments),
        Command::Attach(arguments) => sign::attach(arguments),
        Command::Inspect(arguments) => inspect::run(arguments),
        Command::Verify(arguments) => verify::run(arguments),
        Command::Qr(arguments) => qr::run(arguments),
    }
}
