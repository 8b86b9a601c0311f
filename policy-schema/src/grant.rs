//! The grant, `sluis.grant/1`: that one phone belongs to groups of a layer, until an end, signed by whom that layer's
//! policy names.
//!
//! A grant is `{"signed": …, "signatures": […]}`. Signatures are made over the canonical form of `signed`, which names
//! its format, so that no signature of a grant is one of anything else.

use serde::{Serialize, Serializer};

use crate::canonical::canonical;
use crate::decode::{self, Decoder, DocumentErrors};
use crate::json::{Limits, Node};
use crate::policy::{KEY, PublicKey, read_id};
use crate::shape::{Field, Object, Pattern, Shape, filled, list, names};
use crate::values::shapes::{ID, MOMENT};
use crate::values::{Digest, Id, Moment};

/// The value of `format`.
pub const FORMAT: &str = "sluis.grant/1";

/// Small enough for a QR code that a phone's camera reads without trouble, once it is a link.
pub const LIMITS: Limits = Limits {
    max_bytes: 1_100,
    max_depth: 5,
};

/// That a phone belongs to groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "format", rename = "sluis.grant/1")]
pub struct Grant {
    /// Names the grant within its layer: one of the same name that was issued later takes its place.
    pub id: Id,
    /// The layer whose exemptions name the groups.
    pub layer: Id,
    /// The phone: SHA-256 of its public key.
    pub phone: Digest,
    /// The groups.
    pub groups: Vec<Id>,
    /// When it was written.
    pub issued: Moment,
    /// It begins then, or at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Moment>,
    /// It ends then.
    pub until: Moment,
}

/// A grant with whatever signatures stand below it; nobody has checked them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignedGrant {
    /// The signatures, at most one by each key; none in a draft.
    pub signatures: Vec<Signature>,
    /// What they are made over.
    #[serde(rename = "signed")]
    pub grant: Grant,
    /// The same as bytes: its canonical form.
    #[serde(skip)]
    pub payload: Vec<u8>,
}

/// A signature, and the key that is said to have made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signature {
    /// As policies write it.
    pub key: PublicKey,
    /// 64 bytes of Ed25519, or DER of P-256; written in hex.
    #[serde(rename = "sig", serialize_with = "hex")]
    pub bytes: Vec<u8>,
}

const ENVELOPE_FIELDS: [Field; 2] = [
    Field::required(
        "signatures",
        list(&Shape::Object(&Object::new("signature", &SIGNATURE_FIELDS))),
        "Who signed it; at most one by each key.",
    ),
    Field::required(
        "signed",
        Shape::Object(&Object::new("signed", &FIELDS)),
        "What they signed.",
    ),
];
const ENVELOPE_KNOWN: [&str; 2] = names(&ENVELOPE_FIELDS);
/// What a grant looks like.
pub(crate) const GRANT: Object = Object::new("grant", &ENVELOPE_FIELDS);

const FIELDS: [Field; 8] = [
    Field::required("format", Shape::Words(|| vec![FORMAT]), "Always the same."),
    Field::required("id", ID, "Names the grant within its layer."),
    Field::required("layer", ID, "The layer whose exemptions name the groups."),
    Field::required("phone", PHONE, "The phone: SHA-256 of its public key."),
    Field::required("groups", filled(&ID), "The groups."),
    Field::required("issued", MOMENT, "When it was written."),
    Field::optional("from", MOMENT, "When it begins; at once if absent."),
    Field::required("until", MOMENT, "When it ends."),
];
const KNOWN: [&str; 8] = names(&FIELDS);

const PHONE: Shape = Shape::Text(&Pattern {
    name: "phone",
    expected: EXPECTED_PHONE,
    regex: "^[0-9a-f]{64}$",
});

const SIGNATURE_FIELDS: [Field; 2] = [
    Field::required("key", KEY, "The key, as policies write it."),
    Field::required(
        "sig",
        Shape::Text(&Pattern {
            name: "sig",
            expected: EXPECTED_SIGNATURE,
            regex: "^(?:[0-9A-Fa-f]{2})+$",
        }),
        "The signature.",
    ),
];
const SIGNATURE_KNOWN: [&str; 2] = names(&SIGNATURE_FIELDS);

impl SignedGrant {
    /// Reads a grant; `name` says in errors which one it is.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with pointer, line and column.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, DocumentErrors> {
        decode::bounded(name, bytes, LIMITS, Self::read)
    }

    fn read(d: &mut Decoder, node: &Node) -> Option<Self> {
        let fields = d.object(node, &ENVELOPE_KNOWN)?;
        let grant = fields.required(d, "signed", Grant::read);
        let mut keys: Vec<PublicKey> = Vec::new();
        let signatures = fields.required(d, "signatures", |d, n| {
            d.list(n, |d, n| Signature::read(d, n, &mut keys))
        });
        Some(Self {
            signatures: signatures?,
            grant: grant?,
            payload: fields.node("signed").map(canonical)?,
        })
    }
}

impl Grant {
    fn read(d: &mut Decoder, node: &Node) -> Option<Self> {
        let fields = d.object(node, &KNOWN)?;
        let format = fields.required(d, "format", |d, n| d.word(n, &[(FORMAT, ())]));
        let id = fields.required(d, "id", read_id);
        let layer = fields.required(d, "layer", read_id);
        let phone = fields.required(d, "phone", |d, n| {
            d.parsed(n, EXPECTED_PHONE, |text| {
                // One spelling: what is signed and written out again is the same to the byte.
                Digest::parse(text).filter(|digest| digest.to_string() == text)
            })
        });
        let groups = fields.required(d, "groups", read_groups);
        let issued = fields.required(d, "issued", read_moment);
        let from = fields.optional(d, "from", read_moment);
        let until = fields.required(d, "until", read_moment);
        for (field, start) in [("issued", issued), ("from", from.flatten())] {
            if let (Some(start), Some(end)) = (start, until)
                && start >= end
                && let Some(node) = fields.node("until")
            {
                let expected = format!("a moment after `{field}`, which is {start}");
                d.report_field("until", node.at, end.to_string(), expected);
            }
        }
        format?;
        Some(Self {
            id: id?,
            layer: layer?,
            phone: phone?,
            groups: groups?,
            issued: issued?,
            from: from?,
            until: until?,
        })
    }
}

/// What a phone's id looks like, for messages.
const EXPECTED_PHONE: &str = "a phone's id: 64 hex digits in lower case, as the phone shows it";

fn read_moment(d: &mut Decoder, node: &Node) -> Option<Moment> {
    d.parsed(node, Moment::EXPECTED, Moment::parse)
}

fn read_groups(d: &mut Decoder, node: &Node) -> Option<Vec<Id>> {
    let mut seen: Vec<Id> = Vec::new();
    d.filled_list(node, |d, node| {
        let group = read_id(d, node)?;
        if seen.contains(&group) {
            d.report(node.at, format!("the group `{group}` again"), "every group once");
        }
        seen.push(group.clone());
        Some(group)
    })
}

impl Signature {
    fn read(d: &mut Decoder, node: &Node, keys: &mut Vec<PublicKey>) -> Option<Self> {
        let fields = d.object(node, &SIGNATURE_KNOWN)?;
        let key = fields.required(d, "key", |d, n| {
            let key = d.parsed(n, PublicKey::EXPECTED, PublicKey::parse)?;
            if keys.contains(&key) {
                d.report(
                    n.at,
                    "a second signature by this key",
                    "one signature by each key",
                );
            }
            keys.push(key.clone());
            Some(key)
        });
        let bytes = fields.required(d, "sig", |d, n| d.parsed(n, EXPECTED_SIGNATURE, from_hex));
        Some(Self {
            key: key?,
            bytes: bytes?,
        })
    }
}

const EXPECTED_SIGNATURE: &str = "a signature in hex digits: 64 bytes of Ed25519, or DER of P-256";

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| high << 4 | low);
    (rest.is_empty() && !pairs.is_empty()).then(|| bytes.collect())
}

fn hex<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    serializer.serialize_str(&digits)
}
