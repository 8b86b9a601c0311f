//! When, where and for whom packages are judged: what a verdict depends on beside policy and package.

use sluis_policy::values::{Digest, Id};

use super::past::Past;

/// All that a verdict depends on beside policy and package. Moments are milliseconds since 1970.
#[derive(Debug, Clone)]
pub struct Circumstances<'a> {
    /// The clock that the user can set.
    pub wall_ms: i64,
    /// What is certain of the time.
    pub floors: Floors,
    /// The phone's id, for rules that are in force on some phones only. Unknown: what forbids is in force, what allows
    /// is not.
    pub phone: Option<Digest>,
    /// The groups to which the phone belongs.
    pub groups: &'a [Membership],
    /// What happened on the phone before.
    pub past: &'a Past,
}

/// What is certain of the time: it is at least so late.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Floors {
    /// The wall clock is right: on a desk.
    Wall,
    /// Of each layer, what its feed has signed ([`crate::feed::TrustedClock::floor_ms`]), in the order of the rule set.
    /// A layer that is not in the list has none.
    Signed(Vec<Option<i64>>),
}

/// That the phone belongs to a group, as a layer's grant says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The layer whose exemptions name the group.
    pub layer: Id,
    /// The group.
    pub group: Id,
    /// From when; at once where nothing is said.
    pub from_ms: Option<i64>,
    /// Until when.
    pub until_ms: i64,
}

/// What one layer takes the time to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Clock {
    /// Not later than the truth; unknown where nothing was signed.
    pub(super) floor_ms: Option<i64>,
    /// The wall clock, but never before the floor. Not earlier than the truth, unless the wall clock was set back to
    /// no earlier than the floor.
    pub(super) now_ms: i64,
}

impl Clock {
    /// Whether a permission that ends then has ended.
    pub(super) fn is_over(self, permission_ends_ms: i64) -> bool {
        permission_ends_ms <= self.now_ms
    }

    /// Whether it is beyond doubt that it is so late: only then does a prohibition end.
    pub(super) fn is_certain(self, moment_ms: i64) -> bool {
        self.floor_ms.is_some_and(|floor| moment_ms <= floor)
    }
}

impl<'a> Circumstances<'a> {
    /// A moment at which every rule that is still to begin has begun (the last second of 9999), in milliseconds since
    /// 1970: what a version forbids from next year on, it forbids.
    pub const IN_THE_END_MS: i64 = 253_402_300_799_000;

    /// On a desk: the clock is right, and the phone is any phone that belongs to no group.
    pub fn on_a_desk(wall_ms: i64, past: &'a Past) -> Self {
        Self {
            wall_ms,
            floors: Floors::Wall,
            phone: None,
            groups: &[],
            past,
        }
    }

    pub(super) fn clock(&self, layer: u32) -> Clock {
        let floor_ms = match &self.floors {
            Floors::Wall => Some(self.wall_ms),
            Floors::Signed(floors) => floors.get(layer as usize).copied().flatten(),
        };
        let now_ms = floor_ms.map_or(self.wall_ms, |floor| floor.max(self.wall_ms));
        Clock { floor_ms, now_ms }
    }
}
