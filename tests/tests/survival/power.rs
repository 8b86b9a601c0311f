//! The power fails: what was not synced is lost, or only some of it is written. Every moment of a run is tried.

use std::collections::BTreeMap;
use std::path::Path;

use sluis_core::agent::Agent;
use sluis_core::agent::message::Time;
use sluis_core::feed::{Answer, FeedIdentity, Next, Outcome, Update};
use sluis_core::store::{Store, StoreError};

use crate::check::{STORE, check};
use crate::disk::{Op, Plan, Watch};
use crate::image::{Disk, Unsynced};
use crate::repository::DAY_0;
use crate::world::{FEED, Phone, Promised, publication};
use crate::{folder, full};

/// What was done to the disk, and what was promised after how many operations.
struct Recording {
    ops: Vec<Op>,
    said: Vec<(usize, String)>,
}

fn record(run: impl FnOnce(&Path, &mut dyn FnMut(&str))) -> Recording {
    let folder = folder();
    let watch = Watch::over(folder.path(), Plan::Nothing);
    let mut said = Vec::new();
    run(&folder.path().join(STORE), &mut |line| {
        said.push((watch.done(), line.to_owned()))
    });
    Recording {
        ops: watch.ops(),
        said,
    }
}

/// The whole agent through that many publications, with a new process every few.
fn agent_through(publications: u64) -> Recording {
    record(|store, say| {
        let mut promised = Promised::default();
        for number in 1..=publications {
            let mut lines = Vec::new();
            let mut say_and_hear = |line: &str| {
                say(line);
                lines.push(line.to_owned());
            };
            let feed = publication(number);
            let mut phone = Phone::new(Agent::open(store).unwrap(), &promised, &mut say_and_hear);
            phone.starts(&feed).unwrap();
            phone.refreshes(&feed).unwrap();
            drop(phone);
            lines.iter().for_each(|line| promised.hear(line));
        }
    })
}

/// The feed's client and the store alone, on a connection that syncs as `synchronous` says.
fn store_through(publications: u64, synchronous: &str) -> Recording {
    record(|path, say| {
        let mut store = Store::open(path).unwrap();
        store
            .transaction(|transaction| {
                // The connection is the store's own; within a transaction the setting cannot be changed.
                transaction.execute_batch("ROLLBACK")?;
                transaction.pragma_update(None, "synchronous", synchronous)?;
                Ok::<_, StoreError>(transaction.execute_batch("BEGIN IMMEDIATE")?)
            })
            .unwrap();
        for number in 1..=publications {
            let feed = publication(number);
            let identity = FeedIdentity {
                name: FEED.into(),
                root_sha256: feed.pin(),
            };
            let time = Time {
                wall_ms: DAY_0 * 1000,
                elapsed_ms: 60_000 + number,
                boot_count: 1,
            };
            let mut update = Update::start(&identity, store.feed(&identity).unwrap(), time);
            while let Next::Fetch { path, .. } = update.next() {
                let answer = feed
                    .files
                    .get(&path)
                    .map_or(Answer::Missing, |bytes| Answer::Body(bytes));
                for step in update.received(&answer) {
                    let activates = step.activation().is_some();
                    store.commit_feed(&identity, &step).unwrap();
                    if activates {
                        say(&format!("in-force {number}"));
                    }
                }
                if let Some(role) = ["timestamp", "snapshot", "targets"]
                    .into_iter()
                    .find(|role| path.ends_with(&format!("{role}.json")))
                {
                    say(&format!("floor {role} {number}"));
                }
            }
            assert_eq!(update.next(), Next::Done(Outcome::Updated));
        }
    })
}

/// How the disks that a recording leaves behind were found.
#[derive(Default)]
struct Findings {
    disks: usize,
    /// What was wrong, and how often.
    wrong: BTreeMap<String, usize>,
}

impl Recording {
    fn writes_to(&self, name: &str) -> usize {
        // A store is made under another name.
        let mut names: Vec<&str> = self
            .ops
            .iter()
            .filter_map(|op| match op {
                Op::Rename { from, to } if to == name => Some(from.as_str()),
                _ => None,
            })
            .collect();
        names.push(name);
        let made = |op: &Op| match op {
            Op::Create { file, name: made } if names.contains(&made.as_str()) => Some(*file),
            _ => None,
        };
        let number = self.ops.iter().find_map(made);
        let to_it = |op: &&Op| matches!(op, Op::Write { file, .. } if Some(*file) == number);
        self.ops.iter().filter(to_it).count()
    }

    /// Lets the power fail after every `every`-th operation, in all ways; a sync that `ignores` names does nothing.
    fn power_fails(&self, every: usize, ignores: impl Fn(&Disk, &Op) -> bool) -> Findings {
        let mut findings = Findings::default();
        let (mut disk, mut promised, mut said) =
            (Disk::default(), Promised::default(), self.said.iter().peekable());
        for (i, op) in self.ops.iter().enumerate() {
            if !ignores(&disk, op) {
                disk.take(op);
            }
            while let Some((_, line)) = said.next_if(|(after, _)| *after <= i + 1) {
                promised.hear(line);
            }
            if i % every != 0 {
                continue;
            }
            let seed = i as u64;
            for unsynced in [
                Unsynced::Lost,
                Unsynced::Kept,
                Unsynced::Some(seed),
                Unsynced::Some(!seed),
            ] {
                let folder = folder();
                disk.fail_into(folder.path(), unsynced);
                findings.disks += 1;
                if let Err(why) = check(folder.path(), &promised) {
                    let why: String = why.chars().filter(|c| !c.is_ascii_digit()).collect();
                    *findings.wrong.entry(why).or_default() += 1;
                    if std::env::var_os("SLUIS_SURVIVAL_SAYS").is_some() {
                        println!("operation {i} {op:.60?}, {unsynced:?}");
                    }
                }
            }
        }
        findings
    }
}

fn nothing(_: &Disk, _: &Op) -> bool {
    false
}

#[test]
fn the_agent_survives_a_power_cut_at_every_write_whatever_of_it_reached_the_disk() {
    let (publications, every) = if full() { (30, 1) } else { (12, 13) };
    let recording = agent_through(publications);
    let findings = recording.power_fails(every, nothing);
    let (operations, disks) = (recording.ops.len(), findings.disks);
    println!("{publications} publications, {operations} operations, {disks} disks after a power cut");
    assert_eq!(findings.wrong, BTreeMap::new());
}

#[test]
fn the_store_alone_survives_it_and_the_same_check_finds_a_store_that_does_not_sync() {
    let (publications, every) = if full() { (60, 5) } else { (60, 61) };
    for (synchronous, survives) in [("FULL", true), ("NORMAL", false), ("OFF", false)] {
        let recording = store_through(publications, synchronous);
        let findings = recording.power_fails(every, nothing);
        let wrong: usize = findings.wrong.values().sum();
        println!(
            "synchronous={synchronous}: {wrong} of {} disks broke a promise",
            findings.disks
        );
        assert!(
            recording.writes_to(STORE) > 10,
            "the log was taken into the store on the way"
        );
        assert_eq!(
            findings.wrong.is_empty(),
            survives,
            "{synchronous}: {:?}",
            findings.wrong
        );
    }
}

#[test]
fn the_same_check_finds_a_second_copy_that_is_not_synced() {
    let recording = agent_through(6);
    let findings = recording.power_fails(7, |disk, op| match op {
        Op::Sync { file } => disk.name_of(*file).is_some_and(|name| name.contains(".copy-")),
        _ => false,
    });
    let about_the_copy = |why: &&String| why.starts_with("copy: ");
    assert!(
        findings.wrong.keys().any(|why| about_the_copy(&why)),
        "{:?}",
        findings.wrong
    );
}
