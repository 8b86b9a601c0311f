//! The policy document, `sluis.policy/1`: what one organisation says about apps.

use std::collections::HashMap;

use serde::Serialize;

use crate::decode::{self, Decoder, DocumentErrors, Fields};
use crate::json::Node;
use crate::text::Text;
use crate::values::{Country, Digest, Duration, Id, PackagePattern};

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
    /// After how long without fresh metadata people are told; a feed's own expiry if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub staleness: Option<Staleness>,
    /// The rules; their order means nothing.
    pub rules: Vec<Rule>,
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

/// What holds for an app that no rule names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stance {
    /// Open or closed.
    pub kind: StanceKind,
    /// Names the stance in verdicts and exemptions; `stance` if the document gives none.
    pub id: Id,
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

/// When people are told that a policy may be out of date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Staleness {
    /// This long after the last good metadata.
    pub warn_after: Duration,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Names the rule within its policy.
    pub id: Id,
    /// What it does to the apps that it matches.
    pub effect: Effect,
    /// Which apps it matches.
    #[serde(rename = "match")]
    pub matches: Match,
    /// How a denied app is kept from use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Remedy>,
    /// Why, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
    /// Where people read more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<Text>,
}

/// What a rule does to the apps that it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// They must not be used.
    Deny,
    /// People are asked not to use them; nothing is done.
    Advise,
    /// They are approved, as far as this layer's stance goes.
    Allow,
}

/// How a denied app is kept from use, from the weakest to the strongest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// It stays visible but cannot be opened. The default, since it destroys nothing.
    #[default]
    Suspend,
    /// It disappears but keeps its data.
    Hide,
    /// It is uninstalled and its data are destroyed.
    Remove,
}

/// Which apps a rule matches: all attributes that are given must hold, of each attribute's values one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Match {
    /// By package name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<PackagePattern>,
    /// By signing certificate.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub signers: Vec<Digest>,
    /// By vendor of the catalogue.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vendors: Vec<Id>,
    /// By the country that controls the vendor.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub controlled_from: Vec<Country>,
    /// Also vendors whose control is contested, which otherwise match no vendor and no country.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub contested: bool,
    /// `true`: vendor, country, signer and prefix also reach apps that came with the phone. `false`: the rule reaches
    /// no such app at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<bool>,
}

impl Policy {
    /// Reads a policy document; `name` says in errors which one it is.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with pointer, line and column.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, DocumentErrors> {
        decode::document(name, bytes, Self::read)
    }

    fn read(d: &mut Decoder, node: &Node) -> Option<Self> {
        let fields = d.object(
            node,
            &["format", "layer", "organisation", "stance", "staleness", "rules"],
        )?;
        let format = fields.required(d, "format", |d, n| d.word(n, &[(FORMAT, ())]));
        let layer = fields.required(d, "layer", read_id);
        let organisation = fields.required(d, "organisation", Organisation::read);
        let stance = fields.required(d, "stance", Stance::read);
        let staleness = fields.optional(d, "staleness", Staleness::read);
        let rules = fields.required(d, "rules", read_rules);
        format?;
        let (layer, organisation, stance) = (layer?, organisation?, stance?);
        Some(Self {
            layer,
            organisation,
            stance,
            staleness: staleness?,
            rules: rules?,
        })
    }
}

impl Organisation {
    fn read(d: &mut Decoder, node: &Node) -> Option<Self> {
        let fields = d.object(node, &["name", "contact"])?;
        let name = fields.required(d, "name", Text::read);
        let contact = fields.optional(d, "contact", Text::read);
        Some(Self {
            name: name?,
            contact: contact?,
        })
    }
}

const STANCES: [(&str, StanceKind); 2] = [("open", StanceKind::Open), ("closed", StanceKind::Closed)];

impl Stance {
    fn read(d: &mut Decoder, node: &Node) -> Option<Self> {
        let default_id = Id::parse("stance")?;
        if node.as_object().is_none() {
            return Some(Self {
                kind: d.word(node, &STANCES)?,
                id: default_id,
                reason: None,
            });
        }
        let fields = d.object(node, &["kind", "id", "reason"])?;
        let kind = fields.required(d, "kind", |d, n| d.word(n, &STANCES));
        let id = fields.optional(d, "id", read_id);
        let reason = fields.optional(d, "reason", Text::read);
        Some(Self {
            kind: kind?,
            id: id?.unwrap_or(default_id),
            reason: reason?,
        })
    }
}

impl Staleness {
    fn read(d: &mut Decoder, node: &Node) -> Option<Self> {
        let fields = d.object(node, &["warn_after"])?;
        let warn_after = fields.required(d, "warn_after", |d, n| {
            d.parsed(n, Duration::EXPECTED, Duration::parse)
        });
        Some(Self {
            warn_after: warn_after?,
        })
    }
}

fn read_rules(d: &mut Decoder, node: &Node) -> Option<Vec<Rule>> {
    let mut first_with: HashMap<Id, usize> = HashMap::new();
    let mut index = 0;
    d.list(node, |d, node| {
        let rule = Rule::read(d, node);
        let here = index;
        index += 1;
        let at = node.get("id").map_or(node.at, |n| n.at);
        if let Some(id) = rule.as_ref().map(|r| r.id.clone())
            && let Some(first) = first_with.insert(id.clone(), here)
        {
            d.report_field(
                "id",
                at,
                format!("the id `{id}` again (first in /rules/{first})"),
                "every rule's id once",
            );
        }
        rule
    })
}

impl Rule {
    fn read(d: &mut Decoder, node: &Node) -> Option<Self> {
        let fields = d.object(node, &["id", "effect", "match", "remedy", "reason", "link"])?;
        let id = fields.required(d, "id", read_id);
        let words = [
            ("deny", Effect::Deny),
            ("advise", Effect::Advise),
            ("allow", Effect::Allow),
        ];
        let effect = fields.required(d, "effect", |d, n| d.word(n, &words));
        let matches = fields.required(d, "match", Match::read);
        let remedy = read_remedy(d, &fields, effect);
        let reason = fields.optional(d, "reason", Text::read);
        let link = fields.optional(d, "link", Text::read_links);
        let (id, effect, matches) = (id?, effect?, matches?);
        Some(Self {
            id,
            effect,
            matches,
            remedy: remedy?,
            reason: reason?,
            link: link?,
        })
    }
}

fn read_remedy(d: &mut Decoder, fields: &Fields<'_>, effect: Option<Effect>) -> Option<Option<Remedy>> {
    let words = [
        ("suspend", Remedy::Suspend),
        ("hide", Remedy::Hide),
        ("remove", Remedy::Remove),
    ];
    fields.optional(d, "remedy", |d, node| {
        let remedy = d.word(node, &words)?;
        if effect.is_some_and(|e| e != Effect::Deny) {
            d.report(
                node.at,
                "a remedy in a rule that denies nothing",
                "`remedy` only where `effect` is deny",
            );
            return None;
        }
        Some(remedy)
    })
}

impl Match {
    fn read(d: &mut Decoder, node: &Node) -> Option<Self> {
        let known = [
            "packages",
            "signers",
            "vendors",
            "controlled_from",
            "contested",
            "system",
        ];
        let fields = d.object(node, &known)?;
        let packages = read_values(
            d,
            &fields,
            "packages",
            PackagePattern::EXPECTED,
            PackagePattern::parse,
        );
        let signers = read_values(d, &fields, "signers", Digest::EXPECTED, Digest::parse);
        let vendors = read_values(d, &fields, "vendors", Id::EXPECTED, Id::parse);
        let countries = read_values(d, &fields, "controlled_from", Country::EXPECTED, Country::parse);
        let contested = fields.optional(d, "contested", Decoder::boolean);
        let system = fields.optional(d, "system", Decoder::boolean);
        let matches = Self {
            packages: packages?,
            signers: signers?,
            vendors: vendors?,
            controlled_from: countries?,
            contested: contested?.unwrap_or(false),
            system: system?,
        };
        if matches.packages.is_empty()
            && matches.signers.is_empty()
            && matches.vendors.is_empty()
            && matches.controlled_from.is_empty()
        {
            if fields.all_known() {
                d.report(
                    node.at,
                    "nothing to match by",
                    "at least one of packages, signers, vendors, controlled_from",
                );
            }
            return None;
        }
        Some(matches)
    }
}

fn read_values<T>(
    d: &mut Decoder,
    fields: &Fields<'_>,
    name: &str,
    expected: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Option<Vec<T>> {
    let read = |d: &mut Decoder, n: &Node| d.filled_list(n, |d, n| d.parsed(n, expected, &parse));
    Some(fields.optional(d, name, read)?.unwrap_or_default())
}

pub(crate) fn read_id(d: &mut Decoder, node: &Node) -> Option<Id> {
    d.parsed(node, Id::EXPECTED, Id::parse)
}
