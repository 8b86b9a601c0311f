//! What lint says of rules is true of the phones that obey them: one that it calls useless can be taken out.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::sample::{Index, subsequence};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use sluis_core::policy::facts::PackageFacts;
use sluis_core::policy::{Past, Ruleset};
use sluis_policy::lint::{Document, lint_together};

use crate::cases;
use crate::generate::{self, catalogue, package, policies};
use crate::naive::Said;
use crate::world::{World, layers, said};

/// The layer and rule of each finding of that check, by their places.
fn useless(policies: &[Value], check: &str) -> Vec<(usize, usize)> {
    let texts: Vec<String> = policies.iter().map(ToString::to_string).collect();
    let names: Vec<String> = (0..texts.len()).map(|place| place.to_string()).collect();
    let documents: Vec<Document<'_>> = names
        .iter()
        .zip(&texts)
        .map(|(name, text)| Document {
            name,
            bytes: text.as_bytes(),
        })
        .collect();
    let findings = lint_together(&documents, &catalogue(), None);
    let of_it = findings.into_iter().filter(|finding| finding.check == check);
    of_it
        .map(|finding| {
            let rule = finding.pointer.split('/').nth(2).unwrap();
            (finding.document.parse().unwrap(), rule.parse().unwrap())
        })
        .collect()
}

/// Without one rule and the exemptions from it.
fn without(policies: &[Value], layer: usize, rule: usize) -> Vec<Value> {
    let mut policies = policies.to_vec();
    let id = policies[layer]["rules"].as_array_mut().unwrap().remove(rule)["id"].clone();
    let own = policies[layer]["layer"].clone();
    let exemptions = policies[layer]["exemptions"].as_array_mut().unwrap();
    exemptions.retain(|exemption| {
        let of_another = exemption.get("layer").is_some_and(|layer| *layer != own);
        exemption["rule"] != id || of_another
    });
    policies
}

/// What is done and when that changes. Which of several rules is named for it is another matter.
fn done(policies: &[Value], world: &World, packages: &[PackageFacts]) -> Vec<Said> {
    let ruleset = Ruleset::compile(layers(policies, &catalogue())).unwrap();
    let circumstances = world.circumstances();
    let judge = ruleset.at(&circumstances);
    let said = |package| Said {
        by: String::new(),
        ..said(&ruleset, &judge, package)
    };
    packages.iter().map(said).collect()
}

/// Fields without which a rule says more, or as much for longer.
const NARROWING: [&str; 8] = [
    "except",
    "from",
    "until",
    "grace",
    "rollout",
    "audit_only",
    "exemptible_by",
    "max_exemption",
];

/// Policies in which a rule has a double that may say more, or except what it matches.
fn with_a_double() -> impl Strategy<Value = Vec<Value>> {
    let dropped = subsequence(&NARROWING[..], 0..=NARROWING.len());
    let which = (any::<Index>(), any::<Index>());
    (
        policies(),
        dropped,
        which,
        any::<bool>(),
        prop::bool::weighted(0.2),
    )
        .prop_map(|(mut policies, dropped, (layer, rule), wider, excepting)| {
            let layer = layer.index(policies.len());
            let rules = policies[layer]["rules"].as_array_mut().unwrap();
            if rules.is_empty() {
                return policies;
            }
            let mut double = rules[rule.index(rules.len())].clone();
            double["id"] = json!("zz");
            let fields = double.as_object_mut().unwrap();
            fields.retain(|field, _| !dropped.contains(&field.as_str()));
            if excepting {
                double["except"] = double["match"].clone();
            }
            if let Some(packages) = double["match"].get_mut("packages").filter(|_| wider) {
                let prefix = |name: &Value| json!(format!("{}*", &name.as_str().unwrap()[.."com.a.".len()]));
                *packages = packages.as_array().unwrap().iter().map(prefix).collect();
            }
            rules.push(double);
            policies
        })
}

/// Takes out each rule of which the check says that nothing comes of it; the answer is how many those were.
fn taken_out(check: &'static str, most: u32) -> usize {
    let taken = Cell::new(0);
    let packages = prop::collection::vec(package(), 1..8);
    let cases = (with_a_double(), generate::world(), packages);
    let result = TestRunner::new(self::cases(most)).run(&cases, |(policies, mut world, packages)| {
        // An exemption that was withdrawn is one that lint cannot know of.
        world.past = Past {
            exempted: Default::default(),
            ..world.past
        };
        for (layer, rule) in useless(&policies, check) {
            taken.set(taken.get() + 1);
            let fewer = without(&policies, layer, rule);
            prop_assert_eq!(
                done(&policies, &world, &packages),
                done(&fewer, &world, &packages),
                "layer {} without rule {}",
                layer,
                rule
            );
        }
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
    taken.get()
}

#[test]
fn a_rule_that_lint_calls_shadowed_can_be_taken_out_and_no_verdict_changes() {
    let taken = taken_out("shadowed", 1_000);
    println!("{taken} rules were taken out");
    assert_ne!(taken, 0, "none was put to the test");
}

#[test]
fn a_rule_that_lint_says_never_matches_can_be_taken_out_and_no_verdict_changes() {
    let taken = taken_out("never-matches", 1_000);
    println!("{taken} rules were taken out");
    assert_ne!(taken, 0, "none was put to the test");
}
