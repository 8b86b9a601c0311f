//! Every policy within a small scope, not a sample of them: what is wrong in general is wrong in a small case.
//!
//! `SLUIS_SMALL_SCOPE=full cargo test --release -p sluis-core --test reference small_scope -- --nocapture` goes through
//! the whole scope: up to three rules in up to two layers with up to two exemptions; `SLUIS_SMALL_SCOPE=3/16` through the
//! fourth of sixteen parts of it. Without it: up to two rules and one exemption.

mod promises;

use std::thread;

use serde_json::{Value, json};
use sluis_core::policy::facts::PackageFacts;
use sluis_core::policy::{Layer, Membership};
use sluis_policy::catalogue::Catalogue;
use sluis_policy::policy::{Exemption, Policy, Rule, Stance};
use sluis_policy::rfc3339;
use sluis_policy::values::Id;

use crate::world::{World, day};

const LAYERS: [&str; 2] = ["l0", "l1"];
const RULES: [&str; 3] = ["r0", "r1", "r2"];

struct Scope {
    rules: usize,
    exemptions: usize,
    patterns: &'static [&'static str],
    /// The other promises are tried on each so-manieth policy; all are compared with the naive reading.
    promises_each: u64,
    /// Of so many parts this one is gone through; the others are left out.
    part: (usize, usize),
}

impl Scope {
    fn asked_for() -> Self {
        let quick = Self {
            rules: 2,
            exemptions: 1,
            patterns: &["com.a.x"],
            promises_each: 7,
            part: (0, 1),
        };
        let part = match std::env::var("SLUIS_SMALL_SCOPE").as_deref() {
            Err(_) => return quick,
            Ok("full") => (0, 1),
            Ok(part) => {
                let (part, of) = part.split_once('/').unwrap();
                (part.parse().unwrap(), of.parse().unwrap())
            }
        };
        assert!(part.0 < part.1, "parts are counted from 0");
        Self {
            rules: 3,
            exemptions: 2,
            patterns: &["com.a.x", "com.a.*"],
            promises_each: 1,
            part,
        }
    }
}

/// All choices of up to `most` of `choices` things, with repetition, their order of no account.
fn choices(choices: usize, most: usize) -> Vec<Vec<usize>> {
    let mut all = vec![vec![]];
    let mut longest = all.clone();
    for _ in 0..most {
        let longer = |chosen: &Vec<usize>| {
            let from = chosen.last().copied().unwrap_or_default();
            let chosen = chosen.clone();
            (from..choices).map(move |next| chosen.iter().copied().chain([next]).collect())
        };
        longest = longest.iter().flat_map(longer).collect();
        all.extend(longest.clone());
    }
    all
}

fn parsed(rules: Value, stance: Value, exemptions: Value) -> Policy {
    let policy = json!({ "format": "sluis.policy/1", "layer": "l0", "organisation": { "name": { "en": "Test" } },
                         "stance": stance, "rules": rules, "exemptions": exemptions });
    Policy::parse("test", policy.to_string().as_bytes()).unwrap_or_else(|e| panic!("{e}"))
}

/// What a rule can say in this scope.
fn rules(patterns: &[&str]) -> Vec<Rule> {
    let says = [
        json!({ "effect": "deny" }),
        json!({ "effect": "deny", "remedy": "remove" }),
        json!({ "effect": "deny", "remedy": "remove", "grace": "P5D", "exemptible_by": ["l0", "l1"] }),
        json!({ "effect": "deny", "remedy": "remove", "audit_only": true }),
        json!({ "effect": "advise" }),
        json!({ "effect": "allow" }),
    ];
    let rule = |says: &Value, pattern: &&str| {
        let mut rule = says.clone();
        rule["id"] = json!("r");
        rule["match"] = json!({ "packages": [pattern] });
        parsed(json!([rule]), json!("open"), json!([])).rules.remove(0)
    };
    says.iter()
        .flat_map(|says| patterns.iter().map(move |pattern| rule(says, pattern)))
        .collect()
}

/// The stances of a layer, seen from it: its own allows count, or also those of the other.
fn stances(other: &str) -> Vec<Stance> {
    let stances = [
        json!("open"),
        json!("closed"),
        json!({ "kind": "closed", "approvals_from": [other] }),
    ];
    stances
        .into_iter()
        .map(|stance| parsed(json!([]), stance, json!([])).stance)
        .collect()
}

/// By which layer, and the exemption.
fn exemptions() -> Vec<(usize, Exemption)> {
    let mut all = Vec::new();
    for by in 0..2 {
        for of in LAYERS {
            for target in ["r0", "r1", "stance"] {
                for until in [2, 20] {
                    let until = rfc3339::format(day(until) / 1000);
                    let exemption = json!({ "layer": of, "rule": target, "packages": ["com.a.x"], "groups": ["g"],
                                            "purpose": { "en": "test" }, "until": until });
                    // Read where it names another layer's rule: its own layer's are not there yet.
                    let mut policy = json!({ "format": "sluis.policy/1", "layer": "elsewhere", "stance": "open", "rules": [],
                                             "organisation": { "name": { "en": "Test" } } });
                    policy["exemptions"] = json!([exemption]);
                    let policy = Policy::parse("test", policy.to_string().as_bytes()).unwrap();
                    all.push((by, policy.exemptions[0].clone()));
                }
            }
        }
    }
    all
}

/// The tenth day, on which the first exemptions are over: on a phone that obeys all rules since just now, since the
/// first day, and on one whose clocks disagree and that has seen an exemption end.
fn worlds() -> Vec<World> {
    let id = |text| Id::parse(text).unwrap();
    let member = |layer| Membership {
        layer: id(layer),
        group: id("g"),
        from_ms: None,
        until_ms: day(40),
    };
    let fresh = World {
        wall_ms: day(10),
        floors: vec![Some(day(10)); 2],
        groups: LAYERS.map(member).to_vec(),
        ..World::default()
    };
    let mut settled = fresh.clone();
    let mut troubled = fresh.clone();
    troubled.floors = vec![Some(day(3)), None];
    for layer in LAYERS {
        for rule in RULES {
            settled.activate(layer, rule, day(1), &["com.a.x"]);
            troubled.activate(layer, rule, day(4), &["com.a.x", "com.a.y"]);
            troubled.exempt(layer, rule, "com.a.x", Some(day(8)));
        }
    }
    vec![fresh, settled, troubled]
}

#[test]
fn every_policy_of_the_small_scope_says_what_the_naive_reading_says_and_keeps_its_promises() {
    let scope = Scope::asked_for();
    let rules = rules(scope.patterns);
    let exemptions = exemptions();
    let worlds = worlds();
    let packages = packages();
    let mut jobs = Vec::new();
    for layers in 1..=2 {
        for chosen in choices(rules.len() * layers, scope.rules) {
            jobs.extend(
                stance_choices(layers)
                    .into_iter()
                    .map(|stances| (chosen.clone(), stances)),
            );
        }
    }
    let (part, of) = scope.part;
    let jobs: Vec<_> = jobs.into_iter().skip(part).step_by(of).collect();
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let work = &|worker: usize| {
        let mut policies = 0_u64;
        for (chosen, stances) in jobs.iter().skip(worker).step_by(workers) {
            let layers = stances.len();
            let mut base = empty(stances);
            for (place, choice) in chosen.iter().enumerate() {
                let mut rule = rules[choice / layers].clone();
                rule.id = Id::parse(RULES[place]).unwrap();
                base[choice % layers].policy.rules.push(rule);
            }
            // Where there is one layer there is none that could exempt from another's rules.
            let exemptions: Vec<_> = exemptions.iter().filter(|(by, _)| *by < layers).collect();
            for chosen in choices(exemptions.len(), scope.exemptions) {
                let mut all = base.clone();
                for choice in chosen {
                    let (by, exemption) = exemptions[choice];
                    all[*by].policy.exemptions.push(exemption.clone());
                }
                let case = promises::Case::new(&all, &worlds, &packages);
                if policies.is_multiple_of(scope.promises_each) {
                    case.keeps_its_promises();
                }
                policies += 1;
            }
        }
        policies
    };
    let policies: u64 = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers)
            .map(|worker| scope.spawn(move || work(worker)))
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).sum()
    });
    println!(
        "small scope, part {part} of {of}: {policies} policies in {} circumstances, {} packages each",
        worlds.len(),
        packages.len()
    );
    assert!(policies * of as u64 > 10_000);
}

/// What is asked about. The last of each three is the same package of which the origin could not be read.
fn packages() -> Vec<PackageFacts> {
    let package = |name: &str, system| PackageFacts {
        name: name.into(),
        system,
        ..PackageFacts::default()
    };
    ["com.a.x", "com.a.y"]
        .into_iter()
        .flat_map(|name| [Some(false), Some(true), None].map(|system| package(name, system)))
        .collect()
}

fn stance_choices(layers: usize) -> Vec<Vec<Stance>> {
    let first = stances(LAYERS[1]).into_iter().map(|stance| vec![stance]);
    match layers {
        1 => first.collect(),
        _ => first
            .flat_map(|first| {
                stances(LAYERS[0])
                    .into_iter()
                    .map(move |second| [first.clone(), vec![second]].concat())
            })
            .collect(),
    }
}

fn empty(stances: &[Stance]) -> Vec<Layer> {
    let layer = |(name, stance): (&str, &Stance)| {
        let mut policy = parsed(json!([]), json!("open"), json!([]));
        policy.layer = Id::parse(name).unwrap();
        policy.stance = stance.clone();
        Layer {
            policy,
            catalogue: Catalogue::default(),
        }
    };
    LAYERS.into_iter().zip(stances).map(layer).collect()
}
