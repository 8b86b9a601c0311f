//! Two clocks: what ends a permission goes by the later, what ends a prohibition by the certain one.

use serde_json::{Value, json};

use crate::phone::{DAY, Phone, app, deny, march, policy, written};

fn denied(more: Value) -> [Value; 1] {
    [policy("l", json!([deny("r", more)]), json!({}))]
}

fn approved(more: Value) -> [Value; 1] {
    let mut rule = json!({ "id": "r", "effect": "allow", "match": { "packages": ["bad.app"] } });
    rule.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    [policy("l", json!([rule]), json!({ "stance": "closed" }))]
}

/// Effect and remedy only.
fn says(wall: i64, floor: Option<i64>, policies: &[Value]) -> String {
    let said = Phone::with_floors(wall, &[floor]).says(policies, &app("bad.app"));
    said.split(" l/").next().unwrap().to_owned()
}

#[test]
fn a_deny_begins_when_either_clock_says_so() {
    let rule = denied(json!({ "from": written(march(10)) }));
    assert_eq!(says(march(9), Some(march(9)), &rule), "allow nothing-said");
    assert_eq!(says(march(10), Some(march(9)), &rule), "deny suspend");
    assert_eq!(
        says(march(1), Some(march(10)), &rule),
        "deny suspend",
        "a clock set back"
    );
    assert_eq!(says(march(10), None, &rule), "deny suspend");
}

#[test]
fn a_deny_ends_only_when_the_feed_says_so() {
    let rule = denied(json!({ "until": written(march(10)) }));
    assert_eq!(
        says(march(99), Some(march(9)), &rule),
        "deny suspend",
        "a clock set forward"
    );
    assert_eq!(says(march(9), Some(march(10)), &rule), "allow nothing-said");
    assert_eq!(
        says(march(99), None, &rule),
        "deny suspend",
        "a feed that signs no time"
    );
}

#[test]
fn an_allow_begins_only_when_the_feed_says_so() {
    let rule = approved(json!({ "from": written(march(10)) }));
    assert_eq!(says(march(99), Some(march(9)), &rule), "deny suspend");
    assert_eq!(says(march(99), None, &rule), "deny suspend");
    assert_eq!(says(march(1), Some(march(10)), &rule), "allow");
}

#[test]
fn an_allow_ends_when_either_clock_says_so() {
    let rule = approved(json!({ "until": written(march(10)) }));
    assert_eq!(says(march(9), Some(march(9)), &rule), "allow");
    assert_eq!(says(march(10), Some(march(9)), &rule), "deny suspend");
    assert_eq!(
        says(march(1), Some(march(10)), &rule),
        "deny suspend",
        "a clock set back"
    );
}

#[test]
fn advice_is_timed_as_a_deny_is() {
    let advice = |more: Value| {
        let mut rule = deny("r", more);
        rule["effect"] = json!("advise");
        [policy("l", json!([rule]), json!({}))]
    };
    let begins = advice(json!({ "from": written(march(10)) }));
    assert_eq!(says(march(9), Some(march(9)), &begins), "allow nothing-said");
    assert_eq!(says(march(10), None, &begins), "advise");
    let ends = advice(json!({ "until": written(march(10)) }));
    assert_eq!(says(march(99), Some(march(9)), &ends), "advise");
    assert_eq!(says(march(1), Some(march(10)), &ends), "allow nothing-said");
}

#[test]
fn a_removal_waits_until_it_is_certain_that_its_time_has_come() {
    let from = denied(json!({ "remedy": "remove", "from": written(march(10)) }));
    for (wall, floor, said) in [
        (march(9), Some(march(9)), "allow nothing-said"),
        (march(4000), Some(march(9)), "deny suspend"),
        (march(4000), None, "deny suspend"),
        (march(1), Some(march(10)), "deny remove"),
    ] {
        assert_eq!(says(wall, floor, &from), said, "{wall} {floor:?}");
    }
    let grace = denied(json!({ "remedy": "remove", "grace": "P9D" }));
    for (wall, floor, said) in [
        (march(9), Some(march(9)), "deny"),
        (march(4000), Some(march(9)), "deny suspend"),
        (march(9), Some(march(10)), "deny remove"),
    ] {
        let phone = Phone::with_floors(wall, &[floor]).obeys_since("l", "r", march(1), &["bad.app"]);
        let found = phone.says(&grace, &app("bad.app"));
        assert_eq!(found.split(" l/").next().unwrap(), said, "{wall} {floor:?}");
    }
    // What no date holds back does not wait.
    assert_eq!(
        says(march(1), None, &denied(json!({ "remedy": "remove" }))),
        "deny remove"
    );
}

#[test]
fn a_hide_does_not_wait_since_it_can_be_undone() {
    let rule = denied(json!({ "remedy": "hide", "from": written(march(10)) }));
    assert_eq!(says(march(4000), None, &rule), "deny hide");
}

#[test]
fn a_layer_has_its_own_clock() {
    let policies = [
        policy(
            "l",
            json!([deny("r", json!({ "until": written(march(10)) }))]),
            json!({}),
        ),
        policy(
            "m",
            json!([deny(
                "s",
                json!({ "remedy": "hide", "until": written(march(10)) })
            )]),
            json!({}),
        ),
    ];
    let said = |floors: &[Option<i64>]| Phone::with_floors(march(5), floors).says(&policies, &app("bad.app"));
    assert_eq!(said(&[Some(march(11)), Some(march(5))]), "deny hide m/s");
    assert_eq!(said(&[Some(march(5)), Some(march(11))]), "deny suspend l/r");
    assert_eq!(said(&[Some(march(11)), Some(march(11))]), "allow nothing-said");
}

#[test]
fn clocks_that_disagree_by_ten_years_loosen_nothing_and_destroy_nothing() {
    let decade = 3653 * DAY;
    let rules = json!([
        deny("ends", json!({ "until": written(march(10)) })),
        deny(
            "removes",
            json!({ "remedy": "remove", "grace": "P9D", "match": { "packages": ["old.app"] } })
        ),
    ]);
    let policies = [policy("l", rules, json!({}))];
    for wall in [march(5) + decade, march(5) - decade] {
        let phone =
            Phone::with_floors(wall, &[Some(march(5))]).obeys_since("l", "removes", march(1), &["old.app"]);
        assert!(
            phone
                .says(&policies, &app("bad.app"))
                .starts_with("deny suspend l/ends")
        );
        let old = phone.verdict(&policies, &app("old.app"));
        assert_ne!(old.remedy, Some(sluis_policy::policy::Remedy::Remove));
    }
}

#[test]
fn a_grace_that_began_in_the_future_began_now() {
    // The clock ran ten years ahead when the rule came, and has been set right.
    let rule = denied(json!({ "remedy": "hide", "grace": "P14D" }));
    let phone =
        Phone::with_floors(march(5), &[Some(march(4))]).obeys_since("l", "r", march(3650), &["bad.app"]);
    assert_eq!(phone.says(&rule, &app("bad.app")), "deny l/r until 2026-03-19");
}
