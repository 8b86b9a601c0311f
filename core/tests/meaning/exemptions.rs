//! An exemption suppresses exactly one rule, for some packages and some groups, for a time.

use serde_json::{Value, json};
use sluis_core::policy::Basis;

use crate::phone::{Phone, app, deny, id, march, policy, ruleset, written};

/// For inspectors, from `bad.app`'s rule `r`, for the first ten days of March.
fn exemption(more: Value) -> Value {
    let mut exemption = json!({
        "rule": "r",
        "packages": ["bad.app"],
        "groups": ["inspectors"],
        "purpose": { "en": "Inspection" },
        "until": written(march(10)),
    });
    exemption
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    exemption
}

fn exempting(rule: Value, more: Value) -> [Value; 1] {
    [policy(
        "l",
        json!([rule]),
        json!({ "exemptions": [exemption(more)] }),
    )]
}

fn inspector(wall_ms: i64) -> Phone {
    Phone::at(wall_ms).member("l", "inspectors", march(99))
}

#[test]
fn it_holds_for_its_group_and_its_packages_until_its_end() {
    let policies = exempting(
        deny("r", json!({ "match": { "packages": ["bad.ap*"] } })),
        json!({}),
    );
    let exempt = "allow exempt-from-l/r until 2026-03-10";
    assert_eq!(inspector(march(9)).says(&policies, &app("bad.app")), exempt);
    assert_eq!(
        inspector(march(9)).says(&policies, &app("bad.apple")),
        "deny suspend l/r"
    );
    assert_eq!(
        inspector(march(10)).says(&policies, &app("bad.app")),
        "deny suspend l/r"
    );
    assert_eq!(
        Phone::at(march(9)).says(&policies, &app("bad.app")),
        "deny suspend l/r"
    );
}

#[test]
fn a_verdict_leads_to_the_exemption_that_it_rests_on() {
    let policies = exempting(deny("r", json!({})), json!({}));
    let verdict = inspector(march(9)).verdict(&policies, &app("bad.app"));
    let Basis::Exempted { exemption } = verdict.basis else {
        panic!("{verdict:?}");
    };
    let ruleset = ruleset(&policies);
    let (policy, exemption) = ruleset.exemption(exemption).unwrap();
    assert_eq!(policy.layer, id("l"));
    assert_eq!(exemption.rule, id("r"));
}

#[test]
fn it_ends_with_the_phones_place_in_the_group() {
    let policies = exempting(deny("r", json!({})), json!({}));
    let phone = |until| Phone::at(march(5)).member("l", "inspectors", until);
    assert_eq!(
        phone(march(7)).says(&policies, &app("bad.app")),
        "allow exempt-from-l/r until 2026-03-07"
    );
    assert_eq!(
        phone(march(5)).says(&policies, &app("bad.app")),
        "deny suspend l/r"
    );
}

#[test]
fn a_group_is_that_of_the_layer_that_names_it() {
    let policies = exempting(deny("r", json!({})), json!({}));
    let phone = Phone::at(march(5))
        .member("m", "inspectors", march(99))
        .member("l", "police", march(99));
    assert_eq!(phone.says(&policies, &app("bad.app")), "deny suspend l/r");
}

#[test]
fn other_rules_that_deny_the_same_app_stand() {
    let rules = json!([
        deny("r", json!({ "remedy": "remove" })),
        deny("s", json!({ "remedy": "hide" }))
    ]);
    let policies = [policy(
        "l",
        rules,
        json!({ "exemptions": [exemption(json!({}))] }),
    )];
    let phone = inspector(march(5));
    // What the first will ask for once its exemption has ended is announced.
    assert_eq!(
        phone.says(&policies, &app("bad.app")),
        "deny hide l/s until 2026-03-24"
    );
}

#[test]
fn only_the_rules_own_layer_and_those_that_it_names_can_exempt() {
    let other = |rule: Value| {
        let municipal = json!({ "exemptions": [exemption(json!({ "layer": "l" }))] });
        [
            policy("l", json!([rule]), json!({})),
            policy("m", json!([]), municipal),
        ]
    };
    let phone = Phone::at(march(5))
        .member("m", "inspectors", march(99))
        .member("l", "inspectors", march(99));
    assert_eq!(
        phone.says(&other(deny("r", json!({}))), &app("bad.app")),
        "deny suspend l/r"
    );
    let named = deny("r", json!({ "exemptible_by": ["m"] }));
    assert_eq!(
        phone.says(&other(named), &app("bad.app")),
        "allow exempt-from-l/r until 2026-03-10"
    );
    let another = deny("r", json!({ "exemptible_by": ["n"] }));
    assert_eq!(phone.says(&other(another), &app("bad.app")), "deny suspend l/r");
}

#[test]
fn one_for_a_rule_that_is_not_there_exempts_from_nothing_else() {
    let municipal = json!({ "exemptions": [exemption(json!({ "layer": "l" }))] });
    let policies = [
        policy(
            "l",
            json!([deny("s", json!({ "exemptible_by": ["m"] }))]),
            json!({}),
        ),
        policy("m", json!([]), municipal.clone()),
    ];
    let phone = Phone::at(march(5)).member("m", "inspectors", march(99));
    assert_eq!(phone.says(&policies, &app("bad.app")), "deny suspend l/s");
    // Nor is anything exempt when the layer is missing.
    let alone = [policy("m", json!([deny("r", json!({}))]), municipal)];
    assert_eq!(phone.says(&alone, &app("bad.app")), "deny suspend m/r");
}

#[test]
fn it_lasts_no_longer_than_the_rule_allows() {
    let rule = deny("r", json!({ "exemptible_by": ["m"], "max_exemption": "P3D" }));
    let by_another = |more: Value| {
        let mut exemption = exemption(json!({ "layer": "l" }));
        exemption
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        [
            policy("l", json!([rule.clone()]), json!({})),
            policy("m", json!([]), json!({ "exemptions": [exemption] })),
        ]
    };
    let phone = |day| Phone::at(march(day)).member("m", "inspectors", march(99));
    let begins = by_another(json!({ "from": written(march(1)) }));
    assert_eq!(
        phone(3).says(&begins, &app("bad.app")),
        "allow exempt-from-l/r until 2026-03-04"
    );
    assert_eq!(phone(4).says(&begins, &app("bad.app")), "deny suspend l/r");
    // Nobody can tell how long one lasts that has no beginning.
    assert_eq!(
        phone(3).says(&by_another(json!({})), &app("bad.app")),
        "deny suspend l/r"
    );
}

#[test]
fn it_begins_only_when_the_feed_says_so() {
    let policies = exempting(deny("r", json!({})), json!({ "from": written(march(3)) }));
    let phone = |wall, floor| Phone::with_floors(wall, &[Some(floor)]).member("l", "inspectors", march(99));
    assert_eq!(
        phone(march(5), march(2)).says(&policies, &app("bad.app")),
        "deny suspend l/r"
    );
    assert_eq!(
        phone(march(1), march(3)).says(&policies, &app("bad.app")),
        "allow exempt-from-l/r until 2026-03-10"
    );
}

#[test]
fn of_two_the_one_that_lasts_longest_counts() {
    let both =
        json!({ "exemptions": [exemption(json!({ "until": written(march(6)) })), exemption(json!({}))] });
    let policies = [policy("l", json!([deny("r", json!({}))]), both)];
    assert_eq!(
        inspector(march(5)).says(&policies, &app("bad.app")),
        "allow exempt-from-l/r until 2026-03-10"
    );
}

#[test]
fn its_end_starts_the_grace_afresh() {
    let policies = exempting(deny("r", json!({ "remedy": "hide", "grace": "P5D" })), json!({}));
    let phone = |day| {
        inspector(march(day))
            .obeys_since("l", "r", march(-90), &["bad.app"])
            .was_exempt("l", "r", "bad.app", Some(march(10)))
    };
    assert_eq!(
        phone(9).says(&policies, &app("bad.app")),
        "allow exempt-from-l/r until 2026-03-15"
    );
    assert_eq!(
        phone(11).says(&policies, &app("bad.app")),
        "deny l/r until 2026-03-15"
    );
    assert_eq!(phone(15).says(&policies, &app("bad.app")), "deny hide l/r");
}

#[test]
fn one_that_ends_while_the_first_grace_still_runs_gives_the_longer_of_both() {
    let policies = exempting(
        deny("r", json!({ "remedy": "hide", "grace": "P5D" })),
        json!({ "until": written(march(2)) }),
    );
    let phone = inspector(march(3))
        .obeys_since("l", "r", march(1), &["bad.app"])
        .was_exempt("l", "r", "bad.app", Some(march(2)));
    assert_eq!(
        phone.says(&policies, &app("bad.app")),
        "deny l/r until 2026-03-07"
    );
}

#[test]
fn its_end_never_goes_straight_to_removal() {
    let policies = exempting(deny("r", json!({ "remedy": "remove" })), json!({}));
    let phone = |day| inspector(march(day)).was_exempt("l", "r", "bad.app", Some(march(10)));
    assert_eq!(
        phone(10).says(&policies, &app("bad.app")),
        "deny suspend l/r until 2026-03-24"
    );
    assert_eq!(
        phone(23).says(&policies, &app("bad.app")),
        "deny suspend l/r until 2026-03-24"
    );
    assert_eq!(phone(24).says(&policies, &app("bad.app")), "deny remove l/r");
    // And not before the feed says so.
    let mut early = phone(99);
    early.floors = Some(vec![Some(march(23))]);
    assert_eq!(
        early.says(&policies, &app("bad.app")),
        "deny suspend l/r until 2026-03-24"
    );
}

#[test]
fn one_that_is_withdrawn_ends_when_that_is_noticed() {
    let policies = [policy(
        "l",
        json!([deny("r", json!({ "remedy": "remove", "grace": "P2D" }))]),
        json!({}),
    )];
    let phone = inspector(march(5))
        .obeys_since("l", "r", march(-90), &["bad.app"])
        .was_exempt("l", "r", "bad.app", None);
    assert_eq!(
        phone.says(&policies, &app("bad.app")),
        "deny l/r until 2026-03-07"
    );
    let without_grace = [policy(
        "l",
        json!([deny("r", json!({ "remedy": "remove" }))]),
        json!({}),
    )];
    assert_eq!(
        phone.says(&without_grace, &app("bad.app")),
        "deny suspend l/r until 2026-03-19"
    );
}

#[test]
fn what_was_never_exempt_gets_nothing_from_it() {
    let policies = exempting(
        deny("r", json!({ "remedy": "remove", "grace": "P5D" })),
        json!({}),
    );
    let phone = inspector(march(11))
        .obeys_since("l", "r", march(-90), &[])
        .was_exempt("l", "r", "other.app", Some(march(10)));
    assert_eq!(phone.says(&policies, &app("bad.app")), "deny remove l/r");
}

#[test]
fn a_closed_stance_can_be_exempted_from_by_its_own_layer_only() {
    let stance = json!({ "kind": "closed", "id": "listed" });
    let own = json!({ "stance": stance, "exemptions": [exemption(json!({ "rule": "listed" }))] });
    let own = [policy("l", json!([]), own)];
    assert_eq!(
        inspector(march(5)).says(&own, &app("bad.app")),
        "allow exempt-from-l/listed until 2026-03-10"
    );
    assert_eq!(
        inspector(march(5)).says(&own, &app("other.app")),
        "deny suspend l/not-approved"
    );
    assert_eq!(
        inspector(march(10)).says(&own, &app("bad.app")),
        "deny suspend l/not-approved"
    );
    let other = json!({ "exemptions": [exemption(json!({ "layer": "l", "rule": "listed" }))] });
    let other = [
        policy("l", json!([]), json!({ "stance": stance })),
        policy("m", json!([]), other),
    ];
    let phone = Phone::at(march(5)).member("m", "inspectors", march(99));
    assert_eq!(phone.says(&other, &app("bad.app")), "deny suspend l/not-approved");
}

#[test]
fn the_end_of_an_exemption_from_the_stance_is_no_deadline_for_what_a_rule_suspends_already() {
    let own = json!({
        "stance": { "kind": "closed", "id": "listed" },
        "exemptions": [exemption(json!({ "rule": "listed" }))],
    });
    let policies = [policy("l", json!([deny("r", json!({}))]), own)];
    assert_eq!(
        inspector(march(5)).says(&policies, &app("bad.app")),
        "deny suspend l/r"
    );
}

#[test]
fn advice_stands_where_a_denial_is_exempted() {
    let advice = json!({ "id": "a", "effect": "advise", "match": { "packages": ["bad.app"] } });
    let policies = [policy(
        "l",
        json!([deny("r", json!({})), advice]),
        json!({ "exemptions": [exemption(json!({}))] }),
    )];
    assert_eq!(
        inspector(march(5)).says(&policies, &app("bad.app")),
        "advise l/a until 2026-03-10"
    );
}
