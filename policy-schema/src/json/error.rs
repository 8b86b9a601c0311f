//! Where something stands, and what is wrong there.

use std::fmt;

/// Where something stands in a document; both count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The column, in characters.
    pub column: u32,
}

impl Position {
    /// From numbers of any size.
    pub(super) fn of(line: usize, column: usize) -> Self {
        let number = |n| u32::try_from(n).unwrap_or(u32::MAX);
        Self {
            line: number(line),
            column: number(column),
        }
    }

    /// Where the next character after that text would stand.
    pub(super) fn after(text: &str) -> Self {
        let last = text.rsplit('\n').next().unwrap_or_default();
        Self::of(text.matches('\n').count() + 1, last.chars().count() + 1)
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
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
