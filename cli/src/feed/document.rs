//! The documents that a feed carries.

use std::fs;
use std::path::Path;

use sluis_core::feed::{CATALOGUE, POLICY, Role, limits};
use sluis_policy::json::{self, Limits};

use crate::failure::Failure;

/// A document on its way into the feed.
#[derive(Debug)]
pub(super) struct Document {
    /// Its name in the feed.
    pub(super) name: &'static str,
    pub(super) bytes: Vec<u8>,
}

/// Says whether a document of that name may be published; the error says what is wrong with it.
pub(super) type Check = dyn Fn(&str, &[u8]) -> Result<(), String>;

/// Reads the documents of a publication, and checks each.
pub(super) fn read(policy: &Path, catalogue: Option<&Path>, check: &Check) -> Result<Vec<Document>, Failure> {
    let named = std::iter::once((POLICY, policy)).chain(catalogue.map(|path| (CATALOGUE, path)));
    named
        .map(|(name, path)| {
            let bytes = fs::read(path).map_err(|error| Failure::file(path, error))?;
            check(name, &bytes).map_err(|error| Failure::file(path, error))?;
            Ok(Document { name, bytes })
        })
        .collect()
}

/// A document is one JSON object, and not larger than phones take.
pub(super) fn check(name: &str, bytes: &[u8]) -> Result<(), String> {
    let max_bytes = limits::max_bytes(&Role::File(name.into()));
    let limits = Limits {
        max_bytes: usize::try_from(max_bytes).unwrap_or(usize::MAX),
        max_depth: 32,
    };
    let document = json::parse(bytes, limits).map_err(|error| error.to_string())?;
    match document.as_object() {
        Some(_) => Ok(()),
        None => Err(format!("{}: expected an object", document.at)),
    }
}
