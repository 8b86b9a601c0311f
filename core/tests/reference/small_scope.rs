//! Every policy within a small scope, not a sample of them: what is wrong in general is wrong in a small case.
//!
//! `SLUIS_SMALL_SCOPE=full cargo test --release -p sluis-core --test reference small_scope -- --nocapture` goes through
//! the whole scope: up to three rules in up to two layers with up to two exemptions. Without it: up to two rules and
//! one exemption.

use serde_json::{Value, json};
use sluis_core::policy::facts::PackageFacts;
use sluis_core::policy::{Layer, Membership, Ruleset};
use sluis_policy::catalogue::Catalogue;
use sluis_policy::policy::{Effect, Exemption, Policy, Rule, Stance};
use sluis_policy::rfc3339;
use sluis_policy::values::Id;

use crate::naive::{self, Said};
use crate::world::{World, day, said};

const LAYERS: [&str; 2] = ["l0", "l1"];
const RULES: [&str; 3] = ["r0", "r1", "r2"];

struct Scope {
    rules: usize,
    exemptions: usize,
    patterns: &'static [&'static str],
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

fn verdicts(layers: &[Layer], worlds: &[World], packages: &[PackageFacts]) -> Vec<Said> {
    let ruleset = Ruleset::compile(layers.to_vec()).unwrap();
    let mut all = Vec::new();
    for world in worlds {
        let circumstances = world.circumstances();
        let judge = ruleset.at(&circumstances);
        all.extend(packages.iter().map(|package| said(&ruleset, &judge, package)));
    }
    all
}

fn stricter_or_equal(all: &[Said], fewer: &[Said]) -> bool {
    let rank = |said: &Said| (said.remedy, said.effect == Effect::Deny);
    all.iter().zip(fewer).all(|(all, fewer)| rank(fewer) <= rank(all))
}

#[test]
fn every_policy_of_the_small_scope_says_what_the_naive_reading_says_and_keeps_its_promises() {
    let full = std::env::var("SLUIS_SMALL_SCOPE").is_ok_and(|scope| scope == "full");
    let scope = match full {
        true => Scope {
            rules: 3,
            exemptions: 2,
            patterns: &["com.a.x", "com.a.*"],
        },
        false => Scope {
            rules: 2,
            exemptions: 1,
            patterns: &["com.a.x"],
        },
    };
    let rules = rules(scope.patterns);
    let exemptions = exemptions();
    let worlds = worlds();
    let package = |name: &str, system| PackageFacts {
        name: name.into(),
        system: Some(system),
        ..PackageFacts::default()
    };
    let packages = [
        package("com.a.x", false),
        package("com.a.y", false),
        package("com.a.x", true),
    ];
    let chosen_exemptions = choices(exemptions.len(), scope.exemptions);
    let mut policies = 0_u64;
    for layers in 1..=2 {
        for chosen in choices(rules.len() * layers, scope.rules) {
            for stances in stance_choices(layers) {
                let mut base = empty(&stances);
                for (place, choice) in chosen.iter().enumerate() {
                    let mut rule = rules[choice / layers].clone();
                    rule.id = Id::parse(RULES[place]).unwrap();
                    base[choice % layers].policy.rules.push(rule);
                }
                for chosen in &chosen_exemptions {
                    let mut all = base.clone();
                    for choice in chosen {
                        let (by, exemption) = &exemptions[*choice];
                        if let Some(layer) = all.get_mut(*by) {
                            layer.policy.exemptions.push(exemption.clone());
                        }
                    }
                    check(&all, &worlds, &packages);
                    policies += 1;
                }
            }
        }
    }
    println!(
        "{policies} policies in {} circumstances, {} packages each",
        worlds.len(),
        packages.len()
    );
    assert!(policies > 10_000);
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

fn check(layers: &[Layer], worlds: &[World], packages: &[PackageFacts]) {
    let all = verdicts(layers, worlds, packages);
    let naive = worlds.iter().flat_map(|world| {
        packages
            .iter()
            .map(|package| naive::judge(layers, world, package))
    });
    for (compiled, naive) in all.iter().zip(naive) {
        assert_eq!(*compiled, naive, "{layers:#?}");
    }
    let mut turned = layers.to_vec();
    for layer in &mut turned {
        layer.policy.rules.reverse();
    }
    assert_eq!(verdicts(&turned, worlds, packages), all, "{layers:#?}");
    for (place, layer) in layers.iter().enumerate() {
        let denies = layer
            .policy
            .rules
            .iter()
            .enumerate()
            .filter(|(_, rule)| rule.effect == Effect::Deny);
        for (rule, _) in denies {
            let mut fewer = layers.to_vec();
            fewer[place].policy.rules.remove(rule);
            assert!(
                stricter_or_equal(&all, &verdicts(&fewer, worlds, packages)),
                "{layers:#?}"
            );
        }
        // Without its exemptions a layer is at least as strict.
        let mut stricter = layers.to_vec();
        stricter[place].policy.exemptions.clear();
        assert!(
            stricter_or_equal(&verdicts(&stricter, worlds, packages), &all),
            "{layers:#?}"
        );
    }
}
