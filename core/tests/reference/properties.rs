//! What holds of any policies: order means nothing, layers only tighten, exemptions reach no further than they say,
//! and what is not known loosens nothing.

use proptest::prelude::*;
use proptest::sample::{Index, subsequence};
use serde_json::{Value, json};
use sluis_core::policy::facts::PackageFacts;
use sluis_core::policy::{Ruleset, Verdict};
use sluis_policy::policy::{Effect, Remedy};

use crate::cases;
use crate::generate::{self, LAYERS, catalogue, package, policies};
use crate::naive::Said;
use crate::world::{World, layers, said};

fn saying(policies: &[Value], world: &World, packages: &[PackageFacts]) -> Vec<Said> {
    let ruleset = Ruleset::compile(layers(policies, &catalogue())).unwrap();
    let circumstances = world.circumstances();
    let judge = ruleset.at(&circumstances);
    packages
        .iter()
        .map(|package| said(&ruleset, &judge, package))
        .collect()
}

/// How strict a verdict is: what is done first, then what is said.
fn strictness(said: &Said) -> (Option<Remedy>, u8) {
    let effect = match said.effect {
        Effect::Allow => 0,
        Effect::Advise => 1,
        Effect::Deny => 2,
    };
    (said.remedy, effect)
}

/// What may be unknown of a package: all that rules ask about beside its name.
const FACTS: [&str; 7] = [
    "signers",
    "version_code",
    "installer",
    "permissions",
    "components",
    "web_origin",
    "system",
];

fn without(fact: &str, package: PackageFacts) -> PackageFacts {
    let mut unknown = package;
    match fact {
        "signers" => unknown.signers = None,
        "version_code" => unknown.version_code = None,
        "installer" => unknown.installer = None,
        "permissions" => unknown.permissions = None,
        "components" => unknown.components = None,
        "web_origin" => unknown.web_origin = None,
        "system" => unknown.system = None,
        other => panic!("{other}"),
    }
    unknown
}

fn rules(policy: &mut Value) -> &mut Vec<Value> {
    policy["rules"].as_array_mut().unwrap()
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn the_order_of_rules_and_exemptions_changes_nothing(
        policies in policies(),
        world in generate::world(),
        packages in prop::collection::vec(package(), 1..8),
    ) {
        let mut reordered = policies.clone();
        for policy in &mut reordered {
            rules(policy).reverse();
            policy["exemptions"].as_array_mut().unwrap().reverse();
        }
        prop_assert_eq!(saying(&policies, &world, &packages), saying(&reordered, &world, &packages));
    }

    #[test]
    fn a_double_of_a_rule_that_no_exemption_names_changes_nothing(
        policies in policies(),
        world in generate::world(),
        packages in prop::collection::vec(package(), 1..8),
        which in any::<Index>(),
    ) {
        let mut doubled = policies.clone();
        let mut world = world;
        let policy = &mut doubled[which.index(policies.len())];
        let named: Vec<Value> = policies.iter().flat_map(|p| p["exemptions"].as_array().unwrap()).map(|e| e["rule"].clone()).collect();
        let layer = policy["layer"].as_str().unwrap().to_owned();
        let Some(mut double) = rules(policy).iter().find(|rule| !named.contains(&rule["id"])).cloned() else {
            return Ok(());
        };
        let id = double["id"].as_str().unwrap().to_owned();
        // The phone obeys both for equally long.
        let id_of = |rule: &str| sluis_policy::values::Id::parse(rule).unwrap();
        let name = |rule: &str| sluis_core::policy::RuleName { layer: id_of(&layer), rule: id_of(rule) };
        if let Some(activation) = world.past.activations.get(&name(&id)).cloned() {
            world.past.activations.insert(name("zz"), activation);
        }
        if let Some(exempted) = world.past.exempted.get(&name(&id)).cloned() {
            world.past.exempted.insert(name("zz"), exempted);
        }
        double["id"] = json!("zz");
        rules(policy).push(double);
        prop_assert_eq!(saying(&policies, &world, &packages), saying(&doubled, &world, &packages));
    }

    #[test]
    fn another_deny_never_loosens(
        policies in policies(),
        more in policies(),
        world in generate::world(),
        packages in prop::collection::vec(package(), 1..8),
        which in any::<Index>(),
    ) {
        let Some(mut deny) = more.iter().flat_map(|p| p["rules"].as_array().unwrap()).find(|r| r["effect"] == "deny").cloned() else {
            return Ok(());
        };
        deny["id"] = json!("added");
        let mut tightened = policies.clone();
        rules(&mut tightened[which.index(policies.len())]).push(deny);
        let (before, after) = (saying(&policies, &world, &packages), saying(&tightened, &world, &packages));
        for (before, after) in before.iter().zip(&after) {
            prop_assert!(strictness(before) <= strictness(after), "{before:?} {after:?}");
        }
    }

    #[test]
    fn a_layer_never_loosens_another_but_by_the_exemptions_and_approvals_that_it_was_given(
        policies in policies(),
        world in generate::world(),
        packages in prop::collection::vec(package(), 1..8),
    ) {
        let (first, others) = policies.split_first().unwrap();
        let mut first = first.clone();
        for rule in rules(&mut first) {
            rule.as_object_mut().unwrap().remove("exemptible_by");
        }
        first["stance"].as_object_mut().unwrap().remove("approvals_from");
        let mut all = vec![first.clone()];
        all.extend_from_slice(others);
        let (alone, together) = (saying(&[first], &world, &packages), saying(&all, &world, &packages));
        for (alone, together) in alone.iter().zip(&together) {
            prop_assert!(strictness(alone) <= strictness(together), "{alone:?} {together:?}");
        }
    }

    #[test]
    fn an_exemption_touches_nothing_but_its_rule_its_packages_and_its_groups(
        policies in policies(),
        world in generate::world(),
        packages in prop::collection::vec(package(), 1..8),
    ) {
        // A group of which the phone is no member, or a package that is not there: nothing changes.
        for (groups, package) in [("nobody", "com.a.*"), ("g0", "com.other.app")] {
            let mut with = policies.clone();
            let first = policies[0]["rules"].as_array().unwrap().iter().find(|r| r["effect"] == "deny" && r.get("max_exemption").is_none());
            let Some(rule) = first.map(|rule| rule["id"].clone()) else { continue };
            let exemption = json!({ "rule": rule, "packages": [package], "groups": [groups], "purpose": { "en": "test" },
                                    "until": "2100-01-01T00:00:00Z" });
            with[0]["exemptions"].as_array_mut().unwrap().push(exemption);
            prop_assert_eq!(saying(&policies, &world, &packages), saying(&with, &world, &packages));
        }
    }

    #[test]
    fn an_exempted_rule_is_as_if_it_were_not_there(
        policies in policies(),
        world in generate::world(),
        packages in prop::collection::vec(package(), 1..8),
    ) {
        let first = policies[0]["rules"].as_array().unwrap().iter().find(|r| r["effect"] == "deny" && r.get("max_exemption").is_none());
        let Some(id) = first.map(|rule| rule["id"].clone()) else { return Ok(()) };
        let mut world = world;
        let layer = sluis_policy::values::Id::parse(LAYERS[0]).unwrap();
        let group = sluis_policy::values::Id::parse("all").unwrap();
        world.groups.push(sluis_core::policy::Membership { layer, group, from_ms: None, until_ms: i64::MAX });
        let mut exempted = policies.clone();
        let exemption = json!({ "rule": id, "packages": ["com.a.*", "com.b.*", "com.c.*", "org.chromium.*"], "groups": ["all"],
                                "purpose": { "en": "test" }, "until": "2100-01-01T00:00:00Z" });
        exempted[0]["exemptions"].as_array_mut().unwrap().push(exemption);
        let mut without = policies.clone();
        rules(&mut without[0]).retain(|rule| rule["id"] != id);
        for policy in &mut without {
            let own = policy["layer"] == LAYERS[0];
            policy["exemptions"].as_array_mut().unwrap().retain(|e| {
                e["rule"] != id || e.get("layer").map_or(!own, |layer| layer != LAYERS[0])
            });
        }
        let (with, without) = (saying(&exempted, &world, &packages), saying(&without, &world, &packages));
        for (with, without) in with.iter().zip(&without) {
            prop_assert_eq!((with.effect, with.remedy), (without.effect, without.remedy));
        }
    }

    #[test]
    fn trials_and_advice_change_what_is_done_nowhere(
        policies in policies(),
        world in generate::world(),
        packages in prop::collection::vec(package(), 1..8),
    ) {
        let mut without = policies.clone();
        for policy in &mut without {
            let named: Vec<Value> = rules(policy).iter().filter(|r| r["effect"] == "deny" && r["audit_only"] == true).map(|r| r["id"].clone()).collect();
            rules(policy).retain(|rule| rule["effect"] != "advise" && rule["audit_only"] != true);
            let layer = policy["layer"].clone();
            policy["exemptions"].as_array_mut().unwrap().retain(|e| {
                !named.contains(&e["rule"]) || e.get("layer").is_some_and(|other| *other != layer)
            });
        }
        let (with, without) = (saying(&policies, &world, &packages), saying(&without, &world, &packages));
        for (with, without) in with.iter().zip(&without) {
            prop_assert_eq!(with.remedy, without.remedy);
            prop_assert_eq!(with.effect == Effect::Deny, without.effect == Effect::Deny);
        }
    }

    #[test]
    fn a_fact_that_cannot_be_read_approves_nothing_and_excepts_nothing(
        policies in policies(),
        world in generate::world(),
        package in package(),
        facts in subsequence(&FACTS[..], 1..=FACTS.len()),
    ) {
        // Rules that forbid go by names alone, so that only approvals and exceptions can depend on the facts. Both by
        // exact ones, which reach what came with the phone, and by others, which do not.
        let mut policies = policies;
        for policy in &mut policies {
            for rule in rules(policy).iter_mut().filter(|rule| rule["effect"] != "allow") {
                rule["match"] = json!({ "packages": ["com.a.x", "com.a.*", "com.b.*", "org.chromium.webapk.w"] });
            }
        }
        let unknown = facts.iter().fold(package.clone(), |package, fact| without(fact, package));
        let judged = saying(&policies, &world, &[package, unknown]);
        prop_assert!(strictness(&judged[0]) <= strictness(&judged[1]), "{judged:?}");
    }

    #[test]
    fn one_package_alone_is_judged_as_it_is_among_others(
        policies in policies(),
        world in generate::world(),
        packages in prop::collection::vec(package(), 1..12),
    ) {
        let ruleset = Ruleset::compile(layers(&policies, &catalogue())).unwrap();
        let circumstances = world.circumstances();
        let judge = ruleset.at(&circumstances);
        let mut together: Vec<Verdict> = Vec::new();
        judge.evaluate_all(&packages, &mut together);
        let alone: Vec<Verdict> = packages.iter().map(|package| ruleset.at(&circumstances).evaluate(package)).collect();
        prop_assert_eq!(together, alone);
    }

    #[test]
    fn a_clock_set_back_or_forward_loosens_nothing_that_the_right_one_forbids(
        policies in policies(),
        world in generate::world(),
        packages in prop::collection::vec(package(), 1..8),
        wrong in -4000_i64..4000,
    ) {
        // The clock was right until now: every feed has just been heard, and no rule is new.
        let mut right = world;
        right.floors = vec![Some(right.wall_ms); 3];
        right.past.activations.clear();
        for layer in LAYERS {
            for rule in generate::RULES {
                right.activate(layer, rule, right.wall_ms - 86_400_000, &["com.a.x", "com.b.x"]);
            }
        }
        let mut moved = right.clone();
        moved.wall_ms += wrong * 86_400_000;
        let (now, then) = (saying(&policies, &right, &packages), saying(&policies, &moved, &packages));
        for (now, then) in now.iter().zip(&then) {
            // Whoever sets the clock forward is treated more strictly, but loses nothing for good.
            prop_assert!(now.remedy <= then.remedy, "{now:?} {then:?}");
            prop_assert!(then.remedy != Some(Remedy::Remove) || now.remedy == Some(Remedy::Remove), "{now:?} {then:?}");
        }
    }
}
