//! Who may say which phones belong to which group.

use std::fmt;

use serde::{Serialize, Serializer};

use super::read_id;
use crate::decode::Decoder;
use crate::json::Node;
use crate::shape::{Field, Object, Pattern, Shape, filled, names};
use crate::values::Id;
use crate::values::shapes::ID;

/// A key that may sign grants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GrantKey {
    /// The key.
    pub key: PublicKey,
    /// The groups into which it may take a phone.
    pub groups: Vec<Id>,
}

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicKey {
    /// Ed25519.
    Ed25519([u8; 32]),
    /// ECDSA on P-256 with SHA-256: a point, uncompressed.
    P256([u8; 65]),
}

impl PublicKey {
    /// What a key may look like, for messages.
    pub const EXPECTED: &'static str = "a public key: `ed25519:` and 64 hex digits, or `p256:` and the 130 hex digits of an uncompressed point";

    /// Reads a key.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, digits) = text.split_once(':')?;
        match kind {
            "ed25519" => Some(Self::Ed25519(bytes(digits)?)),
            "p256" => bytes(digits)
                .filter(|point| point.first() == Some(&4))
                .map(Self::P256),
            _ => None,
        }
    }
}

fn bytes<const N: usize>(digits: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if digits.len() != 2 * N {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks(2)) {
        let pair = std::str::from_utf8(pair).ok()?;
        // `from_str_radix` would take a sign.
        let hex = pair.bytes().all(|digit| digit.is_ascii_hexdigit());
        *byte = u8::from_str_radix(pair, 16).ok().filter(|_| hex)?;
    }
    Some(bytes)
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, bytes) = match self {
            Self::Ed25519(key) => ("ed25519", key.as_slice()),
            Self::P256(point) => ("p256", point.as_slice()),
        };
        write!(f, "{kind}:")?;
        bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

pub(crate) const KEY: Shape = Shape::Text(&Pattern {
    name: "public_key",
    expected: PublicKey::EXPECTED,
    regex: "^(?:ed25519:[0-9A-Fa-f]{64}|p256:04[0-9A-Fa-f]{128})$",
});
const FIELDS: [Field; 2] = [
    Field::required("key", KEY, "A key that may sign grants."),
    Field::required(
        "groups",
        filled(&ID),
        "The groups into which it may take a phone.",
    ),
];
const KNOWN: [&str; 2] = names(&FIELDS);
pub(super) const GRANT_KEY: Shape = Shape::Object(&Object::new("grant_key", &FIELDS));

impl GrantKey {
    pub(super) fn read(d: &mut Decoder, node: &Node) -> Option<Self> {
        let fields = d.object(node, &KNOWN)?;
        let key = fields.required(d, "key", |d, n| {
            d.parsed(n, PublicKey::EXPECTED, PublicKey::parse)
        });
        let groups = fields.required(d, "groups", |d, n| d.filled_list(n, read_id));
        Some(Self {
            key: key?,
            groups: groups?,
        })
    }
}
