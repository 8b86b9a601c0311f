//! What the compliance screen says.

use serde_json::json;
use sluis_core::agent::message::{Argument, Reason};

use crate::phone::{Phone, app};
use crate::server::{Server, deny, policy};

fn server() -> Server {
    let mut ban = deny("ban", "hide", &["bad.app"]);
    ban["reason"] = json!({ "nl": "Dat mag niet.", "en": "Not allowed." });
    ban["link"] = json!({ "nl": "https://voorbeeld.example/" });
    let mut national = policy("national", json!([ban, deny("bare", "suspend", &["other.app"])]));
    national["organisation"]["contact"] = json!({ "nl": "Bel 1234", "en": "Call 1234" });
    national["staleness"] = json!({ "warn_after": "P3D" });
    Server::with("national", &national)
}

#[test]
fn a_phone_without_policy_says_so() {
    let screen = Phone::with(&[]).screen("en");
    assert_eq!(screen.headline.id, "headline_no_policy");
    assert!(screen.apps.is_empty() && screen.layers.is_empty() && screen.warnings.is_empty());
}

#[test]
fn a_phone_without_forbidden_apps_is_well() {
    let mut phone = Phone::obeying(&server(), &["good.app"]);
    assert_eq!(phone.screen("nl").headline.id, "headline_all_well");
}

#[test]
fn where_the_phone_needs_a_forbidden_app_not_all_is_well() {
    let server = server();
    let mut phone = Phone::with(&["bad.app"]);
    phone.roles.insert("sms".into(), vec!["bad.app".into()]);
    phone.configure(&server, &["national"]).unwrap();
    let headline = phone.screen("nl").headline;
    assert_eq!(
        (headline.id.as_str(), headline.args),
        ("headline_refused", vec![Argument::Count(1)])
    );
}

#[test]
fn what_the_framework_says_in_english_stays_in_the_log() {
    let server = server();
    let mut phone = Phone::with(&["other.app"]);
    phone.refuses.insert("suspend other.app".into());
    phone.configure(&server, &["national"]).unwrap();
    assert_eq!(phone.card("other.app").as_deref(), Some("state_failed"));
    let screen = serde_json::to_string(&phone.screen("nl")).unwrap();
    assert!(!screen.contains("refused by the phone"), "{screen}");
    let results = phone.logged("result");
    assert!(
        results
            .iter()
            .any(|result| result["failure"] == "refused by the phone")
    );
}

#[test]
fn reasons_and_names_come_in_the_readers_language() {
    let mut phone = Phone::obeying(&server(), &["bad.app"]);
    for (language, reason, organisation, contact) in [
        ("nl-NL", "Dat mag niet.", "Organisatie national", "Bel 1234"),
        ("en-GB", "Not allowed.", "Organisation national", "Call 1234"),
    ] {
        let screen = phone.screen(language);
        let card = &screen.apps[0];
        assert_eq!(card.reason, Reason::Text(reason.into()));
        assert_eq!(
            (card.organisation.as_str(), card.label.as_str()),
            (organisation, "App bad.app")
        );
        assert_eq!(card.rule.as_deref(), Some("ban"));
        assert_eq!(card.link.as_deref(), Some("https://voorbeeld.example/"));
        assert_eq!(screen.layers[0].organisation, organisation);
        assert_eq!(screen.layers[0].contact.as_deref(), Some(contact));
        assert_eq!(screen.headline.args, [Argument::Count(1)]);
    }
}

#[test]
fn where_the_policy_has_no_words_ours_stand_in() {
    let mut phone = Phone::obeying(&server(), &["other.app"]);
    let Reason::Message(reason) = &phone.screen("en").apps[0].reason else {
        panic!("the rule has no reason")
    };
    assert_eq!(reason.id, "reason_forbidden");
}

#[test]
fn what_happened_last_comes_first() {
    let server = server();
    let mut phone = Phone::obeying(&server, &["bad.app"]);
    phone.install(&server, app("other.app"));
    let order = |phone: &mut Phone| -> Vec<String> {
        phone
            .screen("en")
            .apps
            .into_iter()
            .map(|card| card.package)
            .collect()
    };
    assert_eq!(order(&mut phone), ["other.app", "bad.app"]);
    phone.packages.remove("bad.app");
    let gone = phone.changed_event("bad.app");
    phone.report(&server, gone);
    assert_eq!(order(&mut phone), ["bad.app", "other.app"]);
}

#[test]
fn a_feed_without_news_for_too_long_is_told_and_its_rules_still_hold() {
    let mut server = server();
    let mut phone = Phone::obeying(&server, &["bad.app"]);
    server.dead.insert("national".into());
    phone.days_pass(2);
    phone.refresh(&server);
    assert_eq!(phone.warnings(), Vec::<String>::new());
    phone.days_pass(2);
    phone.refresh(&server);
    let warnings = phone.warnings();
    assert!(
        warnings.len() == 1
            && warnings[0].contains("warning_stale")
            && warnings[0].contains("Organisation national"),
        "{warnings:?}"
    );
    assert_eq!(phone.screen("en").layers[0].state.id, "layer_stale");
    assert_eq!(phone.state("bad.app"), "suspended hidden");
    // Setting the clock back makes nothing fresh.
    phone.time.wall_ms -= 30 * 86_400_000;
    assert_eq!(phone.warnings().len(), 1);
}
