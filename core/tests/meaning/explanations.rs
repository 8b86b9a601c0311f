//! A verdict can say everything that was weighed.

use serde_json::json;
use sluis_core::policy::Idle;
use sluis_policy::policy::Remedy;

use crate::phone::{Phone, app, deny, march, policy, ruleset, written};

#[test]
fn all_rules_that_deny_are_told_the_exempted_ones_too() {
    let exemption = json!({
        "rule": "exempted", "packages": ["bad.app"], "groups": ["g"], "purpose": { "en": "Research" }, "until": written(march(9)),
    });
    let rules = json!([
        deny("waits", json!({ "remedy": "remove", "grace": "P14D" })),
        deny("exempted", json!({ "remedy": "hide" })),
        deny("plain", json!({})),
        deny("tried", json!({ "audit_only": true })),
        deny("later", json!({ "from": written(march(20)) })),
        deny("over", json!({ "until": written(march(-20)) })),
        { "id": "advice", "effect": "advise", "match": { "packages": ["bad.app"] } },
        { "id": "approval", "effect": "allow", "match": { "packages": ["bad.app"] } },
    ]);
    let policies = [
        policy("l", rules, json!({ "exemptions": [exemption] })),
        policy("m", json!([]), json!({ "stance": "closed" })),
    ];
    let phone = Phone::at(march(2))
        .obeys_since("l", "waits", march(1), &["bad.app"])
        .member("l", "g", march(99));
    let explanation = phone.explain(&policies, &app("bad.app"));
    let ruleset = ruleset(&policies);
    let name = |number: u32| ruleset.rule(number).unwrap().1.id.to_string();
    let denials: Vec<_> = explanation
        .denials
        .iter()
        .map(|denial| {
            (
                name(denial.rule),
                denial.remedy,
                denial.announced.clone(),
                denial.exemption.is_some(),
            )
        })
        .collect();
    let waits = vec![(march(15), Remedy::Suspend), (march(15), Remedy::Remove)];
    assert_eq!(
        denials,
        [
            ("waits".into(), None, waits, false),
            ("exempted".into(), None, vec![(march(9), Remedy::Hide)], true),
            ("plain".into(), Some(Remedy::Suspend), vec![], false),
        ]
    );
    assert_eq!(explanation.not_approved, [(1, None)]);
    let names = |numbers: &[u32]| numbers.iter().map(|n| name(*n)).collect::<Vec<_>>();
    assert_eq!(
        (names(&explanation.advice), names(&explanation.approvals)),
        (vec!["advice".into()], vec!["approval".to_owned()])
    );
    let mut idle: Vec<_> = explanation
        .idle
        .iter()
        .map(|(number, idle)| (name(*number), *idle))
        .collect();
    idle.sort_by_key(|(name, _)| name.clone());
    assert_eq!(
        idle,
        [
            ("later".into(), Idle::NotYet),
            ("over".into(), Idle::Over),
            ("tried".to_owned(), Idle::AuditOnly)
        ]
    );
    assert_eq!(
        phone.says(&policies, &app("bad.app")),
        "deny suspend l/plain until 2026-03-09"
    );
}

#[test]
fn forbidden_is_told_apart_from_not_approved() {
    let policies = [policy(
        "l",
        json!([deny("r", json!({}))]),
        json!({ "stance": "closed" }),
    )];
    assert_eq!(Phone::at(0).says(&policies, &app("bad.app")), "deny suspend l/r");
    assert_eq!(
        Phone::at(0).says(&policies, &app("other.app")),
        "deny suspend l/not-approved"
    );
}

#[test]
fn it_is_told_when_something_may_change_by_itself() {
    let rules = json!([
        deny("later", json!({ "from": written(march(20)) })),
        deny("waits", json!({ "grace": "P14D" })),
    ]);
    let ruleset = ruleset(&[policy("l", rules, json!({}))]);
    let next = |phone: &Phone| ruleset.at(&phone.circumstances()).next_change_ms();
    let phone = |day| Phone::at(march(day)).obeys_since("l", "waits", march(1), &[]);
    assert_eq!(next(&phone(1)), Some(march(15)));
    assert_eq!(next(&phone(15)), Some(march(20)));
    assert_eq!(next(&phone(20)), None);
    // The wall clock is behind: it is the floor that gets there.
    let mut behind = phone(1);
    behind.floors = Some(vec![Some(march(14))]);
    assert_eq!(next(&behind), Some(march(2)));
}

#[test]
fn it_is_told_when_an_exemption_or_a_place_in_a_group_begins_or_ends() {
    let exemption = json!({
        "rule": "r",
        "packages": ["bad.app"],
        "groups": ["inspectors"],
        "purpose": { "en": "Inspection" },
        "from": written(march(5)),
        "until": written(march(10)),
    });
    let rule = deny("r", json!({ "remedy": "remove" }));
    let ruleset = ruleset(&[policy("l", json!([rule]), json!({ "exemptions": [exemption] }))]);
    let next = |phone: Phone| ruleset.at(&phone.circumstances()).next_change_ms();
    assert_eq!(next(Phone::at(march(1))), Some(march(5)));
    assert_eq!(next(Phone::at(march(5))), Some(march(10)));
    assert_eq!(next(Phone::at(march(10))), None);
    let member = |day| Phone::at(march(day)).member("l", "inspectors", march(12));
    assert_eq!(next(member(10)), Some(march(12)));
    assert_eq!(next(member(12)), None);
    // What it kept may be removed fourteen days after its end.
    let was_exempt = Phone::at(march(11)).was_exempt("l", "r", "bad.app", Some(march(10)));
    assert_eq!(next(was_exempt), Some(march(24)));
}
