//! What is done to apps, and what is undone.

use serde_json::json;
use sluis_core::agent::message::Event;

use crate::phone::{Phone, app};
use crate::server::{Server, deny, policy};

fn banning(remedy: &str) -> Server {
    Server::with(
        "national",
        &policy("national", json!([deny("ban", remedy, &["bad.app"])])),
    )
}

fn lifted() -> serde_json::Value {
    policy("national", json!([]))
}

#[test]
fn enrolment_leads_to_enforcement_and_leaves_others_alone() {
    let server = banning("remove");
    let mut phone = Phone::obeying(&server, &["bad.app", "good.app"]);
    assert_eq!(
        (phone.state("bad.app"), phone.state("good.app")),
        ("gone", "free")
    );
    assert_eq!(
        phone.orders(),
        [
            "suspend bad.app",
            "uninstall bad.app",
            "restrict no_install_unknown_sources"
        ]
    );
    assert_eq!(phone.card("bad.app").as_deref(), Some("state_removed"));
    assert_eq!(phone.card("good.app"), None);
    let updated = phone.logged("feed_updated");
    assert_eq!((updated.len(), &updated[0]["layer"]), (1, &json!("national")));
}

#[test]
fn the_same_inventory_again_orders_nothing_and_logs_nothing() {
    for remedy in ["remove", "hide", "suspend"] {
        let server = banning(remedy);
        let mut phone = Phone::obeying(&server, &["bad.app"]);
        phone.orders();
        let before = (phone.audit(), phone.screen("en"));
        for _ in 0..3 {
            let inventory = phone.inventory_event();
            phone.report(&server, inventory);
            let one = phone.changed_event("bad.app");
            phone.report(&server, one);
        }
        assert_eq!(phone.orders(), Vec::<String>::new(), "{remedy}");
        assert_eq!((phone.audit(), phone.screen("en")), before, "{remedy}");
    }
}

#[test]
fn what_is_ordered_is_not_ordered_again_before_its_result() {
    let server = banning("remove");
    let mut phone = Phone::obeying(&server, &[]);
    phone.orders();
    phone.packages.insert("bad.app".into(), app("bad.app"));
    let mut inventory = phone.inventory_event();
    if let Event::Inventory { inventory, .. } = &mut inventory {
        // A list that names a package twice.
        inventory.packages.push(app("bad.app"));
    }
    phone.tell(inventory.clone(), None).unwrap();
    phone.tell(inventory, None).unwrap();
    let changed = phone.changed_event("bad.app");
    phone.tell(changed, None).unwrap();
    assert_eq!(phone.orders(), ["suspend bad.app", "uninstall bad.app"]);
}

#[test]
fn results_that_come_twice_or_that_nobody_ordered_change_nothing() {
    let server = banning("hide");
    let mut phone = Phone::obeying(&server, &[]);
    phone.packages.insert("bad.app".into(), app("bad.app"));
    let inventory = phone.inventory_event();
    let directives = phone.tell(inventory, None).unwrap();
    let results: Vec<Event> = directives
        .actions
        .iter()
        .map(|action| phone.act(action))
        .collect();
    for result in &results {
        phone.tell(result.clone(), None).unwrap();
    }
    let before = (phone.audit(), phone.screen("en"));
    phone.orders();
    for id in [u64::MAX, 0, 1 << 63] {
        let (failure, observed, restricted) = (Some("no".into()), None, Some(true));
        let unknown = Event::ActionResult {
            id,
            failure,
            observed,
            restricted,
        };
        phone.tell(unknown, None).unwrap();
    }
    for result in results {
        phone.tell(result, None).unwrap();
    }
    assert_eq!((phone.audit(), phone.screen("en")), before);
    assert_eq!(phone.orders(), Vec::<String>::new());
}

#[test]
fn an_app_that_cannot_be_uninstalled_is_hidden() {
    let server = banning("remove");
    let mut phone = Phone::with(&["bad.app"]);
    phone.refuses.insert("uninstall bad.app".into());
    phone.configure(&server, &["national"]).unwrap();
    assert_eq!(phone.state("bad.app"), "suspended hidden");
    assert_eq!(phone.card("bad.app").as_deref(), Some("state_hidden"));
    server_lifts(server, &mut phone);
    assert_eq!(phone.state("bad.app"), "free");
}

fn server_lifts(mut server: Server, phone: &mut Phone) {
    server.publish("national", &lifted());
    phone.refresh(&server);
}

#[test]
fn what_the_phone_refuses_or_drops_is_told_and_tried_again() {
    let server = banning("hide");
    let mut phone = Phone::with(&["bad.app"]);
    phone.refuses.insert("suspend bad.app".into());
    phone.drops.insert("hide bad.app".into());
    phone.configure(&server, &["national"]).unwrap();
    assert_eq!(phone.state("bad.app"), "free");
    assert_eq!(phone.card("bad.app").as_deref(), Some("state_failed"));
    assert_eq!(phone.screen("en").headline.id, "headline_action_needed");
    let judged = phone.logged("judged").len();
    phone.refresh(&server);
    assert_eq!(phone.logged("judged").len(), judged, "the verdict is as it was");
    phone.refuses.clear();
    phone.drops.clear();
    phone.refresh(&server);
    assert_eq!(phone.state("bad.app"), "suspended hidden");
    assert_eq!(phone.card("bad.app").as_deref(), Some("state_hidden"));
}

#[test]
fn an_app_that_the_employee_removes_is_told_as_removed() {
    let server = banning("suspend");
    let mut phone = Phone::obeying(&server, &["bad.app"]);
    phone.packages.remove("bad.app");
    phone.orders();
    let gone = phone.changed_event("bad.app");
    phone.report(&server, gone);
    assert_eq!(phone.card("bad.app").as_deref(), Some("state_removed"));
    assert_eq!(phone.logged("gone").len(), 1);
    assert_eq!(phone.orders(), Vec::<String>::new());
}

#[test]
fn a_reinstalled_app_is_denied_again_at_once() {
    let server = banning("remove");
    let mut phone = Phone::obeying(&server, &["bad.app"]);
    for _ in 0..2 {
        phone.orders();
        phone.install(&server, app("bad.app"));
        assert_eq!(phone.orders(), ["suspend bad.app", "uninstall bad.app"]);
        assert_eq!(phone.state("bad.app"), "gone");
    }
}

#[test]
fn only_what_sluis_did_is_undone_when_policy_drops_a_ban() {
    for remedy in ["hide", "suspend"] {
        let mut server = banning(remedy);
        let banned = deny("ban", remedy, &["bad.app", "their.app"]);
        server.publish("national", &policy("national", json!([banned])));
        let mut phone = Phone::with(&["bad.app", "their.app"]);
        let theirs = phone.packages.get_mut("their.app").unwrap();
        (theirs.suspended, theirs.hidden) = (Some(true), Some(true));
        phone.configure(&server, &["national"]).unwrap();
        server.publish("national", &lifted());
        phone.refresh(&server);
        assert_eq!(phone.state("bad.app"), "free", "{remedy}");
        assert_eq!(phone.card("bad.app").as_deref(), Some("state_restored"));
        assert_eq!(phone.state("their.app"), "suspended hidden", "{remedy}");
    }
}

#[test]
fn what_somebody_else_undid_and_did_again_is_not_ours() {
    let mut server = banning("suspend");
    let mut phone = Phone::obeying(&server, &["bad.app"]);
    server.publish("national", &lifted());
    phone.packages.get_mut("bad.app").unwrap().suspended = Some(false);
    phone.drops.insert("suspend bad.app".into());
    let seen = phone.inventory_event();
    phone.report(&server, seen);
    phone.packages.get_mut("bad.app").unwrap().suspended = Some(true);
    phone.refresh(&server);
    assert_eq!(phone.state("bad.app"), "suspended");
}

#[test]
fn advice_leads_to_no_action_and_its_end_to_no_card() {
    let advice = json!([{ "id": "advice", "effect": "advise", "match": { "packages": ["bad.app"] } }]);
    let mut server = Server::with("national", &policy("national", advice));
    let mut phone = Phone::obeying(&server, &["bad.app"]);
    assert_eq!(phone.orders(), ["restrict no_install_unknown_sources"]);
    assert_eq!(phone.card("bad.app").as_deref(), Some("state_advised"));
    server.publish("national", &lifted());
    phone.refresh(&server);
    assert_eq!(phone.card("bad.app"), None);
}

#[test]
fn a_ban_that_becomes_advice_releases_the_app_and_stays_advice() {
    let mut server = banning("hide");
    let mut phone = Phone::obeying(&server, &["bad.app"]);
    let advice = json!([{ "id": "ban", "effect": "advise", "match": { "packages": ["bad.app"] } }]);
    server.publish("national", &policy("national", advice));
    phone.refresh(&server);
    assert_eq!(phone.state("bad.app"), "free");
    assert_eq!(phone.card("bad.app").as_deref(), Some("state_advised"));
    let effects: Vec<_> = phone
        .logged("judged")
        .iter()
        .map(|e| e["effect"].clone())
        .collect();
    assert_eq!(effects, ["deny", "advise"]);
}

#[test]
fn a_removed_app_is_no_longer_spoken_of_once_policy_allows_it() {
    let mut server = banning("remove");
    let mut phone = Phone::obeying(&server, &["bad.app"]);
    server.publish("national", &lifted());
    phone.refresh(&server);
    assert_eq!(phone.card("bad.app"), None);
    assert_eq!(phone.screen("en").headline.id, "headline_all_well");
}

#[test]
fn an_app_that_becomes_vital_is_released_and_stays_so() {
    let server = banning("hide");
    let mut phone = Phone::obeying(&server, &["bad.app"]);
    phone.roles.insert("sms".into(), vec!["bad.app".into()]);
    phone.refresh(&server);
    assert_eq!(phone.state("bad.app"), "free");
    assert_eq!(phone.card("bad.app").as_deref(), Some("state_refused_floor"));
    let before = phone.audit();
    phone.orders();
    let inventory = phone.inventory_event();
    phone.report(&server, inventory);
    assert_eq!((phone.audit(), phone.orders()), (before, vec![]));
}

#[test]
fn one_event_and_the_whole_inventory_agree_about_the_last_launcher() {
    let rules = json!([deny("ban", "hide", &["old.home", "new.home"])]);
    let server = Server::with("national", &policy("national", rules));
    let mut phone = Phone::with(&["old.home", "new.home"]);
    // Denied, but the phone does not do it.
    phone
        .refuses
        .extend(["suspend new.home".into(), "hide new.home".into()]);
    phone.roles.insert("home".into(), vec!["old.home".into()]);
    phone.roles.insert(
        "home_candidates".into(),
        vec!["old.home".into(), "new.home".into()],
    );
    phone.configure(&server, &["national"]).unwrap();
    assert_eq!(phone.card("old.home").as_deref(), Some("state_refused_floor"));
    let one = phone.changed_event("old.home");
    phone.report(&server, one);
    assert_eq!(phone.card("old.home").as_deref(), Some("state_refused_floor"));
    assert_eq!(phone.state("old.home"), "free");
}

#[test]
fn a_role_that_could_not_be_read_costs_the_phone_nothing() {
    let rule = json!({ "id": "ban", "effect": "deny", "remedy": "hide",
        "match": { "packages": ["maker.dialer"], "system": true } });
    let server = Server::with("national", &policy("national", json!([rule])));
    let mut phone = Phone::with(&["maker.dialer"]);
    phone.packages.get_mut("maker.dialer").unwrap().system = Some(true);
    phone.roles.remove("dialer");
    phone.configure(&server, &["national"]).unwrap();
    assert_eq!(phone.state("maker.dialer"), "free");
    assert_eq!(phone.card("maker.dialer").as_deref(), Some("state_refused_floor"));
    phone.roles.insert("dialer".into(), vec![]);
    phone.refresh(&server);
    assert_eq!(phone.state("maker.dialer"), "hidden");
    // And it brings nothing back.
    phone.roles.remove("dialer");
    phone.refresh(&server);
    assert_eq!(phone.state("maker.dialer"), "hidden");
}

#[test]
fn a_launcher_that_sluis_still_holds_does_not_count_as_the_one_that_remains() {
    let mut server = Server::with(
        "national",
        &policy("national", json!([deny("ban", "suspend", &["old.home"])])),
    );
    let mut phone = Phone::with(&["old.home", "new.home"]);
    phone.roles.insert("home".into(), vec!["new.home".into()]);
    phone.roles.insert(
        "home_candidates".into(),
        vec!["old.home".into(), "new.home".into()],
    );
    phone.configure(&server, &["national"]).unwrap();
    assert_eq!(phone.state("old.home"), "suspended");
    // The ban moves to the other, and the phone does not release the first.
    phone.refuses.insert("unsuspend old.home".into());
    server.publish(
        "national",
        &policy("national", json!([deny("ban", "suspend", &["new.home"])])),
    );
    phone.refresh(&server);
    assert_eq!(phone.state("new.home"), "free");
    phone.refuses.clear();
    phone.refresh(&server);
    phone.refresh(&server);
    assert_eq!(
        (phone.state("old.home"), phone.state("new.home")),
        ("free", "suspended")
    );
}

#[test]
fn one_list_that_lacks_an_app_does_not_lose_what_sluis_did_to_it() {
    for remedy in ["hide", "suspend"] {
        let mut server = banning(remedy);
        let mut phone = Phone::obeying(&server, &["bad.app"]);
        let kept = phone.packages.remove("bad.app").unwrap();
        phone.refresh(&server);
        phone.packages.insert("bad.app".into(), kept);
        phone.refresh(&server);
        server.publish("national", &lifted());
        phone.refresh(&server);
        assert_eq!(phone.state("bad.app"), "free", "{remedy}");
    }
}

#[test]
fn an_app_that_comes_back_suspended_after_the_ban_was_dropped_is_released() {
    let mut server = banning("suspend");
    let mut phone = Phone::obeying(&server, &["bad.app"]);
    // The employee removes it; Android keeps its note of the suspension and applies it to whatever comes back.
    let kept = phone.packages.remove("bad.app").unwrap();
    let gone = phone.changed_event("bad.app");
    phone.report(&server, gone);
    server.publish("national", &lifted());
    phone.refresh(&server);
    assert_eq!(phone.card("bad.app"), None);
    phone.install(&server, kept);
    assert_eq!(phone.state("bad.app"), "free");
    // Seen free, it is not ours any more.
    phone.packages.get_mut("bad.app").unwrap().suspended = Some(true);
    phone.refresh(&server);
    assert_eq!(phone.state("bad.app"), "suspended");
}

#[test]
fn a_list_without_any_package_is_no_phone_without_apps() {
    let mut server = banning("hide");
    let mut phone = Phone::obeying(&server, &["bad.app"]);
    let Event::Inventory { mut inventory, api } = phone.inventory_event() else {
        panic!()
    };
    inventory.packages.clear();
    phone.report(&server, Event::Inventory { inventory, api });
    assert_eq!(phone.card("bad.app").as_deref(), Some("state_hidden"));
    server.publish("national", &lifted());
    phone.refresh(&server);
    assert_eq!(phone.state("bad.app"), "free", "the hold was not lost");
}
