//! `sluis feed`: the authoring side of a feed.

mod document;
mod init;
mod keys;
mod lock;
mod publish;
mod repository;
mod signing;
mod verification;
pub(crate) mod verify;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use sluis_core::feed::rfc3339;

use crate::clock::{moment, now_or};
use crate::failure::Failure;
pub(crate) use repository::write as replace;

const INIT_HELP: &str = "\
Example:
  sluis feed init /srv/feed --keys /media/usb/feed-keys

Makes a key for each role in --keys (mode 0600; keep that folder offline and backed up, and never below the published \
one) and 1.root.json in the feed's folder. It prints the root's SHA-256: phones get it with the feed's address, by \
provisioning or managed configuration, and trust nothing else.";

const PUBLISH_HELP: &str = "\
Example:
  sluis feed publish /srv/feed --keys /media/usb/feed-keys --policy policy.json --catalogue catalogue.json

Writes the next version of the feed. The folder can be served as it is by any web server: readers see the version \
before or the new one, never half of it. Run it again before --expires-timestamp days have passed, also when nothing \
changed: phones keep obeying an expired feed, but they warn.";

/// Arguments of `sluis feed`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a feed: keys and the root that phones trust.
    #[command(after_help = INIT_HELP)]
    Init(Init),
    /// Sign a policy and put it in the feed.
    #[command(after_help = PUBLISH_HELP)]
    Publish(Publish),
    /// See what a phone would take from a feed.
    #[command(after_help = verify::HELP)]
    Verify(verify::Arguments),
}

#[derive(Debug, Args)]
struct Init {
    /// The feed's folder, to be served by a web server.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The folder for the private keys.
    #[arg(long, value_name = "KEYDIR")]
    keys: PathBuf,
    /// Days until the root expires. A root cannot be renewed yet: once it has expired, phones take no news from the feed.
    #[arg(long, value_name = "DAYS", default_value_t = 3650, value_parser = clap::value_parser!(i64).range(DAYS))]
    expires_root: i64,
    /// Go by this time instead of the clock, for tests.
    #[arg(long, value_name = "TIME", hide = true, value_parser = moment)]
    now: Option<i64>,
}

#[derive(Debug, Args)]
struct Publish {
    /// The feed's folder, made by `sluis feed init`.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The folder with the private keys.
    #[arg(long, value_name = "KEYDIR")]
    keys: PathBuf,
    /// The policy.
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// The catalogue of vendors; left out, the feed carries none from this version on.
    #[arg(long, value_name = "FILE")]
    catalogue: Option<PathBuf>,
    /// Days until the list of files expires.
    #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(i64).range(DAYS))]
    expires_targets: i64,
    /// Days until the snapshot expires.
    #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(i64).range(DAYS))]
    expires_snapshot: i64,
    /// Days until the timestamp expires.
    #[arg(long, value_name = "DAYS", default_value_t = 14, value_parser = clap::value_parser!(i64).range(DAYS))]
    expires_timestamp: i64,
    /// Go by this time instead of the clock, for tests.
    #[arg(long, value_name = "TIME", hide = true, value_parser = moment)]
    now: Option<i64>,
}

const DAYS: std::ops::RangeInclusive<i64> = 1..=3650;
const SECONDS_IN_DAY: i64 = 86_400;

/// Runs `sluis feed …`.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    match &arguments.command {
        Command::Verify(arguments) => verify::run(arguments)?,
        Command::Init(arguments) => {
            let now = now_or(arguments.now)?;
            let expires = now + arguments.expires_root * SECONDS_IN_DAY;
            let feed = init::init(&arguments.folder, &arguments.keys, expires)?;
            println!("A feed was made in {}.", arguments.folder.display());
            println!(
                "Its private keys are in {}: keep them safe.",
                arguments.keys.display()
            );
            println!(
                "Its root cannot be renewed yet and expires at {}.",
                rfc3339::format(expires)
            );
            println!("Phones trust it by the SHA-256 of its root:");
            println!("{feed}");
        }
        Command::Publish(arguments) => {
            let now = now_or(arguments.now)?;
            let days = |days: i64| now + days * SECONDS_IN_DAY;
            let published = publish::publish(&publish::Publication {
                folder: &arguments.folder,
                keys: &arguments.keys,
                documents: document::read(&arguments.policy, arguments.catalogue.as_deref())?,
                issued: now,
                targets_expire: days(arguments.expires_targets),
                snapshot_expires: days(arguments.expires_snapshot),
                timestamp_expires: days(arguments.expires_timestamp),
            })?;
            println!(
                "Version {} was published in {}; publish again before {}.",
                published.version,
                arguments.folder.display(),
                rfc3339::format(published.expires)
            );
            if published.root_expires_first {
                eprintln!(
                    "sluis: warning: the root expires first, and cannot be renewed yet: phones take no news from this feed \
                     after {}. Make another feed in time, and tell the phones.",
                    rfc3339::format(published.expires)
                );
            }
        }
    }
    Ok(())
}
