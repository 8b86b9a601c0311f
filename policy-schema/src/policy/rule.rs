//! One rule: what it says of the apps that it matches, when, and to whom.

use serde::Serialize;

use super::change::{NOTIFY_WORDS, Notify};
use super::matching::{MATCH, Match};
use super::{read_duration, read_id};
use crate::decode::{Decoder, Fields};
use crate::json::Node;
use crate::shape::{Field, Object, Shape, filled, names, words};
use crate::text::{LINK_TEXT, TEXT, Text};
use crate::values::shapes::{DURATION, ID, MOMENT, PACKAGE};
use crate::values::{Duration, Id, Moment, is_package};

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
    /// Which of those it does not mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub except: Option<Match>,
    /// How a denied app is kept from use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Remedy>,
    /// How long a denied app that was there first may still be used, from when this phone first obeyed the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grace: Option<Duration>,
    /// The rule says nothing before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Moment>,
    /// The rule says nothing from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
    /// The rule is only tried: it changes no verdict, and what it would do can be told.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub audit_only: bool,
    /// On how many phones of a hundred the rule is in force; on all if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollout: Option<Rollout>,
    /// Other layers that may exempt from the rule, beside its own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exemptible_by: Vec<Id>,
    /// The longest that an exemption from the rule may last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_exemption: Option<Duration>,
    /// Whether people are told of what the rule does; as its policy says if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify: Option<Notify>,
    /// The name that people know an allowed app by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
    /// Why, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
    /// Where people read more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<Text>,
    /// The package of an approved app to use instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alternative: Option<String>,
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

/// On how many phones of a hundred a rule is in force: 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Rollout(u8);

impl Rollout {
    /// What a rollout may be, for messages.
    pub const EXPECTED: &'static str = "a whole number of phones in a hundred, from 1 to 100";

    /// The percentage, if it is one.
    pub fn new(percent: i64) -> Option<Self> {
        u8::try_from(percent)
            .ok()
            .filter(|percent| (1..=100).contains(percent))
            .map(Self)
    }

    /// Phones in a hundred.
    pub fn percent(self) -> u8 {
        self.0
    }
}

const EFFECTS: [(&str, Effect); 3] = [
    ("deny", Effect::Deny),
    ("advise", Effect::Advise),
    ("allow", Effect::Allow),
];
const REMEDIES: [(&str, Remedy); 3] = [
    ("suspend", Remedy::Suspend),
    ("hide", Remedy::Hide),
    ("remove", Remedy::Remove),
];

const FIELDS: [Field; 17] = [
    Field::required("id", ID, "Names the rule within its policy."),
    Field::required(
        "effect",
        Shape::Words(|| words(&EFFECTS)),
        "What it does to the apps that it matches.",
    ),
    Field::required("match", MATCH, "Which apps it matches."),
    Field::optional("except", MATCH, "Which of those it does not mean."),
    Field::optional(
        "remedy",
        Shape::Words(|| words(&REMEDIES)),
        "How a denied app is kept from use.",
    ),
    Field::optional(
        "grace",
        DURATION,
        "How long a denied app that was there first may still be used.",
    ),
    Field::optional("from", MOMENT, "The rule says nothing before."),
    Field::optional("until", MOMENT, "The rule says nothing from then on."),
    Field::optional("audit_only", Shape::Boolean, "The rule is only tried."),
    Field::optional(
        "rollout",
        Shape::Integer(1, 100),
        "On how many phones of a hundred the rule is in force.",
    ),
    Field::optional(
        "exemptible_by",
        filled(&ID),
        "Other layers that may exempt from the rule.",
    ),
    Field::optional(
        "max_exemption",
        DURATION,
        "The longest that an exemption from the rule may last.",
    ),
    Field::optional(
        "notify",
        NOTIFY_WORDS,
        "Whether people are told of what the rule does.",
    ),
    Field::optional("name", TEXT, "The name that people know an allowed app by."),
    Field::optional("reason", TEXT, "Why, for people."),
    Field::optional("link", LINK_TEXT, "Where people read more."),
    Field::optional(
        "alternative",
        PACKAGE,
        "The package of an approved app to use instead.",
    ),
];
const KNOWN: [&str; 17] = names(&FIELDS);
const DENIES: &[&str] = &["deny"];
pub(super) const RULE: Shape = Shape::Object(&Object {
    only_where: &[
        ("remedy", "effect", DENIES),
        ("grace", "effect", DENIES),
        ("exemptible_by", "effect", DENIES),
        ("max_exemption", "effect", DENIES),
        ("notify", "effect", &["deny", "advise"]),
        ("name", "effect", &["allow"]),
    ],
    ..Object::new("rule", &FIELDS)
});

impl Rule {
    pub(super) fn read(d: &mut Decoder, node: &Node) -> Option<Self> {
        let fields = d.object(node, &KNOWN)?;
        let id = fields.required(d, "id", read_id);
        let effect = fields.required(d, "effect", |d, n| d.word(n, &EFFECTS));
        let matches = fields.required(d, "match", Match::read);
        let except = fields.optional(d, "except", Match::read);
        let denies = |d: &mut Decoder, n: &Node, field: &str| only_where(d, n, field, effect, Effect::Deny);
        let remedy = fields.optional(d, "remedy", |d, n| {
            let remedy = d.word(n, &REMEDIES)?;
            denies(d, n, "remedy").then_some(remedy)
        });
        let grace = fields.optional(d, "grace", |d, n| {
            let grace = read_duration(d, n)?;
            denies(d, n, "grace").then_some(grace)
        });
        let (from, until) = read_from_until(d, &fields);
        let audit_only = fields.optional(d, "audit_only", Decoder::boolean);
        let rollout = fields.optional(d, "rollout", |d, n| {
            let percent = n.as_integer().and_then(Rollout::new);
            percent.or_else(|| d.wrong(n, Rollout::EXPECTED))
        });
        let exemptible_by = fields.optional(d, "exemptible_by", |d, n| {
            let layers = d.filled_list(n, read_id)?;
            denies(d, n, "exemptible_by").then_some(layers)
        });
        let max_exemption = fields.optional(d, "max_exemption", |d, n| {
            let longest = read_duration(d, n)?;
            denies(d, n, "max_exemption").then_some(longest)
        });
        let notify = fields.optional(d, "notify", |d, n| {
            let notify = Notify::read(d, n)?;
            if effect == Some(Effect::Allow) {
                let expected = "`notify` only where `effect` is deny or advise";
                d.report(n.at, "`notify` in a rule that only approves", expected);
            }
            Some(notify)
        });
        let name = fields.optional(d, "name", |d, n| {
            let name = Text::read(d, n)?;
            only_where(d, n, "name", effect, Effect::Allow).then_some(name)
        });
        let reason = fields.optional(d, "reason", Text::read);
        let link = fields.optional(d, "link", Text::read_links);
        let alternative = fields.optional(d, "alternative", |d, n| {
            d.parsed(n, "the package name of an app, such as org.example.app", |text| {
                is_package(text).then(|| text.to_owned())
            })
        });
        Some(Self {
            id: id?,
            effect: effect?,
            matches: matches?,
            except: except?,
            remedy: remedy?,
            grace: grace?,
            from: from?,
            until: until?,
            audit_only: audit_only?.unwrap_or(false),
            rollout: rollout?,
            exemptible_by: exemptible_by?.unwrap_or_default(),
            max_exemption: max_exemption?,
            notify: notify?,
            name: name?,
            reason: reason?,
            link: link?,
            alternative: alternative?,
        })
    }
}

/// The optional fields `from` and `until`, the second later than the first.
pub(super) fn read_from_until(
    d: &mut Decoder,
    fields: &Fields<'_>,
) -> (Option<Option<Moment>>, Option<Option<Moment>>) {
    let moment = |d: &mut Decoder, n: &Node| d.parsed(n, Moment::EXPECTED, Moment::parse);
    let from = fields.optional(d, "from", moment);
    let until = fields.optional(d, "until", |d, n| {
        let until = moment(d, n)?;
        match from {
            Some(Some(from)) if until <= from => {
                d.report(n.at, format!("{until}"), format!("a moment after `from`, {from}"));
                None
            }
            _ => Some(until),
        }
    });
    (from, until)
}

/// Whether the rule has the effect that `field` goes with; reported if it has another.
fn only_where(d: &mut Decoder, node: &Node, field: &str, effect: Option<Effect>, needed: Effect) -> bool {
    let right = effect.is_none_or(|effect| effect == needed);
    if !right {
        let (nothing, word) = match needed {
            Effect::Allow => ("approves", "allow"),
            _ => ("denies", "deny"),
        };
        d.report(
            node.at,
            format!("`{field}` in a rule that {nothing} nothing"),
            format!("`{field}` only where `effect` is {word}"),
        );
    }
    right
}
