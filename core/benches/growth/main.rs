//! How the time for a package grows with policies and with phones; draws `docs/images/growth.svg`.
//!
//! A document holds 4 MiB, so large rule sets are put together in memory: many worlds, each read from its own documents,
//! become two policies, and are compiled as one.
#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "not shipped: a bench may panic"
)]

mod plot;
#[allow(dead_code, reason = "it makes worlds of sizes of its own")]
#[path = "../world/mod.rs"]
mod world;

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use plot::{Panel, Series};
use sluis_core::policy::facts::PackageFacts;
use sluis_core::policy::{Circumstances, Layer, Past, Ruleset};
use sluis_policy::catalogue::Catalogue;
use sluis_policy::policy::Policy;
use sluis_policy::values::{Id, PackagePattern};
use world::{PHONES, World};

/// How many worlds are put together, each with 6,700 match values in 220 rules.
const WORLDS: [usize; 5] = [1, 3, 10, 30, 100];
const PACKAGES: [usize; 4] = [400, 1_000, 2_000, 4_000];
/// How often each phone is judged by each rule set.
const ROUNDS: usize = 60;

/// A rule set, and phones to judge by it.
struct Case {
    /// How many names, signers and prefixes the rules name.
    values: usize,
    rules: usize,
    ruleset: Ruleset,
    phones: Vec<Vec<PackageFacts>>,
}

/// Whether the rules by the beginning of a name grow with the others.
#[derive(Clone, Copy, PartialEq)]
enum Prefixes {
    Grow,
    /// They stay those of one world.
    Stay,
}

impl Case {
    fn new(worlds: usize, packages: usize, prefixes: Prefixes) -> Self {
        let worlds: Vec<World> = (0..worlds)
            .map(|seed| World::new(seed as u64, packages))
            .collect();
        let mut policies: Vec<Policy> = Vec::new();
        for (number, world) in worlds.iter().enumerate() {
            for (place, text) in world.policies.iter().enumerate() {
                let mut policy = Policy::parse("policy", text.as_bytes()).unwrap();
                if number > 0 && prefixes == Prefixes::Stay {
                    let is_prefix = |pattern: &PackagePattern| matches!(pattern, PackagePattern::Prefix(_));
                    policy
                        .rules
                        .retain(|rule| !rule.matches.packages.iter().any(is_prefix));
                }
                for rule in &mut policy.rules {
                    rule.id = Id::parse(&format!("{}-{number}", rule.id)).unwrap();
                }
                match policies.get_mut(place) {
                    Some(whole) => whole.rules.append(&mut policy.rules),
                    None => policies.push(policy),
                }
            }
        }
        let rules = || policies.iter().flat_map(|policy| &policy.rules);
        let values = rules().map(|rule| rule.matches.packages.len() + rule.matches.signers.len());
        let none = br#"{"format": "sluis.catalogue/1", "vendors": []}"#;
        let catalogue = Catalogue::parse("catalogue", none).unwrap();
        // Each phone comes from another world, as far as there are so many.
        let phones = (0..PHONES)
            .map(|i| worlds[i * worlds.len() / PHONES].phones[i].clone())
            .collect();
        let (values, rules) = (values.sum(), rules().count());
        let layer = |policy| Layer {
            policy,
            catalogue: catalogue.clone(),
        };
        Self {
            values,
            rules,
            ruleset: Ruleset::compile(policies.into_iter().map(layer).collect()).unwrap(),
            phones,
        }
    }

    /// Judges one phone as the agent does, and says how many nanoseconds that took for each package.
    fn judge(&self, phone: usize, past: &Past) -> f64 {
        let circumstances = Circumstances::on_a_desk(1_700_000_000_000, past);
        let mut verdicts = Vec::with_capacity(self.phones[phone].len());
        let start = Instant::now();
        let judge = self.ruleset.at(black_box(&circumstances));
        judge.evaluate_all(black_box(&self.phones[phone]), &mut verdicts);
        let nanoseconds = start.elapsed().as_nanos() as f64;
        nanoseconds / black_box(verdicts).len() as f64
    }
}

/// The median of each case; the cases take turns.
fn measure(cases: &[Case]) -> Vec<f64> {
    let past = Past::default();
    let mut times = vec![Vec::new(); cases.len()];
    for _ in 0..ROUNDS {
        for (case, times) in cases.iter().zip(&mut times) {
            // Not counted: the case before has filled the caches with its own.
            for phone in 0..PHONES {
                case.judge(phone, &past);
            }
            times.extend((0..PHONES).map(|phone| case.judge(phone, &past)));
        }
    }
    let median = |mut times: Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times[times.len() / 2]
    };
    times.into_iter().map(median).collect()
}

fn main() {
    // As a test it is only compiled.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let with_more_rules = |prefixes| WORLDS.map(|worlds| Case::new(worlds, PACKAGES[0], prefixes));
    let kinds = [
        ("all rules grow", with_more_rules(Prefixes::Grow)),
        ("exact rules grow, prefixes stay", with_more_rules(Prefixes::Stay)),
    ];
    let phones = PACKAGES.map(|packages| Case::new(1, packages, Prefixes::Grow));
    let mut series = Vec::new();
    for (name, cases) in kinds {
        let times = measure(&cases);
        println!("\n{name}\n\n| match values | rules | ns a package |\n|---|---|---|");
        for (case, ns) in cases.iter().zip(&times) {
            println!("| {} | {} | {ns:.0} |", case.values, case.rules);
        }
        let points = cases.iter().map(|case| case.values as f64).zip(times);
        series.push(Series::new(name, points.collect()));
    }
    let times = measure(&phones);
    println!("\n| packages on the phone | ns a package | µs a phone |\n|---|---|---|");
    for (packages, ns) in PACKAGES.iter().zip(&times) {
        println!("| {packages} | {ns:.0} | {:.1} |", ns * *packages as f64 / 1e3);
    }
    let points = PACKAGES.map(|packages| packages as f64).into_iter().zip(times);
    let svg = plot::draw(&[
        Panel {
            title: "400 packages, more rules",
            x: "match values",
            series,
        },
        Panel {
            title: "6,700 match values, more packages",
            x: "packages on the phone",
            series: vec![Series::new("all packages", points.collect())],
        },
    ]);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/images/growth.svg");
    fs::write(path, svg).expect("the picture can be written");
    println!("\nDrawn: docs/images/growth.svg");
}
