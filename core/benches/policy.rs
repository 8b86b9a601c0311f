//! How long it takes to read and compile policies and to judge a phone by them; see `world`.
//!
//! Sixteen phones take turns, so that no cache holds one phone's answers, and nothing is computed beforehand per phone.
#![allow(
    missing_docs,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "not shipped: a bench may panic"
)]

mod world;

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use sluis_core::policy::{Circumstances, Layer, Past, Ruleset};
use sluis_policy::catalogue::Catalogue;
use sluis_policy::policy::{Effect, Policy};

use world::{PHONES, World, world};

/// The one that is published beside policies.
const CATALOGUE: &[u8] = include_bytes!("../../policy-schema/catalogue/catalogue.json");

fn load(world: &World) -> Ruleset {
    let catalogue = Catalogue::parse("catalogue", CATALOGUE).unwrap();
    let layer = |text: &String| Layer {
        policy: Policy::parse("policy", text.as_bytes()).unwrap(),
        catalogue: catalogue.clone(),
    };
    Ruleset::compile(world.policies.iter().map(layer).collect()).unwrap()
}

fn benches(criterion: &mut Criterion) {
    let world = world();
    let ruleset = load(&world);
    let past = Past::default();
    let circumstances = Circumstances::on_a_desk(1_700_000_000_000, &past);
    let judge = ruleset.at(&circumstances);
    let mut verdicts = Vec::new();
    let mut effects = [0; 3];
    for phone in &world.phones {
        judge.evaluate_all(phone, &mut verdicts);
        verdicts.iter().for_each(|v| effects[v.effect as usize] += 1);
    }
    println!(
        "verdicts on {PHONES} phones: {} deny, {} advise, {} allow",
        effects[Effect::Deny as usize],
        effects[1],
        effects[2]
    );

    let mut turn = 0;
    criterion.bench_function("evaluate 400 packages x 6,700 match values, 220 rules", |b| {
        b.iter(|| {
            turn = (turn + 1) % PHONES;
            // As the agent calls it, what is in force being found out anew.
            let judge = ruleset.at(black_box(&circumstances));
            judge.evaluate_all(black_box(&world.phones[turn]), &mut verdicts);
            black_box(verdicts.len())
        });
    });
    criterion.bench_function("parse and compile two policies, 6,700 match values", |b| {
        b.iter_batched(|| (), |()| load(black_box(&world)), BatchSize::PerIteration);
    });
}

criterion_group!(all, benches);
criterion_main!(all);
