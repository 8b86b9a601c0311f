//! Findings that somebody has looked at and accepted, each with a reason: `sluis.lint/1`.
//!
//! They stand in a file of their own, beside the policies, and never travel to a phone (docs/decisions/0019).

use serde::Serialize;

use super::checks::{CHECKS, Check, INVALID, Needs, SILENCE_ENDED, SILENCE_WITHOUT_EFFECT, named};
use super::{Finding, Severity};
use crate::decode::{self, Decoder, DocumentErrors, nearest};
use crate::json::{Node, Position};
use crate::policy::read_id;
use crate::values::{Id, Moment};

/// The value of `format`.
pub const FORMAT: &str = "sluis.lint/1";

/// The silences of one file.
#[derive(Debug, Clone)]
pub struct Silences {
    document: String,
    list: Vec<Silence>,
}

/// One kind of finding that is accepted.
#[derive(Debug, Clone)]
struct Silence {
    check: &'static Check,
    /// In the policy of this layer only.
    layer: Option<Id>,
    /// About this rule only.
    rule: Option<Id>,
    reason: String,
    /// It is accepted until then only.
    until: Option<Moment>,
    at: Position,
}

/// A finding that is accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Silenced {
    /// What was found.
    #[serde(flatten)]
    pub finding: Finding,
    /// Why it is accepted.
    pub reason: String,
}

/// What was looked at, which tells whether a silence had its chance.
#[derive(Debug, Clone)]
pub struct Looked<'a> {
    /// The layers of the policies.
    pub layers: Vec<&'a str>,
    /// Beside the policies.
    pub at: Vec<Needs>,
    /// Milliseconds since 1970.
    pub now_ms: i64,
}

/// Findings, and those of them that are accepted.
#[derive(Debug, Default)]
pub struct Sorted {
    /// What is left to be said, what is wrong with the silences included.
    pub findings: Vec<Finding>,
    /// What is accepted.
    pub silenced: Vec<Silenced>,
}

impl Silences {
    /// Reads a file of silences; `name` says in errors which one it is.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with pointer, line and column.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, DocumentErrors> {
        let list = decode::document(name, bytes, |d, node| {
            let fields = d.object(node, &["format", "silences"])?;
            let format = fields.required(d, "format", |d, n| d.word(n, &[(FORMAT, ())]));
            let list = fields.required(d, "silences", |d, n| d.list(n, Silence::read));
            format.and(list)
        })?;
        let document = name.to_owned();
        Ok(Self { document, list })
    }

    /// Takes out of the findings what is accepted, and adds what is wrong with the silences themselves.
    pub fn sort(&self, findings: Vec<Finding>, looked: &Looked<'_>) -> Sorted {
        let mut sorted = Sorted::default();
        let mut used = vec![false; self.list.len()];
        // Of a policy that cannot be read, nothing else is known.
        let unread = findings.iter().any(|finding| finding.check == INVALID.id);
        for finding in findings {
            let accepted = self.list.iter().zip(&mut used);
            let first = accepted
                .into_iter()
                .find(|(silence, _)| silence.accepts(&finding, looked.now_ms));
            match first {
                Some((silence, used)) => {
                    *used = true;
                    let reason = silence.reason.clone();
                    sorted.silenced.push(Silenced { finding, reason });
                }
                None => sorted.findings.push(finding),
            }
        }
        for (silence, used) in self.list.iter().zip(used) {
            if silence.has_ended(looked.now_ms) && silence.is_of(looked) {
                let until = silence.until.map(|until| until.to_string()).unwrap_or_default();
                let message = format!("it ended at {until}: look again at `{}`", silence.check.id);
                sorted
                    .findings
                    .push(self.finding(&SILENCE_ENDED, silence, message));
            } else if !used && !unread && silence.is_of(looked) {
                let message = format!(
                    "there is no such `{}` to be silenced: take this out",
                    silence.check.id
                );
                sorted
                    .findings
                    .push(self.finding(&SILENCE_WITHOUT_EFFECT, silence, message));
            }
        }
        sorted
    }

    fn finding(&self, check: &'static Check, silence: &Silence, message: String) -> Finding {
        let i = self.list.iter().position(|other| other.at == silence.at);
        Finding {
            document: self.document.clone(),
            layer: silence.layer.as_ref().map(ToString::to_string),
            rule: silence.rule.as_ref().map(ToString::to_string),
            severity: Severity::Warning,
            check: check.id,
            pointer: format!("/silences/{}", i.unwrap_or_default()),
            line: silence.at.line,
            column: silence.at.column,
            message,
        }
    }
}

impl Silence {
    fn read(d: &mut Decoder, node: &Node) -> Option<Self> {
        let fields = d.object(node, &["check", "layer", "rule", "reason", "until"])?;
        let check = fields.required(d, "check", read_check);
        let layer = fields.optional(d, "layer", read_id);
        let rule = fields.optional(d, "rule", read_id);
        let reason = fields.required(d, "reason", Decoder::text);
        let until = fields.optional(d, "until", |d, n| d.parsed(n, Moment::EXPECTED, Moment::parse));
        Some(Self {
            check: check?,
            layer: layer?,
            rule: rule?,
            reason: reason?,
            until: until?,
            at: node.at,
        })
    }

    fn accepts(&self, finding: &Finding, now_ms: i64) -> bool {
        let is = |wanted: &Option<Id>, found: &Option<String>| {
            wanted
                .as_ref()
                .is_none_or(|wanted| found.as_deref() == Some(wanted.as_str()))
        };
        self.check.id == finding.check
            && is(&self.layer, &finding.layer)
            && is(&self.rule, &finding.rule)
            && !self.has_ended(now_ms)
    }

    fn has_ended(&self, now_ms: i64) -> bool {
        self.until.is_some_and(|until| until.ms() <= now_ms)
    }

    /// Whether its check was made, of its layer.
    fn is_of(&self, looked: &Looked<'_>) -> bool {
        let layer = self.layer.as_ref();
        let made = self.check.needs == Needs::Policy || looked.at.contains(&self.check.needs);
        made && layer.is_none_or(|layer| looked.layers.contains(&layer.as_str()))
    }
}

/// A check that can be silenced: no reason makes a phone take what it cannot read.
fn read_check(d: &mut Decoder, node: &Node) -> Option<&'static Check> {
    let can_be = |check: &&Check| check.id != INVALID.id && check.needs != Needs::Silences;
    let found = node.as_str().and_then(named).filter(can_be);
    found.or_else(|| {
        let ids: Vec<&str> = CHECKS.iter().filter(can_be).map(|check| check.id).collect();
        let hint = node.as_str().and_then(|written| nearest(written, &ids));
        let hint = hint.map(|id| format!(" (perhaps `{id}`)")).unwrap_or_default();
        d.wrong(node, &format!("the name of a check that can be silenced{hint}"))
    })
}
