//! The brake: a version that would forbid too much at once is held back until it is confirmed.

use serde_json::{Value, json};

use crate::phone::Phone;
use crate::repository::DAY;
use crate::server::{Server, deny, policy};

/// Names of that many apps.
fn apps(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("app.n{n}")).collect()
}

fn names(apps: &[String]) -> Vec<&str> {
    apps.iter().map(String::as_str).collect()
}

/// A policy that suspends these apps.
fn banning(apps: &[String], more: Value) -> Value {
    let rules = match apps {
        [] => json!([]),
        _ => json!([deny("ban", "suspend", &names(apps))]),
    };
    let mut policy = policy("national", rules);
    policy
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    policy
}

/// A phone with that many apps that obeys a policy which forbids none of them.
fn unconcerned(count: usize, more: Value) -> (Server, Phone, Vec<String>) {
    let apps = apps(count);
    let server = Server::with("national", &banning(&[], more));
    let phone = Phone::obeying(&server, &names(&apps));
    (server, phone, apps)
}

fn publish(server: &mut Server, phone: &mut Phone, policy: &Value) {
    server.publish("national", policy);
    phone.refresh(server);
}

/// How many of the phone's apps are kept from use.
fn kept(phone: &Phone, apps: &[String]) -> usize {
    apps.iter().filter(|app| phone.state(app) != "free").count()
}

fn says_held_back(phone: &mut Phone) -> bool {
    phone
        .warnings()
        .iter()
        .any(|warning| warning.contains("warning_held_back"))
}

#[test]
fn a_version_that_empties_the_phone_is_held_back_and_the_one_before_is_obeyed() {
    let apps = apps(40);
    let one = vec!["bad.app".to_owned()];
    let mut server = Server::with("national", &banning(&one, json!({})));
    let mut phone = Phone::obeying(&server, &[names(&apps), vec!["bad.app"]].concat());
    publish(&mut server, &mut phone, &banning(&apps, json!({})));
    assert_eq!(kept(&phone, &apps), 0);
    assert_eq!(
        phone.state("bad.app"),
        "suspended",
        "what the version before forbids stays forbidden"
    );
    assert!(says_held_back(&mut phone));
    let held = phone.logged("held_back");
    assert_eq!(held.len(), 1);
    assert_eq!(
        (&held[0]["changes"], &held[0]["limited"]),
        (&json!(40), &json!(25))
    );
    assert_eq!(held[0]["layer"], json!("national"));
    assert_eq!(
        phone.logged("feed_updated").len(),
        1,
        "only the first version came into force"
    );
}

#[test]
fn exactly_as_many_changes_as_are_allowed_are_made_and_one_more_is_not() {
    for (count, expected) in [(25, 25), (26, 0)] {
        let (mut server, mut phone, apps) = unconcerned(count, json!({}));
        publish(&mut server, &mut phone, &banning(&apps, json!({})));
        assert_eq!(kept(&phone, &apps), expected);
        assert_eq!(says_held_back(&mut phone), expected == 0);
    }
}

#[test]
fn the_first_policy_after_enrolment_is_not_braked() {
    let apps = apps(40);
    let server = Server::with(
        "national",
        &banning(&apps, json!({ "limits": { "max_changes": 0 } })),
    );
    let mut phone = Phone::obeying(&server, &names(&apps));
    assert_eq!(kept(&phone, &apps), 40);
    assert!(!says_held_back(&mut phone));
}

#[test]
fn a_version_cannot_excuse_itself_by_a_larger_number_of_its_own() {
    let (mut server, mut phone, apps) = unconcerned(40, json!({ "limits": { "max_changes": 30 } }));
    let excuse = json!({ "limits": { "max_changes": 100000 } });
    publish(&mut server, &mut phone, &banning(&apps, excuse));
    assert_eq!(kept(&phone, &apps), 0);
    let held = phone.logged("held_back");
    assert_eq!(
        held[0]["limited"],
        json!(30),
        "the number is that of the version that is obeyed"
    );
}

#[test]
fn the_number_can_be_raised_by_one_version_for_the_next() {
    let (mut server, mut phone, apps) = unconcerned(40, json!({}));
    let raised = json!({ "limits": { "max_changes": 40 } });
    publish(&mut server, &mut phone, &banning(&[], raised.clone()));
    publish(&mut server, &mut phone, &banning(&apps, raised));
    assert_eq!(kept(&phone, &apps), 40);
}

#[test]
fn a_later_version_confirms_and_later_ones_are_braked_again() {
    let apps = apps(80);
    let (mut server, mut phone, _) = unconcerned(80, json!({}));
    publish(&mut server, &mut phone, &banning(&apps[..40], json!({})));
    assert_eq!(kept(&phone, &apps), 0);
    let confirmed = json!({ "limits": { "confirmed": "2026-03-01T00:00:00Z" } });
    publish(&mut server, &mut phone, &banning(&apps[..40], confirmed.clone()));
    assert_eq!(kept(&phone, &apps), 40);
    assert!(!says_held_back(&mut phone));
    publish(&mut server, &mut phone, &banning(&apps, confirmed));
    assert_eq!(
        kept(&phone, &apps),
        40,
        "what was confirmed is not confirmed for ever"
    );
    assert!(says_held_back(&mut phone));
    let again = json!({ "limits": { "confirmed": "2026-03-02T00:00:00Z" } });
    publish(&mut server, &mut phone, &banning(&apps, again));
    assert_eq!(kept(&phone, &apps), 80);
}

#[test]
fn a_phone_that_was_off_while_it_was_confirmed_takes_a_later_version_that_still_says_so() {
    let (mut server, mut phone, apps) = unconcerned(40, json!({}));
    let confirmed = json!({ "limits": { "confirmed": "2026-03-01T00:00:00Z" } });
    server.publish("national", &banning(&apps, json!({})));
    server.publish("national", &banning(&apps, confirmed.clone()));
    server.publish("national", &banning(&apps[1..], confirmed));
    phone.refresh(&server);
    assert_eq!(kept(&phone, &apps), 39);
}

#[test]
fn a_mistake_that_is_taken_back_leaves_no_trace_on_the_phone() {
    let (mut server, mut phone, apps) = unconcerned(40, json!({}));
    publish(&mut server, &mut phone, &banning(&apps, json!({})));
    publish(&mut server, &mut phone, &banning(&apps[..3], json!({})));
    assert_eq!(kept(&phone, &apps), 3);
    assert!(!says_held_back(&mut phone));
}

#[test]
fn a_version_stays_held_back_over_restarts_and_days() {
    let (mut server, mut phone, apps) = unconcerned(40, json!({}));
    publish(&mut server, &mut phone, &banning(&apps, json!({})));
    for _ in 0..3 {
        phone.process_dies();
        phone.days_pass(1);
        phone.refresh(&server);
        assert_eq!(kept(&phone, &apps), 0);
        assert!(says_held_back(&mut phone));
    }
    assert_eq!(phone.logged("held_back").len(), 1, "the log says so once");
    let confirmed = json!({ "limits": { "confirmed": "2026-03-01T00:00:00Z" } });
    publish(&mut server, &mut phone, &banning(&apps, confirmed));
    assert_eq!(kept(&phone, &apps), 40);
}

#[test]
fn a_restart_between_the_news_and_the_list_of_packages_puts_nothing_in_force_untried() {
    let (mut server, mut phone, apps) = unconcerned(40, json!({}));
    server.publish("national", &banning(&apps, json!({})));
    phone.refresh_without_a_list(&server);
    phone.process_dies();
    let change = phone.changed_event("app.n0");
    phone.report(&server, change);
    assert_eq!(kept(&phone, &apps), 0);
    phone.refresh(&server);
    assert_eq!(kept(&phone, &apps), 0);
    assert!(says_held_back(&mut phone));
}

#[test]
fn what_begins_later_or_after_a_grace_counts_too() {
    for more in [
        json!({ "grace": "P14D" }),
        json!({ "from": "2030-01-01T00:00:00Z" }),
    ] {
        let (mut server, mut phone, apps) = unconcerned(40, json!({}));
        let mut rule = deny("ban", "remove", &names(&apps));
        rule.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        publish(&mut server, &mut phone, &policy("national", json!([rule])));
        assert!(says_held_back(&mut phone), "{more}");
    }
}

#[test]
fn a_stance_that_is_closed_by_mistake_is_held_back_too() {
    let (mut server, mut phone, apps) = unconcerned(40, json!({}));
    publish(
        &mut server,
        &mut phone,
        &banning(&[], json!({ "stance": "closed" })),
    );
    assert_eq!(kept(&phone, &apps), 0);
    assert!(says_held_back(&mut phone));
}

#[test]
fn a_catalogue_that_names_too_much_is_held_back_with_its_policy() {
    let catalogue = |packages: &[String]| {
        let names: serde_json::Map<String, Value> = packages
            .iter()
            .map(|name| (name.clone(), json!("An app")))
            .collect();
        json!({ "format": "sluis.catalogue/1", "vendors": [{
            "id": "vendor", "name": "Vendor", "control_assessment": "clear", "country_of_control": "CN",
            "packages": [{ "source": "a list", "confidence": "high", "apps": names }]
        }] })
    };
    let apps = apps(40);
    let mut rule = deny("ban", "suspend", &["x.y"]);
    rule["match"] = json!({ "vendors": ["vendor"] });
    let mut server = Server::with("national", &policy("national", json!([rule.clone()])));
    let publish_with = |server: &mut Server, packages: &[String], policy: &Value| {
        let content = &mut server.feeds.get_mut("national").unwrap().content;
        content.insert(
            "catalogue.json".into(),
            catalogue(packages).to_string().into_bytes(),
        );
        server.publish("national", policy);
    };
    let same = policy("national", json!([rule]));
    publish_with(&mut server, &apps[..2], &same);
    let mut phone = Phone::obeying(&server, &names(&apps));
    assert_eq!(kept(&phone, &apps), 2);
    publish_with(&mut server, &apps, &same);
    phone.refresh(&server);
    assert_eq!(kept(&phone, &apps), 2);
    assert!(says_held_back(&mut phone));
    let mut confirmed = same;
    confirmed["limits"] = json!({ "confirmed": "2026-03-01T00:00:00Z" });
    server.publish("national", &confirmed);
    phone.process_dies();
    phone.refresh(&server);
    assert_eq!(kept(&phone, &apps), 40);
}

#[test]
fn what_the_version_before_forbids_already_is_no_change() {
    let apps = apps(40);
    let mut server = Server::with("national", &banning(&apps, json!({})));
    let mut phone = Phone::obeying(&server, &names(&apps));
    publish(
        &mut server,
        &mut phone,
        &policy("national", json!([deny("other", "hide", &names(&apps))])),
    );
    assert!(!says_held_back(&mut phone));
    assert_eq!(phone.state("app.n0"), "suspended hidden");
}

#[test]
fn each_layer_is_braked_by_itself_and_holds_up_no_other() {
    let apps = apps(60);
    let mut server = Server::with("national", &banning(&[], json!({})));
    server.add("city", &policy("city", json!([])));
    let mut phone = Phone::obeying(&server, &names(&apps));
    server.publish("national", &banning(&apps[..40], json!({})));
    server.publish(
        "city",
        &policy("city", json!([deny("own", "hide", &names(&apps[40..]))])),
    );
    phone.refresh(&server);
    assert_eq!(kept(&phone, &apps[..40]), 0);
    assert_eq!(kept(&phone, &apps[40..]), 20);
    let warnings = phone.warnings();
    let held: Vec<_> = warnings
        .iter()
        .filter(|w| w.contains("warning_held_back"))
        .collect();
    assert_eq!(held.len(), 1);
    assert!(held[0].contains("Organisation national"));
}

#[test]
fn what_another_layer_forbids_already_is_no_change() {
    let apps = apps(40);
    let mut server = Server::with("national", &banning(&apps, json!({})));
    server.add("city", &policy("city", json!([])));
    let mut phone = Phone::obeying(&server, &names(&apps));
    server.publish(
        "city",
        &policy("city", json!([deny("own", "hide", &names(&apps))])),
    );
    phone.refresh(&server);
    assert!(!says_held_back(&mut phone));
}

#[test]
fn a_list_of_packages_that_cannot_be_read_puts_nothing_in_force_and_braking_ends_with_the_next() {
    let (mut server, mut phone, apps) = unconcerned(3, json!({}));
    server.publish("national", &banning(&apps, json!({})));
    phone.refresh_without_a_list(&server);
    assert_eq!(kept(&phone, &apps), 0);
    let list = phone.inventory_event();
    phone.report(&server, list);
    assert_eq!(kept(&phone, &apps), 3);
}

#[test]
fn a_version_that_is_held_back_is_no_news_at_every_check() {
    let (mut server, mut phone, apps) = unconcerned(40, json!({}));
    publish(&mut server, &mut phone, &banning(&apps, json!({})));
    let before = phone.audit().len();
    phone.refresh(&server);
    phone.refresh(&server);
    assert_eq!(phone.audit().len(), before);
    phone.time.wall_ms += DAY * 1000;
    assert!(says_held_back(&mut phone));
}
