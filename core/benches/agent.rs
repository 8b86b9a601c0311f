//! How long the agent takes for what an employee waits for, its store on a real disk: to start, to plan a whole phone,
//! and to answer an app that was just installed. Two feeds, the committed catalogue, and the phones of `world`.
#![allow(
    missing_docs,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::panic,
    reason = "not shipped: a bench may panic"
)]

mod phone;
mod world;

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use sluis_core::agent::Agent;
use sluis_core::agent::message::Event;
use sluis_core::policy::facts::{Inventory, PackageFacts, Roles};
use tempfile::TempDir;

use phone::{copy, enrolled, open, tell};
use world::world;

fn benches(criterion: &mut Criterion) {
    let world = world();
    let store = enrolled(&world.policies);
    let inventory = Inventory {
        packages: world.phones[0].clone(),
        roles: Roles::new(),
    };
    let forbidden = PackageFacts {
        name: forbidden(&world.policies[0]),
        system: Some(false),
        ..PackageFacts::default()
    };

    let planned = |agent: &mut Agent| {
        tell(
            agent,
            Event::Inventory {
                inventory: inventory.clone(),
                api: None,
            },
            None,
        )
        .actions
        .len()
    };
    println!(
        "the first plan of this phone has {} actions",
        planned(&mut open(copy(&store).path()))
    );

    criterion.bench_function(
        "open the store, read and compile two policies and the catalogue",
        |b| {
            b.iter_batched(
                || copy(&store),
                |folder| (open(folder.path()), folder),
                BatchSize::PerIteration,
            );
        },
    );
    criterion.bench_function(
        "cold start to the first full plan of 400 packages, durable",
        |b| {
            let start = |folder: TempDir| {
                let mut agent = open(folder.path());
                black_box(planned(&mut agent));
                (agent, folder)
            };
            b.iter_batched(|| copy(&store), start, BatchSize::PerIteration);
        },
    );
    criterion.bench_function("a forbidden app is installed: its actions, durable", |b| {
        let ready = || {
            let folder = copy(&store);
            let mut agent = open(folder.path());
            // An app arrives at a process that has started.
            tell(&mut agent, Event::Started {}, None);
            (agent, folder)
        };
        let arrives = |(mut agent, folder): (Agent, TempDir)| {
            let (name, facts) = (forbidden.name.clone(), Some(Box::new(forbidden.clone())));
            let actions = tell(
                &mut agent,
                Event::PackageChanged {
                    name,
                    facts,
                    roles: Roles::new(),
                },
                None,
            )
            .actions;
            assert!(!actions.is_empty());
            (agent, folder)
        };
        b.iter_batched(ready, arrives, BatchSize::PerIteration);
    });
}

/// The first name that the policy denies.
fn forbidden(policy: &str) -> String {
    let start = policy.find("\"packages\":[\"").unwrap() + "\"packages\":[\"".len();
    policy[start..].split('"').next().unwrap().to_owned()
}

criterion_group!(all, benches);
criterion_main!(all);
