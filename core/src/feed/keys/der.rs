//! The little of DER (X.690) that public keys are written in. One value has one encoding, so that nothing is read
//! that another reader would read otherwise.

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const SEQUENCE: u8 = 0x30;

/// What is left to read.
pub(super) struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The content of the next element, which must have this tag.
    pub(super) fn element(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (&found, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, least, rest) = match first {
            0..=0x7f => (usize::from(first), 0, rest),
            0x81 => {
                let (&length, rest) = rest.split_first()?;
                (usize::from(length), 0x80, rest)
            }
            0x82 => {
                let (length, rest) = rest.split_first_chunk::<2>()?;
                (usize::from(u16::from_be_bytes(*length)), 0x100, rest)
            }
            // Keys never need more.
            _ => return None,
        };
        // A long form only where a shorter one does not do.
        if length < least {
            return None;
        }
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        (found == tag).then_some(content)
    }

    /// A positive whole number, big-endian without leading zeros.
    pub(super) fn positive(&mut self) -> Option<&'a [u8]> {
        match self.element(INTEGER)? {
            // A zero leads only to keep a number that begins with a set bit from being negative.
            [0, rest @ ..] if rest.first() >= Some(&0x80) => Some(rest),
            number @ [1..=0x7f, ..] => Some(number),
            _ => None,
        }
    }

    /// The bytes of a string of whole bytes.
    pub(super) fn bytes_in_bits(&mut self) -> Option<&'a [u8]> {
        match self.element(BIT_STRING)?.split_first()? {
            (0, bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Whether nothing is left: bytes after the end are not part of what was signed for.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn positive(bytes: &[u8]) -> Option<&[u8]> {
        Input::new(bytes).positive()
    }

    #[test]
    fn numbers_have_one_encoding() {
        assert_eq!(positive(&[2, 1, 5]), Some([5].as_slice()));
        assert_eq!(positive(&[2, 2, 0, 0x80]), Some([0x80].as_slice()));
        for wrong in [
            [2, 1, 0].as_slice(),
            &[2, 1, 0x80],
            &[2, 2, 0, 5],
            &[2, 0],
            &[2, 0x81, 1, 5],
            &[2, 2, 5],
            &[4, 1, 5],
            &[2, 0x80, 5, 0, 0],
            &[2],
            &[],
        ] {
            assert_eq!(positive(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn lengths_have_one_encoding() {
        let of = |header: &[u8], length: usize| [header, &vec![1; length]].concat();
        for (bytes, length) in [
            (of(&[0x30, 0x7f], 0x7f), Some(0x7f)),
            (of(&[0x30, 0x81, 0x7f], 0x7f), None),
            (of(&[0x30, 0x81, 0x80], 0x80), Some(0x80)),
            (of(&[0x30, 0x82, 0, 0xff], 0xff), None),
            (of(&[0x30, 0x82, 1, 0], 0x100), Some(0x100)),
            (of(&[0x30, 0x83, 0, 1, 0], 0x100), None),
        ] {
            let found = Input::new(&bytes).element(SEQUENCE).map(<[u8]>::len);
            assert_eq!(found, length, "{:x?}", &bytes[..4]);
        }
    }
}
