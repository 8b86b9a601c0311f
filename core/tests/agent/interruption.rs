//! Orders whose result comes late, or never.

use serde_json::json;
use sluis_core::agent::message::{Directives, Event};

use crate::phone::{Phone, app};
use crate::server::{Server, deny, policy};

fn banning(remedy: &str) -> Server {
    Server::with(
        "national",
        &policy("national", json!([deny("ban", remedy, &["bad.app"])])),
    )
}

/// A phone on which the app has just arrived, and what was ordered.
fn with_orders(server: &Server) -> (Phone, Directives) {
    let mut phone = Phone::obeying(server, &[]);
    phone.orders();
    phone.packages.insert("bad.app".into(), app("bad.app"));
    let changed = phone.changed_event("bad.app");
    let directives = phone.tell(changed, None).unwrap();
    (phone, directives)
}

#[test]
fn a_killed_process_gives_its_orders_up_once_and_finishes_the_work() {
    for carried_out in 0..=2 {
        let server = banning("hide");
        let (mut phone, directives) = with_orders(&server);
        assert_eq!(phone.orders(), ["suspend bad.app", "hide bad.app"]);
        for action in &directives.actions[..carried_out] {
            phone.act(action);
        }
        phone.process_dies();
        for _ in 0..3 {
            phone.report(&server, Event::Started {});
        }
        assert_eq!(phone.logged("interrupted").len(), 2);
        assert_eq!(phone.state("bad.app"), "suspended hidden");
        let again: &[&str] = [&["suspend bad.app", "hide bad.app"][..], &["hide bad.app"], &[]][carried_out];
        assert_eq!(phone.orders(), again, "nothing twice");
    }
}

#[test]
fn what_was_done_before_the_kill_is_released_when_policy_drops_the_ban() {
    for remedy in ["hide", "suspend"] {
        let mut server = banning(remedy);
        let (mut phone, directives) = with_orders(&server);
        for action in &directives.actions {
            phone.act(action);
        }
        phone.process_dies();
        phone.report(&server, Event::Started {});
        server.publish("national", &policy("national", json!([])));
        phone.refresh(&server);
        assert_eq!(phone.state("bad.app"), "free", "{remedy}");
    }
}

#[test]
fn an_uninstall_whose_result_was_lost_is_seen_by_looking() {
    let server = banning("remove");
    let (mut phone, directives) = with_orders(&server);
    for action in &directives.actions {
        phone.act(action);
    }
    phone.process_dies();
    phone.orders();
    phone.report(&server, Event::Started {});
    assert_eq!(phone.card("bad.app").as_deref(), Some("state_removed"));
    assert_eq!(phone.orders(), Vec::<String>::new());
}

#[test]
fn a_suspension_under_way_when_policy_drops_the_ban_is_undone() {
    let mut server = banning("suspend");
    let (mut phone, directives) = with_orders(&server);
    server.publish("national", &policy("national", json!([])));
    phone.refresh(&server);
    phone.carry_out(&server, directives);
    assert_eq!(phone.state("bad.app"), "free");
}

#[test]
fn a_result_that_comes_while_no_policy_is_in_force_is_not_lost() {
    let mut server = banning("suspend");
    server.add("other", &policy("other", json!([])));
    let mut phone = Phone::with(&[]);
    phone.configure(&server, &["national"]).unwrap();
    phone.packages.insert("bad.app".into(), app("bad.app"));
    let changed = phone.changed_event("bad.app");
    let directives = phone.tell(changed, None).unwrap();
    // The phone is told to obey somebody else, who has not spoken yet.
    let configuration = serde_json::from_value(server.configuration(&["other"])).unwrap();
    let later = phone.tell(Event::Configure { configuration }, None).unwrap();
    let results = phone.logged("result").len();
    phone.carry_out(&server, directives);
    assert_eq!(phone.logged("result").len(), results + 1);
    assert_eq!(phone.state("bad.app"), "suspended");
    phone.carry_out(&server, later);
    assert_eq!(phone.state("bad.app"), "free");
}

#[test]
fn a_release_under_way_when_policy_bans_again_is_undone() {
    let mut server = banning("hide");
    let mut phone = Phone::obeying(&server, &["bad.app"]);
    server.publish("national", &policy("national", json!([])));
    // The release is ordered and waits.
    let mut waiting = Vec::new();
    let mut next = vec![phone.tell(Event::Refresh {}, None).unwrap()];
    while let Some(directives) = next.pop() {
        for fetch in &directives.fetches {
            let (outcome, body) = server.answer(fetch);
            let (feed, url) = (fetch.feed.clone(), fetch.url.clone());
            next.push(
                phone
                    .tell(Event::Fetched { feed, url, outcome }, body.as_deref())
                    .unwrap(),
            );
        }
        if directives.list_packages {
            let inventory = phone.inventory_event();
            next.push(phone.tell(inventory, None).unwrap());
        }
        waiting.push(Directives {
            actions: directives.actions,
            ..Directives::default()
        });
    }
    assert!(waiting.iter().any(|d| !d.actions.is_empty()));
    server.publish(
        "national",
        &policy("national", json!([deny("ban", "hide", &["bad.app"])])),
    );
    phone.refresh(&server);
    for directives in waiting {
        phone.carry_out(&server, directives);
    }
    assert_eq!(phone.state("bad.app"), "suspended hidden");
    assert_eq!(phone.card("bad.app").as_deref(), Some("state_hidden"));
}

#[test]
fn orders_are_given_up_even_if_the_first_attempt_to_cannot_be_stored() {
    let server = banning("hide");
    let (mut phone, _) = with_orders(&server);
    phone.process_dies();
    let store = phone.store();
    store
        .execute_batch("CREATE TRIGGER full BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'full'); END")
        .unwrap();
    assert!(phone.tell(Event::Started {}, None).is_err());
    store.execute_batch("DROP TRIGGER full").unwrap();
    drop(store);
    phone.report(&server, Event::Started {});
    assert_eq!(phone.state("bad.app"), "suspended hidden");
}
