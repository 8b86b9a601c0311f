//! How long Sluis takes for one package alone, as when an app has just arrived.

use std::hint::black_box;
use std::time::Duration;

use sluis_core::policy::Past;

use crate::clock;
use crate::engines::sluis::circumstances;
use crate::work::{Work, compile};

const ROUNDS: u32 = 300;

/// Prints nanoseconds a package, with and without finding out first which rules are in force.
pub fn print(work: &Work) {
    let ruleset = compile(&work.policies);
    let past = Past::default();
    let circumstances = circumstances(&past);
    let judge = ruleset.at(&circumstances);
    let packages = || work.phones.iter().flatten();
    let mut judging = Vec::new();
    let mut anew = Vec::new();
    for _ in 0..ROUNDS {
        judging.push(clock::time(|| {
            packages().for_each(|package| {
                black_box(judge.evaluate(black_box(package)));
            });
        }));
        anew.push(clock::time(|| {
            packages().for_each(|package| {
                black_box(ruleset.at(black_box(&circumstances)).evaluate(black_box(package)));
            });
        }));
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort_unstable();
        times[times.len() / 2].as_nanos() / packages().count() as u128
    };
    println!(
        "\nOne package alone: {} ns; {} ns where it is found out first which rules are in force.",
        median(&mut judging),
        median(&mut anew)
    );
}
