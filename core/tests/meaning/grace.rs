//! Grace is for what was there first.

use serde_json::json;

use crate::phone::{Phone, app, deny, march, policy};

fn two_weeks(remedy: &str) -> serde_json::Value {
    policy(
        "l",
        json!([deny("r", json!({ "remedy": remedy, "grace": "P14D" }))]),
        json!({}),
    )
}

#[test]
fn what_was_there_first_may_stay_until_the_grace_ends() {
    for (remedy, day, said) in [
        ("remove", 1, "deny l/r until 2026-03-15"),
        ("remove", 14, "deny l/r until 2026-03-15"),
        ("remove", 15, "deny remove l/r"),
        ("hide", 14, "deny l/r until 2026-03-15"),
        ("hide", 15, "deny hide l/r"),
        ("suspend", 40, "deny suspend l/r"),
    ] {
        let phone = Phone::at(march(day)).obeys_since("l", "r", march(1), &["bad.app"]);
        assert_eq!(
            phone.says(&[two_weeks(remedy)], &app("bad.app")),
            said,
            "{remedy} on day {day}"
        );
    }
}

#[test]
fn what_is_installed_later_gets_none() {
    let phone = Phone::at(march(1)).obeys_since("l", "r", march(1), &["good.app"]);
    assert_eq!(
        phone.says(&[two_weeks("remove")], &app("bad.app")),
        "deny remove l/r"
    );
}

#[test]
fn a_rule_that_is_obeyed_for_the_first_time_counts_from_now() {
    let phone = Phone::at(march(3));
    assert_eq!(
        phone.says(&[two_weeks("hide")], &app("bad.app")),
        "deny l/r until 2026-03-17"
    );
}

#[test]
fn it_is_counted_per_rule_and_the_earliest_end_is_the_deadline() {
    let rules = json!([
        deny("short", json!({ "remedy": "suspend", "grace": "P2D" })),
        deny("long", json!({ "remedy": "remove", "grace": "P9D" })),
    ]);
    let policies = [policy("l", rules, json!({}))];
    let says = |day| {
        let phone = Phone::at(march(day))
            .obeys_since("l", "short", march(1), &["bad.app"])
            .obeys_since("l", "long", march(1), &["bad.app"]);
        phone.says(&policies, &app("bad.app"))
    };
    assert_eq!(says(1), "deny l/short until 2026-03-03");
    assert_eq!(says(3), "deny suspend l/short until 2026-03-10");
    assert_eq!(says(10), "deny remove l/long");
}

#[test]
fn an_edit_of_the_rule_changes_its_length_and_not_its_beginning() {
    let phone = Phone::at(march(10)).obeys_since("l", "r", march(1), &["bad.app"]);
    let with = |grace: &str| {
        [policy(
            "l",
            json!([deny("r", json!({ "remedy": "hide", "grace": grace }))]),
            json!({}),
        )]
    };
    assert_eq!(
        phone.says(&with("P30D"), &app("bad.app")),
        "deny l/r until 2026-03-31"
    );
    assert_eq!(phone.says(&with("P5D"), &app("bad.app")), "deny hide l/r");
    let without = [policy(
        "l",
        json!([deny("r", json!({ "remedy": "hide" }))]),
        json!({}),
    )];
    assert_eq!(phone.says(&without, &app("bad.app")), "deny hide l/r");
}

#[test]
fn another_layers_rule_of_the_same_id_has_its_own_beginning() {
    let policies = [
        two_weeks("hide"),
        policy(
            "m",
            json!([deny("r", json!({ "remedy": "hide", "grace": "P14D" }))]),
            json!({}),
        ),
    ];
    let phone = Phone::at(march(16))
        .obeys_since("l", "r", march(10), &["bad.app"])
        .obeys_since("m", "r", march(1), &["bad.app"]);
    assert_eq!(phone.says(&policies, &app("bad.app")), "deny hide m/r");
}

#[test]
fn a_closed_stance_does_not_wait_for_a_rules_grace() {
    let closed = policy("m", json!([]), json!({ "stance": "closed" }));
    let phone = Phone::at(march(2)).obeys_since("l", "r", march(1), &["bad.app"]);
    assert_eq!(
        phone.says(&[two_weeks("remove"), closed], &app("bad.app")),
        "deny suspend m/not-approved until 2026-03-15"
    );
}

#[test]
fn an_app_in_its_grace_is_denied_and_so_not_approved() {
    let allowed = json!([
        deny("r", json!({ "grace": "P14D" })),
        { "id": "a", "effect": "allow", "match": { "packages": ["bad.app"] } },
    ]);
    let phone = Phone::at(march(2)).obeys_since("l", "r", march(1), &["bad.app"]);
    assert_eq!(
        phone.says(&[policy("l", allowed, json!({}))], &app("bad.app")),
        "deny l/r until 2026-03-15"
    );
}
