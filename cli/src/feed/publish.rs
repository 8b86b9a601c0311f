//! `sluis feed publish`: signs what is staged and shows it to the world.

use std::path::PathBuf;

use clap::Args;
use sluis_core::feed::{CATALOGUE, POLICY};

use super::desk::Desk;
use super::document::{self, Sources};
use super::keys::KeyRing;
use super::metadata::TARGETS;
use super::online::Terms;
use super::options::{self, Clock, Keys, Pause};
use super::publication::{self, Progress};
use super::{report, sha256, waiting};
use crate::failure::Failure;
use crate::output;

pub(super) const HELP: &str = "\
Examples:
  sluis feed publish /srv/feed --keys /media/usb/feed-keys --policy policy.json --catalogue catalogue.json
  sluis feed publish /srv/feed --keys keys --keys /etc/sluis/keys
  sluis feed publish feed --keys maps-keys --role maps

Signs what is staged with the keys at hand and publishes what all who must have signed, with a new snapshot and timestamp. \
--policy and --catalogue are added first. Without them, and with nothing staged, it renews the list of files. What is \
going to be signed is shown before; --dry-run stops there.

The folder can be served as it is by any web server: readers see the version before or the new one, never half of it. \
Before anything is written, the phone's own client looks at it. Older versions stay in the folder. A policy with errors \
(`sluis lint`) is published only with --force; one that a phone could not read, never. \
`sluis feed refresh` must be run before the timestamp expires: phones keep obeying an expired feed, but they warn.

Exit codes: 0 published, 1 staged and waiting for others to sign, 2 not published.";

#[derive(Debug, Args)]
pub(super) struct Publish {
    /// The feed's folder, made by `sluis feed init`.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    keys: Keys,
    /// The policy; left out, that of the version before stays.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The catalogue of vendors; left out, that of the version before stays.
    #[arg(long, value_name = "FILE")]
    catalogue: Option<PathBuf>,
    /// The role that lists the files, if not the top-level targets.
    #[arg(long, value_name = "ROLE", default_value = TARGETS)]
    role: String,
    /// Show what would be signed, and stop.
    #[arg(long)]
    dry_run: bool,
    /// Also publish a policy in which lint finds errors.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    pause: Pause,
    /// Days until the list of files expires, if not as before.
    #[arg(long, value_name = "DAYS", value_parser = options::days)]
    expires_targets: Option<i64>,
    /// Days until the snapshot expires, if not as before.
    #[arg(long, value_name = "DAYS", value_parser = options::days)]
    expires_snapshot: Option<i64>,
    /// Days until the timestamp expires, if not as before.
    #[arg(long, value_name = "DAYS", value_parser = options::days)]
    expires_timestamp: Option<i64>,
    #[command(flatten)]
    clock: Clock,
}

pub(super) fn run(arguments: &Publish) -> Result<(), Failure> {
    let now = arguments.clock.now()?;
    let mut desk = Desk::open(&arguments.folder)?;
    let mut ring = arguments.keys.ring()?;
    let expires = desk.expiry(&arguments.role, arguments.expires_targets, now)?;
    let documents = [(POLICY, &arguments.policy), (CATALOGUE, &arguments.catalogue)];
    let mut sources = Sources::new();
    for (name, path) in documents {
        if let Some(path) = path {
            document::add(&mut desk, &arguments.role, name, path, expires, false)?;
            sources.insert(name.to_owned(), path.clone());
        }
    }
    let wanted: Vec<String> = if sources.is_empty() && waiting::offline(&desk).next().is_none() {
        // Nothing new: it is to hold for longer.
        if desk.get_published(&arguments.role).is_none() && arguments.role == TARGETS {
            let problem = "nothing is in this feed yet: give --policy, or add files with `sluis feed add`";
            return Err(Failure::file(&arguments.folder, problem));
        }
        desk.edit(&arguments.role, expires)?;
        vec![arguments.role.clone()]
    } else if sources.is_empty() {
        waiting::offline(&desk)
            .map(|draft| draft.role().to_owned())
            .collect()
    } else {
        vec![arguments.role.clone()]
    };
    // Told by the file that people know, and before anything is signed.
    let mut faulty = document::faulty(&desk, &sources)?;
    faulty.retain(|faulty| !faulty.can_be_read || !arguments.force);
    if !faulty.is_empty() {
        let errors: Vec<String> = faulty.into_iter().flat_map(|faulty| faulty.errors).collect();
        return Err(Failure::unusable(errors.join("\n")));
    }
    let terms = Terms {
        snapshot_days: arguments.expires_snapshot,
        timestamp_days: arguments.expires_timestamp,
        clock_is_right: arguments.pause.clock_is_right,
        with_errors: arguments.force,
        ..Terms::at(now)
    };
    match finish(&mut desk, &mut ring, terms, &wanted, arguments.dry_run)? {
        Some(waits) => Err(Failure::findings(waits)),
        None => Ok(()),
    }
}

/// As [`finish`], for a command whose work is done when it is staged: that others must sign first is no finding.
pub(super) fn stage_or_publish(
    desk: &mut Desk,
    ring: &mut KeyRing,
    terms: Terms,
    dry_run: bool,
) -> Result<(), Failure> {
    match finish(desk, ring, terms, &[], dry_run)? {
        Some(waits) => output::print(&waits),
        None => Ok(()),
    }
}

/// Shows what is going to be signed, signs it, and publishes it if that is enough. The answer says who must still sign
/// for what was wanted.
fn finish(
    desk: &mut Desk,
    ring: &mut KeyRing,
    terms: Terms,
    wanted: &[String],
    dry_run: bool,
) -> Result<Option<String>, Failure> {
    let all: Vec<String> = waiting::offline(desk)
        .map(|draft| draft.role().to_owned())
        .collect();
    let roles: Vec<&str> = all.iter().map(String::as_str).collect();
    waiting::refuse_nameless_keys(desk, &roles)?;
    let mut plan = report::plan(desk, ring)?;
    plan.extend(report::plan_online(desk, ring, &all, terms)?);
    output::print(&plan.join("\n"))?;
    if dry_run {
        output::print("Nothing was signed.")?;
        return Ok(None);
    }
    waiting::refuse_useless_keys(desk, ring)?;
    waiting::sign_all(desk, ring, &[])?;
    let is_first = desk.published.is_none();
    match publication::publish(desk, ring, terms)? {
        Progress::Published(done) => {
            output::print(&report::done(desk, &done))?;
            if is_first {
                output::print("Phones trust it by the SHA-256 of its root:")?;
                output::print(&sha256(&desk.root()?.to_bytes()?))?;
            }
            report::warn_of_root(desk, &done);
            for role in &done.left.faulty {
                output::warn(report::faulty(role, &desk.folder));
            }
            let mut waiting = done.left.waiting;
            waiting.retain(|left| wanted.contains(&left.role));
            Ok((!waiting.is_empty()).then(|| report::waiting(&waiting, &desk.folder)))
        }
        Progress::Waiting(left) => Ok(Some(format!(
            "nothing was published yet:\n{}",
            report::left(&left, &desk.folder)
        ))),
    }
}
