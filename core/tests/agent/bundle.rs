//! Policy from a file: an offline bundle, at a phone that the network does not reach.

use serde_json::{Value, json};
use sluis_core::agent::message::{Directives, Event, FetchOutcome};
use sluis_core::feed::bundle;

use crate::phone::Phone;
use crate::repository::{Signers, sha256};
use crate::server::{Server, deny, policy};

const APPS: [&str; 2] = ["bad.app", "worse.app"];

fn banning(app: &str) -> Value {
    policy("national", json!([deny("ban", "suspend", &[app])]))
}

/// A server whose feed forbids the first app.
fn server() -> Server {
    Server::with("national", &banning("bad.app"))
}

/// What `sluis bundle create` makes of the feed as it is now.
fn bundle_of(server: &Server) -> Vec<u8> {
    bundle::write(&server.feeds["national"].files).unwrap()
}

/// A phone that was told to obey the feed, but never reached it.
fn out_of_reach(server: &mut Server) -> Phone {
    server.dead.insert("national".into());
    let phone = Phone::obeying(server, &APPS);
    assert_eq!(phone.state("bad.app"), "free");
    phone
}

impl Phone {
    /// Somebody chooses that file; the answer is what they are told.
    fn takes(&mut self, server: &Server, file: &[u8]) -> String {
        let directives = self.chooses(file);
        let told = directives.bundle.clone().unwrap();
        self.carry_out(server, directives);
        serde_json::to_string(&told).unwrap()
    }

    fn chooses(&mut self, file: &[u8]) -> Directives {
        let languages = vec!["en".to_owned()];
        self.tell(Event::Bundle { languages }, Some(file)).unwrap()
    }

    /// All that a refused file must not change.
    fn condition(&mut self) -> (Vec<String>, [&'static str; 2], Vec<Value>) {
        let states = APPS.map(|app| self.state(app));
        (self.warnings(), states, self.logged("feed_updated"))
    }
}

#[test]
fn a_phone_out_of_reach_obeys_a_bundle() {
    let mut server = server();
    let mut phone = out_of_reach(&mut server);
    let file = bundle_of(&server);
    let told = phone.takes(&server, &file);
    assert!(
        told.contains("bundle_updated") && told.contains("Organisation national"),
        "{told}"
    );
    assert_eq!(phone.state("bad.app"), "suspended");
    assert_eq!(phone.warnings(), Vec::<String>::new());
    assert_eq!(phone.screen("en").layers[0].state.id, "layer_fresh");
    let logged = phone.logged("bundle");
    let wanted = json!({ "kind": "bundle", "sha256": sha256(&file), "feed": "national", "refused": null });
    assert_eq!(logged, [wanted]);
}

#[test]
fn the_same_bundle_again_changes_nothing() {
    let mut server = server();
    let mut phone = out_of_reach(&mut server);
    phone.takes(&server, &bundle_of(&server));
    phone.orders();
    let before = phone.condition();
    let told = phone.takes(&server, &bundle_of(&server));
    assert!(told.contains("bundle_unchanged"), "{told}");
    assert_eq!((phone.condition(), phone.orders()), (before, vec![]));
}

#[test]
fn bundles_in_any_order_of_age_end_with_the_newest() {
    let mut server = server();
    server.dead.insert("national".into());
    let mut bundles = vec![bundle_of(&server)];
    for (id, app) in [
        ("second", "worse.app"),
        ("third", "bad.app"),
        ("fourth", "worse.app"),
    ] {
        let rules = json!([deny(id, "suspend", &[app])]);
        server.publish("national", &policy("national", rules));
        bundles.push(bundle_of(&server));
    }
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]] {
        let mut phone = Phone::obeying(&server, &APPS);
        let mut newest = None;
        for age in order {
            let before = phone.condition();
            let told = phone.takes(&server, &bundles[age]);
            if newest.is_none_or(|newest| age > newest) {
                newest = Some(age);
                assert!(told.contains("bundle_updated"), "{order:?} {age}: {told}");
            } else {
                assert!(told.contains("bundle_older"), "{order:?} {age}: {told}");
                assert_eq!(phone.condition(), before, "{order:?} {age}");
            }
        }
        let states = (phone.state("bad.app"), phone.state("worse.app"));
        assert_eq!(states, ("free", "suspended"), "{order:?}");
    }
}

#[test]
fn a_bundle_older_than_what_the_network_brought_is_refused_and_logged() {
    let mut server = server();
    let old = bundle_of(&server);
    server.publish("national", &banning("worse.app"));
    let mut phone = Phone::obeying(&server, &APPS);
    let before = phone.condition();
    let told = phone.takes(&server, &old);
    assert!(told.contains("bundle_older"), "{told}");
    assert_eq!(phone.condition(), before);
    let logged = phone.logged("bundle");
    assert_eq!(
        logged[0]["refused"],
        "feed national: timestamp version 1 is older than 2, which was seen before"
    );
}

#[test]
fn the_network_may_not_go_back_behind_a_bundle_either() {
    let mut server = server();
    let mut phone = Phone::obeying(&server, &APPS);
    let old = server.feeds["national"].files.clone();
    server.publish("national", &banning("worse.app"));
    phone.takes(&server, &bundle_of(&server));
    server.feeds.get_mut("national").unwrap().files = old;
    phone.refresh(&server);
    assert_eq!(
        (phone.state("bad.app"), phone.state("worse.app")),
        ("free", "suspended")
    );
    assert_eq!(phone.logged("feed_refused").len(), 1);
}

#[test]
fn an_expired_bundle_is_refused_and_what_is_in_force_stays() {
    let mut server = server();
    let mut phone = out_of_reach(&mut server);
    phone.takes(&server, &bundle_of(&server));
    server.publish("national", &banning("worse.app"));
    let file = bundle_of(&server);
    phone.days_pass(8);
    let before = phone.condition();
    let told = phone.takes(&server, &file);
    assert!(told.contains("bundle_expired"), "{told}");
    assert_eq!(phone.condition(), before);
    let refused = phone.logged("bundle").pop().unwrap()["refused"].to_string();
    assert!(refused.contains("timestamp expired at"), "{refused}");
}

#[test]
fn a_bundle_of_a_feed_that_the_phone_does_not_obey_is_refused_and_logged() {
    let server = server();
    let mut other = Server::default();
    other.add("other", &policy("other", json!([])));
    let theirs = other.feeds.get_mut("other").unwrap();
    theirs.root = Signers::one(9);
    theirs.write_root();
    let mut phone = Phone::obeying(&server, &APPS);
    let before = phone.condition();
    let told = phone.takes(&server, &bundle::write(&other.feeds["other"].files).unwrap());
    assert!(told.contains("bundle_foreign"), "{told}");
    assert_eq!(phone.condition(), before);
    assert_eq!(phone.logged("bundle")[0]["feed"], Value::Null);
    let mut nobody = Phone::with(&APPS);
    let told = nobody.takes(&server, &bundle_of(&server));
    assert!(told.contains("bundle_foreign"), "{told}");
}

#[test]
fn garbage_says_so_and_changes_nothing() {
    let server = server();
    let mut phone = Phone::obeying(&server, &APPS);
    let before = phone.condition();
    let good = bundle_of(&server);
    let huge = vec![7; bundle::MAX_BYTES + 1];
    for file in [&b""[..], b"<html>", &good[..good.len() / 2], &huge] {
        let told = phone.takes(&server, file);
        assert!(told.contains("bundle_unreadable"), "{told}");
    }
    assert_eq!(phone.condition(), before);
    assert_eq!(phone.logged("bundle").len(), 4);
}

#[test]
fn a_bundle_that_somebody_changed_is_refused_and_is_no_word_against_the_feed() {
    let mut server = server();
    let mut phone = Phone::obeying(&server, &APPS);
    let old = server.feeds["national"].files.clone();
    server.publish("national", &banning("worse.app"));
    let good = server.feeds["national"].files.clone();
    let policy = good
        .keys()
        .find(|name| name.ends_with(".policy.json") && !old.contains_key(*name))
        .unwrap();
    let replacements = [
        ("timestamp.json", Some(good["2.snapshot.json"].as_slice())),
        ("2.snapshot.json", None),
        ("2.targets.json", Some(&good["1.targets.json"])),
        (policy, Some(b"{}")),
        (policy, None),
    ];
    let before = phone.condition();
    for (name, content) in replacements {
        let mut files = good.clone();
        files.remove(name);
        files.extend(content.map(|content| (name.to_owned(), content.to_vec())));
        let told = phone.takes(&server, &bundle::write(&files).unwrap());
        assert!(told.contains("bundle_refused"), "{name}: {told}");
        assert_eq!(phone.condition(), before);
    }
}

#[test]
fn a_bundle_with_a_policy_that_cannot_be_read_changes_nothing() {
    let mut server = server();
    let mut phone = Phone::obeying(&server, &APPS);
    let before = phone.condition();
    server.publish("national", &json!({ "format": "sluis.policy/99" }));
    let told = phone.takes(&server, &bundle_of(&server));
    assert!(told.contains("bundle_refused"), "{told}");
    assert_eq!(phone.condition(), before);
}

#[test]
fn a_bundle_brings_a_phone_through_every_root_since() {
    let mut server = server();
    let mut phone = Phone::obeying(&server, &APPS);
    server.dead.insert("national".into());
    let feed = server.feeds.get_mut("national").unwrap();
    // More roots than one update takes, and in the end no key is what it was.
    for seed in 0..150 {
        feed.rotate(|feed| feed.root = Signers::one(100 + seed % 100));
    }
    feed.rotate(|feed| {
        feed.timestamp = Signers::one(52);
        feed.snapshot = Signers::one(53);
        feed.targets = Signers::one(54);
    });
    server.publish("national", &banning("worse.app"));
    let told = phone.takes(&server, &bundle_of(&server));
    assert!(told.contains("bundle_updated"), "{told}");
    assert_eq!(phone.state("worse.app"), "suspended");
    let mut new = Phone::obeying(&server, &APPS);
    new.takes(&server, &bundle_of(&server));
    assert_eq!(new.state("worse.app"), "suspended");
}

#[test]
fn a_long_chain_of_roots_is_walked_to_its_end_though_its_beginning_would_do() {
    let mut server = server();
    let mut phone = out_of_reach(&mut server);
    let feed = server.feeds.get_mut("national").unwrap();
    for seed in 0..70 {
        feed.rotate(|feed| feed.root = Signers::one(100 + seed));
    }
    phone.takes(&server, &bundle_of(&server));
    let floor = "SELECT version FROM feed_floor WHERE role = 'root'";
    let version: u64 = phone.store().query_row(floor, [], |row| row.get(0)).unwrap();
    assert_eq!(version, 71);
}

#[test]
fn a_refresh_under_way_is_not_lost_and_cannot_undo_the_bundle() {
    // How far the refresh over the network has come when the file is chosen: the answers that it got.
    for answered in 0..4 {
        let mut server = server();
        let mut phone = Phone::obeying(&server, &APPS);
        server.publish("national", &banning("worse.app"));
        let mut under_way = phone.tell(Event::Refresh {}, None).unwrap().fetches;
        for _ in 0..answered {
            let fetch = under_way.pop().unwrap();
            let (outcome, body) = server.answer(&fetch);
            let (feed, url) = (fetch.feed, fetch.url);
            under_way = phone
                .tell(Event::Fetched { feed, url, outcome }, body.as_deref())
                .unwrap()
                .fetches;
        }
        server.publish("national", &banning("bad.app"));
        let directives = phone.chooses(&bundle_of(&server));
        assert_eq!(directives.fetches.len(), 1, "the refresh begins anew");
        phone.carry_out(&server, directives);
        let states = (phone.state("bad.app"), phone.state("worse.app"));
        assert_eq!(states, ("suspended", "free"), "after {answered} answers");
        // The answer that was still on its way comes late.
        let late = under_way.pop().unwrap();
        let outcome = FetchOutcome::Missing {};
        let (feed, url) = (late.feed, late.url);
        let directives = phone.tell(Event::Fetched { feed, url, outcome }, None).unwrap();
        assert_eq!(directives, Directives::default());
    }
}

#[test]
fn a_refresh_under_way_goes_on_where_a_file_was_refused() {
    let mut server = server();
    let old = bundle_of(&server);
    server.publish("national", &banning("worse.app"));
    let mut phone = Phone::obeying(&server, &APPS);
    server.publish("national", &banning("bad.app"));
    let refresh = phone.tell(Event::Refresh {}, None).unwrap();
    for file in [&old[..], b"garbage"] {
        assert_eq!(phone.chooses(file).fetches, []);
    }
    phone.carry_out(&server, refresh);
    assert_eq!(phone.state("bad.app"), "suspended");
}

#[test]
fn files_that_rot_in_the_store_come_back_from_a_bundle() {
    let mut server = server();
    let mut phone = Phone::obeying(&server, &APPS);
    server.dead.insert("national".into());
    let rot = "UPDATE feed_file SET bytes = zeroblob(length(bytes)) WHERE name = 'policy.json'";
    phone.store().execute(rot, []).unwrap();
    phone.process_dies();
    phone.report(&server, Event::Started {});
    assert_eq!(phone.warnings().len(), 1);
    phone.takes(&server, &bundle_of(&server));
    assert_eq!(phone.warnings(), Vec::<String>::new());
    server.dead.clear();
    server.publish("national", &policy("national", json!([])));
    phone.refresh(&server);
    assert_eq!(phone.state("bad.app"), "free");
}

#[test]
fn a_bundle_is_for_the_feed_of_its_root_whatever_its_name() {
    let mut server = server();
    server.add(
        "city",
        &policy("city", json!([deny("ours", "hide", &["worse.app"])])),
    );
    let city = server.feeds.get_mut("city").unwrap();
    city.root = Signers::one(9);
    city.write_root();
    server.dead.extend(["national".into(), "city".into()]);
    let mut phone = Phone::with(&APPS);
    phone.configure(&server, &["national", "city"]).unwrap();
    phone.takes(&server, &bundle::write(&server.feeds["city"].files).unwrap());
    assert_eq!(
        (phone.state("bad.app"), phone.state("worse.app")),
        ("free", "suspended hidden")
    );
    let logged = phone.logged("feed_updated");
    assert_eq!((logged.len(), &logged[0]["feed"]), (1, &json!("city")));
}
