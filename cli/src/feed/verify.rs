//! `sluis feed verify`: what a phone would take from a feed.

use std::path::PathBuf;

use clap::Args;
use sluis_policy::values::Digest;

use crate::clock::Clock;
use crate::failure::Failure;
use crate::source::Source;
use crate::visit::{Memory, Report, agent, clock, identity, visit};

pub(super) const HELP: &str = "\
Examples:
  sluis feed verify https://phones.exampleton.example/feed/ --root-sha256 8370e732…
  sluis feed verify /srv/feed
  sluis feed verify https://phones.exampleton.example/feed/ --root-sha256 8370e732… --state watch.db

Fetches and checks what a phone would, through the same code, and says what it would take. Without --state it is a new \
phone each time; with it, one that remembers, so that it also sees a feed that goes back. Warnings (something expires \
soon, the timestamp does not say when it was issued) go to standard error.

A proxy is taken from HTTPS_PROXY, ALL_PROXY and NO_PROXY.

Exit codes: 0 phones take it, 1 phones refuse it, 2 it cannot be read or reached.";

/// Arguments of `sluis feed verify`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The feed's folder, or its address.
    #[arg(value_name = "DIR|URL")]
    feed: String,
    /// The SHA-256 of its first root, as phones are told it. May be left out for a folder, which is then taken at its
    /// word.
    #[arg(long, value_name = "DIGEST", value_parser = digest)]
    root_sha256: Option<Digest>,
    /// Remember in this file what was seen, as a phone does; made if it is not there.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Trust these certificate authorities (PEM) besides the system's.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Write JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    clock: Clock,
}

/// Reads a digest as phones are told it.
pub(crate) fn digest(text: &str) -> Result<Digest, String> {
    Digest::parse(text).ok_or_else(|| format!("expected {}", Digest::EXPECTED))
}

/// Does what the arguments ask.
pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let now = arguments.clock.now()?;
    let source = Source::named(&arguments.feed, arguments.ca.as_deref());
    let root_sha256 = match &arguments.root_sha256 {
        Some(Digest(sha256)) => *sha256,
        None => source.own_root()?,
    };
    let mut memory = match &arguments.state {
        Some(path) => Memory::kept(path)?,
        None => Memory::New,
    };
    let mut get = |path: &str, max_bytes| source.get(path, max_bytes);
    let visit = visit(root_sha256, &mut memory, now, &mut get)?;
    let feed = identity(root_sha256);
    let agent = agent(&feed, &visit, &mut memory, clock(now), &mut get)?;
    let report = Report::of(&arguments.feed, &root_sha256, visit, now)?;
    report.with(agent).print(arguments.json)
}
