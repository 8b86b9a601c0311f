//! The race: all engines in turns, so that what else the machine does falls on all alike.

use std::time::Duration;

use crate::clock;
use crate::engines::Contender;

/// An engine's times, shortest first.
pub type Times = Vec<Duration>;

/// How often each engine loads the rules.
const LOADS: usize = 9;

/// Has each engine load the rules from their text.
pub fn load(contenders: &mut [Box<dyn Contender>]) -> Vec<Times> {
    let mut times = vec![Times::new(); contenders.len()];
    for _ in 0..LOADS {
        for (contender, times) in contenders.iter_mut().zip(&mut times) {
            times.push(clock::time(|| contender.load()));
        }
    }
    sorted(times)
}

/// A turn lasts so many rounds of all phones, the first of which is not counted: the engine before has filled the caches
/// with its own. An engine that is slow has a turn of one round, for which that does not matter.
const ROUNDS: usize = 5;
const SLOW: Duration = Duration::from_millis(20);
/// How many phones an engine judges at least, whatever time it takes.
const LEAST: usize = 5;

/// Has each engine judge the phones, in turns, for about so long.
pub fn judge(contenders: &mut [Box<dyn Contender>], phones: usize, each: Duration) -> Vec<Times> {
    let mut times = vec![Times::new(); contenders.len()];
    let mut waiting = true;
    while waiting {
        waiting = false;
        for (contender, times) in contenders.iter_mut().zip(&mut times) {
            let spent = |times: &Times| times.iter().sum::<Duration>();
            let done = |times: &Times| times.len() >= LEAST && spent(times) >= each;
            if done(times) {
                continue;
            }
            waiting = true;
            let mut first = Times::new();
            for phone in 0..phones {
                first.push(clock::time(|| contender.judge(phone)));
                if first.len() >= LEAST && spent(&first) >= each {
                    break;
                }
            }
            if spent(&first) >= SLOW {
                times.extend(first);
                continue;
            }
            for phone in (1..ROUNDS).flat_map(|_| 0..phones) {
                times.push(clock::time(|| contender.judge(phone)));
            }
        }
    }
    sorted(times)
}

fn sorted(mut times: Vec<Times>) -> Vec<Times> {
    times.iter_mut().for_each(|times| times.sort_unstable());
    times
}

/// Which share of the times, in a hundred, is not longer.
fn quantile(times: &Times, percent: usize) -> Duration {
    times[(times.len() - 1) * percent / 100]
}

/// Prints a row for each engine.
pub fn print(contenders: &[Box<dyn Contender>], loads: &[Times], judgements: &[Times]) {
    println!(
        "| engine | version | rules as | median for a phone | to `sluis` | 10 % … 90 % | phones judged | load |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    let first = quantile(&judgements[0], 50);
    for ((contender, loads), times) in contenders.iter().zip(loads).zip(judgements) {
        let median = quantile(times, 50);
        println!(
            "| {} | {} | {} | {} | {:.1} × | {} … {} | {} | {} |",
            contender.package(),
            version(contender.package()),
            contender.form(),
            text(median),
            median.as_secs_f64() / first.as_secs_f64(),
            text(quantile(times, 10)),
            text(quantile(times, 90)),
            times.len(),
            text(quantile(loads, 50)),
        );
    }
}

/// Three digits that count.
fn text(time: Duration) -> String {
    let microseconds = time.as_secs_f64() * 1e6;
    match microseconds {
        1_000.0.. => format!("{:.1} ms", microseconds / 1e3),
        100.0.. => format!("{microseconds:.0} µs"),
        _ => format!("{microseconds:.1} µs"),
    }
}

/// The version of a package that this program is made with.
fn version(package: &str) -> &'static str {
    let lock = include_str!("../Cargo.lock");
    let entry = format!("name = \"{package}\"\nversion = \"");
    let (_, after) = lock.split_once(&entry).expect("every engine is a dependency");
    after.split_once('"').expect("a version is quoted").0
}
