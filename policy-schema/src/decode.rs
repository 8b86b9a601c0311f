//! From located JSON to typed documents, collecting every error instead of stopping at the first.
//!
//! A decoding function returns `None` after it has reported why; whoever calls it goes on with the next field, so
//! that an author sees all that is wrong with a document at once.

use std::fmt;

use crate::json::{Limits, Member, Node, Position, SyntaxError, Value, parse};

/// The most that one document may weigh: a targets file of a feed holds 4 MiB (design, "Feed").
pub const LIMITS: Limits = Limits {
    max_bytes: 4 << 20,
    max_depth: 32,
};

/// One thing that is wrong with a document, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentError {
    /// The document's name: a file or a feed's target.
    pub document: String,
    /// RFC 6901 pointer to the value; empty for the document itself.
    pub pointer: String,
    /// Where it stands.
    pub at: Position,
    /// What stands there.
    pub found: String,
    /// What should.
    pub expected: String,
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            document,
            pointer,
            at,
            found,
            expected,
        } = self;
        write!(f, "{document}:{}:{}: ", at.line, at.column)?;
        if !pointer.is_empty() {
            write!(f, "{pointer}: ")?;
        }
        write!(f, "found {found}; expected {expected}")
    }
}

/// Everything that is wrong with a document; never empty, in the document's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentErrors(Vec<DocumentError>);

impl DocumentErrors {
    /// The errors, at least one.
    pub fn as_slice(&self) -> &[DocumentError] {
        &self.0
    }
}

impl fmt::Display for DocumentErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, error) in self.0.iter().enumerate() {
            let newline = if i == 0 { "" } else { "\n" };
            write!(f, "{newline}{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for DocumentErrors {}

/// Reads `bytes` as JSON and decodes it with `read`, which gets the decoder to report to.
pub(crate) fn document<T>(
    name: &str,
    bytes: &[u8],
    read: impl FnOnce(&mut Decoder, &Node) -> Option<T>,
) -> Result<T, DocumentErrors> {
    bounded(name, bytes, LIMITS, read)
}

/// As [`document`], with limits of its own.
pub(crate) fn bounded<T>(
    name: &str,
    bytes: &[u8],
    limits: Limits,
    read: impl FnOnce(&mut Decoder, &Node) -> Option<T>,
) -> Result<T, DocumentErrors> {
    let node = parse(bytes, limits).map_err(|SyntaxError { at, found, expected }| {
        let (document, pointer) = (name.to_owned(), String::new());
        DocumentErrors(vec![DocumentError {
            document,
            pointer,
            at,
            found,
            expected,
        }])
    })?;
    let mut decoder = Decoder {
        document: name.to_owned(),
        errors: Vec::new(),
    };
    match read(&mut decoder, &node) {
        Some(value) if decoder.errors.is_empty() => Ok(value),
        _ => {
            decoder.errors.sort_by_key(|e| e.at);
            Err(DocumentErrors(decoder.errors))
        }
    }
}

/// What was wrong so far.
pub(crate) struct Decoder {
    document: String,
    errors: Vec<DocumentError>,
}

enum Step<'k> {
    Key(&'k str),
    Index(usize),
}

impl Decoder {
    /// Notes that `found` stands where `expected` should.
    pub(crate) fn report(&mut self, at: Position, found: impl Into<String>, expected: impl Into<String>) {
        let (document, pointer) = (self.document.clone(), String::new());
        self.errors.push(DocumentError {
            document,
            pointer,
            at,
            found: found.into(),
            expected: expected.into(),
        });
    }

    /// The same of the field `key` of the object that is being read.
    pub(crate) fn report_field(
        &mut self,
        key: &str,
        at: Position,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) {
        self.within(Step::Key(key), |d| d.report(at, found, expected));
    }

    /// The same of what stands at that path from where reading stands.
    pub(crate) fn report_at(
        &mut self,
        path: &[&str],
        at: Position,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) {
        match path.split_first() {
            Some((step, path)) => self.within(Step::Key(step), |d| d.report_at(path, at, found, expected)),
            None => self.report(at, found, expected),
        }
    }

    /// Reads the field `key` of the object that is being read.
    pub(crate) fn at_field<T>(&mut self, key: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        self.within(Step::Key(key), read)
    }

    /// Reads a part of the document. What is wrong there gets its pointer on the way back, step by step: a document in
    /// order, which is what phones read, pays nothing for it.
    fn within<T>(&mut self, step: Step<'_>, read: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.errors.len();
        let value = read(self);
        for error in self.errors.iter_mut().skip(before) {
            let step = match step {
                Step::Key(key) => key.replace('~', "~0").replace('/', "~1"),
                Step::Index(i) => i.to_string(),
            };
            error.pointer = format!("/{step}{}", error.pointer);
        }
        value
    }

    /// Reports that `node` is of the wrong kind or value.
    pub(crate) fn wrong<T>(&mut self, node: &Node, expected: &str) -> Option<T> {
        self.report(node.at, described(&node.value), expected);
        None
    }

    /// The members of an object all of whose keys are `known`; others are reported, with the nearest known name.
    pub(crate) fn object<'n>(&mut self, node: &'n Node, known: &[&str]) -> Option<Fields<'n>> {
        let Some(members) = node.as_object() else {
            return self.wrong(node, "an object");
        };
        let mut all_known = true;
        for Member { key, key_at, .. } in members {
            if !known.contains(&key.as_str()) {
                let expected = match nearest(key, known) {
                    Some(name) => format!("`{name}`, perhaps; the fields here are {}", known.join(", ")),
                    None => format!("one of the fields {}", known.join(", ")),
                };
                let found = format!("the unknown field `{}`", shown(key));
                self.report_field(key, *key_at, found, expected);
                all_known = false;
            }
        }
        Some(Fields {
            members,
            at: node.at,
            all_known,
        })
    }

    /// Every element of an array; `None` if it is none or if one of them is wrong.
    pub(crate) fn list<T>(
        &mut self,
        node: &Node,
        mut read: impl FnMut(&mut Self, &Node) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Some(elements) = node.as_array() else {
            return self.wrong(node, "an array (`[…]`), even of one");
        };
        let mut values = Vec::with_capacity(elements.len());
        for (i, element) in elements.iter().enumerate() {
            values.extend(self.within(Step::Index(i), |d| read(d, element)));
        }
        (values.len() == elements.len()).then_some(values)
    }

    /// A list that has no place for nothing: an empty one would match nothing, or be a slip.
    pub(crate) fn filled_list<T>(
        &mut self,
        node: &Node,
        read: impl FnMut(&mut Self, &Node) -> Option<T>,
    ) -> Option<Vec<T>> {
        let list = self.list(node, read)?;
        if list.is_empty() {
            self.wrong(node, "at least one value")
        } else {
            Some(list)
        }
    }

    /// A string that is not blank, in one line, and of which people see all.
    pub(crate) fn text(&mut self, node: &Node) -> Option<String> {
        let Some(text) = node.as_str().filter(|text| !text.trim().is_empty()) else {
            return self.wrong(node, "a text that is not empty");
        };
        if let Some(c) = text.chars().find(|c| is_deceptive(*c)) {
            let found = format!("the character U+{:04X}", u32::from(c));
            self.report(
                node.at,
                found,
                "a text in one line, without characters that steer a screen or turn the direction of writing round",
            );
            return None;
        }
        Some(text.to_owned())
    }

    /// `true` or `false`.
    pub(crate) fn boolean(&mut self, node: &Node) -> Option<bool> {
        node.as_bool().or_else(|| self.wrong(node, "true or false"))
    }

    /// A string that `read` understands; `expected` says what that is.
    pub(crate) fn parsed<T>(
        &mut self,
        node: &Node,
        expected: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        node.as_str()
            .and_then(read)
            .or_else(|| self.wrong(node, expected))
    }

    /// One of a few words.
    pub(crate) fn word<T: Copy>(&mut self, node: &Node, words: &[(&str, T)]) -> Option<T> {
        let found = node
            .as_str()
            .and_then(|s| words.iter().find(|(word, _)| *word == s));
        if let Some((_, value)) = found {
            return Some(*value);
        }
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        if let [only] = names.as_slice() {
            return self.wrong(node, &format!("\"{only}\""));
        }
        let hint = node
            .as_str()
            .and_then(|s| nearest(s, &names))
            .map(|n| format!(" (perhaps `{n}`)"));
        self.wrong(
            node,
            &format!("one of {}{}", names.join(", "), hint.unwrap_or_default()),
        )
    }
}

/// An object's members, read by name.
pub(crate) struct Fields<'n> {
    members: &'n [Member],
    at: Position,
    all_known: bool,
}

impl Fields<'_> {
    /// The field of that name, reported if it is not there.
    pub(crate) fn required<T>(
        &self,
        d: &mut Decoder,
        name: &str,
        read: impl FnOnce(&mut Decoder, &Node) -> Option<T>,
    ) -> Option<T> {
        match self.node(name) {
            Some(node) => d.within(Step::Key(name), |d| read(d, node)),
            None => {
                d.report(
                    self.at,
                    format!("an object without `{name}`"),
                    format!("the field `{name}`"),
                );
                None
            }
        }
    }

    /// The field of that name, if it is there: `Some(None)` where it is not, `None` where it is wrong.
    pub(crate) fn optional<T>(
        &self,
        d: &mut Decoder,
        name: &str,
        read: impl FnOnce(&mut Decoder, &Node) -> Option<T>,
    ) -> Option<Option<T>> {
        match self.node(name) {
            Some(node) => d.within(Step::Key(name), |d| read(d, node)).map(Some),
            None => Some(None),
        }
    }

    /// Whether no unknown field was reported, which may have been meant for a missing one.
    pub(crate) fn all_known(&self) -> bool {
        self.all_known
    }

    /// The value of that field.
    pub(crate) fn node(&self, name: &str) -> Option<&Node> {
        self.members
            .iter()
            .find(|m| m.key.as_str() == name)
            .map(|m| &m.node)
    }
}

fn described(value: &Value) -> String {
    match value {
        Value::String(s) => format!("\"{}\"", shown(s)),
        Value::Integer(i) => i.to_string(),
        Value::Bool(b) => b.to_string(),
        Value::Array(a) if a.is_empty() => "an empty array".into(),
        other => other.kind().into(),
    }
}

/// Whether a character could forge or hide what stands beside a text where people read it: one that steers a terminal,
/// ends a line or turns the direction of writing round.
pub(crate) fn is_deceptive(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// As much of a document's text as helps in a message, without what could disturb a terminal.
fn shown(text: &str) -> String {
    const MOST: usize = 60;
    let mut out = String::new();
    for c in text.chars().take(MOST) {
        match is_deceptive(c) {
            true => out.extend(c.escape_unicode()),
            false => out.push(c),
        }
    }
    if text.chars().nth(MOST).is_some() {
        out.push('…');
    }
    out
}

/// The name that somebody may have meant: at most a third of its letters differ.
pub(crate) fn nearest<'n>(written: &str, names: &[&'n str]) -> Option<&'n str> {
    let best = names.iter().map(|name| (distance(written, name), *name)).min()?;
    (best.0 * 3 <= best.1.len().max(3)).then_some(best.1)
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for (cb, (above_left, above)) in b.iter().zip(row.iter().zip(row.iter().skip(1))) {
            let left = next.last().copied().unwrap_or_default();
            next.push((above_left + usize::from(ca != *cb)).min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
