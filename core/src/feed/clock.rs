//! Trusted time of one feed: a floor under the clock that the user can set, made of signed issue times.

use crate::agent::message::Time;

use super::error::Reason;

/// What a feed's timestamps have said about the time. The wall clock never enters it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TrustedClock {
    /// The last issue time seen, in seconds since 1970.
    pub(crate) issued_s: Option<i64>,
    /// The floor, and when in which boot it held.
    pub(crate) floor: Option<ClockFloor>,
}

/// It is at least `at_ms` at a moment of one boot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClockFloor {
    /// Milliseconds since 1970.
    pub(crate) at_ms: i64,
    /// The boot.
    pub(crate) boot_count: u64,
    /// Milliseconds since that boot.
    pub(crate) elapsed_ms: u64,
}

impl TrustedClock {
    /// It is at least this late, in milliseconds since 1970; `None` while no issue time was seen.
    pub fn floor_ms(&self, time: Time) -> Option<i64> {
        let floor = self.floor?;
        // After a reboot the whole of this boot has passed since, and an unknown time before it.
        let since = if floor.boot_count == time.boot_count {
            time.elapsed_ms.saturating_sub(floor.elapsed_ms)
        } else {
            time.elapsed_ms
        };
        Some(
            floor
                .at_ms
                .saturating_add(i64::try_from(since).unwrap_or(i64::MAX)),
        )
    }

    /// The time that decides expiry: the wall clock, but never before the floor. Milliseconds since 1970.
    pub fn now_ms(&self, time: Time) -> i64 {
        self.floor_ms(time)
            .map_or(time.wall_ms, |floor| floor.max(time.wall_ms))
    }

    /// Carries the floor over to this moment, so that a reboot later does not lose the time since.
    pub(super) fn carried_to(self, time: Time) -> Self {
        let floor = self.floor_ms(time).map(|at_ms| ClockFloor {
            at_ms,
            boot_count: time.boot_count,
            elapsed_ms: time.elapsed_ms,
        });
        Self { floor, ..self }
    }

    /// Takes a signed issue time in; without one the floor only moves on by itself.
    pub(super) fn advanced(self, issued_s: Option<i64>, expires_s: i64, time: Time) -> Result<Self, Reason> {
        let carried = self.carried_to(time);
        let Some(issued) = issued_s else {
            return Ok(carried);
        };
        if issued > expires_s {
            return Err(Reason::IssuedAfterExpiry);
        }
        if let Some(last) = self.issued_s
            && issued < last
        {
            return Err(Reason::IssuedEarlier { found: issued, last });
        }
        let issued_ms = issued.saturating_mul(1000);
        let at_ms = carried
            .floor
            .map_or(issued_ms, |floor| floor.at_ms.max(issued_ms));
        Ok(Self {
            issued_s: Some(issued),
            floor: Some(ClockFloor {
                at_ms,
                boot_count: time.boot_count,
                elapsed_ms: time.elapsed_ms,
            }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: u64 = 86_400_000;

    fn time(wall_ms: i64, elapsed_ms: u64, boot_count: u64) -> Time {
        Time {
            wall_ms,
            elapsed_ms,
            boot_count,
        }
    }

    fn issued_at(seconds: i64, at: Time) -> TrustedClock {
        TrustedClock::default()
            .advanced(Some(seconds), i64::MAX, at)
            .unwrap()
    }

    #[test]
    fn without_an_issue_time_there_is_no_floor_and_the_wall_clock_decides() {
        let clock = TrustedClock::default()
            .advanced(None, 1, time(5000, 0, 1))
            .unwrap();
        assert_eq!(clock.floor_ms(time(5000, 9, 1)), None);
        assert_eq!(clock.now_ms(time(5000, 9, 1)), 5000);
    }

    #[test]
    fn the_floor_runs_on_within_a_boot_and_over_reboots() {
        let clock = issued_at(1_000, time(0, 700, 3));
        assert_eq!(clock.floor_ms(time(0, 1_700, 3)), Some(1_001_000));
        let carried = clock.carried_to(time(0, 700 + DAY_MS, 3));
        assert_eq!(carried.floor_ms(time(0, 0, 4)), Some(1_000_000 + DAY_MS as i64));
        assert_eq!(carried.floor_ms(time(0, 50, 4)), Some(1_000_050 + DAY_MS as i64));
    }

    #[test]
    fn a_clock_set_back_is_not_believed_and_one_set_forward_moves_no_floor() {
        let clock = issued_at(1_000_000, time(0, 0, 1));
        assert_eq!(clock.now_ms(time(5, 0, 1)), 1_000_000_000);
        assert_eq!(clock.now_ms(time(9_000_000_000, 0, 1)), 9_000_000_000);
        assert_eq!(clock.floor_ms(time(9_000_000_000, 0, 1)), Some(1_000_000_000));
    }

    #[test]
    fn a_slow_signer_does_not_set_the_floor_back() {
        let clock = issued_at(1_000, time(0, 0, 1));
        let later = time(0, DAY_MS, 1);
        let clock = clock.advanced(Some(1_001), i64::MAX, later).unwrap();
        assert_eq!(clock.floor_ms(later), Some(1_000_000 + DAY_MS as i64));
    }

    #[test]
    fn an_issue_time_after_expiry_or_before_the_last_one_is_refused() {
        let at = time(0, 0, 1);
        let clock = issued_at(1_000, at);
        assert_eq!(
            clock.advanced(Some(2_001), 2_000, at),
            Err(Reason::IssuedAfterExpiry)
        );
        assert_eq!(
            clock.advanced(Some(999), 2_000, at),
            Err(Reason::IssuedEarlier {
                found: 999,
                last: 1_000
            })
        );
        assert!(clock.advanced(Some(1_000), 2_000, at).is_ok());
    }
}
