//! `sluis feed delegate`: others may list files, with keys of their own.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Map, Value, json};

use super::desk::Desk;
use super::keyholders::{self, Holders};
use super::metadata::{Draft, TARGETS};
use super::new_keys::{Need, NewKeys};
use super::online::Terms;
use super::options::{Clock, Keys, Pause};
use super::{publish, target};
use crate::failure::Failure;

pub(super) const HELP: &str = "\
Examples:
  sluis feed delegate /srv/feed maps --path 'maps/*' --public-key maps-team.pub --keys /media/usb/feed-keys
  sluis feed delegate feed maps --path 'maps/*' --terminating --keys keys
  sluis feed delegate feed maps --remove --keys keys

Who holds the role's keys can list files whose names match, and nothing else. In a pattern, `*` and `?` do not match `/`. \
--terminating: what matches and is not listed by this role is nowhere else. Given again for the same role, it changes what is \
given. The role begins with an empty list, which its own keys must sign before all this can be published: where they are \
elsewhere, it is staged, and their holder runs `sluis feed sign` or publish with --role.

Exit codes: 0 published or staged, 2 the feed or a key can't be used.";

#[derive(Debug, Args)]
pub(super) struct Delegate {
    /// The feed's folder.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The role's name: letters, digits, `-` and `_`.
    #[arg(value_name = "ROLE")]
    role: String,
    /// A pattern of file names that the role may list; can be given more than once.
    #[arg(long, value_name = "PATTERN")]
    path: Vec<String>,
    /// What matches is looked for nowhere else.
    #[arg(long)]
    terminating: bool,
    /// How many of the role's keys must sign.
    #[arg(long, value_name = "N")]
    threshold: Option<u64>,
    /// The role that delegates.
    #[arg(long, value_name = "ROLE", default_value = TARGETS)]
    from: String,
    /// No longer delegate to this role.
    #[arg(long, conflicts_with_all = ["path", "terminating", "threshold"])]
    remove: bool,
    #[command(flatten)]
    new: NewKeys,
    #[command(flatten)]
    keys: Keys,
    /// Show what would be signed, and stop. No key is made: new ones are shown with ids of the moment.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    pause: Pause,
    #[command(flatten)]
    clock: Clock,
}

pub(super) fn run(arguments: &Delegate) -> Result<(), Failure> {
    let (role, from) = (arguments.role.as_str(), arguments.from.as_str());
    target::check_role_name(role)?;
    let now = arguments.clock.now()?;
    let mut desk = Desk::open(&arguments.folder)?;
    let mut ring = arguments.keys.ring()?;
    let expires = desk.expiry(from, None, now)?;
    let before = desk.get(from).and_then(|draft| Holders::of(draft, role));
    if arguments.remove {
        if before.is_none() {
            return Err(Failure::unusable(format!("{from} does not delegate to {role}")));
        }
        keyholders::remove(desk.edit(from, expires)?, role);
        desk.unstage(role);
    } else {
        if before.is_none() && arguments.path.is_empty() {
            return Err(Failure::unusable("say with --path which files the role may list"));
        }
        let view = desk.view()?;
        let others = view.targets().iter().filter(|draft| draft.role() != from);
        if let Some(other) = others
            .into_iter()
            .find(|draft| Holders::of(draft, role).is_some())
        {
            // Each of them would have a say in its keys.
            let problem = format!("{} delegates to {role} already", other.role());
            return Err(Failure::unusable(problem));
        }
        for pattern in &arguments.path {
            target::check_name(pattern)?;
        }
        let mut holders = before.clone().unwrap_or(Holders {
            key_ids: Vec::new(),
            threshold: 1,
        });
        holders.threshold = arguments.threshold.unwrap_or(holders.threshold);
        let number = usize::from(before.is_none());
        // Before a key is made.
        desk.edit(from, expires)?;
        holders.check(role, arguments.new.count(number))?;
        let need = Need {
            role,
            number,
            replaced: &[],
        };
        let dry_run = arguments.dry_run;
        let keys = arguments
            .new
            .keys(&desk, &mut ring, &arguments.keys, &need, dry_run)?;
        holders.key_ids.extend(keys.iter().map(|key| key.id().to_owned()));
        let delegator = desk.edit(from, expires)?;
        keyholders::set(delegator, role, &holders, &keys)?;
        keyholders::set_fields(delegator, role, fields(arguments, before.is_none()));
        let own_expiry = desk.expiry(role, None, now)?;
        if desk.get(role).is_none() {
            let mut first = Draft::new(role, own_expiry, [("targets", json!({}))]);
            first.set("version", desk.next_version(role).into());
            desk.stage(first);
        }
    }
    let terms = Terms {
        clock_is_right: arguments.pause.clock_is_right,
        ..Terms::at(now)
    };
    publish::stage_or_publish(&mut desk, &mut ring, terms, arguments.dry_run)
}

fn fields(arguments: &Delegate, is_new: bool) -> Map<String, Value> {
    let mut fields = Map::new();
    if !arguments.path.is_empty() {
        fields.insert("paths".into(), json!(arguments.path));
    }
    if is_new || arguments.terminating {
        fields.insert("terminating".into(), arguments.terminating.into());
    }
    fields
}
