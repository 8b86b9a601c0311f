//! `sluis feed refresh`: the feed is alive. Made for a machine that does it by itself.

use std::path::PathBuf;

use clap::Args;

use super::desk::Desk;
use super::metadata::TIMESTAMP;
use super::online::Terms;
use super::options::{self, Clock, Keys};
use super::publication::{self, Progress};
use super::{report, waiting};
use crate::failure::Failure;
use crate::output;

pub(super) const HELP: &str = "\
Examples:
  sluis feed refresh /srv/feed --keys /etc/sluis/keys
  17 5 * * *  sluis feed refresh /srv/feed --keys /etc/sluis/keys    # a line for cron, every day

Signs a new timestamp, and a new snapshot where the last one expires first; nothing else changes. It needs the keys of \
these two roles and no others. Metadata that was staged and signed elsewhere is published with it once all who must have \
signed; what still waits for signatures, it leaves alone.

Exit codes: 0 refreshed, 1 nothing was refreshed, since others must sign, 2 the feed or a key can't be used.";

#[derive(Debug, Args)]
pub(super) struct Refresh {
    /// The feed's folder.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    keys: Keys,
    /// Refresh also after a very long pause.
    #[arg(long)]
    force: bool,
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
        clock_is_right: arguments.force,
        ..Terms::at(arguments.clock.now()?)
    };
    let (mut desk, problem) = Desk::open_in_any_case(&arguments.folder)?;
    if let Some(message) = problem.as_ref().and_then(Failure::message) {
        output::warn(format_args!("what is staged was left alone: {message}"));
    }
    if desk.get_published(TIMESTAMP).is_none() && publication::ready(&desk)?.is_empty() {
        let problem = "nothing was published in this feed yet: `sluis feed publish` does that";
        return Err(Failure::file(&arguments.folder, problem));
    }
    let mut ring = arguments.keys.ring()?;
    let ready = publication::ready(&desk)?;
    let mut plan: Vec<String> = ready
        .iter()
        .map(|role| format!("{role}, signed already by all who must"))
        .collect();
    plan.extend(report::plan_online(&desk, &ring, &ready, terms)?);
    output::print(&plan.join("\n"))?;
    if arguments.dry_run {
        return output::print("Nothing was signed.");
    }
    waiting::refuse_useless_keys(&desk, &ring)?;
    match publication::publish(&mut desk, &mut ring, terms)? {
        Progress::Published(done) => {
            output::print(&report::done(&desk, &done))?;
            report::warn_of_root(&desk, &done);
            Ok(())
        }
        Progress::Waiting(waiting) => Err(Failure::findings(format!(
            "nothing was refreshed:\n{}",
            report::waiting(&waiting, &desk.folder)
        ))),
    }
}
