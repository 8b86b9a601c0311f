//! The processor time of this thread: what other processes take meanwhile does not count, which would fall on the slow
//! engines only. All engines work in the thread that calls them.

use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

/// How long the work takes. Reading the clock is a call of the system, some tenths of a microsecond, and counts.
pub fn time(work: impl FnOnce()) -> Duration {
    let start = now();
    work();
    now() - start
}

fn now() -> Duration {
    Duration::from(clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).expect("every thread has this clock"))
}
