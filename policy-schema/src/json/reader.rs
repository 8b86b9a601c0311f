//! The reader: values, arrays and objects, one inside the other.

use std::rc::Rc;

use super::distinct::distinct;
use super::{Member, Node, Position, SyntaxError, Value};

pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    /// The same text, for the strings that outlive the reading.
    pub(super) shared: Rc<str>,
    /// In bytes, always at a character's boundary.
    pub(super) offset: usize,
    line: usize,
    /// Where the current line begins.
    line_start: usize,
    /// The bytes of the current line that begin no character: a column counts characters. Only in strings do such bytes
    /// stand, so only who reads a string keeps count.
    pub(super) continued: usize,
    depth: usize,
    max_depth: usize,
    /// What was read of arrays and objects that are not at their end. All share these two lists, so that each is asked
    /// for memory once, as much as it needs.
    elements: Vec<Node>,
    members: Vec<Member>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, max_depth: usize) -> Self {
        Self {
            text,
            shared: Rc::from(text),
            offset: 0,
            line: 1,
            line_start: 0,
            continued: 0,
            depth: 0,
            max_depth,
            elements: Vec::new(),
            members: Vec::new(),
        }
    }

    /// The whole document.
    pub(super) fn document(mut self) -> Result<Node, SyntaxError> {
        self.skip_space();
        let node = self.node()?;
        self.skip_space();
        match self.peek() {
            None => Ok(node),
            Some(_) => Err(self.unexpected("the end of the document")),
        }
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.offset..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.offset).copied()
    }

    fn at(&self) -> Position {
        Position::of(
            self.line,
            (self.offset - self.line_start).saturating_sub(self.continued) + 1,
        )
    }

    pub(super) fn error(&self, found: impl Into<String>, expected: impl Into<String>) -> SyntaxError {
        SyntaxError {
            at: self.at(),
            found: found.into(),
            expected: expected.into(),
        }
    }

    pub(super) fn unexpected(&self, expected: &str) -> SyntaxError {
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
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\r' => self.offset += 1,
                b'\n' => {
                    self.offset += 1;
                    self.line += 1;
                    self.line_start = self.offset;
                    self.continued = 0;
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
            Some(b'"') => Value::String(self.string()?),
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::array)?,
            Some(b'-' | b'0'..=b'9') => Value::Integer(self.integer()?),
            _ if self.word("true") => Value::Bool(true),
            _ if self.word("false") => Value::Bool(false),
            _ if self.word("null") => Value::Null,
            _ => return Err(self.unexpected("a value")),
        };
        Ok(Node { value, at })
    }

    pub(super) fn word(&mut self, word: &str) -> bool {
        let found = self.rest().starts_with(word);
        self.offset += if found { word.len() } else { 0 };
        found
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value, SyntaxError>) -> Result<Value, SyntaxError> {
        if self.depth == self.max_depth {
            let most = self.max_depth;
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
        let first = self.elements.len();
        self.skip_space();
        if self.take(b']') {
            return Ok(Value::Array(Vec::new()));
        }
        loop {
            self.skip_space();
            let node = self.node()?;
            self.elements.push(node);
            self.skip_space();
            if self.take(b']') {
                return Ok(Value::Array(self.elements.drain(first..).collect()));
            }
            if !self.take(b',') {
                return Err(self.unexpected("`,` or `]`"));
            }
        }
    }

    fn object(&mut self) -> Result<Value, SyntaxError> {
        let first = self.members.len();
        self.skip_space();
        if self.take(b'}') {
            return Ok(Value::Object(Vec::new()));
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
            self.members.push(Member { key, key_at, node });
            self.skip_space();
            if self.take(b'}') {
                distinct(self.members.get(first..).unwrap_or_default())?;
                return Ok(Value::Object(self.members.drain(first..).collect()));
            }
            if !self.take(b',') {
                return Err(self.unexpected("`,` or `}`"));
            }
        }
    }
}
