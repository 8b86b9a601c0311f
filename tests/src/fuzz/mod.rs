//! What the fuzzers run, as plain functions of bytes: the fuzz targets under `tests/fuzz` and the test that replays
//! their corpora call the same. A finding is a panic.

mod bundle;
mod choices;
mod metadata;
mod update;

use std::path::{Path, PathBuf};

pub use bundle::bundle;
pub use metadata::metadata;
pub use update::update;

/// A function that must bear any bytes.
pub type Target = fn(&[u8]);

/// Every fuzz target, by the name of its corpus.
pub const TARGETS: [(&str, Target); 3] = [("bundle", bundle), ("metadata", metadata), ("update", update)];

/// Where the inputs of a target are kept.
pub fn corpus(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target)
}
