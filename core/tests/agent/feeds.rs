//! Feeds that are dead, broken, changed or taken away.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;
use sluis_core::agent::AgentError;
use sluis_core::agent::message::{Configuration, Event, FetchOutcome};

use crate::phone::{Phone, app};
use crate::server::{Server, deny, policy};

fn two_feeds() -> Server {
    let mut server = Server::with(
        "national",
        &policy("national", json!([deny("ban", "hide", &["bad.app"])])),
    );
    let city = json!([deny("ours", "suspend", &["city.app"])]);
    server.add("city", &policy("city", city));
    server
}

const APPS: [&str; 3] = ["bad.app", "city.app", "good.app"];

fn enforced(phone: &Phone) -> bool {
    (
        phone.state("bad.app"),
        phone.state("city.app"),
        phone.state("good.app"),
    ) == ("suspended hidden", "suspended", "free")
}

#[test]
fn a_dead_feed_leaves_the_other_in_force() {
    let mut server = two_feeds();
    let mut phone = Phone::obeying(&server, &APPS);
    assert!(enforced(&phone));
    server.dead.insert("city".into());
    server.publish(
        "national",
        &policy("national", json!([deny("ban", "hide", &["bad.app", "new.app"])])),
    );
    phone.days_pass(1);
    phone.refresh(&server);
    phone.install(&server, app("new.app"));
    assert!(enforced(&phone));
    assert_eq!(phone.state("new.app"), "suspended hidden");
}

#[test]
fn a_feed_out_of_reach_is_asked_again_later_and_later_and_is_not_called_refused() {
    let mut server = two_feeds();
    let mut phone = Phone::obeying(&server, &APPS);
    let log = phone.audit();
    server.dead.extend(["city".into(), "national".into()]);
    for minutes in [15, 30, 60, 120, 240, 240, 240] {
        phone.refresh(&server);
        // Asking takes the simulated phone some seconds; so that not all phones ask at once, a fifth may be left out.
        let wait_s = (phone.wake_up_ms.unwrap() - phone.time.wall_ms) / 1000 + 30;
        assert!(
            wait_s > minutes * 60 * 4 / 5 && wait_s <= minutes * 60 + 30,
            "{wait_s} s for {minutes} minutes"
        );
    }
    assert_eq!(phone.warnings(), Vec::<String>::new());
    assert_eq!(phone.audit(), log);
}

#[test]
fn a_policy_that_cannot_be_read_is_refused_and_the_last_one_stays() {
    let mut server = two_feeds();
    let mut phone = Phone::obeying(&server, &APPS);
    let mut wrong = policy("city", json!([]));
    wrong["rulez"] = json!([]);
    server.publish("city", &wrong);
    for _ in 0..3 {
        phone.refresh(&server);
        phone.process_dies();
        phone.report(&server, Event::Started {});
        assert!(enforced(&phone));
    }
    let warnings = phone.warnings();
    assert!(
        warnings
            .iter()
            .any(|w| w.contains("warning_feed_refused") && w.contains("rulez")),
        "{warnings:?}"
    );
    assert_eq!(
        phone.logged("feed_refused").len(),
        1,
        "said once, not at every refresh"
    );
    server.publish("city", &policy("city", json!([])));
    phone.refresh(&server);
    assert_eq!(phone.state("city.app"), "free");
    assert_eq!(phone.warnings(), Vec::<String>::new());
}

#[test]
fn a_policy_that_takes_an_earlier_feeds_layer_is_refused() {
    let mut server = two_feeds();
    let mut phone = Phone::with(&APPS);
    phone.configure(&server, &["national", "city"]).unwrap();
    server.publish("city", &policy("national", json!([])));
    phone.refresh(&server);
    assert!(enforced(&phone));
    let warnings = phone.warnings();
    assert_eq!(warnings.len(), 1);
    assert!(
        warnings[0].contains("city") && warnings[0].contains("`national`"),
        "{warnings:?}"
    );
}

#[test]
fn a_feed_cannot_keep_the_baseline_out_by_taking_its_layer_first() {
    let mut server = two_feeds();
    server.publish("city", &policy("national", json!([])));
    server.dead.insert("national".into());
    let mut phone = Phone::with(&APPS);
    phone.configure(&server, &["national", "city"]).unwrap();
    server.dead.clear();
    for _ in 0..3 {
        phone.days_pass(1);
        phone.refresh(&server);
        assert_eq!(phone.state("bad.app"), "suspended hidden");
        let warnings = phone.warnings();
        assert!(
            !warnings.is_empty() && warnings.iter().all(|w| w.contains("city")),
            "{warnings:?}"
        );
    }
    assert_eq!(phone.screen("en").layers.len(), 1);
    // What the baseline forbade with the other's rules in doubt comes back once the other has a layer of its own.
    server.publish("city", &policy("city", json!([])));
    server.publish("national", &policy("national", json!([])));
    phone.refresh(&server);
    assert_eq!(phone.state("bad.app"), "free");
    assert_eq!(phone.warnings(), Vec::<String>::new());
}

#[test]
fn a_feed_that_nobody_renews_is_called_old_and_is_logged_once() {
    let server = two_feeds();
    let mut phone = Phone::obeying(&server, &APPS);
    phone.days_pass(400);
    for _ in 0..5 {
        phone.days_pass(1);
        phone.refresh(&server);
        assert!(enforced(&phone));
    }
    assert_eq!(phone.logged("feed_refused").len(), 2, "once for each feed");
    let warnings = phone.warnings();
    assert_eq!(warnings.len(), 2);
    assert!(
        warnings.iter().all(|w| w.contains("warning_stale")),
        "{warnings:?}"
    );
}

#[test]
fn a_file_without_end_is_refused_and_not_called_out_of_reach() {
    let server = two_feeds();
    let mut phone = Phone::obeying(&server, &APPS);
    for _ in 0..2 {
        for fetch in phone.tell(Event::Refresh {}, None).unwrap().fetches {
            let (feed, url, outcome) = (fetch.feed, fetch.url, FetchOutcome::TooLong {});
            phone.tell(Event::Fetched { feed, url, outcome }, None).unwrap();
        }
    }
    assert_eq!(phone.logged("feed_refused").len(), 2, "once for each feed");
    let warnings = phone.warnings();
    assert!(
        warnings.len() == 2 && warnings.iter().all(|w| w.contains("warning_feed_refused")),
        "{warnings:?}"
    );
}

#[test]
fn files_that_rot_in_the_store_release_nothing_and_are_fetched_again() {
    let mut server = two_feeds();
    let mut phone = Phone::obeying(&server, &APPS);
    phone
        .store()
        .execute(
            "UPDATE feed_file SET bytes = zeroblob(length(bytes)) WHERE name = 'policy.json'",
            [],
        )
        .unwrap();
    server.dead.extend(["city".into(), "national".into()]);
    phone.process_dies();
    phone.report(&server, Event::Started {});
    assert!(enforced(&phone));
    let warnings = phone.warnings();
    assert_eq!(
        warnings
            .iter()
            .filter(|w| w.contains("warning_incomplete"))
            .count(),
        2,
        "{warnings:?}"
    );
    server.dead.clear();
    phone.refresh(&server);
    assert_eq!(phone.warnings(), Vec::<String>::new());
    server.publish("city", &policy("city", json!([])));
    phone.refresh(&server);
    assert_eq!(phone.state("city.app"), "free");
}

#[test]
fn an_incomplete_set_of_layers_does_not_loosen_a_ban_to_the_advice_that_is_left() {
    let mut server = two_feeds();
    let advice = json!([{ "id": "advice", "effect": "advise", "match": { "packages": ["bad.app"] } }]);
    server.publish("city", &policy("city", advice));
    let mut phone = Phone::obeying(&server, &APPS);
    let rot = "UPDATE feed_file SET bytes = x'7b' WHERE feed = (SELECT id FROM feed WHERE name = 'national')";
    phone.store().execute(rot, []).unwrap();
    server.dead.insert("national".into());
    phone.process_dies();
    phone.report(&server, Event::Started {});
    assert_eq!(phone.state("bad.app"), "suspended hidden");
    assert_eq!(phone.card("bad.app").as_deref(), Some("state_hidden"));
}

#[test]
fn a_feed_that_is_taken_away_is_logged_and_what_it_forbade_comes_back() {
    let server = two_feeds();
    let mut phone = Phone::obeying(&server, &APPS);
    phone.configure(&server, &["national"]).unwrap();
    assert_eq!(phone.state("city.app"), "free");
    assert_eq!(phone.state("bad.app"), "suspended hidden");
    let configured = phone.logged("configured");
    assert_eq!(configured.last().unwrap()["removed"], json!(["city"]));
    assert_eq!(configured[0].get("removed"), None);
}

#[test]
fn the_same_configuration_again_is_no_news() {
    let server = two_feeds();
    let mut phone = Phone::obeying(&server, &APPS);
    let before = phone.audit();
    phone.configure(&server, &["city", "national"]).unwrap();
    assert_eq!(phone.audit(), before);
}

#[test]
fn a_feed_with_a_new_root_of_trust_releases_nothing_before_it_has_spoken() {
    let mut server = two_feeds();
    let mut phone = Phone::obeying(&server, &APPS);
    let mut fresh = two_feeds().feeds.remove("city").unwrap();
    fresh.root.keys = vec![crate::repository::Key::new(9)];
    fresh.write_root();
    server.feeds.insert("city".into(), fresh);
    server.dead.insert("city".into());
    phone.configure(&server, &["city", "national"]).unwrap();
    assert!(enforced(&phone));
    server.dead.clear();
    server.publish("city", &policy("city", json!([])));
    phone.refresh(&server);
    assert_eq!(phone.state("city.app"), "free");
}

#[test]
fn a_wrong_configuration_names_the_field_and_changes_nothing() {
    let server = two_feeds();
    let mut phone = Phone::obeying(&server, &APPS);
    // An update is under way.
    let fetches = phone.tell(Event::Refresh {}, None).unwrap().fetches;
    let before = phone.audit();
    let mut wrong = server.configuration(&["city", "national"]);
    wrong["feeds"][1]["url"] = json!("http://feeds.example/national/");
    let configuration: Configuration = serde_json::from_value(wrong).unwrap();
    let error = phone.tell(Event::Configure { configuration }, None).unwrap_err();
    assert!(
        matches!(&error, AgentError::Configuration { field, .. } if field == "/feeds/1/url"),
        "{error}"
    );
    assert_eq!(phone.audit(), before);
    let (feed, url) = (fetches[0].feed.clone(), fetches[0].url.clone());
    let outcome = FetchOutcome::Missing {};
    let next = phone.tell(Event::Fetched { feed, url, outcome }, None).unwrap();
    assert_eq!(next.fetches.len(), 1, "the update goes on");
}

#[test]
fn a_root_that_configuration_gives_itself_is_trusted_and_not_fetched() {
    let server = two_feeds();
    let mut configuration = server.configuration(&["city", "national"]);
    let root = BASE64_STANDARD.encode(&server.feeds["city"].files["1.root.json"]);
    configuration["feeds"][0]
        .as_object_mut()
        .unwrap()
        .remove("root_sha256");
    configuration["feeds"][0]["root"] = root.into();
    let mut phone = Phone::with(&APPS);
    let configured = serde_json::from_value(configuration.clone()).unwrap();
    let directives = phone
        .tell(
            Event::Configure {
                configuration: configured,
            },
            None,
        )
        .unwrap();
    let urls: Vec<&str> = directives
        .fetches
        .iter()
        .map(|fetch| fetch.url.as_str())
        .collect();
    assert_eq!(
        urls,
        [
            "https://feeds.example/city/2.root.json",
            "https://feeds.example/national/1.root.json"
        ]
    );
    phone.carry_out(&server, directives);
    assert!(enforced(&phone));

    // It is the same feed, however its root is given: what was seen of it stays seen.
    phone.configure(&server, &["city", "national"]).unwrap();
    assert!(enforced(&phone));

    configuration["feeds"][0]["root_sha256"] = "0".repeat(64).into();
    let configuration = serde_json::from_value(configuration).unwrap();
    let error = phone.tell(Event::Configure { configuration }, None).unwrap_err();
    let AgentError::Configuration { field, why } = error else {
        panic!("{error}")
    };
    assert_eq!(
        (field.as_str(), why.as_str()),
        ("/feeds/0/root", "the root that `root_sha256` names")
    );
}

#[test]
fn a_configuration_with_a_misspelt_field_is_not_read() {
    let text = r#"{"feeds":[{"name":"a","ur":"https://a/","root_sha256":""}]}"#;
    let error = serde_json::from_str::<Configuration>(text)
        .unwrap_err()
        .to_string();
    assert!(error.contains("`ur`"), "{error}");
}

#[test]
fn the_whole_phone_is_looked_at_whenever_feeds_are_asked_for_news() {
    let server = two_feeds();
    let mut phone = Phone::obeying(&server, &APPS);
    // Nobody told the agent of this one.
    phone.packages.insert("city.app".into(), app("city.app"));
    phone.refresh(&server);
    assert!(enforced(&phone));
}

#[test]
fn answers_to_questions_that_were_not_asked_are_ignored() {
    let server = two_feeds();
    let mut phone = Phone::obeying(&server, &APPS);
    let before = phone.audit();
    for (feed, url) in [
        ("city", "https://elsewhere.example/"),
        ("nobody", "https://feeds.example/city/timestamp.json"),
    ] {
        let (feed, url, outcome) = (feed.into(), url.into(), FetchOutcome::Body {});
        let directives = phone
            .tell(Event::Fetched { feed, url, outcome }, Some(b"{}"))
            .unwrap();
        assert_eq!(directives, Default::default());
    }
    assert_eq!(phone.audit(), before);
}
