//! Policies written in YAML: read into what JSON can say, with the place of everything.
//!
//! Versions of YAML read the same words differently: `no` is a word in 1.2 and false in 1.1, `010` is ten or eight, a
//! date is a string or a date. A document that is to be signed has one reading, so what is ambiguous is refused, with
//! the way out: quotes.

mod scalar;
mod written;

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span};
use sluis_policy::decode::LIMITS;
use sluis_policy::json::{Member, Node, Position, SyntaxError, Text, Value};

pub(crate) use written::{Places, written};

/// The most values that a document may have once its aliases are followed: a few lines that refer to each other can
/// stand for billions.
const MAX_NODES: usize = 200_000;

/// Reads one document.
///
/// # Errors
/// Where it is no YAML, is ambiguous, or says what JSON cannot.
pub(crate) fn read(bytes: &[u8]) -> Result<Node, SyntaxError> {
    let start = Position { line: 1, column: 1 };
    if bytes.len() > LIMITS.max_bytes {
        let found = format!("{} bytes", bytes.len());
        return Err(error(start, found, format!("at most {}", LIMITS.max_bytes)));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| error(start, "bytes that are not UTF-8", "UTF-8"))?;
    let mut reader = Reader::default();
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|e| {
            let found = format!("what is no YAML ({})", e.info());
            error(position(e.marker()), found, "YAML 1.2")
        })?;
        reader.take(event, span)?;
    }
    reader
        .document
        .ok_or_else(|| error(start, "an empty document", "a policy"))
}

fn error(at: Position, found: impl Into<String>, expected: impl Into<String>) -> SyntaxError {
    SyntaxError {
        at,
        found: found.into(),
        expected: expected.into(),
    }
}

/// Lines count from 1 there, and columns from 0.
fn position(marker: &Marker) -> Position {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Position {
        line: count(marker.line()),
        column: count(marker.col()).saturating_add(1),
    }
}

/// A list or a mapping that is not closed yet.
struct Open {
    at: Position,
    anchor: usize,
    what: Kind,
}

enum Kind {
    List(Vec<Node>),
    /// The members, and the key whose value comes next.
    Mapping(Vec<Member>, Option<(Text, Position)>),
}

#[derive(Default)]
struct Reader {
    open: Vec<Open>,
    /// By the parser's number; each with how many values it has.
    anchors: HashMap<usize, (Node, usize)>,
    document: Option<Node>,
    nodes: usize,
}

impl Reader {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), SyntaxError> {
        let at = position(&span.start);
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
            Event::DocumentStart(_) if self.document.is_some() => {
                Err(error(at, "a second document", "one policy in a file"))
            }
            Event::DocumentStart(_) => Ok(()),
            Event::Alias(anchor) => {
                let found = self.anchors.get(&anchor).cloned();
                let (node, count) = found.ok_or_else(|| {
                    error(
                        at,
                        "an alias within what it stands for",
                        "an anchor that was closed before",
                    )
                })?;
                self.count(count, at)?;
                self.value(node, at)
            }
            Event::Scalar(text, style, anchor, tag) => {
                refuse_tag(tag.is_some(), at)?;
                self.count(1, at)?;
                if self.expects_key() {
                    return self.key(&text, style, anchor, at);
                }
                let value = match style {
                    ScalarStyle::Plain => scalar::plain(&text, at)?,
                    _ => Value::String(Text::from(&*text)),
                };
                let node = Node { value, at };
                self.remember(anchor, &node, 1);
                self.value(node, at)
            }
            Event::SequenceStart(anchor, tag) => {
                refuse_tag(tag.is_some(), at)?;
                self.begin(Kind::List(Vec::new()), anchor, at)
            }
            Event::MappingStart(anchor, tag) => {
                refuse_tag(tag.is_some(), at)?;
                self.begin(Kind::Mapping(Vec::new(), None), anchor, at)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(at),
        }
    }

    fn expects_key(&self) -> bool {
        let innermost = self.open.last().map(|open| &open.what);
        matches!(innermost, Some(Kind::Mapping(_, None)))
    }

    fn count(&mut self, nodes: usize, at: Position) -> Result<(), SyntaxError> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > MAX_NODES {
            let expected = format!("at most {MAX_NODES}, aliases followed");
            return Err(error(at, "too many values", expected));
        }
        Ok(())
    }

    fn begin(&mut self, what: Kind, anchor: usize, at: Position) -> Result<(), SyntaxError> {
        self.count(1, at)?;
        if self.expects_key() {
            return Err(error(at, "a list or mapping as a key", "a key that is a string"));
        }
        if self.open.len() >= LIMITS.max_depth {
            let expected = format!("at most {}", LIMITS.max_depth);
            return Err(error(
                at,
                "too many lists and mappings inside one another",
                expected,
            ));
        }
        self.open.push(Open { at, anchor, what });
        Ok(())
    }

    fn end(&mut self, at: Position) -> Result<(), SyntaxError> {
        let Some(Open {
            at: from,
            anchor,
            what,
        }) = self.open.pop()
        else {
            return Err(error(at, "an end of nothing", "YAML 1.2"));
        };
        let value = match what {
            Kind::List(elements) => Value::Array(elements),
            Kind::Mapping(members, _) => Value::Object(members),
        };
        let node = Node { value, at: from };
        if anchor > 0 {
            let count = size(&node);
            self.remember(anchor, &node, count);
        }
        self.value(node, from)
    }

    fn remember(&mut self, anchor: usize, node: &Node, count: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, (node.clone(), count));
        }
    }

    fn key(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        at: Position,
    ) -> Result<(), SyntaxError> {
        let key = match style {
            ScalarStyle::Plain if text == "<<" => {
                let expected = "what is to be merged, written out (YAML 1.2 has no merge keys)";
                return Err(error(at, "the merge key `<<`", expected));
            }
            ScalarStyle::Plain => match scalar::plain(text, at)? {
                Value::String(key) => key,
                _ => {
                    let expected = format!("a key that is a string; in quotes: \"{text}\"");
                    return Err(error(at, format!("the key `{text}`"), expected));
                }
            },
            _ => Text::from(text),
        };
        if anchor > 0 {
            return Err(error(at, "an anchor of a key", "anchors of values only"));
        }
        let Some(Open {
            what: Kind::Mapping(members, next),
            ..
        }) = self.open.last_mut()
        else {
            return Ok(());
        };
        if let Some(first) = members.iter().find(|member| member.key == key) {
            let found = format!("the key `{}` again (first in {})", &*key, first.key_at);
            return Err(error(at, found, "every key once"));
        }
        *next = Some((key, at));
        Ok(())
    }

    /// Puts a value where it belongs; `at` is where it is written, which of an alias is not where its value stands.
    fn value(&mut self, node: Node, at: Position) -> Result<(), SyntaxError> {
        let deepest = self.open.len() + depth(&node);
        if deepest > LIMITS.max_depth {
            let expected = format!("at most {}", LIMITS.max_depth);
            return Err(error(
                at,
                "too many lists and mappings inside one another",
                expected,
            ));
        }
        match self.open.last_mut().map(|open| &mut open.what) {
            None => self.document = Some(node),
            Some(Kind::List(elements)) => elements.push(node),
            Some(Kind::Mapping(members, next)) => match next.take() {
                Some((key, key_at)) => members.push(Member { key, key_at, node }),
                None => return Err(error(at, "an alias as a key", "a key that is a string")),
            },
        }
        Ok(())
    }
}

fn refuse_tag(is_there: bool, at: Position) -> Result<(), SyntaxError> {
    if is_there {
        return Err(error(
            at,
            "a tag",
            "a value without a tag; a string can stand in quotes",
        ));
    }
    Ok(())
}

fn children(node: &Node) -> Vec<&Node> {
    match &node.value {
        Value::Array(elements) => elements.iter().collect(),
        Value::Object(members) => members.iter().map(|member| &member.node).collect(),
        _ => Vec::new(),
    }
}

/// How many values there are in it, itself included.
fn size(node: &Node) -> usize {
    1 + children(node).into_iter().map(size).sum::<usize>()
}

/// How many lists and mappings are inside one another in it.
fn depth(node: &Node) -> usize {
    let deepest = children(node).into_iter().map(depth).max().unwrap_or(0);
    deepest + usize::from(matches!(node.value, Value::Array(_) | Value::Object(_)))
}

#[cfg(test)]
mod tests;
