//! Moments and spans of time.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::rfc3339;

/// A moment: RFC 3339 in UTC and whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    seconds: i64,
}

impl Moment {
    /// What a moment looks like, for messages.
    pub const EXPECTED: &'static str = "a moment in UTC such as 2026-03-01T00:00:00Z";

    /// Reads a moment.
    pub fn parse(text: &str) -> Option<Self> {
        rfc3339::parse(text).map(|seconds| Self { seconds })
    }

    /// That long after it.
    pub fn after(self, duration: Duration) -> Self {
        Self {
            seconds: self.seconds.saturating_add(duration.ms() / 1000),
        }
    }

    /// Milliseconds since 1970.
    pub fn ms(self) -> i64 {
        self.seconds.saturating_mul(1000)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&rfc3339::format(self.seconds))
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A span of time: ISO 8601 in weeks, or in days, hours, minutes and seconds. Months and years have no fixed length
/// and are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration {
    seconds: u64,
}

impl Duration {
    /// What a duration may look like, for messages.
    pub const EXPECTED: &'static str =
        "an ISO 8601 duration in weeks, days, hours, minutes or seconds, such as P14D or PT4H";

    /// The most that is taken: ten years.
    const MAX_SECONDS: u64 = 10 * 366 * 86_400;

    /// Reads a duration longer than nothing.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix('P')?;
        let (date, time) = match rest.split_once('T') {
            Some((_, "")) => return None,
            Some((date, time)) => (date, time),
            None => (rest, ""),
        };
        let weeks = date.ends_with('W');
        if weeks && !time.is_empty() {
            return None;
        }
        let date_units: &[(char, u64)] = if weeks {
            &[('W', 604_800)]
        } else {
            &[('D', 86_400)]
        };
        let date = units(date, date_units)?;
        let time = units(time, &[('H', 3_600), ('M', 60), ('S', 1)])?;
        let seconds = date.checked_add(time)?;
        (1..=Self::MAX_SECONDS)
            .contains(&seconds)
            .then_some(Self { seconds })
    }

    /// How long, in seconds.
    pub fn seconds(self) -> u64 {
        self.seconds
    }

    /// How long, in milliseconds.
    pub fn ms(self) -> i64 {
        // Ten years at most.
        i64::try_from(self.seconds * 1000).unwrap_or(i64::MAX)
    }
}

/// Adds up numbers each followed by its unit, the units in the given order, each at most once.
fn units(mut text: &str, units: &[(char, u64)]) -> Option<u64> {
    let mut total: u64 = 0;
    for (unit, seconds) in units {
        if let Some((number, rest)) = text.split_once(*unit) {
            if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(*seconds)?)?;
            text = rest;
        }
    }
    text.is_empty().then_some(total)
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("PT{}S", self.seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_exact_or_refused() {
        for (text, seconds) in [
            ("P14D", 14 * 86_400),
            ("P2W", 1_209_600),
            ("PT4H", 14_400),
            ("P1DT1H1M1S", 90_061),
        ] {
            assert_eq!(
                Duration::parse(text).map(Duration::seconds),
                Some(seconds),
                "{text}"
            );
        }
        let wrong = "|P|PT|P0D|P1M|P1Y|P1W1D|PT1D|P1DT|P1H|14D|p1d|P-1D|P1.5D|P1D1D|PT1M1H|P99999999D|P1WT1H|P1D |P+1D";
        for text in wrong.split('|') {
            assert_eq!(Duration::parse(text), None, "{text}");
        }
    }
}
