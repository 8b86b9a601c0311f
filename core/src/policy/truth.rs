//! Yes, no, or not known.

/// What is known of a statement. In this order, so that "and" is the lesser and "or" the greater of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Truth {
    /// It is known not to hold.
    No,
    /// It depends on a fact that could not be read.
    Unknown,
    /// It is known to hold.
    Yes,
}

impl Truth {
    /// Whether both hold.
    pub(super) fn and(self, other: Self) -> Self {
        self.min(other)
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}
