//! Whole numbers of 64 bits, the only ones that all readers read alike.

use super::reader::Reader;
use super::{SyntaxError, shortened};

impl Reader<'_> {
    pub(super) fn integer(&mut self) -> Result<i64, SyntaxError> {
        let length = self
            .rest()
            .bytes()
            .position(|b| !matches!(b, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9'));
        let written = self
            .rest()
            .get(..length.unwrap_or(self.rest().len()))
            .unwrap_or_default();
        let digits = written.strip_prefix('-').unwrap_or(written);
        let plain = !digits.is_empty()
            && digits.bytes().all(|b| b.is_ascii_digit())
            && (digits == "0" || !digits.starts_with('0'))
            && written != "-0";
        match written.parse::<i64>() {
            Ok(number) if plain => {
                self.offset += written.len();
                Ok(number)
            }
            _ => Err(self.error(
                format!("`{}`", shortened(written)),
                "a whole number of at most 64 bits",
            )),
        }
    }
}
