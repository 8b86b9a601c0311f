//! The policy document, `sluis.policy/1`: what one organisation says about apps.

mod change;
mod consults;
mod device;
mod exemption;
mod grants;
mod matching;
mod rule;
mod stance;

use std::collections::HashMap;

use change::{LIMITS, NOTIFY_WORDS, STALENESS};
use device::DEVICE;
use exemption::EXEMPTION;
use grants::GRANT_KEY;
use rule::RULE;
use serde::Serialize;
use stance::STANCE;

use crate::decode::{self, Decoder, DocumentErrors};
use crate::json::Node;
use crate::shape::{Field, Object, Shape, list, names};
use crate::text::{TEXT, Text};
use crate::values::shapes::ID;
use crate::values::{Duration, Id};

pub use change::{Limits, MaxChanges, Notify, Staleness};
pub use device::{Device, FORBIDDEN, Forbidden, Installs};
pub use exemption::Exemption;
pub(crate) use grants::KEY;
pub use grants::{GrantKey, PublicKey};
pub use matching::{ComponentPattern, Match};
pub use rule::{Effect, Remedy, Rollout, Rule};
pub use stance::{Stance, StanceKind};

/// The value of `format`.
pub const FORMAT: &str = "sluis.policy/1";

/// What one organisation says about apps: one layer of what a phone obeys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "format", rename = "sluis.policy/1")]
pub struct Policy {
    /// Names this policy among those that a phone obeys.
    pub layer: Id,
    /// Who says so.
    pub organisation: Organisation,
    /// What holds for an app that no rule names.
    pub stance: Stance,
    /// What happens after how long without fresh metadata; people are told at a feed's own expiry if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub staleness: Option<Staleness>,
    /// How much a later version may change at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    /// Whether people are told of what is done; a rule may say otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify: Option<Notify>,
    /// What is asked of the phone itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<Device>,
    /// The rules; their order means nothing.
    pub rules: Vec<Rule>,
    /// Who need not obey which rule, and until when.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exemptions: Vec<Exemption>,
    /// Who may say which phone belongs to a group that exemptions name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub grants: Vec<GrantKey>,
    /// The grants that count no more, whatever their end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub revoked_grants: Vec<Id>,
}

/// Who says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Organisation {
    /// The name that employees know.
    pub name: Text,
    /// Whom to ask: a mail address, a telephone number, a desk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<Text>,
}

const FIELDS: [Field; 12] = [
    Field::required("format", Shape::Words(|| vec![FORMAT]), "Always the same."),
    Field::required("layer", ID, "Names this policy among those that a phone obeys."),
    Field::required("organisation", ORGANISATION, "Who says so."),
    Field::required("stance", STANCE, "What holds for an app that no rule names."),
    Field::optional(
        "staleness",
        STALENESS,
        "What happens after how long without fresh metadata.",
    ),
    Field::optional("limits", LIMITS, "How much a later version may change at once."),
    Field::optional("notify", NOTIFY_WORDS, "Whether people are told of what is done."),
    Field::optional("device", DEVICE, "What is asked of the phone itself."),
    Field::required("rules", list(&RULE), "The rules; their order means nothing."),
    Field::optional(
        "exemptions",
        list(&EXEMPTION),
        "Who need not obey which rule, and until when.",
    ),
    Field::optional(
        "grants",
        list(&GRANT_KEY),
        "Who may say which phone belongs to a group.",
    ),
    Field::optional("revoked_grants", list(&ID), "The grants that count no more."),
];
const KNOWN: [&str; 12] = names(&FIELDS);
/// What a policy looks like.
pub(crate) const POLICY: Object = Object::new("policy", &FIELDS);

const ORGANISATION_FIELDS: [Field; 2] = [
    Field::required("name", TEXT, "The name that employees know."),
    Field::optional(
        "contact",
        TEXT,
        "Whom to ask: a mail address, a telephone number, a desk.",
    ),
];
const ORGANISATION_KNOWN: [&str; 2] = names(&ORGANISATION_FIELDS);
const ORGANISATION: Shape = Shape::Object(&Object::new("organisation", &ORGANISATION_FIELDS));

impl Policy {
    /// Reads a policy document; `name` says in errors which one it is.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with pointer, line and column.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, DocumentErrors> {
        decode::document(name, bytes, Self::read)
    }

    fn read(d: &mut Decoder, node: &Node) -> Option<Self> {
        let fields = d.object(node, &KNOWN)?;
        let format = fields.required(d, "format", |d, n| d.word(n, &[(FORMAT, ())]));
        let layer = fields.required(d, "layer", read_id);
        let organisation = fields.required(d, "organisation", Organisation::read);
        let stance = fields.required(d, "stance", Stance::read);
        let staleness = fields.optional(d, "staleness", Staleness::read);
        let limits = fields.optional(d, "limits", Limits::read);
        let notify = fields.optional(d, "notify", Notify::read);
        let device = fields.optional(d, "device", Device::read);
        let rules = fields.required(d, "rules", |d, n| {
            read_distinct(d, n, "rules", Rule::read, |r| &r.id)
        });
        let exemptions = fields.optional(d, "exemptions", |d, n| d.list(n, Exemption::read));
        let grants = fields.optional(d, "grants", |d, n| d.list(n, GrantKey::read));
        let revoked_grants = fields.optional(d, "revoked_grants", |d, n| d.list(n, read_id));
        format?;
        let policy = Self {
            layer: layer?,
            organisation: organisation?,
            stance: stance?,
            staleness: staleness?,
            limits: limits?,
            notify: notify?,
            device: device?,
            rules: rules?,
            exemptions: exemptions?.unwrap_or_default(),
            grants: grants?.unwrap_or_default(),
            revoked_grants: revoked_grants?.unwrap_or_default(),
        };
        policy.check_references(d, node);
        Some(policy)
    }

    /// What only the whole document can tell: whether names lead somewhere.
    fn check_references(&self, d: &mut Decoder, node: &Node) {
        if let Some(rule) = self.rules.iter().position(|rule| rule.id == self.stance.id) {
            let at = node.find(&["rules", &rule.to_string(), "id"]);
            let found = format!("the id `{}`, which is the stance's", self.stance.id);
            d.report_at(&["rules", &rule.to_string(), "id"], at, found, "an id of its own");
        }
        for (i, exemption) in self.exemptions.iter().enumerate() {
            exemption.check_references(d, node, i, self);
        }
    }
}

impl Organisation {
    fn read(d: &mut Decoder, node: &Node) -> Option<Self> {
        let fields = d.object(node, &ORGANISATION_KNOWN)?;
        let name = fields.required(d, "name", Text::read);
        let contact = fields.optional(d, "contact", Text::read);
        Some(Self {
            name: name?,
            contact: contact?,
        })
    }
}

/// A list whose elements have an id each, no id twice.
fn read_distinct<T>(
    d: &mut Decoder,
    node: &Node,
    list: &str,
    read: impl Fn(&mut Decoder, &Node) -> Option<T>,
    id: impl Fn(&T) -> &Id,
) -> Option<Vec<T>> {
    let mut first_with: HashMap<Id, usize> = HashMap::new();
    let mut index = 0;
    d.list(node, |d, node| {
        let element = read(d, node);
        let here = index;
        index += 1;
        let at = node.get("id").map_or(node.at, |n| n.at);
        if let Some(id) = element.as_ref().map(|element| id(element).clone())
            && let Some(first) = first_with.insert(id.clone(), here)
        {
            let found = format!("the id `{id}` again (first in /{list}/{first})");
            d.report_field("id", at, found, "every rule's id once");
        }
        element
    })
}

pub(crate) fn read_id(d: &mut Decoder, node: &Node) -> Option<Id> {
    d.parsed(node, Id::EXPECTED, Id::parse)
}

fn read_duration(d: &mut Decoder, node: &Node) -> Option<Duration> {
    d.parsed(node, Duration::EXPECTED, Duration::parse)
}
