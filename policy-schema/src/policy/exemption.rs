//! Who need not obey a rule: a group, for a purpose, for a time.

use serde::Serialize;

use super::rule::read_from_until;
use super::{Effect, Policy, read_id};
use crate::decode::{Decoder, nearest};
use crate::json::Node;
use crate::shape::{Field, Object, Shape, filled, names};
use crate::text::{TEXT, Text};
use crate::values::shapes::{ID, MOMENT, PACKAGE_PATTERN};
use crate::values::{Id, Moment, PackagePattern};

/// Suppresses one rule, or one closed stance, for some packages on the phones of some groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exemption {
    /// The layer whose rule it is; the policy's own if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer: Option<Id>,
    /// The rule, or the id of the stance.
    pub rule: Id,
    /// The apps.
    pub packages: Vec<PackagePattern>,
    /// The groups, of which a phone must belong to one. Who belongs to a group does not stand in a policy, which
    /// everybody can read.
    pub groups: Vec<Id>,
    /// What for: inspection, criminal investigation, research.
    pub purpose: Text,
    /// It begins then, or at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Moment>,
    /// It ends then.
    pub until: Moment,
}

const FIELDS: [Field; 7] = [
    Field::optional(
        "layer",
        ID,
        "The layer whose rule it is; the policy's own if absent.",
    ),
    Field::required("rule", ID, "The rule, or the id of the stance."),
    Field::required("packages", filled(&PACKAGE_PATTERN), "The apps."),
    Field::required(
        "groups",
        filled(&ID),
        "The groups, of which a phone must belong to one.",
    ),
    Field::required(
        "purpose",
        TEXT,
        "What for: inspection, criminal investigation, research.",
    ),
    Field::optional("from", MOMENT, "It begins then, or at once."),
    Field::required("until", MOMENT, "It ends then."),
];
const KNOWN: [&str; 7] = names(&FIELDS);
pub(super) const EXEMPTION: Shape = Shape::Object(&Object::new("exemption", &FIELDS));

impl Exemption {
    pub(super) fn read(d: &mut Decoder, node: &Node) -> Option<Self> {
        let fields = d.object(node, &KNOWN)?;
        let layer = fields.optional(d, "layer", read_id);
        let rule = fields.required(d, "rule", read_id);
        let packages = fields.required(d, "packages", |d, n| {
            d.filled_list(n, |d, n| {
                d.parsed(n, PackagePattern::EXPECTED, PackagePattern::parse)
            })
        });
        let groups = fields.required(d, "groups", |d, n| d.filled_list(n, read_id));
        let purpose = fields.required(d, "purpose", Text::read);
        let (from, until) = read_from_until(d, &fields);
        if fields.node("until").is_none() {
            let expected = format!("the field `until`: {}", Moment::EXPECTED);
            d.report(node.at, "an exemption without end", expected);
        }
        Some(Self {
            layer: layer?,
            rule: rule?,
            packages: packages?,
            groups: groups?,
            purpose: purpose?,
            from: from?,
            until: until??,
        })
    }

    /// Whether it exempts from a rule of the policy in which it stands.
    pub fn is_own(&self, policy: &Policy) -> bool {
        self.layer.as_ref().is_none_or(|layer| *layer == policy.layer)
    }

    /// Reports a name that leads nowhere, and more than the rule allows. Rules of other layers are not at hand here.
    pub(super) fn check_references(&self, d: &mut Decoder, node: &Node, place: usize, policy: &Policy) {
        if !self.is_own(policy) || self.rule == policy.stance.id {
            return;
        }
        let place = place.to_string();
        let path = |field| ["exemptions", &place, field];
        let report = |d: &mut Decoder, field, found: String, expected: String| {
            d.report_at(&path(field), node.find(&path(field)), found, expected);
        };
        let Some(rule) = policy.rules.iter().find(|rule| rule.id == self.rule) else {
            let ids: Vec<&str> = policy.rules.iter().map(|rule| rule.id.as_str()).collect();
            let hint = nearest(self.rule.as_str(), &ids).map(|id| format!(" (perhaps `{id}`)"));
            let expected = format!("the id of a rule of this policy{}", hint.unwrap_or_default());
            return report(d, "rule", format!("\"{}\"", self.rule), expected);
        };
        if rule.effect != Effect::Deny {
            let found = format!("\"{}\", which denies nothing", self.rule);
            return report(d, "rule", found, "the id of a rule whose effect is deny".into());
        }
        let Some(longest) = rule.max_exemption else {
            return;
        };
        match self.from {
            None => d.report_at(
                &["exemptions", &place],
                node.find(&["exemptions", &place]),
                "an exemption without `from`",
                format!(
                    "the field `from`: rule `{}` limits how long an exemption lasts",
                    rule.id
                ),
            ),
            Some(from) if self.until.ms() - from.ms() > longest.ms() => {
                let latest = from.after(longest);
                let expected = format!("at the latest {latest}, as rule `{}` limits it", rule.id);
                report(d, "until", format!("{}", self.until), expected);
            }
            Some(_) => {}
        }
    }
}
