//! The switches of the phone itself: what policies ask for is on, and only what Sluis turned on is turned off.

use serde_json::{Value, json};

use crate::phone::{Phone, app};
use crate::repository::DAY;
use crate::server::{Server, deny, policy};

const HOUR_MS: i64 = 3_600_000;
const UNKNOWN_SOURCES: &str = "no_install_unknown_sources";

fn asking(layer: &str, device: Value) -> Value {
    let mut policy = policy(layer, json!([]));
    policy["device"] = device;
    policy
}

fn restricted(phone: &Phone) -> Vec<&str> {
    phone.restrictions.keys().map(String::as_str).collect()
}

fn hours_pass(phone: &mut Phone, server: &Server, hours: i64) {
    phone.time.wall_ms += hours * HOUR_MS;
    phone.time.elapsed_ms += u64::try_from(hours * HOUR_MS).unwrap();
    phone.refresh(server);
}

#[test]
fn what_a_policy_asks_of_the_phone_is_done_and_undone_with_it() {
    let device = json!({
        "forbid": ["debugging", "safe_boot"],
        "automatic_time": true,
        "keyboards": ["org.keyboard"],
        "blocked_web": ["tiktok.com"],
    });
    let mut server = Server::with("national", &asking("national", device));
    let mut phone = Phone::obeying(&server, &[]);
    let all = [
        "automatic_time",
        "blocked_web",
        "keyboards",
        "no_config_date_time",
        "no_debugging_features",
        UNKNOWN_SOURCES,
        "no_safe_boot",
    ];
    assert_eq!(restricted(&phone), all);
    assert_eq!(phone.restrictions["keyboards"], ["org.keyboard"]);
    assert_eq!(phone.restrictions["blocked_web"], ["tiktok.com"]);
    let device = json!({ "forbid": ["debugging"], "blocked_web": ["tiktok.com", "vk.com"] });
    server.publish("national", &asking("national", device));
    phone.refresh(&server);
    assert_eq!(
        restricted(&phone),
        ["blocked_web", "no_debugging_features", UNKNOWN_SOURCES]
    );
    assert_eq!(phone.restrictions["blocked_web"], ["tiktok.com", "vk.com"]);
    server.publish("national", &policy("national", json!([])));
    phone.refresh(&server);
    assert_eq!(restricted(&phone), [UNKNOWN_SOURCES]);
}

#[test]
fn nothing_is_ordered_twice_and_what_somebody_else_restricted_stays() {
    let server = Server::with(
        "national",
        &asking("national", json!({ "forbid": ["debugging"] })),
    );
    let mut phone = Phone::with(&[]);
    phone.restrictions.insert("no_camera".into(), vec![]);
    phone.configure(&server, &["national"]).unwrap();
    phone.orders();
    phone.refresh(&server);
    phone.process_dies();
    phone.refresh(&server);
    assert_eq!(phone.orders(), Vec::<String>::new());
    assert!(phone.restrictions.contains_key("no_camera"));
}

#[test]
fn a_layer_that_goes_takes_only_what_no_other_asks_for() {
    let mut server = Server::with(
        "national",
        &asking("national", json!({ "forbid": ["debugging"] })),
    );
    server.add(
        "city",
        &asking("city", json!({ "forbid": ["debugging", "users"] })),
    );
    let mut phone = Phone::obeying(&server, &[]);
    assert!(phone.restrictions.contains_key("no_add_user"));
    phone.configure(&server, &["national"]).unwrap();
    assert_eq!(restricted(&phone), ["no_debugging_features", UNKNOWN_SOURCES]);
}

#[test]
fn while_a_layer_cannot_be_read_nothing_that_it_may_ask_for_is_given_up() {
    let national = json!({ "blocked_web": ["tiktok.com"], "keyboards": ["a.a", "b.b"] });
    let mut server = Server::with("national", &asking("national", national));
    let city = json!({ "forbid": ["users"], "blocked_web": ["vk.com"], "keyboards": ["a.a"] });
    server.add("city", &asking("city", city));
    let mut phone = Phone::obeying(&server, &[]);
    phone
        .process_dies_and(|path| {
            let store = rusqlite::Connection::open(path).unwrap();
            let sql =
                "UPDATE feed_file SET bytes = x'00' WHERE feed = (SELECT id FROM feed WHERE name = 'city')";
            store.execute(sql, []).unwrap();
        })
        .unwrap();
    server.dead.insert("city".into());
    phone.refresh(&server);
    assert!(phone.restrictions.contains_key("no_add_user"));
    assert_eq!(phone.restrictions["blocked_web"], ["tiktok.com", "vk.com"]);
    assert_eq!(phone.restrictions["keyboards"], ["a.a"]);
}

#[test]
fn an_older_phone_is_asked_for_what_it_has_switches_for() {
    let device = json!({ "forbid": ["profiles", "private_space"], "automatic_time": true });
    let server = Server::with("national", &asking("national", device));
    let mut phone = Phone::with(&[]);
    phone.api = 26;
    phone.configure(&server, &["national"]).unwrap();
    assert_eq!(
        restricted(&phone),
        ["automatic_time", "no_add_managed_profile", UNKNOWN_SOURCES]
    );
    phone.api = 35;
    phone.refresh(&server);
    assert!(
        phone.restrictions.contains_key("no_add_private_profile"),
        "after an update of Android"
    );
}

#[test]
fn what_the_phone_does_not_take_is_told_and_tried_again_a_day_later() {
    let server = Server::with("national", &asking("national", json!({ "keyboards": [] })));
    let mut phone = Phone::with(&[]);
    phone.drops.insert("restrict keyboards".into());
    phone.configure(&server, &["national"]).unwrap();
    let told = |phone: &mut Phone| phone.warnings().iter().any(|w| w.contains("warning_switches"));
    assert!(told(&mut phone));
    phone.orders();
    hours_pass(&mut phone, &server, 4);
    assert_eq!(phone.orders(), Vec::<String>::new());
    phone.drops.clear();
    hours_pass(&mut phone, &server, 24);
    assert_eq!(phone.orders(), ["restrict keyboards"]);
    assert!(!told(&mut phone));
}

#[test]
fn an_order_whose_result_was_lost_is_given_again_or_undone() {
    let mut server = Server::with("national", &policy("national", json!([])));
    let mut phone = Phone::obeying(&server, &[]);
    server.publish(
        "national",
        &asking("national", json!({ "forbid": ["debugging"] })),
    );
    phone.refresh_without_a_list(&server);
    let list = phone.inventory_event();
    let ordered = phone.tell(list, None).unwrap();
    // It was carried out, and nobody heard of it.
    phone.act(&ordered.actions[0]);
    phone.process_dies();
    server.publish("national", &policy("national", json!([])));
    phone.report(&server, sluis_core::agent::message::Event::Started {});
    assert_eq!(restricted(&phone), [UNKNOWN_SOURCES]);
}

#[test]
fn closed_installing_is_opened_two_hours_a_day_and_what_arrives_then_is_judged() {
    let mut closing = asking("national", json!({ "installs": "closed" }));
    closing["rules"] = json!([deny("ban", "hide", &["bad.app"])]);
    let mut server = Server::with("national", &closing);
    let mut phone = Phone::obeying(&server, &[]);
    let closed = |phone: &Phone| phone.restrictions.contains_key("no_install_apps");
    assert!(closed(&phone), "at once");
    let opens = phone.time.wall_ms + 22 * HOUR_MS;
    hours_pass(&mut phone, &server, 21);
    assert!(closed(&phone));
    assert!(phone.wake_up_ms.unwrap() <= opens, "it wakes up to open it");
    hours_pass(&mut phone, &server, 1);
    assert!(!closed(&phone));
    phone.install(&server, app("bad.app"));
    assert_eq!(phone.state("bad.app"), "suspended hidden");
    let closes = phone.time.wall_ms + 2 * HOUR_MS;
    assert!(phone.wake_up_ms.unwrap() <= closes, "and to close it");
    hours_pass(&mut phone, &server, 2);
    assert!(closed(&phone));
    hours_pass(&mut phone, &server, 22);
    assert!(!closed(&phone), "the next day again");
    server.publish("national", &policy("national", json!([])));
    hours_pass(&mut phone, &server, 2);
    assert!(!closed(&phone));
}

#[test]
fn a_clock_set_back_opens_no_installing() {
    let server = Server::with("national", &asking("national", json!({ "installs": "closed" })));
    let mut phone = Phone::obeying(&server, &[]);
    phone.time.wall_ms -= 10 * DAY * 1000;
    phone.refresh(&server);
    assert!(phone.restrictions.contains_key("no_install_apps"));
}

/// A phone whose policy closes installing after five days of silence, and the feed falls silent.
fn silenced() -> (Server, Phone) {
    let mut policy = policy("national", json!([deny("ban", "hide", &["bad.app"])]));
    policy["staleness"] = json!({ "warn_after": "P3D", "restrict_after": "P5D" });
    let mut server = Server::with("national", &policy);
    let phone = Phone::obeying(&server, &["bad.app"]);
    server.dead.insert("national".into());
    (server, phone)
}

fn is_closed(phone: &mut Phone) -> bool {
    let closed = phone.restrictions.contains_key("no_install_apps");
    let told = phone
        .warnings()
        .iter()
        .any(|w| w.contains("warning_installs_closed"));
    assert_eq!(closed, told, "it is told as it is");
    closed
}

#[test]
fn a_long_silence_closes_installing_and_releases_and_destroys_nothing() {
    let (mut server, mut phone) = silenced();
    phone.days_pass(4);
    phone.refresh(&server);
    assert!(!is_closed(&mut phone));
    phone.days_pass(1);
    phone.orders();
    phone.refresh(&server);
    assert!(is_closed(&mut phone));
    assert_eq!(phone.orders(), ["restrict no_install_apps"]);
    assert_eq!(phone.state("bad.app"), "suspended hidden");
    server.dead.clear();
    phone.refresh(&server);
    assert!(
        !is_closed(&mut phone),
        "a feed that speaks again opens it at once"
    );
}

#[test]
fn a_clock_set_back_does_not_end_what_a_silence_closed_and_neither_does_a_restart() {
    let (server, mut phone) = silenced();
    phone.days_pass(5);
    phone.refresh(&server);
    phone.time.wall_ms -= 5 * DAY * 1000;
    phone.process_dies();
    phone.refresh(&server);
    assert!(is_closed(&mut phone));
}

#[test]
fn a_feed_that_was_last_heard_by_a_clock_far_ahead_counts_as_silent() {
    let (mut server, mut phone) = silenced();
    server.dead.clear();
    phone.time.wall_ms += 6 * DAY * 1000;
    phone.refresh(&server);
    assert!(!is_closed(&mut phone), "it was heard just now");
    server.dead.insert("national".into());
    phone.time.wall_ms -= 6 * DAY * 1000;
    phone.refresh(&server);
    assert!(is_closed(&mut phone));
}

#[test]
fn without_restrict_after_no_silence_closes_anything() {
    let mut policy = policy("national", json!([]));
    policy["staleness"] = json!({ "warn_after": "P3D" });
    let mut server = Server::with("national", &policy);
    let mut phone = Phone::obeying(&server, &[]);
    server.dead.insert("national".into());
    phone.days_pass(400);
    phone.refresh(&server);
    assert!(!is_closed(&mut phone));
}
