//! Whether people are told of what is done to their apps.

use serde_json::{Value, json};

use crate::phone::{Phone, app};
use crate::server::{Server, deny, policy};

/// A rule that forbids the app, and what it says of telling.
fn ban(id: &str, notify: Option<&str>) -> Value {
    let mut rule = deny(id, "hide", &["bad.app"]);
    if let Some(notify) = notify {
        rule["notify"] = json!(notify);
    }
    rule
}

/// Of how many apps people are told on a phone with one that these policies may concern, and one that they do not.
fn told(policies: &[Value]) -> u64 {
    let mut server = Server::default();
    for policy in policies {
        server.add(policy["layer"].as_str().unwrap(), policy);
    }
    let mut phone = Phone::obeying(&server, &["bad.app", "good.app"]);
    phone.refresh(&server);
    phone.told
}

#[test]
fn people_are_told_once_of_what_is_done_unless_the_rule_or_else_its_policy_is_quiet() {
    let quiet = |rule: Value| {
        let mut policy = policy("national", json!([rule]));
        policy["notify"] = json!("quiet");
        policy
    };
    assert_eq!(told(&[policy("national", json!([ban("a", None)]))]), 1);
    assert_eq!(told(&[policy("national", json!([ban("a", Some("quiet"))]))]), 0);
    assert_eq!(told(&[quiet(ban("a", None))]), 0);
    assert_eq!(told(&[quiet(ban("a", Some("inform")))]), 1);
    assert_eq!(told(&[policy("national", json!([]))]), 0);
}

#[test]
fn who_keeps_quiet_keeps_nobody_else_from_telling() {
    let city = |notify| policy("city", json!([ban("own", Some(notify))]));
    let national = policy("national", json!([ban("a", Some("quiet"))]));
    assert_eq!(told(&[national.clone(), city("inform")]), 1);
    assert_eq!(told(&[national, city("quiet")]), 0);
}

#[test]
fn a_quiet_policy_does_on_the_phone_what_a_loud_one_does_and_the_screen_shows_it() {
    let server = Server::with("national", &policy("national", json!([ban("a", Some("quiet"))])));
    let mut phone = Phone::obeying(&server, &["bad.app"]);
    assert_eq!(phone.state("bad.app"), "suspended hidden");
    assert_eq!(phone.card("bad.app").as_deref(), Some("state_hidden"));
}

#[test]
fn advice_is_told_and_a_quiet_closed_stance_is_not() {
    let mut advice = deny("a", "hide", &["bad.app"]);
    advice["effect"] = json!("advise");
    advice.as_object_mut().unwrap().remove("remedy");
    assert_eq!(told(&[policy("national", json!([advice]))]), 1);
    let mut closed = policy("national", json!([]));
    closed["stance"] = json!("closed");
    // Of the agent itself, which nothing approves either, there is nothing to tell: the floor protects it.
    assert_eq!(told(&[closed.clone()]), 2);
    closed["notify"] = json!("quiet");
    assert_eq!(told(&[closed]), 0);
}

#[test]
fn people_are_told_again_when_a_forbidden_app_comes_back() {
    let server = Server::with(
        "national",
        &policy("national", json!([deny("a", "remove", &["bad.app"])])),
    );
    let mut phone = Phone::obeying(&server, &["bad.app"]);
    assert_eq!(phone.told, 1);
    phone.install(&server, app("bad.app"));
    assert_eq!(phone.told, 2);
}
