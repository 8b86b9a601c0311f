//! What a phone takes down as it judges, for graces and exemptions.

use serde_json::{Value, json};
use sluis_core::policy::{Judge, RuleName};

use crate::phone::{Phone, app, deny, id, march, policy, ruleset, written};

fn name(layer: &str, rule: &str) -> RuleName {
    RuleName {
        layer: id(layer),
        rule: id(rule),
    }
}

fn judged<T>(policies: &[Value], phone: &Phone, ask: impl FnOnce(&Judge<'_>) -> T) -> T {
    let ruleset = ruleset(policies);
    let circumstances = phone.circumstances();
    ask(&ruleset.at(&circumstances))
}

/// The rule `r` of layer `l`, from which inspectors are exempt until 10 March.
fn exempting() -> [Value; 1] {
    let exemption = json!({
        "rule": "r",
        "packages": ["bad.app"],
        "groups": ["inspectors"],
        "purpose": { "en": "Inspection" },
        "until": written(march(10)),
    });
    [policy(
        "l",
        json!([deny("r", json!({}))]),
        json!({ "exemptions": [exemption] }),
    )]
}

fn inspector(day: i64) -> Phone {
    Phone::at(march(day)).member("l", "inspectors", march(99))
}

#[test]
fn the_rules_that_forbid_now_are_obeyed_by_the_clock_of_their_layer() {
    let rules = json!([
        deny("now", json!({})),
        deny("waits", json!({ "grace": "P14D" })),
        deny("later", json!({ "from": written(march(20)) })),
        deny("tried", json!({ "audit_only": true })),
        { "id": "advice", "effect": "advise", "match": { "packages": ["bad.app"] } },
        { "id": "approval", "effect": "allow", "match": { "packages": ["good.app"] } },
    ]);
    let policies = [
        policy("l", rules, json!({})),
        policy("m", json!([deny("now", json!({}))]), json!({})),
    ];
    let phone = Phone::with_floors(march(1), &[None, Some(march(2))]);
    let mut obeyed = judged(&policies, &phone, |judge| judge.obeyed().collect::<Vec<_>>());
    obeyed.sort_by_key(|(name, _)| (name.layer.clone(), name.rule.clone()));
    let expected = [
        (name("l", "now"), march(1)),
        (name("l", "waits"), march(1)),
        (name("m", "now"), march(2)),
    ];
    assert_eq!(obeyed, expected);
}

#[test]
fn whether_a_rule_gives_a_grace_is_told_by_its_layer_and_its_id() {
    let policies = [
        policy(
            "l",
            json!([deny("waits", json!({ "grace": "P14D" })), deny("now", json!({}))]),
            json!({}),
        ),
        policy("m", json!([deny("waits", json!({}))]), json!({})),
    ];
    judged(&policies, &Phone::at(march(1)), |judge| {
        assert!(judge.has_grace(&name("l", "waits")));
        assert!(!judge.has_grace(&name("l", "now")));
        assert!(!judge.has_grace(&name("m", "waits")));
    });
}

#[test]
fn exemptions_play_a_part_while_one_is_held_or_was_used() {
    let exempts = |phone: &Phone| judged(&exempting(), phone, |judge| judge.exempts());
    assert!(!exempts(&Phone::at(march(5))));
    assert!(exempts(&inspector(5)));
    assert!(!exempts(&inspector(10)));
    assert!(exempts(
        &Phone::at(march(5)).was_exempt("l", "r", "bad.app", None)
    ));
}

#[test]
fn it_is_told_of_each_rule_that_denies_whether_an_exemption_is_in_use() {
    let exempted =
        |phone: &Phone, package: &str| judged(&exempting(), phone, |judge| judge.exempted(&app(package)));
    let rule = || name("l", "r");
    assert_eq!(exempted(&inspector(5), "bad.app"), [(rule(), march(5), true)]);
    assert_eq!(exempted(&inspector(10), "bad.app"), [(rule(), march(10), false)]);
    assert!(exempted(&inspector(5), "good.app").is_empty());
}
