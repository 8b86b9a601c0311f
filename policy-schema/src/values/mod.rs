//! The small values that documents are made of; each can only hold what is valid.

mod country;
mod host;
mod package;
pub(crate) mod shapes;
mod time;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub use country::Country;
pub use host::Host;
pub use package::{PackagePattern, is_package};
pub use time::{Duration, Moment};

/// The name of a layer, rule, stance or vendor: 1 to 64 of `a-z`, `0-9`, `-` and `_`, beginning with a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Id(String);

impl Id {
    /// What an id may look like, for messages.
    pub const EXPECTED: &'static str =
        "a name of 1 to 64 characters a-z, 0-9, - and _, beginning with a letter or digit";

    /// Reads an id.
    pub fn parse(text: &str) -> Option<Self> {
        let first = text.bytes().next()?;
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let valid =
            text.len() <= 64 && plain(first) && text.bytes().all(|b| plain(b) || b == b'-' || b == b'_');
        valid.then(|| Self(text.to_owned()))
    }

    /// The id as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A SHA-256 digest, written as 64 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// What a digest looks like, for messages.
    pub const EXPECTED: &'static str = "a SHA-256 digest of 64 hex digits";

    /// Reads 64 hex digits, in either case; colons between bytes, as certificate tools print them, are accepted.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let with_colons = text.len() == 95;
        let mut digits = text.bytes();
        for (i, byte) in bytes.iter_mut().enumerate() {
            if with_colons && i > 0 && digits.next() != Some(b':') {
                return None;
            }
            *byte = nibble(digits.next()?)? << 4 | nibble(digits.next()?)?;
        }
        digits.next().is_none().then_some(Self(bytes))
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Hex;
        impl de::Visitor<'_> for Hex {
            type Value = Digest;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(Digest::EXPECTED)
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Digest, E> {
                Digest::parse(text).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }
        deserializer.deserialize_str(Hex)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_read_in_every_usual_spelling() {
        let plain = "0fe4ff85c215918396dadc7cd8ce6963339af33d37751a56e54c7206b63a3c7c";
        let colons: Vec<String> = plain
            .as_bytes()
            .chunks(2)
            .map(|c| String::from_utf8_lossy(c).to_uppercase())
            .collect();
        assert_eq!(Digest::parse(plain).unwrap().to_string(), plain);
        assert_eq!(Digest::parse(&colons.join(":")), Digest::parse(plain));
        for text in [
            "",
            plain.split_at(1).1,
            &format!("{plain}00"),
            &plain.replace('f', "g"),
            &colons.join(";"),
        ] {
            assert_eq!(Digest::parse(text), None, "{text}");
        }
    }

    #[test]
    fn ids_are_plain() {
        assert!(Id::parse("nl-rijk_2023").is_some());
        for text in ["", "-a", "A", "a b", "é", &"a".repeat(65)] {
            assert_eq!(Id::parse(text), None, "{text}");
        }
    }
}
