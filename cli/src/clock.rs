//! What time it is, or is said to be.

use std::time::{SystemTime, UNIX_EPOCH};

use sluis_core::feed::rfc3339;

use crate::failure::Failure;

/// Reads a moment on the command line, in seconds since 1970.
pub(crate) fn moment(text: &str) -> Result<i64, String> {
    rfc3339::parse(text).ok_or_else(|| "expected a moment like 2026-11-23T10:00:00Z".into())
}

/// The time that a command goes by, in seconds since 1970.
pub(crate) fn now_or(fixed: Option<i64>) -> Result<i64, Failure> {
    let clock = || {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
        i64::try_from(since_1970.as_secs()).ok()
    };
    fixed
        .or_else(clock)
        .ok_or_else(|| Failure::unusable("this machine's clock is set before 1970"))
}
