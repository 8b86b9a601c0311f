//! How a change of policy reaches people and phones: whether they are told, how much may change at once, and what comes
//! of it when no change arrives any more.

use serde::Serialize;

use super::read_duration;
use crate::decode::Decoder;
use crate::json::Node;
use crate::shape::{Field, Object, Shape, names, words};
use crate::values::shapes::{DURATION, MOMENT};
use crate::values::{Duration, Moment};

/// Whether people are told of what is done to their apps, beside what the screen shows to who looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Notify {
    /// No.
    Quiet,
    /// Yes, when it happens.
    #[default]
    Inform,
}

const NOTIFY: [(&str, Notify); 2] = [("quiet", Notify::Quiet), ("inform", Notify::Inform)];

pub(super) const NOTIFY_WORDS: Shape = Shape::Words(|| words(&NOTIFY));

impl Notify {
    pub(super) fn read(d: &mut Decoder, node: &Node) -> Option<Self> {
        d.word(node, &NOTIFY)
    }
}

/// How much a new version of the policy may change on a phone without being confirmed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// The most apps that a later version may newly forbid on one phone.
    pub max_changes: MaxChanges,
    /// Up to when larger changes are confirmed: a version that says a later moment than the one before is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<Moment>,
}

/// The most apps that a version may newly forbid on one phone: 0 to 100,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct MaxChanges(u32);

impl MaxChanges {
    /// What the number may be, for messages.
    pub const EXPECTED: &'static str = "a whole number of apps, from 0 to 100000";

    const MOST: u32 = 100_000;

    /// The number, if it is one.
    pub fn new(apps: i64) -> Option<Self> {
        u32::try_from(apps)
            .ok()
            .filter(|apps| *apps <= Self::MOST)
            .map(Self)
    }

    /// How many apps.
    pub fn apps(self) -> usize {
        self.0 as usize
    }
}

impl Default for MaxChanges {
    fn default() -> Self {
        Self(25)
    }
}

const LIMITS_FIELDS: [Field; 2] = [
    Field::optional(
        "max_changes",
        Shape::Integer(0, MaxChanges::MOST as i64),
        "The most apps that a later version may newly forbid on one phone.",
    ),
    Field::optional("confirmed", MOMENT, "Up to when larger changes are confirmed."),
];
const LIMITS_KNOWN: [&str; 2] = names(&LIMITS_FIELDS);
pub(super) const LIMITS: Shape = Shape::Object(&Object {
    some_of: &LIMITS_KNOWN,
    ..Object::new("limits", &LIMITS_FIELDS)
});

impl Limits {
    pub(super) fn read(d: &mut Decoder, node: &Node) -> Option<Self> {
        let fields = d.object(node, &LIMITS_KNOWN)?;
        let max_changes = fields.optional(d, "max_changes", |d, n| {
            let apps = n.as_integer().and_then(MaxChanges::new);
            apps.or_else(|| d.wrong(n, MaxChanges::EXPECTED))
        });
        let confirmed = fields.optional(d, "confirmed", |d, n| {
            d.parsed(n, Moment::EXPECTED, Moment::parse)
        });
        if node.as_object().is_some_and(<[_]>::is_empty) {
            return d.wrong(node, "at least one of max_changes, confirmed");
        }
        Some(Self {
            max_changes: max_changes?.unwrap_or_default(),
            confirmed: confirmed?,
        })
    }
}

/// What comes of it when the policy may be out of date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Staleness {
    /// People are told this long after the last good metadata.
    pub warn_after: Duration,
    /// Installing is closed this long after the last good metadata; never where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restrict_after: Option<Duration>,
}

const STALENESS_FIELDS: [Field; 2] = [
    Field::required(
        "warn_after",
        DURATION,
        "People are told this long after the last good metadata.",
    ),
    Field::optional(
        "restrict_after",
        DURATION,
        "Installing is closed this long after the last good metadata.",
    ),
];
const STALENESS_KNOWN: [&str; 2] = names(&STALENESS_FIELDS);
pub(super) const STALENESS: Shape = Shape::Object(&Object::new("staleness", &STALENESS_FIELDS));

impl Staleness {
    pub(super) fn read(d: &mut Decoder, node: &Node) -> Option<Self> {
        let fields = d.object(node, &STALENESS_KNOWN)?;
        let warn_after = fields.required(d, "warn_after", read_duration);
        let restrict_after = fields.optional(d, "restrict_after", |d, n| {
            let restrict_after = read_duration(d, n)?;
            match warn_after {
                Some(warn_after) if restrict_after < warn_after => {
                    let found = format!("\"{}\"", n.as_str().unwrap_or_default());
                    d.report(n.at, found, "a duration that is not shorter than `warn_after`");
                    None
                }
                _ => Some(restrict_after),
            }
        });
        Some(Self {
            warn_after: warn_after?,
            restrict_after: restrict_after?,
        })
    }
}
