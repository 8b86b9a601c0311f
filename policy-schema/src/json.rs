//! A strict JSON reader that remembers where everything stood.
//!
//! Signed documents leave no room for two readings of the same bytes, so what RFC 8259 leaves open is refused here:
//! duplicate keys, numbers that are not integers of 64 bits, unpaired surrogates, a byte-order mark, bytes after the
//! document. Size and depth are bounded before anything is built. Every value carries its line and column, so that
//! an error about its meaning, found later, can still say where.

use std::cell::Cell;
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

/// How much a document may ask of the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes that are looked at.
    pub max_bytes: usize,
    /// The most arrays and objects inside one another.
    pub max_depth: usize,
}

/// Where something stands in a document; both count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The column, in characters.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// A value and where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where its first character stands.
    pub at: Position,
}

/// A JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A whole number; there are no others.
    Integer(i64),
    /// A string, unescaped.
    String(Text),
    /// An array.
    Array(Vec<Node>),
    /// An object, its members in the document's order, no key twice.
    Object(Vec<Member>),
}

/// One member of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The key, unescaped.
    pub key: Text,
    /// Where the key stands.
    pub key_at: Position,
    /// The value.
    pub node: Node,
}

/// A string of a document. Those written without an escape, which is nearly all, share the document's text, so that
/// reading thousands of names asks for no memory for each.
#[derive(Clone)]
pub struct Text {
    text: Rc<str>,
    from: usize,
    to: usize,
}

impl Text {
    /// The string.
    pub fn as_str(&self) -> &str {
        self.text.get(self.from..self.to).unwrap_or_default()
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        let (text, to) = (Rc::from(text), text.len());
        Self { text, from: 0, to }
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Text {}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl Node {
    /// The member of that name, if this is an object that has one.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_object()?
            .iter()
            .find(|m| m.key.as_str() == key)
            .map(|m| &m.node)
    }

    /// Where what that path leads to stands; where it leads nowhere, the last thing on the way.
    pub fn find(&self, path: &[&str]) -> Position {
        let mut node = self;
        for step in path {
            let next = match node.as_array() {
                Some(elements) => step.parse().ok().and_then(|i: usize| elements.get(i)),
                None => node.get(step),
            };
            match next {
                Some(next) => node = next,
                None => break,
            }
        }
        node.at
    }

    /// The string, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(s) => Some(s),
            _ => None,
        }
    }

    /// The number, if this is one.
    pub fn as_integer(&self) -> Option<i64> {
        match self.value {
            Value::Integer(i) => Some(i),
            _ => None,
        }
    }

    /// The truth value, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self.value {
            Value::Bool(b) => Some(b),
            _ => None,
        }
    }

    /// The members, if this is an object.
    pub fn as_object(&self) -> Option<&[Member]> {
        match &self.value {
            Value::Object(m) => Some(m),
            _ => None,
        }
    }

    /// The elements, if this is an array.
    pub fn as_array(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Array(a) => Some(a),
            _ => None,
        }
    }
}

impl Value {
    /// What kind of value this is, in words for a message.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Integer(_) => "a number",
            Self::String(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }
}

/// Why bytes are not a document, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// Where reading stopped.
    pub at: Position,
    /// What was found there.
    pub found: String,
    /// What should have stood there.
    pub expected: String,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: found {}, expected {}", self.at, self.found, self.expected)
    }
}

impl std::error::Error for SyntaxError {}

/// Reads one document.
///
/// # Errors
/// [`SyntaxError`] at the first byte that cannot be accepted.
pub fn parse(bytes: &[u8], limits: Limits) -> Result<Node, SyntaxError> {
    let start = Position { line: 1, column: 1 };
    if bytes.len() > limits.max_bytes {
        return Err(SyntaxError {
            at: start,
            found: format!("{} bytes", bytes.len()),
            expected: format!("at most {} bytes", limits.max_bytes),
        });
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(e) => {
            let valid = bytes.get(..e.valid_up_to()).unwrap_or_default();
            return Err(SyntaxError {
                at: position_after(&String::from_utf8_lossy(valid)),
                found: "bytes that are not UTF-8".into(),
                expected: "UTF-8 text".into(),
            });
        }
    };
    let mut reader = Reader {
        text,
        shared: Rc::from(text),
        offset: 0,
        line: 1,
        ascii: text.is_ascii(),
        counted: Cell::new((0, 0)),
        depth: 0,
        limits,
    };
    reader.skip_space();
    let node = reader.node()?;
    reader.skip_space();
    match reader.peek() {
        None => Ok(node),
        Some(_) => Err(reader.unexpected("the end of the document")),
    }
}

fn position_after(text: &str) -> Position {
    let line = text.matches('\n').count();
    let last = text.rsplit('\n').next().unwrap_or_default();
    Position {
        line: count(line + 1),
        column: count(last.chars().count() + 1),
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

struct Reader<'a> {
    text: &'a str,
    shared: Rc<str>,
    /// In bytes, always at a character's boundary.
    offset: usize,
    line: usize,
    /// Every character is one byte, so that columns need no counting.
    ascii: bool,
    /// An offset in the current line and the characters of that line before it, so that a document of one long line is
    /// not counted again from its beginning for every value.
    counted: Cell<(usize, usize)>,
    depth: usize,
    limits: Limits,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.offset..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.offset).copied()
    }

    fn at(&self) -> Position {
        let (from, before) = self.counted.get();
        let since = match self.ascii {
            true => self.offset - from,
            false => self
                .text
                .get(from..self.offset)
                .unwrap_or_default()
                .chars()
                .count(),
        };
        let columns = before + since;
        self.counted.set((self.offset, columns));
        Position {
            line: count(self.line),
            column: count(columns + 1),
        }
    }

    fn error(&self, found: impl Into<String>, expected: impl Into<String>) -> SyntaxError {
        SyntaxError {
            at: self.at(),
            found: found.into(),
            expected: expected.into(),
        }
    }

    fn unexpected(&self, expected: &str) -> SyntaxError {
        match self.rest().chars().next() {
            None => self.error("the end of the document", expected),
            Some('\u{FEFF}') => self.error("a byte-order mark", expected),
            Some(c) if c.is_control() => {
                self.error(format!("the control character U+{:04X}", u32::from(c)), expected)
            }
            Some(c) => self.error(format!("`{c}`"), expected),
        }
    }

    fn skip_space(&mut self) {
        while let Some(b) = self.peek() {
            match b {
                b' ' | b'\t' | b'\r' => self.offset += 1,
                b'\n' => {
                    self.offset += 1;
                    self.line += 1;
                    self.counted.set((self.offset, 0));
                }
                _ => break,
            }
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let taken = self.peek() == Some(byte);
        self.offset += usize::from(taken);
        taken
    }

    fn node(&mut self) -> Result<Node, SyntaxError> {
        let at = self.at();
        let value = match self.peek() {
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::array)?,
            Some(b'"') => Value::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => Value::Integer(self.integer()?),
            _ if self.word("true") => Value::Bool(true),
            _ if self.word("false") => Value::Bool(false),
            _ if self.word("null") => Value::Null,
            _ => return Err(self.unexpected("a value")),
        };
        Ok(Node { value, at })
    }

    fn word(&mut self, word: &str) -> bool {
        let found = self.rest().starts_with(word);
        self.offset += if found { word.len() } else { 0 };
        found
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value, SyntaxError>) -> Result<Value, SyntaxError> {
        if self.depth == self.limits.max_depth {
            let most = self.limits.max_depth;
            return Err(self.error(
                format!("more than {most} levels"),
                format!("at most {most} levels of nesting"),
            ));
        }
        self.depth += 1;
        self.offset += 1; // the bracket that was peeked
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn array(&mut self) -> Result<Value, SyntaxError> {
        let mut elements = Vec::new();
        self.skip_space();
        if self.take(b']') {
            return Ok(Value::Array(elements));
        }
        loop {
            self.skip_space();
            elements.push(self.node()?);
            self.skip_space();
            if self.take(b']') {
                return Ok(Value::Array(elements));
            }
            if !self.take(b',') {
                return Err(self.unexpected("`,` or `]`"));
            }
        }
    }

    fn object(&mut self) -> Result<Value, SyntaxError> {
        let mut members: Vec<Member> = Vec::new();
        self.skip_space();
        if self.take(b'}') {
            return Ok(Value::Object(members));
        }
        loop {
            self.skip_space();
            let key_at = self.at();
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("a key in double quotes"));
            }
            let key = self.string()?;
            self.skip_space();
            if !self.take(b':') {
                return Err(self.unexpected("`:`"));
            }
            self.skip_space();
            let node = self.node()?;
            members.push(Member { key, key_at, node });
            self.skip_space();
            if self.take(b'}') {
                return distinct(members);
            }
            if !self.take(b',') {
                return Err(self.unexpected("`,` or `}`"));
            }
        }
    }

    fn string(&mut self) -> Result<Text, SyntaxError> {
        self.offset += 1; // the quote that was peeked
        let from = self.offset;
        self.plain()?;
        if self.peek() == Some(b'"') {
            let (text, to) = (Rc::clone(&self.shared), self.offset);
            self.offset += 1;
            return Ok(Text { text, from, to });
        }
        let mut out = self.text.get(from..self.offset).unwrap_or_default().to_owned();
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.offset += 1;
                    return Ok(Text::from(out.as_str()));
                }
                Some(b'\\') => out.push(self.escape()?),
                _ => return Err(self.unexpected("an escape in its place, such as `\\n`")),
            }
            let from = self.offset;
            self.plain()?;
            out.push_str(self.text.get(from..self.offset).unwrap_or_default());
        }
    }

    /// Goes on to the next character that does not stand for itself.
    fn plain(&mut self) -> Result<(), SyntaxError> {
        let rest = self.text.as_bytes().get(self.offset..).unwrap_or_default();
        match rest.iter().position(|b| matches!(b, b'"' | b'\\' | ..0x20)) {
            Some(plain) => {
                self.offset += plain;
                Ok(())
            }
            None => {
                self.offset = self.text.len();
                Err(self.unexpected("a closing `\"`"))
            }
        }
    }

    fn escape(&mut self) -> Result<char, SyntaxError> {
        self.offset += 1;
        let Some(kind) = self.peek() else {
            return Err(self.unexpected("an escape"));
        };
        let c = match kind {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                self.offset += 1;
                return self.unicode_escape();
            }
            _ => return Err(self.unexpected("one of `\"\\/bfnrtu` after `\\`")),
        };
        self.offset += 1;
        Ok(c)
    }

    fn unicode_escape(&mut self) -> Result<char, SyntaxError> {
        let first = self.hex4()?;
        let code = if (0xD800..0xDC00).contains(&first) && self.word("\\u") {
            let second = self.hex4()?;
            if (0xDC00..0xE000).contains(&second) {
                0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)
            } else {
                first
            }
        } else {
            first
        };
        char::from_u32(code).ok_or_else(|| self.error("half of a surrogate pair", "a whole character"))
    }

    fn hex4(&mut self) -> Result<u32, SyntaxError> {
        let digits = self
            .rest()
            .get(..4)
            .filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let code = digits.and_then(|d| u32::from_str_radix(d, 16).ok());
        let code = code.ok_or_else(|| self.unexpected("four hex digits"))?;
        self.offset += 4;
        Ok(code)
    }

    fn integer(&mut self) -> Result<i64, SyntaxError> {
        let length = self
            .rest()
            .bytes()
            .position(|b| !matches!(b, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9'));
        let written = self
            .rest()
            .get(..length.unwrap_or(self.rest().len()))
            .unwrap_or_default();
        let digits = written.strip_prefix('-').unwrap_or(written);
        let plain = !digits.is_empty()
            && digits.bytes().all(|b| b.is_ascii_digit())
            && (digits == "0" || !digits.starts_with('0'))
            && written != "-0";
        match written.parse::<i64>() {
            Ok(number) if plain => {
                self.offset += written.len();
                Ok(number)
            }
            _ => Err(self.error(
                format!("`{}`", shortened(written)),
                "a whole number of at most 64 bits",
            )),
        }
    }
}

/// As much of it as helps in a message.
fn shortened(written: &str) -> String {
    let mut out: String = written.chars().take(40).collect();
    if out.len() < written.len() {
        out.push('…');
    }
    out
}

/// Sorting finds a key that stands twice without comparing every pair, which is quicker only for a few.
fn distinct(members: Vec<Member>) -> Result<Value, SyntaxError> {
    const FEW: usize = 12;
    let differ = |(i, member): (usize, &Member)| members.iter().take(i).all(|other| other.key != member.key);
    if members.len() <= FEW && members.iter().enumerate().all(differ) {
        return Ok(Value::Object(members));
    }
    let mut keys: Vec<(&str, Position)> = members.iter().map(|m| (m.key.as_str(), m.key_at)).collect();
    keys.sort_unstable();
    for pair in keys.windows(2) {
        if let [(first, first_at), (second, at)] = pair
            && first == second
        {
            return Err(SyntaxError {
                at: *at,
                found: format!("the key \"{}\" again (first at {first_at})", shortened(second)),
                expected: "every key once".into(),
            });
        }
    }
    Ok(Value::Object(members))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        max_bytes: 10_000,
        max_depth: 4,
    };

    fn fails(text: &str) -> String {
        parse(text.as_bytes(), LIMITS).unwrap_err().to_string()
    }

    #[test]
    fn a_document_keeps_order_and_positions() {
        let node = parse(
            "{\n  \"b\": [1, -2],\n  \"é\": \"\\u00e9\\n\\ud83d\\ude00\"}".as_bytes(),
            LIMITS,
        )
        .unwrap();
        let members = node.as_object().unwrap();
        assert_eq!(
            members.iter().map(|m| m.key.as_str()).collect::<Vec<_>>(),
            ["b", "é"]
        );
        assert_eq!(
            node.get("b").unwrap().as_array().unwrap()[1].at,
            Position { line: 2, column: 12 }
        );
        assert_eq!(node.get("é").unwrap().as_str(), Some("é\n😀"));
        assert_eq!(node.get("é").unwrap().at, Position { line: 3, column: 8 });
    }

    #[test]
    fn a_duplicate_key_is_refused_even_when_written_with_an_escape() {
        assert_eq!(
            fails(r#"{"a":1,"b":2,"\u0061":3}"#),
            "line 1, column 14: found the key \"a\" again (first at line 1, column 2), expected every key once"
        );
    }

    #[test]
    fn numbers_that_others_may_read_differently_are_refused() {
        for number in [
            "1.0",
            "1e3",
            "-0",
            "01",
            "9223372036854775808",
            "1.",
            "--1",
            "+1",
            "-",
        ] {
            assert!(fails(number).contains("expected"), "{number}");
        }
        assert_eq!(
            parse(b"-9223372036854775808", LIMITS).unwrap().as_integer(),
            Some(i64::MIN)
        );
    }

    #[test]
    fn depth_and_size_are_bounded() {
        assert!(parse(b"[[[[1]]]]", LIMITS).is_ok());
        assert!(fails("[[[[[1]]]]]").contains("at most 4 levels"));
        assert!(fails(&" ".repeat(10_001)).contains("at most 10000 bytes"));
    }

    #[test]
    fn broken_text_says_where() {
        assert_eq!(
            fails(""),
            "line 1, column 1: found the end of the document, expected a value"
        );
        assert_eq!(fails("{\"a\" 1}"), "line 1, column 6: found `1`, expected `:`");
        assert_eq!(
            fails("[1,\n2"),
            "line 2, column 2: found the end of the document, expected `,` or `]`"
        );
        assert_eq!(
            fails("[1] 2"),
            "line 1, column 5: found `2`, expected the end of the document"
        );
        assert_eq!(fails("[1,]"), "line 1, column 4: found `]`, expected a value");
        assert!(fails("\"\\ud800\"").contains("surrogate"));
        assert!(fails("\"\\ud800\\u0041\"").contains("surrogate"));
        assert!(fails("\"a\nb\"").contains("U+000A"));
        assert!(fails("\"abc").contains("closing"));
        assert!(fails("\u{feff}{}").contains("expected a value"));
        assert!(
            parse(b"\"\xff\"", LIMITS)
                .unwrap_err()
                .to_string()
                .contains("UTF-8")
        );
        assert!(fails("truth").contains("expected"));
    }
}
