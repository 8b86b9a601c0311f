//! The documents that a feed carries.

use std::fs;
use std::path::Path;

use sluis_core::feed::{CATALOGUE, POLICY, Role, limits};
use sluis_policy::catalogue::Catalogue;
use sluis_policy::lint::{Severity, lint};

use crate::failure::Failure;

/// A document on its way into the feed.
#[derive(Debug)]
pub(super) struct Document {
    /// Its name in the feed.
    pub(super) name: &'static str,
    pub(super) bytes: Vec<u8>,
}

/// Reads the documents of a publication. One that phones would refuse, or a rule of which can never match, is
/// refused here, before it is signed.
pub(super) fn read(policy: &Path, catalogue: Option<&Path>) -> Result<Vec<Document>, Failure> {
    let policy_document = document(POLICY, policy)?;
    let catalogue_document = catalogue.map(|path| document(CATALOGUE, path)).transpose()?;
    // Phones know only the catalogue of the feed: without one, no vendor matches.
    let vendors = match (&catalogue_document, catalogue) {
        (Some(document), Some(path)) => Catalogue::parse(&path.display().to_string(), &document.bytes)
            .map_err(|errors| Failure::unusable(errors.to_string()))?,
        _ => Catalogue::default(),
    };
    let findings = lint(&policy.display().to_string(), &policy_document.bytes, &vendors);
    let errors: Vec<String> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(ToString::to_string)
        .collect();
    if !errors.is_empty() {
        return Err(Failure::unusable(errors.join("\n")));
    }
    Ok(std::iter::once(policy_document)
        .chain(catalogue_document)
        .collect())
}

fn document(name: &'static str, path: &Path) -> Result<Document, Failure> {
    let bytes = fs::read(path).map_err(|error| Failure::file(path, error))?;
    let max_bytes = limits::max_bytes(&Role::File(name.into()));
    if bytes.len() as u64 > max_bytes {
        let problem = format!("{} bytes; phones take at most {max_bytes}", bytes.len());
        return Err(Failure::file(path, problem));
    }
    Ok(Document { name, bytes })
}
