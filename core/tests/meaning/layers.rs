//! Several layers: each can only tighten.

use serde_json::{Value, json};

use crate::phone::{Phone, app, deny, march, policy};

fn allow(layer: &str) -> Value {
    policy(
        layer,
        json!([{ "id": "a", "effect": "allow", "match": { "packages": ["good.app"] } }]),
        json!({}),
    )
}

fn says(policies: &[Value], package: &str) -> String {
    Phone::at(march(1)).says(policies, &app(package))
}

#[test]
fn a_closed_layer_counts_the_approvals_of_those_that_it_names() {
    let closed = |from: Value| {
        policy(
            "national",
            json!([]),
            json!({ "stance": { "kind": "closed", "approvals_from": from } }),
        )
    };
    let town = || [closed(json!(["town"])), allow("town")];
    assert_eq!(says(&town(), "good.app"), "allow town/a");
    assert_eq!(says(&town(), "other.app"), "deny suspend national/not-approved");
    assert_eq!(
        says(&[closed(json!(["city"])), allow("town")], "good.app"),
        "deny suspend national/not-approved"
    );
}

#[test]
fn a_closed_layer_that_names_itself_counts_its_own_approvals_still() {
    let stance = json!({ "stance": { "kind": "closed", "approvals_from": ["town"] } });
    let rule = json!({ "id": "a", "effect": "allow", "match": { "packages": ["good.app"] } });
    let policies = [policy("town", json!([rule]), stance)];
    assert_eq!(says(&policies, "good.app"), "allow town/a");
}

#[test]
fn an_approval_elsewhere_does_not_count_unless_it_is_named() {
    let closed = policy("national", json!([]), json!({ "stance": "closed" }));
    assert_eq!(
        says(&[closed, allow("town")], "good.app"),
        "deny suspend national/not-approved"
    );
}

#[test]
fn who_may_approve_may_not_overrule_a_deny() {
    let national = policy(
        "national",
        json!([deny("r", json!({ "match": { "packages": ["good.app"] } }))]),
        json!({ "stance": { "kind": "closed", "approvals_from": ["town"] } }),
    );
    assert_eq!(
        says(&[national, allow("town")], "good.app"),
        "deny suspend national/r"
    );
}

#[test]
fn every_closed_layer_has_to_approve() {
    let national = policy(
        "national",
        json!([]),
        json!({ "stance": { "kind": "closed", "approvals_from": ["town"] } }),
    );
    let mut town = allow("town");
    town["stance"] = json!("closed");
    let mut city = policy("city", json!([]), json!({ "stance": "closed" }));
    assert_eq!(
        says(&[national.clone(), town.clone()], "good.app"),
        "allow town/a"
    );
    assert_eq!(
        says(&[national.clone(), town.clone(), city.clone()], "good.app"),
        "deny suspend city/not-approved"
    );
    city["stance"] = json!("open");
    assert_eq!(says(&[national, town, city], "good.app"), "allow town/a");
}

#[test]
fn a_missing_layer_approves_nothing_and_exempts_from_nothing() {
    let national = policy(
        "national",
        json!([]),
        json!({ "stance": { "kind": "closed", "approvals_from": ["town"] } }),
    );
    assert_eq!(
        says(&[national], "good.app"),
        "deny suspend national/not-approved"
    );
}
