//! The compiled rule set says what a naive reading of `docs/semantics.md` says, and keeps what it promises of any
//! policies whatever.
//!
//! `make proof` compares a million random cases (`SLUIS_CASES`) and the whole small scope (`SLUIS_SMALL_SCOPE`).
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod device;
mod generate;
mod lint;
mod naive;
mod properties;
mod small_scope;
mod world;

use std::collections::BTreeSet;

use proptest::prelude::*;
use sluis_core::policy::{Outcome, Ruleset};

use generate::{catalogue, package, policies};
use world::{layers, said};

/// As many cases as the environment says, or so many that it takes a few seconds.
fn cases(otherwise: u32) -> ProptestConfig {
    let asked = std::env::var("SLUIS_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok());
    ProptestConfig {
        cases: asked.unwrap_or(otherwise),
        failure_persistence: None,
        max_shrink_iters: 20_000,
        // A match of nothing is drawn again, however many cases there are.
        max_local_rejects: u32::MAX,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn the_compiled_rule_set_says_what_the_naive_reading_says(
        policies in policies(),
        world in generate::world(),
        packages in prop::collection::vec(package(), 1..12),
    ) {
        let layers = layers(&policies, &catalogue());
        let ruleset = Ruleset::compile(layers.clone()).unwrap();
        let circumstances = world.circumstances();
        let judge = ruleset.at(&circumstances);
        for package in &packages {
            let naive = naive::judge(&layers, &world, package);
            prop_assert_eq!(said(&ruleset, &judge, package), naive, "{:?}", package);
        }
    }

    #[test]
    fn what_is_told_of_a_rule_is_what_was_judged(
        policies in policies(),
        world in generate::world(),
        packages in prop::collection::vec(package(), 1..12),
    ) {
        let catalogue = catalogue();
        let ruleset = Ruleset::compile(layers(&policies, &catalogue)).unwrap();
        let circumstances = world.circumstances();
        let judge = ruleset.at(&circumstances);
        for package in &packages {
            let said = judge.explain(package);
            let denials = said.denials.iter().map(|denial| denial.rule);
            let idle = said.idle.iter().map(|(rule, _)| *rule);
            let matching: BTreeSet<u32> = denials
                .chain(said.advice.iter().copied())
                .chain(said.approvals.iter().copied())
                .chain(idle)
                .collect();
            for rule in 0..ruleset.rule_count() {
                let trace = ruleset.trace(rule, package, &catalogue).unwrap();
                let matches = trace.outcome == Outcome::Matches;
                prop_assert_eq!(matching.contains(&rule), matches, "{:?} {:?}", package, trace);
                for attribute in trace.attributes.iter().chain(&trace.except) {
                    let told = !attribute.by.is_empty();
                    prop_assert_eq!(attribute.holds == Some(true), told, "{:?} {:?}", package, trace);
                }
            }
        }
    }
}
