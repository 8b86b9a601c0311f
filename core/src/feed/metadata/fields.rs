//! Typed fields of a JSON object, with errors that say where. Fields that nobody asks for are left alone: the
//! specification lets repositories add their own (TUF 4.1), and signatures cover them.

use sluis_policy::json::{Member, Node};

use crate::feed::error::Reason;
use crate::feed::rfc3339;

pub(in crate::feed) fn malformed(node: &Node, expected: impl Into<String>) -> Reason {
    Reason::Malformed {
        at: node.at,
        expected: expected.into(),
    }
}

pub(in crate::feed) fn member<'a>(node: &'a Node, key: &str) -> Result<&'a Node, Reason> {
    node.get(key)
        .ok_or_else(|| malformed(node, format!("an object with \"{key}\"")))
}

pub(in crate::feed) fn string<'a>(node: &'a Node, key: &str) -> Result<&'a str, Reason> {
    let value = member(node, key)?;
    value
        .as_str()
        .ok_or_else(|| malformed(value, format!("a string for \"{key}\"")))
}

pub(in crate::feed) fn object<'a>(node: &'a Node, key: &str) -> Result<&'a Node, Reason> {
    let value = member(node, key)?;
    members(value, key).map(|_| value)
}

pub(in crate::feed) fn members<'a>(node: &'a Node, what: &str) -> Result<&'a [Member], Reason> {
    node.as_object()
        .ok_or_else(|| malformed(node, format!("an object for \"{what}\"")))
}

pub(in crate::feed) fn array<'a>(node: &'a Node, key: &str) -> Result<&'a [Node], Reason> {
    let value = member(node, key)?;
    value
        .as_array()
        .ok_or_else(|| malformed(value, format!("an array for \"{key}\"")))
}

/// A whole number of at least `least`.
pub(in crate::feed) fn number(node: &Node, key: &str, least: u64) -> Result<u64, Reason> {
    let value = member(node, key)?;
    value
        .as_integer()
        .and_then(|n| u64::try_from(n).ok())
        .filter(|n| *n >= least)
        .ok_or_else(|| malformed(value, format!("a whole number of at least {least} for \"{key}\"")))
}

/// A moment, in seconds since 1970.
pub(in crate::feed) fn moment(node: &Node, key: &str) -> Result<i64, Reason> {
    let value = member(node, key)?;
    value.as_str().and_then(rfc3339::parse).ok_or_else(|| {
        malformed(
            value,
            format!("a moment like \"2030-01-31T12:00:00Z\" for \"{key}\""),
        )
    })
}
