//! Decisions read from a fuzzer's bytes.

/// When the bytes are used up, every decision is the last one there is: so short inputs end in honest behaviour.
pub(super) struct Choices<'a> {
    rest: &'a [u8],
}

impl<'a> Choices<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn byte(&mut self) -> u8 {
        match self.rest.split_first() {
            Some((first, rest)) => {
                self.rest = rest;
                *first
            }
            None => u8::MAX,
        }
    }

    /// A number from 0 to `count - 1`.
    pub(super) fn below(&mut self, count: usize) -> usize {
        match self.byte() {
            u8::MAX => count.saturating_sub(1),
            byte => usize::from(byte) % count.max(1),
        }
    }

    /// A number around 0.
    pub(super) fn around(&mut self) -> i64 {
        i64::from(self.byte()) - 64
    }
}
