//! A document's strings.

use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

/// A string of a document. Those written without an escape, which is nearly all, share the document's text, so that
/// reading thousands of names asks for no memory for each.
#[derive(Clone)]
pub struct Text {
    text: Rc<str>,
    /// In bytes. A document is shorter than four gigabytes, and small strings make for small trees.
    from: u32,
    to: u32,
}

impl Text {
    /// A part of a document.
    pub(super) fn part(document: &Rc<str>, from: usize, to: usize) -> Self {
        Self {
            text: Rc::clone(document),
            from: offset(from),
            to: offset(to),
        }
    }

    /// The string.
    pub fn as_str(&self) -> &str {
        let part = self.from as usize..self.to as usize;
        self.text.get(part).unwrap_or_default()
    }
}

/// A string that does not stand in the document as it is.
impl From<&str> for Text {
    fn from(text: &str) -> Self {
        let (text, to) = (Rc::from(text), offset(text.len()));
        Self { text, from: 0, to }
    }
}

/// No document that is read has more bytes ([`super::Limits`]).
fn offset(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
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
