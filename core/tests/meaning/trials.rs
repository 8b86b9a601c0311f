//! What is only tried changes nothing, and what is rolled out reaches some phones.

use serde_json::{Value, json};
use sluis_core::policy::Idle;
use sluis_policy::values::Digest;

use crate::phone::{Phone, app, deny, march, policy};

fn allow(more: Value) -> Value {
    let mut rule = json!({ "id": "a", "effect": "allow", "match": { "packages": ["bad.app"] } });
    rule.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    rule
}

#[test]
fn a_rule_on_trial_changes_no_verdict_and_is_told() {
    let policies = [policy(
        "l",
        json!([deny("r", json!({ "audit_only": true, "remedy": "remove" }))]),
        json!({}),
    )];
    let explanation = Phone::at(march(1)).explain(&policies, &app("bad.app"));
    assert_eq!(
        Phone::at(march(1)).says(&policies, &app("bad.app")),
        "allow nothing-said"
    );
    assert_eq!(explanation.idle, [(0, Idle::AuditOnly)]);
    let milder = json!([
        deny("r", json!({ "audit_only": true, "remedy": "remove" })),
        deny("s", json!({}))
    ]);
    assert_eq!(
        Phone::at(march(1)).says(&[policy("l", milder, json!({}))], &app("bad.app")),
        "deny suspend l/s"
    );
}

#[test]
fn an_allow_on_trial_is_no_approval() {
    let closed = json!({ "stance": "closed" });
    let policies = [policy("l", json!([allow(json!({ "audit_only": true }))]), closed)];
    assert_eq!(
        Phone::at(march(1)).says(&policies, &app("bad.app")),
        "deny suspend l/not-approved"
    );
}

#[test]
fn a_closed_stance_on_trial_denies_nothing() {
    let trial = json!({ "stance": { "kind": "closed", "audit_only": true } });
    assert_eq!(
        Phone::at(march(1)).says(&[policy("l", json!([]), trial)], &app("bad.app")),
        "allow nothing-said"
    );
}

#[test]
fn a_rollout_reaches_its_share_of_phones_and_the_same_ones_each_time() {
    let policies = |percent: u8| {
        [policy(
            "l",
            json!([deny("r", json!({ "rollout": percent }))]),
            json!({}),
        )]
    };
    let denied = |percent, phone: u8| {
        let mut judged = Phone::at(march(1));
        judged.id = Some(Digest([phone; 32]));
        judged.says(&policies(percent), &app("bad.app")) == "deny suspend l/r"
    };
    let reached = |percent| (0..=255).filter(|phone| denied(percent, *phone)).count();
    assert!((8..45).contains(&reached(10)), "{}", reached(10));
    assert_eq!(reached(100), 256);
    for phone in 0..=255 {
        assert!(
            !denied(10, phone) || denied(30, phone),
            "growing takes nobody out"
        );
    }
}

#[test]
fn a_phone_without_an_id_is_reached_by_what_forbids_and_not_by_what_allows() {
    let phone = Phone::at(march(1));
    let forbids = [policy(
        "l",
        json!([deny("r", json!({ "rollout": 1 }))]),
        json!({}),
    )];
    assert_eq!(phone.says(&forbids, &app("bad.app")), "deny suspend l/r");
    let closed = |percent: u8| {
        [policy(
            "l",
            json!([allow(json!({ "rollout": percent }))]),
            json!({ "stance": "closed" }),
        )]
    };
    assert_eq!(
        phone.says(&closed(99), &app("bad.app")),
        "deny suspend l/not-approved"
    );
    assert_eq!(phone.says(&closed(100), &app("bad.app")), "allow l/a");
}
