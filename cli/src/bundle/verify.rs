//! `sluis bundle verify`.

use sluis_core::feed::bundle::Bundle;
use sluis_policy::values::Digest;

use super::Verify;
use crate::failure::Failure;
use crate::source::{bundle_file, in_bundle};
use crate::visit::{Memory, Report, visit};

/// Reads the bundle as a phone does that was just told of its feed.
pub(super) fn verify(arguments: &Verify, now: i64) -> Result<(), Failure> {
    let path = &arguments.bundle;
    let bytes = bundle_file(path)?;
    let bundle = Bundle::read(&bytes).map_err(|error| Failure::file(path, error))?;
    let root_sha256 = match &arguments.root_sha256 {
        Some(Digest(sha256)) => *sha256,
        None => bundle.root_sha256(),
    };
    let visit = visit(root_sha256, &mut Memory::New, now, |path, max_bytes| {
        Ok(in_bundle(&bundle, path, max_bytes))
    })?;
    Report::of(&path.display().to_string(), &root_sha256, visit, now)?.print(arguments.json)
}
