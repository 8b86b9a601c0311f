//! What a rotation of keys forgives (TUF 5.3.11).

use super::metadata::Root;

/// Which online keys a new root rotated. Whoever stole them may have pushed versions or times far forward; with the
/// keys gone, what they set is forgotten too. Nothing else ever lowers a floor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rotation {
    timestamp: bool,
    snapshot: bool,
}

impl Rotation {
    pub(super) fn between(old: &Root, new: &Root) -> Option<Self> {
        let rotation = Self {
            timestamp: old.rotates_timestamp(new),
            snapshot: old.rotates_snapshot(new),
        };
        (rotation.timestamp || rotation.snapshot).then_some(rotation)
    }

    /// Whether all floors but root's are forgotten, and the metadata with them. Either rotation does.
    pub(crate) fn resets_floors(self) -> bool {
        self.timestamp || self.snapshot
    }

    /// Whether trusted time is forgotten: only timestamps carry it.
    pub(crate) fn resets_clock(self) -> bool {
        self.timestamp
    }
}
