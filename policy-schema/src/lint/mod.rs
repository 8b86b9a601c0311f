//! What is wrong with policies, and what is probably not meant: for whoever writes them, before they are signed.
//!
//! Nothing of this runs on a phone.

mod breadth;
pub mod checks;
mod cover;
mod duration;
mod exemptions;
mod layers;
mod names;
mod page;
mod people;
mod rules;
pub mod silence;
mod system;

use std::fmt;

use serde::Serialize;

use crate::catalogue::Catalogue;
use crate::decode::{DocumentError, LIMITS};
use crate::json::{self, Position};
use crate::policy::Policy;
use crate::values::Id;
use checks::Check;
use page::Page;
pub use system::{ALWAYS_ON_THE_FLOOR, came_with_phones, on_the_floor};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A phone would refuse the policy, or a part of it can never do what it says.
    Error,
    /// It works, but perhaps not as meant.
    Warning,
}

impl Severity {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// A policy to look at.
#[derive(Debug, Clone, Copy)]
pub struct Document<'a> {
    /// Says in findings which one it is.
    pub name: &'a str,
    /// Its text.
    pub bytes: &'a [u8],
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The document's name.
    pub document: String,
    /// The policy's layer, where it can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer: Option<String>,
    /// The rule it is about, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// How bad it is.
    pub severity: Severity,
    /// Names the check; stable.
    pub check: &'static str,
    /// RFC 6901 pointer to what was found; empty for the document itself.
    pub pointer: String,
    /// Its line.
    pub line: u32,
    /// Its column, in characters.
    pub column: u32,
    /// What it is and what to do.
    pub message: String,
}

impl Finding {
    /// What somebody else found at that pointer of a policy: of a rule, or of the policy as a whole.
    pub fn new(
        check: &Check,
        document: Document<'_>,
        policy: &Policy,
        rule: Option<&Id>,
        pointer: &str,
        message: String,
    ) -> Self {
        let steps: Vec<&str> = pointer.split('/').skip(1).collect();
        let node = json::parse(document.bytes, LIMITS);
        let Position { line, column } =
            node.map_or(Position { line: 1, column: 1 }, |node| node.find(&steps));
        Self {
            document: document.name.to_owned(),
            layer: Some(policy.layer.to_string()),
            rule: rule.map(ToString::to_string),
            severity: check.severity,
            check: check.id,
            pointer: pointer.to_owned(),
            line,
            column,
            message,
        }
    }

    fn invalid(error: &DocumentError) -> Self {
        Self {
            document: error.document.clone(),
            layer: None,
            rule: None,
            severity: checks::INVALID.severity,
            check: checks::INVALID.id,
            pointer: error.pointer.clone(),
            line: error.at.line,
            column: error.at.column,
            message: format!("found {}; expected {}", error.found, error.expected),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = self.severity.as_str();
        write!(f, "{}:{}:{}: {severity}: ", self.document, self.line, self.column)?;
        if !self.pointer.is_empty() {
            write!(f, "{}: ", self.pointer)?;
        }
        write!(f, "{} [{}]", self.message, self.check)
    }
}

/// The layer of a policy that can be read.
pub fn layer_of(document: Document<'_>) -> Option<String> {
    let policy = Policy::parse(document.name, document.bytes).ok()?;
    Some(policy.layer.to_string())
}

/// Everything that there is to say about one policy, whatever the time; `name` says which one it is. Where it cannot be
/// read, nothing else is looked at.
pub fn lint(name: &str, bytes: &[u8], catalogue: &Catalogue) -> Vec<Finding> {
    lint_together(&[Document { name, bytes }], catalogue, None)
}

/// Everything that there is to say about the policies that a phone obeys together, in their order. `now_ms`, in
/// milliseconds since 1970, tells what is over; without it nothing is.
pub fn lint_together(documents: &[Document<'_>], catalogue: &Catalogue, now_ms: Option<i64>) -> Vec<Finding> {
    let mut opened: Vec<Result<Page<'_>, Vec<Finding>>> = documents.iter().map(|d| Page::open(*d)).collect();
    let mut pages: Vec<&mut Page<'_>> = opened.iter_mut().filter_map(|page| page.as_mut().ok()).collect();
    for page in &mut pages {
        people::check(page);
        names::check(page, catalogue);
        system::check(page, catalogue);
        rules::check(page, catalogue, now_ms);
        exemptions::check(page, now_ms);
    }
    breadth::check(&mut pages, catalogue);
    // What is missing may stand in the one that cannot be read.
    if documents.len() > 1 && pages.len() == documents.len() {
        layers::check(&mut pages, catalogue);
    }
    let findings = opened.into_iter().flat_map(|page| match page {
        Ok(mut page) => {
            page.findings.sort_by_key(|f| (f.line, f.column));
            page.findings
        }
        Err(findings) => findings,
    });
    findings.collect()
}
