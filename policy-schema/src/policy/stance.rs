//! What holds for apps that no rule names.

use serde::Serialize;

use super::read_id;
use crate::decode::Decoder;
use crate::json::Node;
use crate::shape::{Field, Object, Shape, filled, names, words};
use crate::text::{TEXT, Text};
use crate::values::Id;
use crate::values::shapes::ID;

/// What holds for an app that no rule names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stance {
    /// Open or closed.
    pub kind: StanceKind,
    /// Names the stance in verdicts and exemptions; `stance` if the document gives none.
    pub id: Id,
    /// A closed stance that is only tried: it denies nothing, and what it would deny can be told.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub audit_only: bool,
    /// Other layers whose allows count as approval, beside those of the policy itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub approvals_from: Vec<Id>,
    /// Why, for people; counts for a closed stance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
}

/// See [`Stance`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StanceKind {
    /// All that no rule denies is allowed.
    Open,
    /// Only what a rule allows is allowed.
    Closed,
}

const STANCES: [(&str, StanceKind); 2] = [("open", StanceKind::Open), ("closed", StanceKind::Closed)];

const FIELDS: [Field; 5] = [
    Field::required("kind", KIND, "Open or closed."),
    Field::optional("id", ID, "Names the stance in verdicts and exemptions."),
    Field::optional(
        "audit_only",
        Shape::Boolean,
        "A closed stance that is only tried.",
    ),
    Field::optional(
        "approvals_from",
        filled(&ID),
        "Other layers whose allows count as approval.",
    ),
    Field::optional("reason", TEXT, "Why, for people."),
];
const KNOWN: [&str; 5] = names(&FIELDS);
const KIND: Shape = Shape::Words(|| words(&STANCES));
const CLOSED: &[&str] = &["closed"];
/// One word, or an object.
pub(super) const STANCE: Shape = Shape::Either(&[
    KIND,
    Shape::Object(&Object {
        only_where: &[("audit_only", "kind", CLOSED), ("approvals_from", "kind", CLOSED)],
        ..Object::new("stance", &FIELDS)
    }),
]);

impl Stance {
    pub(super) fn read(d: &mut Decoder, node: &Node) -> Option<Self> {
        let default_id = Id::parse("stance")?;
        if node.as_object().is_none() {
            return Some(Self {
                kind: d.word(node, &STANCES)?,
                id: default_id,
                audit_only: false,
                approvals_from: Vec::new(),
                reason: None,
            });
        }
        let fields = d.object(node, &KNOWN)?;
        let kind = fields.required(d, "kind", |d, n| d.word(n, &STANCES));
        let id = fields.optional(d, "id", read_id);
        let open = kind == Some(StanceKind::Open);
        let only_closed = |d: &mut Decoder, node: &Node, field: &str| {
            if open {
                let expected = format!("`{field}` only where `kind` is closed");
                d.report(node.at, format!("`{field}` of an open stance"), expected);
            }
        };
        let audit_only = fields.optional(d, "audit_only", |d, n| {
            only_closed(d, n, "audit_only");
            d.boolean(n)
        });
        let approvals_from = fields.optional(d, "approvals_from", |d, n| {
            only_closed(d, n, "approvals_from");
            d.filled_list(n, read_id)
        });
        let reason = fields.optional(d, "reason", Text::read);
        Some(Self {
            kind: kind?,
            id: id?.unwrap_or(default_id),
            audit_only: audit_only?.unwrap_or(false),
            approvals_from: approvals_from?.unwrap_or_default(),
            reason: reason?,
        })
    }
}
