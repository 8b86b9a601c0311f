//! The world that benchmarks measure in asks for every kind of answer: engines that leave out one kind of rule cannot
//! agree with those that do not.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "../benches/world/mod.rs"]
mod world;

use std::collections::BTreeMap;

use sluis_core::policy::{Basis, Circumstances, Layer, Past, Ruleset, Verdict};
use sluis_policy::catalogue::Catalogue;
use sluis_policy::policy::{Effect, Match, Policy};

fn policies(world: &world::World) -> Vec<Policy> {
    let parsed = |text: &String| Policy::parse("policy", text.as_bytes()).unwrap();
    world.policies.iter().map(parsed).collect()
}

fn compiled(policies: Vec<Policy>) -> Ruleset {
    let layer = |policy| Layer {
        policy,
        catalogue: Catalogue::default(),
    };
    Ruleset::compile(policies.into_iter().map(layer).collect()).unwrap()
}

fn verdicts(world: &world::World, ruleset: &Ruleset) -> Vec<Verdict> {
    let past = Past::default();
    let circumstances = Circumstances::on_a_desk(1_700_000_000_000, &past);
    let judge = ruleset.at(&circumstances);
    let packages = world.phones.iter().flatten();
    packages.map(|package| judge.evaluate(package)).collect()
}

/// What a rule goes by; its names are exact or prefixes throughout.
fn by(matches: &Match) -> &'static str {
    match (matches.signers.is_empty(), matches.packages.first()) {
        (false, None) => "signer",
        (true, Some(pattern)) if pattern.to_string().ends_with('*') => "prefix",
        (true, Some(_)) => "name",
        _ => panic!("{matches:?}"),
    }
}

#[test]
fn every_kind_of_answer_occurs_in_what_is_measured() {
    let world = world::world();
    assert_eq!(world.phones.len(), world::PHONES);
    let ruleset = compiled(policies(&world));
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    for verdict in verdicts(&world, &ruleset) {
        let rule = || by(&ruleset.source(verdict.basis).unwrap().1.unwrap().matches);
        let kind = match (verdict.basis, verdict.effect) {
            (Basis::Rule(_), Effect::Deny) if rule() == "name" => "denied by name",
            (Basis::Rule(_), Effect::Deny) if rule() == "signer" => "denied by signer",
            (Basis::Rule(_), Effect::Advise) if rule() == "prefix" => "advised against by prefix",
            (Basis::Rule(_), Effect::Allow) => "allowed by a rule",
            (Basis::NotApproved { .. }, _) => "not approved",
            (Basis::NothingSaid, _) => "nothing said",
            other => panic!("{other:?}"),
        };
        *found.entry(kind).or_default() += 1;
    }
    println!("{found:?}");
    assert_eq!(found.len(), 6, "{found:?}");
    assert!(found.values().all(|count| *count >= 10), "{found:?}");
}

#[test]
fn whoever_leaves_out_one_kind_of_rule_says_something_else() {
    let world = world::world();
    let said = verdicts(&world, &compiled(policies(&world)));
    let differ = |left_out: &dyn Fn(Effect, &str) -> bool| {
        let mut fewer = policies(&world);
        for policy in &mut fewer {
            policy
                .rules
                .retain(|rule| !left_out(rule.effect, by(&rule.matches)));
        }
        let others = verdicts(&world, &compiled(fewer));
        said.iter()
            .zip(&others)
            .filter(|(a, b)| a.effect != b.effect)
            .count()
    };
    assert_eq!(differ(&|_, _| false), 0);
    assert!(differ(&|effect, by| effect == Effect::Deny && by == "name") > 0);
    assert!(differ(&|_, by| by == "signer") > 0);
    assert!(differ(&|_, by| by == "prefix") > 0);
    assert!(differ(&|effect, _| effect == Effect::Allow) > 0);
}
