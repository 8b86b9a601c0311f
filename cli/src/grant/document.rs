//! Grants in files, on standard input, and as links.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sluis_core::grant::{Given, MAX_BYTES, PREFIX, Unreadable};
use sluis_policy::canonical::canonical;
use sluis_policy::grant::{LIMITS, SignedGrant};
use sluis_policy::json;

use crate::failure::Failure;
use crate::feed;

/// Reads what is named: a file, `-`, or the link itself.
pub(crate) fn read(name: &str) -> Result<SignedGrant, Failure> {
    let bytes = if name.starts_with(PREFIX) {
        name.as_bytes().to_vec()
    } else if name == "-" {
        bounded(io::stdin(), Path::new("standard input"))?
    } else {
        let path = Path::new(name);
        bounded(
            File::open(path).map_err(|error| Failure::file(path, error))?,
            path,
        )?
    };
    let shown = match name {
        "-" => "standard input",
        name if name.starts_with(PREFIX) => "the link",
        name => name,
    };
    let not_one = || Failure::unusable(format!("{shown}: this is neither a grant nor the link of one"));
    let given = Given::recognise(&bytes).ok_or_else(not_one)?;
    given.read(shown).map_err(|why| match why {
        Unreadable::Link => Failure::unusable(format!("{shown}: {why}")),
        Unreadable::Document(errors) => Failure::unusable(errors.to_string()),
    })
}

/// Some more than the longest form: the reader says then that it is too long.
fn bounded(source: impl Read, path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let most = (2 * MAX_BYTES) as u64;
    source
        .take(most)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::file(path, error))?;
    Ok(bytes)
}

/// A grant's one form: canonical JSON, in which it is as small as it can be.
///
/// # Errors
/// It is longer than phones take.
pub(super) fn bytes(grant: &SignedGrant) -> Result<Vec<u8>, Failure> {
    let cannot = |error: String| Failure::unusable(format!("the grant cannot be written: {error}"));
    let written = serde_json::to_vec(grant).map_err(|error| cannot(error.to_string()))?;
    if written.len() > LIMITS.max_bytes {
        return Err(Failure::unusable(format!(
            "the grant has {} bytes, and phones take {} at most: fewer groups or signatures make it shorter",
            written.len(),
            LIMITS.max_bytes
        )));
    }
    let node = json::parse(&written, LIMITS)
        .map_err(|error| cannot(format!("found {}; expected {}", error.found, error.expected)))?;
    Ok(canonical(&node))
}

/// Puts a draft into a file, in place of an older draft only: who signed a grant may be far away.
pub(super) fn write_draft(path: &Path, grant: &SignedGrant) -> Result<(), Failure> {
    put(path, grant, "draft of a grant without signatures", |old| {
        old.signatures.is_empty()
    })
}

/// Puts it into a file, in place of any grant.
pub(super) fn write(path: &Path, grant: &SignedGrant) -> Result<(), Failure> {
    put(path, grant, "grant", |_| true)
}

fn put(
    path: &Path,
    grant: &SignedGrant,
    kind: &str,
    may_go: fn(&SignedGrant) -> bool,
) -> Result<(), Failure> {
    let mut bytes = bytes(grant)?;
    bytes.push(b'\n');
    feed::replace(path, &bytes, kind, |old| {
        let old = Given::recognise(old).and_then(|given| given.read("grant").ok());
        old.is_some_and(|old| may_go(&old))
    })
}
