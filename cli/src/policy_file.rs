//! Policies as people keep them: JSON, or YAML, of which the published form is JSON.

use std::path::Path;

use sluis_policy::catalogue::Catalogue;
use sluis_policy::decode::LIMITS;
use sluis_policy::json::{self, Node, Position, SyntaxError, Value};
use sluis_policy::lint::{Document, Finding, lint};
use sluis_policy::policy::Policy;

use crate::failure::Failure;
use crate::files;
use crate::yaml::{self, Places};

/// Of a file with many comments. What phones take of it is less, and its reader says so.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// A policy in a file, which may not be a valid one.
pub(crate) struct PolicyFile {
    name: String,
    /// As phones read it.
    json: Vec<u8>,
    /// Where it all stands in the YAML; nothing for a file that is JSON.
    places: Option<Places>,
    /// As it is published.
    published: Vec<u8>,
}

impl PolicyFile {
    /// Reads a file; its name's ending (`.yaml`, `.yml`) tells what is YAML.
    ///
    /// # Errors
    /// It cannot be read, or is not even JSON or YAML.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let bytes = files::read_given(path, MAX_BYTES)?;
        let failure = |SyntaxError { at, found, expected }: SyntaxError| {
            let Position { line, column } = at;
            Failure::unusable(format!(
                "{name}:{line}:{column}: found {found}; expected {expected}"
            ))
        };
        if !is_yaml(path) {
            json::parse(&bytes, LIMITS).map_err(failure)?;
            return Ok(Self {
                name,
                published: bytes.clone(),
                json: bytes,
                places: None,
            });
        }
        let document = yaml::read(&bytes).map_err(failure)?;
        let (json, places) = yaml::written(&document);
        Ok(Self {
            name,
            json: json.into_bytes(),
            places: Some(places),
            published: sorted(&document).to_string().into_bytes(),
        })
    }

    /// What goes into a feed: a JSON file as it is, of a YAML file JSON in one form, without the comments and with the
    /// keys in order, so that its layout changes nothing.
    pub(crate) fn published(&self) -> &[u8] {
        &self.published
    }

    /// The policy.
    ///
    /// # Errors
    /// All that is wrong with it, by its places in the file.
    pub(crate) fn parse(&self) -> Result<Policy, Failure> {
        Policy::parse(&self.name, &self.json).map_err(|errors| {
            let lines = errors.as_slice().iter().map(|error| {
                let mut error = error.clone();
                error.at = self.place(error.at);
                error
            });
            let mut lines: Vec<_> = lines.collect();
            lines.sort_by_key(|error| error.at);
            let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
            Failure::unusable(lines.join("\n"))
        })
    }

    /// What lint finds in it alone, by its places in the file.
    pub(crate) fn lint(&self, catalogue: &Catalogue) -> Vec<Finding> {
        let mut findings = lint(&self.name, &self.json, catalogue);
        findings.iter_mut().for_each(|finding| self.put(finding));
        findings.sort_by_key(|finding| (finding.line, finding.column));
        findings
    }

    /// As lint looks at it.
    pub(crate) fn document(&self) -> Document<'_> {
        Document {
            name: &self.name,
            bytes: &self.json,
        }
    }

    /// Puts what was found in it to its place in the file.
    pub(crate) fn put(&self, finding: &mut Finding) {
        let Position { line, column } = self.place(Position {
            line: finding.line,
            column: finding.column,
        });
        (finding.line, finding.column) = (line, column);
    }

    fn place(&self, at: Position) -> Position {
        self.places.as_ref().map_or(at, |places| places.of(at))
    }
}

/// Whether a file's name says that it is YAML.
pub(crate) fn is_yaml(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("yaml") || ending.eq_ignore_ascii_case("yml"))
}

/// The same document; objects of `serde_json` have their keys in order.
fn sorted(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Integer(value) => (*value).into(),
        Value::String(text) => text.as_str().into(),
        Value::Array(elements) => elements.iter().map(sorted).collect(),
        Value::Object(members) => {
            let member = |m: &json::Member| (m.key.as_str().to_owned(), sorted(&m.node));
            serde_json::Value::Object(members.iter().map(member).collect())
        }
    }
}
