//! `sluis feed refresh`: the feed is alive. Made for a machine that does it by itself.

use std::path::PathBuf;

use clap::Args;

use super::desk::Desk;
use super::keys::KeyRing;
use super::metadata::TIMESTAMP;
use super::online::Terms;
use super::options::{self, Clock, Keys, Pause};
use super::publication::{self, Progress};
use super::{report, waiting};
use crate::failure::Failure;
use crate::output::{self, shown};

pub(super) const HELP: &str = "\
Examples:
  sluis feed refresh /srv/feed --keys /etc/sluis/keys
  17 5 * * *  sluis feed refresh /srv/feed --keys /etc/sluis/keys    # a line for cron, every day

Signs a new timestamp, and a new snapshot where the last one expires first; nothing else changes. It needs the keys of \
these two roles and no others. Metadata that was staged and signed elsewhere is published with it once all who must have \
signed; what still waits for signatures, has a policy with errors (`sluis lint`), or would be refused by phones, it leaves \
alone, and says so.

Exit codes: 0 refreshed, 1 nothing was refreshed, since others must sign, 2 the feed or a key can't be used.";

#[derive(Debug, Args)]
pub(super) struct Refresh {
    /// The feed's folder.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    keys: Keys,
    #[command(flatten)]
    pause: Pause,
    /// Show what would be signed, and stop.
    #[arg(long)]
    dry_run: bool,
    /// Days until the snapshot expires, if not as before.
    #[arg(long, value_name = "DAYS", value_parser = options::days)]
    expires_snapshot: Option<i64>,
    /// Days until the timestamp expires, if not as before.
    #[arg(long, value_name = "DAYS", value_parser = options::days)]
    expires_timestamp: Option<i64>,
    #[command(flatten)]
    clock: Clock,
}

pub(super) fn run(arguments: &Refresh) -> Result<(), Failure> {
    let terms = Terms {
        snapshot_days: arguments.expires_snapshot,
        timestamp_days: arguments.expires_timestamp,
        new_timestamp: true,
        clock_is_right: arguments.pause.clock_is_right,
        ..Terms::at(arguments.clock.now()?)
    };
    let (mut desk, problem) = Desk::open_in_any_case(&arguments.folder)?;
    if let Some(message) = problem.as_ref().and_then(Failure::message) {
        left_alone(message);
    }
    let mut ring = arguments.keys.ring()?;
    let dry_run = arguments.dry_run;
    let outcome = match attempt(&mut desk, &mut ring, terms, dry_run) {
        // Whatever keeps what is staged from being published must not keep what is published from staying fresh.
        first @ (Err(_) | Ok(Some(Progress::Waiting(_)))) if can_do_without(&desk) => {
            desk.set_aside();
            match attempt(&mut desk, &mut ring, terms, dry_run) {
                Ok(Some(Progress::Published(done))) => {
                    left_alone(&why(&first, &desk));
                    Ok(Some(Progress::Published(done)))
                }
                _ => first,
            }
        }
        first => first,
    };
    match outcome? {
        None => output::print("Nothing was signed."),
        Some(Progress::Published(done)) => {
            output::print(&report::done(&desk, &done))?;
            report::warn_of_root(&desk, &done);
            for role in &done.left.faulty {
                output::warn(report::faulty(role, &desk.folder));
            }
            Ok(())
        }
        Some(Progress::Waiting(left)) => Err(Failure::findings(format!(
            "nothing was refreshed:\n{}",
            report::left(&left, &desk.folder)
        ))),
    }
}

/// Refreshes with all that is staged and ready; `None` after a dry run.
fn attempt(
    desk: &mut Desk,
    ring: &mut KeyRing,
    terms: Terms,
    dry_run: bool,
) -> Result<Option<Progress>, Failure> {
    let ready = publication::ready(desk, terms)?;
    if desk.get_published(TIMESTAMP).is_none() && ready.is_empty() {
        let problem = "nothing was published in this feed yet: `sluis feed publish` does that";
        return Err(Failure::file(&desk.folder, problem));
    }
    let mut plan: Vec<String> = ready
        .iter()
        .map(|role| format!("{}, signed already by all who must", shown(role)))
        .collect();
    plan.extend(report::plan_online(desk, ring, &ready, terms)?);
    output::print(&plan.join("\n"))?;
    if dry_run {
        return Ok(None);
    }
    waiting::refuse_useless_keys(desk, ring)?;
    publication::publish(desk, ring, terms).map(Some)
}

/// Whether there is something staged to be left out, and something published to be kept fresh.
fn can_do_without(desk: &Desk) -> bool {
    waiting::offline(desk).next().is_some() && desk.get_published(TIMESTAMP).is_some()
}

fn why(first: &Result<Option<Progress>, Failure>, desk: &Desk) -> String {
    match first {
        Err(failure) => failure.message().unwrap_or_default().to_owned(),
        Ok(Some(Progress::Waiting(left))) => report::left(left, &desk.folder),
        Ok(_) => String::new(),
    }
}

fn left_alone(why: &str) {
    output::warn(format_args!("what is staged was left alone: {why}"));
}
