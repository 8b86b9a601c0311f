//! How a command fails: a message for people and an exit code for scripts.

use std::fmt;
use std::path::Path;
use std::process::ExitCode;

use crate::output::shown;

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The input was read and is not in order; `None` where that was printed already.
    Findings(Option<String>),
    /// The input cannot be worked with.
    Unusable(String),
}

impl Failure {
    pub(crate) fn findings(message: impl Into<String>) -> Self {
        Self::Findings(Some(message.into()))
    }

    pub(crate) fn unusable(message: impl Into<String>) -> Self {
        Self::Unusable(message.into())
    }

    /// A file that cannot be read or written, by name.
    pub(crate) fn file(path: &Path, error: impl fmt::Display) -> Self {
        Self::Unusable(format!("{}: {error}", shown(&path.display().to_string())))
    }

    /// What to tell, unless it was told already.
    pub(crate) fn message(&self) -> Option<&str> {
        match self {
            Self::Findings(message) => message.as_deref(),
            Self::Unusable(message) => Some(message),
        }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Findings(_) => ExitCode::from(1),
            Self::Unusable(_) => ExitCode::from(2),
        }
    }
}
