//! How a command fails: a message for people and an exit code for scripts.

use std::fmt;
use std::path::Path;
use std::process::ExitCode;

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The input was read and is not in order.
    Findings(String),
    /// The input cannot be worked with.
    Unusable(String),
}

impl Failure {
    pub(crate) fn unusable(message: impl Into<String>) -> Self {
        Self::Unusable(message.into())
    }

    /// A file that cannot be read or written, by name.
    pub(crate) fn file(path: &Path, error: impl fmt::Display) -> Self {
        Self::Unusable(format!("{}: {error}", path.display()))
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Findings(_) => ExitCode::from(1),
            Self::Unusable(_) => ExitCode::from(2),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Findings(message) | Self::Unusable(message) => f.write_str(message),
        }
    }
}
