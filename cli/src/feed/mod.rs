//! `sluis feed`: the authoring side of a feed.
//!
//! A command takes up the feed (`desk`), changes what is staged to be published next, signs that with the keys at hand,
//! and publishes it when all who must have signed (`publication`).

mod add;
mod apk;
mod authority;
mod changes;
mod delegate;
mod desk;
mod document;
pub(crate) mod grant_keys;
mod init;
mod journal;
mod keyholders;
mod keys;
mod metadata;
mod new_keys;
mod online;
mod options;
mod publication;
mod publish;
mod refresh;
mod report;
mod repository;
mod rotate;
mod sign;
mod staging;
mod status;
mod target;
mod verification;
pub(crate) mod verify;
mod waiting;
mod writing;

use clap::{Args, Subcommand};
use sluis_core::feed::{self, hex};

use crate::failure::Failure;
pub(crate) use writing::replace;

const HELP: &str = "\
Examples:
  sluis feed init /srv/feed --keys /media/usb/feed-keys --online-keys /etc/sluis/keys
  sluis feed publish /srv/feed --keys /media/usb/feed-keys --policy policy.json --catalogue catalogue.json
  sluis feed status /srv/feed

Exit codes: 0 done, 1 something is to be looked at, 2 unusable input; each command says more.";

/// Arguments of `sluis feed`.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a feed: keys and the root that phones trust.
    #[command(after_help = init::HELP)]
    Init(init::Init),
    /// Stage a file for the next publication.
    #[command(after_help = add::ADD_HELP)]
    Add(add::Add),
    /// Stage the removal of a file.
    #[command(after_help = add::REMOVE_HELP)]
    Remove(add::Remove),
    /// Sign what is staged, policy first of all, and publish it.
    #[command(after_help = publish::HELP)]
    Publish(publish::Publish),
    /// Sign that the feed is still current: for a cron job.
    #[command(after_help = refresh::HELP)]
    Refresh(refresh::Refresh),
    /// Who must still sign, and what expires when.
    #[command(after_help = status::HELP)]
    Status(status::Status),
    /// See what a phone would take from a feed.
    #[command(after_help = verify::HELP)]
    Verify(verify::Arguments),
    /// Add signatures to what is staged.
    #[command(after_help = sign::SIGN_HELP)]
    Sign(sign::Sign),
    /// Write the exact bytes to sign, for a key that is elsewhere.
    #[command(after_help = sign::PAYLOAD_HELP)]
    Payload(sign::Payload),
    /// Take in a signature that was made elsewhere.
    #[command(after_help = sign::ATTACH_HELP)]
    Attach(sign::Attach),
    /// Throw away what is staged.
    #[command(after_help = sign::DISCARD_HELP)]
    Discard(sign::Discard),
    /// Exchange the keys of a role.
    #[command(after_help = rotate::ROTATE_HELP)]
    Rotate(rotate::Rotate),
    /// Take a key out of use that was stolen or lost.
    #[command(after_help = rotate::REVOKE_HELP)]
    Revoke(rotate::Revoke),
    /// Renew the root before it expires.
    #[command(after_help = rotate::RENEW_HELP)]
    Renew(rotate::Renew),
    /// Let others list files, with keys of their own.
    #[command(after_help = delegate::HELP)]
    Delegate(delegate::Delegate),
}

/// Runs `sluis feed …`.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        Command::Init(arguments) => init::run(arguments),
        Command::Add(arguments) => add::add(arguments),
        Command::Remove(arguments) => add::remove(arguments),
        Command::Publish(arguments) => publish::run(arguments),
        Command::Refresh(arguments) => refresh::run(arguments),
        Command::Status(arguments) => status::run(arguments),
        Command::Verify(arguments) => verify::run(arguments),
        Command::Sign(arguments) => sign::sign(arguments),
        Command::Payload(arguments) => sign::payload(arguments),
        Command::Attach(arguments) => sign::attach(arguments),
        Command::Discard(arguments) => sign::discard(arguments),
        Command::Rotate(arguments) => rotate::rotate(arguments),
        Command::Revoke(arguments) => rotate::revoke(arguments),
        Command::Renew(arguments) => rotate::renew(arguments),
        Command::Delegate(arguments) => delegate::run(arguments),
    }
}

/// SHA-256 in hex.
fn sha256(bytes: &[u8]) -> String {
    hex::encode(&feed::sha256(bytes))
}
