//! One policy while it is looked at: where its parts stand, and what was found in it.

use super::checks::Check;
use super::{Document, Finding};
use crate::decode::LIMITS;
use crate::json::{self, Node, Position, Value};
use crate::policy::{Policy, Rule};
use crate::values::Id;

/// A policy that can be read, and what was found in it so far.
pub(super) struct Page<'a> {
    name: &'a str,
    pub(super) policy: Policy,
    node: Node,
    pub(super) findings: Vec<Finding>,
}

impl<'a> Page<'a> {
    /// The findings alone where it cannot be read.
    pub(super) fn open(document: Document<'a>) -> Result<Self, Vec<Finding>> {
        let Document { name, bytes } = document;
        let policy = Policy::parse(name, bytes)
            .map_err(|errors| errors.as_slice().iter().map(Finding::invalid).collect::<Vec<_>>())?;
        // It parsed a moment ago; without its positions a finding would still have its pointer.
        let node = json::parse(bytes, LIMITS).unwrap_or(Node {
            value: Value::Null,
            at: Position { line: 1, column: 1 },
        });
        Ok(Self {
            name,
            policy,
            node,
            findings: Vec::new(),
        })
    }

    /// Notes something of the policy as a whole.
    pub(super) fn find(&mut self, check: &Check, pointer: impl Into<String>, message: impl Into<String>) {
        self.note(check, None, pointer.into(), message.into());
    }

    /// Notes something of a rule, or of an exemption from it.
    pub(super) fn find_of(
        &mut self,
        rule: &Id,
        check: &Check,
        pointer: impl Into<String>,
        message: impl Into<String>,
    ) {
        self.note(check, Some(rule), pointer.into(), message.into());
    }

    fn note(&mut self, check: &Check, rule: Option<&Id>, pointer: String, message: String) {
        let steps: Vec<&str> = pointer.split('/').skip(1).collect();
        let Position { line, column } = self.node.find(&steps);
        self.findings.push(Finding {
            document: self.name.to_owned(),
            layer: Some(self.policy.layer.to_string()),
            rule: rule.map(ToString::to_string),
            severity: check.severity,
            check: check.id,
            pointer,
            line,
            column,
            message,
        });
    }

    /// The rules with their pointers. They are copies, so that findings can be noted meanwhile.
    pub(super) fn rules(&self) -> Vec<(String, Rule)> {
        let rules = self.policy.rules.iter().enumerate();
        rules
            .map(|(i, rule)| (format!("/rules/{i}"), rule.clone()))
            .collect()
    }
}
