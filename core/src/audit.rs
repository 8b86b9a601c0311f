//! The audit log: a chain in which each entry's hash covers the one before, so that what is changed, removed,
//! doubled or swapped afterwards shows.
//!
//! `hash(n) = SHA-256(hash(n − 1) ‖ n ‖ time ‖ entry)`, numbers as eight bytes, big-endian; the first entry follows
//! on 32 zero bytes. A chain alone can be written anew by whoever owns the file; only a head that is known elsewhere
//! tells.

use std::fmt;

use ring::digest;
use serde::Serialize;
use sluis_policy::values::Digest;

/// What an entry says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Event<'a> {
    /// The list of feeds was set.
    Configured {
        /// Their names, baseline first.
        feeds: Vec<&'a str>,
        /// Those that the phone obeyed before and does not obey any more: what they forbade may come back.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        removed: Vec<&'a str>,
    },
    /// Other files of a feed are in force.
    FeedUpdated {
        /// The feed.
        feed: &'a str,
        /// The layer that its policy is.
        layer: &'a str,
        /// SHA-256 of each file that is in force now, by name.
        files: Vec<(&'a str, Digest)>,
    },
    /// Other files of a feed verified, but they change too much on this phone: those before stay in force.
    HeldBack {
        /// The feed.
        feed: &'a str,
        /// The layer that its policy is.
        layer: &'a str,
        /// SHA-256 of each file that is held back, by name.
        files: Vec<(&'a str, Digest)>,
        /// How many apps they would newly forbid.
        changes: u64,
        /// How many they may.
        limited: u64,
    },
    /// A feed was refused; what was in force stays.
    FeedRefused {
        /// The feed.
        feed: &'a str,
        /// Which role and why.
        why: &'a str,
    },
    /// Somebody at the phone chose a file with an offline bundle.
    Bundle {
        /// SHA-256 of the file.
        sha256: Digest,
        /// The feed that it is of, if the phone obeys it.
        feed: Option<&'a str>,
        /// Why it was refused; none where all of it verified.
        refused: Option<&'a str>,
    },
    /// Which key the phone's key store holds for Sluis, or that it is another one than before.
    PhoneId {
        /// SHA-256 of the public key.
        phone: Digest,
        /// That of the key before, which is lost; what was granted to it counts no more.
        #[serde(skip_serializing_if = "Option::is_none")]
        before: Option<Digest>,
    },
    /// A grant came that somebody signed who may. Others leave no entry: anybody can show a phone anything.
    Grant {
        /// SHA-256 of its signed part in canonical form.
        sha256: Digest,
        /// The layer that it names.
        layer: &'a str,
        /// Its id.
        grant: &'a str,
        /// The groups that it names.
        groups: Vec<&'a str>,
        /// Its end, in milliseconds since 1970.
        until_ms: i64,
        /// Why it was refused; none where it was taken in.
        refused: Option<&'a str>,
    },
    /// A grant on record counts no more, or counts again.
    GrantJudged {
        /// Its layer.
        layer: &'a str,
        /// Its id.
        grant: &'a str,
        /// Why it counts no more.
        ended: Option<&'a str>,
    },
    /// A feed's new version of the agent has verified, and is ordered to be installed.
    AgentOffered {
        /// The feed.
        feed: &'a str,
        /// The version.
        version_code: u64,
        /// The version that is there.
        installed: u64,
        /// SHA-256 of the package.
        sha256: Digest,
    },
    /// A feed's version of the agent was not taken, or could not be had.
    AgentRefused {
        /// The feed.
        feed: &'a str,
        /// The version, where the feed says which it is.
        version_code: Option<u64>,
        /// SHA-256 of the package, where it is known.
        sha256: Option<Digest>,
        /// Why.
        why: &'a str,
    },
    /// Another version of the agent runs than before.
    AgentVersion {
        /// The version before.
        from: u64,
        /// The version now.
        to: u64,
    },
    /// A package was judged differently than before.
    Judged {
        /// The package.
        package: &'a str,
        /// `deny`, `advise` or `allow`.
        effect: &'a str,
        /// The layer that decided.
        layer: Option<&'a str>,
        /// The rule that decided; none where nothing was approved or said.
        rule: Option<&'a str>,
        /// The layer whose exemption keeps it in use.
        #[serde(skip_serializing_if = "Option::is_none")]
        exemption: Option<&'a str>,
        /// When it is judged more strictly by itself, in milliseconds since 1970.
        #[serde(skip_serializing_if = "Option::is_none")]
        deadline_ms: Option<i64>,
        /// The clause of the safety floor that stood in the way.
        floor: Option<&'a str>,
    },
    /// An app that policy denies is not on the phone any more, and not by an action of Sluis.
    Gone {
        /// The package.
        package: &'a str,
    },
    /// An action was ordered.
    Ordered {
        /// Its id in the journal.
        id: u64,
        /// What.
        action: &'a str,
        /// To which package or restriction.
        subject: &'a str,
    },
    /// An action's result came back.
    Result {
        /// Its id in the journal.
        id: u64,
        /// What was ordered.
        action: &'a str,
        /// To which package or restriction.
        subject: &'a str,
        /// Whether what was read back is what was wanted.
        done: bool,
        /// What the framework objected.
        failure: Option<&'a str>,
    },
    /// The store was lost or damaged and was made anew. The log began anew with it.
    Recovered {
        /// What was wrong.
        why: &'a str,
        /// Floors, holds and configuration are those of the second copy; else they were lost, too.
        from_copy: bool,
        /// Number and hash of the last entry of the log before that the second copy knows of.
        log_before: Option<(u64, Digest)>,
    },
    /// The process ended between an order and its result; what was done is found out by looking.
    Interrupted {
        /// Its id in the journal.
        id: u64,
    },
}

/// One entry of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place, from 1.
    pub number: u64,
    /// Wall-clock milliseconds.
    pub time_ms: i64,
    /// An [`Event`] as JSON.
    pub entry: String,
    /// Covers all of this and the entry before.
    pub hash: Digest,
}

/// What the first entry follows on.
pub const START: Digest = Digest([0; 32]);

impl Entry {
    /// The entry after the one whose number and hash are given.
    pub fn after(number: u64, hash: Digest, time_ms: i64, entry: String) -> Self {
        let number = number.saturating_add(1);
        Self {
            number,
            time_ms,
            hash: link(hash, number, time_ms, &entry),
            entry,
        }
    }
}

fn link(previous: Digest, number: u64, time_ms: i64, entry: &str) -> Digest {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(&previous.0);
    context.update(&number.to_be_bytes());
    context.update(&time_ms.to_be_bytes());
    context.update(entry.as_bytes());
    let mut hash = [0; 32];
    hash.iter_mut()
        .zip(context.finish().as_ref())
        .for_each(|(to, from)| *to = *from);
    Digest(hash)
}

/// The first entry that does not follow from the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken {
    /// The place at which it stands, from 1.
    pub number: u64,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "entry {} of the audit log does not follow from the one before it",
            self.number
        )
    }
}

impl std::error::Error for Broken {}

/// Checks a whole chain and returns its head.
///
/// # Errors
/// [`Broken`] with the first entry that does not follow.
pub fn verify<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> Result<Digest, Broken> {
    let mut head = START;
    for (number, entry) in (1..).zip(entries) {
        if entry.number != number || entry.hash != link(head, number, entry.time_ms, &entry.entry) {
            return Err(Broken { number });
        }
        head = entry.hash;
    }
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain() -> Vec<Entry> {
        let mut chain: Vec<Entry> = Vec::new();
        for text in ["a", "b", "c", "d"] {
            let (number, hash) = chain.last().map_or((0, START), |e| (e.number, e.hash));
            chain.push(Entry::after(number, hash, 1_000, text.into()));
        }
        chain
    }

    #[test]
    fn a_whole_chain_verifies_and_names_its_head() {
        assert_eq!(verify(&chain()), Ok(chain()[3].hash));
        assert_eq!(verify(&[]), Ok(START));
    }

    #[test]
    fn every_change_to_the_log_shows_where_it_was_made() {
        type Change = fn(&mut Vec<Entry>);
        let changes: [(Change, u64); 7] = [
            (|c| c[1].entry.push('!'), 2),
            (|c| c[1].time_ms += 1, 2),
            (|c| c[2].hash.0[31] ^= 1, 3),
            (|c| drop(c.remove(0)), 1),
            (|c| drop(c.remove(2)), 3),
            (|c| c.swap(1, 2), 2),
            (|c| c.insert(2, c[1].clone()), 3),
        ];
        for (change, number) in changes {
            let mut chain = chain();
            change(&mut chain);
            assert_eq!(verify(&chain), Err(Broken { number }));
        }
    }

    #[test]
    fn a_cut_tail_shows_against_a_known_head() {
        let whole = chain();
        assert_ne!(verify(&whole[..3]), verify(&whole));
    }
}
