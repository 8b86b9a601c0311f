//! Policies from files, put on top of one another.

use std::fs;
use std::path::{Path, PathBuf};

use sluis_core::policy::{Layer, Ruleset};
use sluis_policy::catalogue::Catalogue;

use crate::failure::Failure;
use crate::policy_file::PolicyFile;

/// Composes the policies of these files, the baseline first.
pub(crate) fn compose(files: &[PathBuf], catalogue: &Catalogue) -> Result<Ruleset, Failure> {
    let layer = |path: &PathBuf| {
        Ok(Layer {
            policy: PolicyFile::read(path)?.parse()?,
            catalogue: catalogue.clone(),
        })
    };
    let layers = files.iter().map(layer).collect::<Result<_, Failure>>()?;
    Ruleset::compile(layers).map_err(|error| Failure::unusable(error.to_string()))
}

/// The files meant by a path: itself, or of a folder those that hold policies, in the order of their names.
pub(crate) fn files(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failed = |error| Failure::file(path, error);
    if !fs::metadata(path).map_err(failed)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(failed)? {
        let file = entry.map_err(failed)?.path();
        let holds_policy = file
            .extension()
            .is_some_and(|extension| EXTENSIONS.iter().any(|known| extension == *known));
        if holds_policy && file.is_file() {
            files.push(file);
        }
    }
    files.sort();
    match files.is_empty() {
        true => Err(Failure::file(
            path,
            format!(
                "no policy in this folder (no file that ends in {})",
                EXTENSIONS.join(", ")
            ),
        )),
        false => Ok(files),
    }
}

const EXTENSIONS: [&str; 3] = ["json", "yaml", "yml"];
