//! What time it is, or is said to be.

use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use sluis_core::feed::rfc3339;

use crate::failure::Failure;

/// The time to go by.
#[derive(Debug, Args)]
pub(crate) struct Clock {
    /// Go by this time instead of the clock, for tests.
    #[arg(long, value_name = "TIME", hide = true, value_parser = moment)]
    now: Option<i64>,
}

impl Clock {
    /// Seconds since 1970.
    pub(crate) fn now(&self) -> Result<i64, Failure> {
        let clock = || {
            let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
            i64::try_from(since_1970.as_secs()).ok()
        };
        self.now
            .or_else(clock)
            .ok_or_else(|| Failure::unusable("this machine's clock is set before 1970"))
    }
}

/// Milliseconds since 1970 by this machine's clock; 0 where that is set before.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn moment(text: &str) -> Result<i64, String> {
    rfc3339::parse(text).ok_or_else(|| "expected a moment like 2026-11-23T10:00:00Z".into())
}
