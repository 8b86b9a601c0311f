//! The one source of all sentences, `core/messages/messages.json`, and the files that are generated from it.
//!
//! An entry is an id with one text per language, or one text per language and plural form. A place for an argument
//! is `{0:text}`, `{1:time}` or `{0:count}`: its position in the message's arguments and their kind.

mod android;
mod source;

use std::fmt;
use std::path::{Path, PathBuf};

pub use source::{Kind, Piece, Sentence, Source, Text};

/// The languages that every message must have; the first is the one that Android falls back to.
pub const LANGUAGES: [&str; 2] = ["en", "nl"];

/// Why the source cannot be used.
#[derive(Debug)]
pub struct SourceError(String);

impl fmt::Display for SourceError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "messages.json: {}", self.0)
    }
}

impl std::error::Error for SourceError {}

/// The repository that this crate stands in.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The text of the message source.
pub fn source_text() -> std::io::Result<String> {
    std::fs::read_to_string(repository().join("core/messages/messages.json"))
}

/// Every generated file: its path in the repository and what it must contain.
pub fn generate(source: &Source) -> Vec<(&'static str, String)> {
    vec![
        (
            "android-app/src/main/res/values/messages.xml",
            android::resources(source, "en"),
        ),
        (
            "android-app/src/main/res/values-nl/messages.xml",
            android::resources(source, "nl"),
        ),
        (
            "android-app/src/main/kotlin/nl/sluis/agent/ui/MessageIds.kt",
            android::table(source),
        ),
    ]
}
