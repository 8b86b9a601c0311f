//! Rules that wait, begin, end and are rolled out, on a phone that lives on.

use serde_json::{Value, json};
use sluis_core::feed::rfc3339;

use crate::phone::{Phone, app};
use crate::repository::{DAY, DAY_0};
use crate::server::{Server, deny, policy};

/// That many days after the first.
fn day(n: i64) -> String {
    rfc3339::format(DAY_0 + n * DAY)
}

fn rule(more: Value) -> Value {
    let mut rule = deny("ban", "hide", &["bad.app"]);
    rule.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    policy("national", json!([rule]))
}

/// A feed that says so, signed anew after days have passed.
fn pass(server: &mut Server, phone: &mut Phone, days: i64, policy: &Value) {
    phone.days_pass(days);
    let repository = server.feeds.get_mut("national").unwrap();
    repository.issued = repository.issued.map(|issued| issued + days * DAY);
    repository.timestamp_expires += days * DAY;
    repository.snapshot_expires += days * DAY;
    repository.targets_expires += days * DAY;
    server.publish("national", policy);
    phone.refresh(server);
}

#[test]
fn what_was_there_first_is_told_its_end_and_hidden_then() {
    let waits = rule(json!({ "grace": "P5D" }));
    let mut server = Server::with("national", &waits);
    let mut phone = Phone::obeying(&server, &["bad.app"]);
    assert_eq!(phone.state("bad.app"), "free");
    let card = phone.screen("en").apps.remove(0);
    assert_eq!(card.state.id, "state_announced");
    let deadline = card.deadline_ms.unwrap();
    assert!((deadline - (DAY_0 + 5 * DAY) * 1000).abs() < 60_000, "{deadline}");
    assert_eq!(phone.screen("en").headline.id, "headline_action_needed");
    phone.process_dies();
    pass(&mut server, &mut phone, 4, &waits);
    assert_eq!(phone.state("bad.app"), "free");
    assert_eq!(phone.screen("en").apps[0].deadline_ms, Some(deadline));
    assert!(
        phone.wake_up_ms.unwrap() <= deadline,
        "it wakes up when the grace ends"
    );
    pass(&mut server, &mut phone, 1, &waits);
    assert_eq!(phone.state("bad.app"), "suspended hidden");
    let judged = phone.logged("judged");
    assert_eq!(judged.len(), 2, "{judged:?}");
    assert_eq!(
        (&judged[0]["deadline_ms"], &judged[1]["deadline_ms"]),
        (&json!(deadline), &Value::Null)
    );
}

#[test]
fn a_grace_ends_without_news_and_without_a_network() {
    let server = &mut Server::with("national", &rule(json!({ "grace": "P5D" })));
    let mut phone = Phone::obeying(server, &["bad.app"]);
    let deadline = phone.screen("en").apps[0].deadline_ms.unwrap();
    server.dead.insert("national".into());
    phone.days_pass(5);
    phone.refresh(server);
    assert!(phone.time.wall_ms >= deadline);
    assert_eq!(phone.state("bad.app"), "suspended hidden");
}

#[test]
fn what_is_installed_later_gets_no_grace_also_after_it_was_there_before() {
    let server = Server::with("national", &rule(json!({ "grace": "P5D" })));
    let mut phone = Phone::obeying(&server, &["other.app"]);
    phone.install(&server, app("bad.app"));
    assert_eq!(phone.state("bad.app"), "suspended hidden");
}

#[test]
fn removing_and_installing_again_neither_ends_nor_renews_a_grace() {
    let waits = rule(json!({ "grace": "P5D" }));
    let mut server = Server::with("national", &waits);
    let mut phone = Phone::obeying(&server, &["bad.app"]);
    phone.packages.remove("bad.app");
    let gone = phone.changed_event("bad.app");
    phone.report(&server, gone);
    assert_eq!(
        phone.card("bad.app"),
        None,
        "nothing to be told of an app that people removed in time"
    );
    phone.install(&server, app("bad.app"));
    assert_eq!(phone.card("bad.app").as_deref(), Some("state_announced"));
    pass(&mut server, &mut phone, 5, &waits);
    assert_eq!(phone.state("bad.app"), "suspended hidden");
}

#[test]
fn a_grace_survives_a_rule_that_was_away_and_its_edits() {
    let waits = rule(json!({ "grace": "P5D" }));
    let mut server = Server::with("national", &waits);
    let mut phone = Phone::obeying(&server, &["bad.app"]);
    pass(&mut server, &mut phone, 3, &policy("national", json!([])));
    assert_eq!(phone.card("bad.app"), None);
    pass(&mut server, &mut phone, 1, &rule(json!({ "grace": "P6D" })));
    let deadline = phone.screen("en").apps[0].deadline_ms.unwrap();
    assert!((deadline - (DAY_0 + 6 * DAY) * 1000).abs() < 60_000, "{deadline}");
}

#[test]
fn an_app_is_suspended_when_its_time_is_over_and_removed_when_the_feed_says_so() {
    let removes = rule(json!({ "remedy": "remove", "grace": "P5D" }));
    let mut server = Server::with("national", &removes);
    let mut phone = Phone::obeying(&server, &["bad.app"]);
    // Somebody sets the clock ten years ahead.
    phone.time.wall_ms += 3650 * DAY * 1000;
    phone.refresh(&server);
    assert_eq!(phone.state("bad.app"), "suspended");
    phone.time.wall_ms -= 3650 * DAY * 1000;
    phone.refresh(&server);
    assert_eq!(
        phone.state("bad.app"),
        "free",
        "set right again, the grace still runs"
    );
    pass(&mut server, &mut phone, 5, &removes);
    assert_eq!(phone.state("bad.app"), "gone");
}

#[test]
fn a_clock_set_back_starts_no_grace_anew() {
    let server = Server::with("national", &rule(json!({ "grace": "P5D" })));
    let mut phone = Phone::obeying(&server, &["bad.app"]);
    phone.days_pass(6);
    phone.refresh(&server);
    assert_eq!(phone.state("bad.app"), "suspended hidden");
    phone.time.wall_ms -= 30 * DAY * 1000;
    phone.refresh(&server);
    assert_eq!(phone.state("bad.app"), "suspended hidden");
}

#[test]
fn a_rule_begins_on_its_day_without_news() {
    let server = Server::with("national", &rule(json!({ "from": day(3) })));
    let mut phone = Phone::obeying(&server, &["bad.app"]);
    assert_eq!((phone.state("bad.app"), phone.card("bad.app")), ("free", None));
    phone.days_pass(2);
    phone.refresh(&server);
    assert_eq!(phone.state("bad.app"), "free");
    phone.days_pass(1);
    phone.refresh(&server);
    assert_eq!(phone.state("bad.app"), "suspended hidden");
}

#[test]
fn a_rule_that_is_over_releases_what_it_held_once_the_feed_says_so() {
    let ends = rule(json!({ "until": day(3) }));
    let mut server = Server::with("national", &ends);
    let mut phone = Phone::obeying(&server, &["bad.app"]);
    phone.time.wall_ms += 100 * DAY * 1000;
    phone.refresh(&server);
    assert_eq!(
        phone.state("bad.app"),
        "suspended hidden",
        "a clock set forward ends nothing"
    );
    phone.time.wall_ms -= 100 * DAY * 1000;
    pass(&mut server, &mut phone, 3, &ends);
    assert_eq!(phone.state("bad.app"), "free");
}

#[test]
fn a_rule_on_trial_touches_nothing() {
    let server = Server::with(
        "national",
        &rule(json!({ "audit_only": true, "remedy": "remove" })),
    );
    let mut phone = Phone::obeying(&server, &["bad.app"]);
    assert_eq!((phone.state("bad.app"), phone.card("bad.app")), ("free", None));
}

#[test]
fn a_rollout_reaches_some_phones_and_each_stays_as_it_is() {
    let server = Server::with("national", &rule(json!({ "rollout": 50 })));
    let mut states = Vec::new();
    for _ in 0..24 {
        let mut phone = Phone::obeying(&server, &["bad.app"]);
        let state = phone.state("bad.app");
        for _ in 0..2 {
            phone.process_dies();
            phone.refresh(&server);
            assert_eq!(phone.state("bad.app"), state);
        }
        states.push(state);
    }
    // All alike would happen once in eight million runs.
    assert!(
        states.contains(&"free") && states.contains(&"suspended hidden"),
        "{states:?}"
    );
}

#[test]
fn what_to_use_instead_is_told_by_the_name_that_an_approval_gives_it() {
    let mut with = rule(json!({ "alternative": "good.app" }));
    let approval = json!({ "id": "good", "effect": "allow", "match": { "packages": ["good.app"] }, "name": { "nl": "Goede app", "en": "Good app" } });
    with["rules"].as_array_mut().unwrap().push(approval);
    let mut server = Server::with("national", &with);
    let mut phone = Phone::obeying(&server, &["bad.app"]);
    assert_eq!(
        phone.screen("nl").apps[0].alternative.as_deref(),
        Some("Goede app")
    );
    server.publish("national", &rule(json!({ "alternative": "good.app" })));
    phone.refresh(&server);
    assert_eq!(
        phone.screen("nl").apps[0].alternative.as_deref(),
        Some("good.app")
    );
}
