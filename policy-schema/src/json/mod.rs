//! A strict JSON reader that remembers where everything stood.
//!
//! Signed documents leave no room for two readings of the same bytes, so what RFC 8259 leaves open is refused here:
//! duplicate keys, numbers that are not integers of 64 bits, unpaired surrogates, a byte-order mark, bytes after the
//! document. Size and depth are bounded before anything is built. Every value carries its line and column, so that
//! an error about its meaning, found later, can still say where.

mod distinct;
mod error;
mod node;
mod number;
mod reader;
mod string;
#[cfg(test)]
mod tests;
mod text;

pub use error::{Position, SyntaxError};
pub use node::{Member, Node, Value};
use reader::Reader;
pub use text::Text;

/// How much a document may ask of the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes that are looked at; never more than four gigabytes.
    pub max_bytes: usize,
    /// The most arrays and objects inside one another.
    pub max_depth: usize,
}

/// Reads one document.
///
/// # Errors
/// [`SyntaxError`] at the first byte that cannot be accepted.
pub fn parse(bytes: &[u8], limits: Limits) -> Result<Node, SyntaxError> {
    let most = limits.max_bytes.min(u32::MAX as usize);
    if bytes.len() > most {
        return Err(SyntaxError {
            at: Position { line: 1, column: 1 },
            found: format!("{} bytes", bytes.len()),
            expected: format!("at most {most} bytes"),
        });
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Reader::new(text, limits.max_depth).document(),
        Err(error) => {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            Err(SyntaxError {
                at: Position::after(&String::from_utf8_lossy(before)),
                found: "bytes that are not UTF-8".into(),
                expected: "UTF-8 text".into(),
            })
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
