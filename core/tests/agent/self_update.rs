//! New versions of the agent itself: what is asked for, what is installed, and that nothing else waits for it.

use serde_json::{Value, json};
use sluis_core::agent::message::{Event, Fetch, FetchOutcome, Installed};

use crate::phone::Phone;
use crate::repository::{DAY, Delegated, sha256};
use crate::server::{Server, deny, policy};

const FEED: &str = "national";
const AGENT: &str = "agent.apk";

fn custom(version_code: u64) -> Value {
    json!({ "package": "nl.sluis.agent", "version_code": version_code, "min_sdk": 26 })
}

fn apk(version_code: u64) -> Vec<u8> {
    format!("version {version_code} of the agent").into_bytes()
}

/// Lists a version of the agent from now on.
fn offer(server: &mut Server, feed: &str, version_code: u64) {
    list(server, feed, apk(version_code), custom(version_code));
}

fn list(server: &mut Server, feed: &str, bytes: Vec<u8>, custom: Value) {
    let repository = server.feeds.get_mut(feed).unwrap();
    repository.content.insert(AGENT.into(), bytes);
    repository.custom.insert(AGENT.into(), custom);
    repository.publish();
}

/// What the server sends in place of the package, and who it says it is.
fn tamper(server: &mut Server, version_code: u64, bytes: Option<&[u8]>) {
    let path = format!("targets/{}.{AGENT}", sha256(&apk(version_code)));
    let files = &mut server.feeds.get_mut(FEED).unwrap().files;
    match bytes {
        Some(bytes) => drop(files.insert(path, bytes.to_vec())),
        None => drop(files.remove(&path)),
    }
}

fn banning() -> Server {
    Server::with(FEED, &policy(FEED, json!([deny("ban", "hide", &["bad.app"])])))
}

fn installed(version_code: u64) -> Installed {
    Installed {
        package: "nl.sluis.agent".into(),
        version_code,
        sdk: 34,
        installs_silently: true,
    }
}

/// A process in which this version of the agent starts.
fn started(phone: &mut Phone, server: &Server, version_code: u64) {
    let installed = installed(version_code);
    phone.report(server, Event::Agent { installed });
    phone.report(server, Event::Started {});
}

/// A device owner of version 5 that obeys the server's feeds.
fn phone_of_version_5(server: &Server) -> Phone {
    let mut phone = Phone::with(&["bad.app"]);
    started(&mut phone, server, 5);
    let names: Vec<&str> = server.feeds.keys().map(String::as_str).collect();
    phone.configure(server, &names).unwrap();
    phone.orders();
    phone
}

fn versions(phone: &Phone) -> Vec<u64> {
    phone.sessions.iter().map(|(version, _)| *version).collect()
}

/// Refreshes, and returns the addresses that end in the agent's name.
fn asked_for(phone: &mut Phone, server: &Server) -> Vec<Fetch> {
    let mut asked = Vec::new();
    let mut queue = vec![phone.tell(Event::Refresh {}, None).unwrap()];
    while let Some(directives) = queue.pop() {
        for fetch in directives.fetches {
            let (outcome, body) = server.answer(&fetch);
            if fetch.url.ends_with(AGENT) {
                asked.push(fetch.clone());
            }
            let (feed, url) = (fetch.feed, fetch.url);
            let fetched = Event::Fetched { feed, url, outcome };
            queue.push(phone.tell(fetched, body.as_deref()).unwrap());
        }
    }
    asked
}

#[test]
fn a_newer_agent_is_fetched_verified_and_installed_once_and_the_next_start_says_so() {
    let mut server = banning();
    let mut phone = phone_of_version_5(&server);
    offer(&mut server, FEED, 6);
    phone.refresh(&server);
    assert_eq!(phone.sessions, [(6, apk(6))]);
    let offered = phone.logged("agent_offered");
    assert_eq!(offered.len(), 1);
    assert_eq!(offered[0]["sha256"], sha256(&apk(6)));
    assert_eq!(
        (&offered[0]["installed"], &offered[0]["version_code"]),
        (&json!(5), &json!(6))
    );

    // Android ends the process that it replaces; the new version starts.
    phone.process_dies();
    started(&mut phone, &server, 6);
    assert_eq!(phone.logged("agent_version")[0]["to"], 6);
    let results = phone.logged("result");
    let last = results.last().unwrap();
    assert_eq!(
        (&last["action"], &last["done"]),
        (&json!("update_agent"), &json!(true))
    );
    assert_eq!(phone.logged("interrupted"), Vec::<Value>::new());

    for _ in 0..10 {
        phone.days_pass(1);
        server.feeds.get_mut(FEED).unwrap().timestamp_expires += DAY;
        server.feeds.get_mut(FEED).unwrap().publish();
        assert_eq!(asked_for(&mut phone, &server), []);
    }
    assert_eq!(versions(&phone), [6]);
    assert_eq!(phone.warnings(), Vec::<String>::new());
}

#[test]
fn neither_the_same_version_nor_an_older_one_is_ever_asked_for() {
    for version in [1, 4, 5] {
        let mut server = banning();
        offer(&mut server, FEED, version);
        let mut phone = phone_of_version_5(&server);
        assert_eq!(asked_for(&mut phone, &server), []);
        phone.refresh(&server);
        assert_eq!(versions(&phone), [0; 0]);
        assert_eq!(phone.logged("agent_refused"), Vec::<Value>::new());
    }
}

#[test]
fn only_a_phone_that_may_install_it_silently_asks_for_it() {
    let mut server = banning();
    offer(&mut server, FEED, 6);
    let mut phone = Phone::obeying(&server, &[]);
    assert_eq!(asked_for(&mut phone, &server), [], "the shell never told");
    let not_an_owner = Installed {
        installs_silently: false,
        ..installed(5)
    };
    phone.report(
        &server,
        Event::Agent {
            installed: not_an_owner,
        },
    );
    assert_eq!(asked_for(&mut phone, &server), []);
    // It becomes the device owner later.
    phone.report(
        &server,
        Event::Agent {
            installed: installed(5),
        },
    );
    assert_eq!(asked_for(&mut phone, &server).len(), 1);
}

#[test]
fn no_more_bytes_are_asked_for_than_are_listed() {
    let mut server = banning();
    let mut phone = phone_of_version_5(&server);
    offer(&mut server, FEED, 6);
    let asked = asked_for(&mut phone, &server);
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].max_bytes, apk(6).len() as u64);
}

#[test]
fn a_package_of_other_bytes_is_refused_and_the_policy_is_in_force_all_the_same() {
    let shorter = apk(6)[1..].to_vec();
    let longer = [apk(6), b"!".to_vec()].concat();
    let changed = apk(7);
    for (bytes, why) in [
        (shorter, "bytes"),
        (changed, "SHA-256"),
        (b"<html>".to_vec(), "bytes"),
    ] {
        let mut server = banning();
        offer(&mut server, FEED, 6);
        tamper(&mut server, 6, Some(&bytes));
        let mut phone = phone_of_version_5(&server);
        assert_eq!(versions(&phone), [0; 0]);
        assert_eq!(phone.state("bad.app"), "suspended hidden");
        let refused = phone.logged("agent_refused");
        assert_eq!(refused.len(), 1);
        assert!(refused[0]["why"].as_str().unwrap().contains(why), "{refused:?}");
        assert_eq!(phone.logged("feed_refused"), Vec::<Value>::new());
    }
    // More than is listed is cut off by whoever fetches.
    let mut server = banning();
    let mut phone = phone_of_version_5(&server);
    offer(&mut server, FEED, 6);
    let url = asked_for_and_left_open(&mut phone, &server);
    let (feed, outcome) = (FEED.to_owned(), FetchOutcome::Body {});
    let event = Event::Fetched { feed, url, outcome };
    let directives = phone.tell(event, Some(&longer)).unwrap();
    phone.carry_out(&server, directives);
    assert_eq!(versions(&phone), [0; 0]);
    assert_eq!(phone.logged("agent_refused").len(), 1);
}

/// Refreshes up to the moment at which the agent's package is asked for; its address.
fn asked_for_and_left_open(phone: &mut Phone, server: &Server) -> String {
    let mut open = None;
    let mut queue = vec![phone.tell(Event::Refresh {}, None).unwrap()];
    while let Some(directives) = queue.pop() {
        for fetch in directives.fetches {
            if fetch.url.ends_with(AGENT) {
                open = Some(fetch.url);
                continue;
            }
            let (outcome, body) = server.answer(&fetch);
            let (feed, url) = (fetch.feed, fetch.url);
            let fetched = Event::Fetched { feed, url, outcome };
            queue.push(phone.tell(fetched, body.as_deref()).unwrap());
        }
    }
    open.unwrap()
}

#[test]
fn a_package_that_is_missing_or_endless_holds_no_policy_back() {
    let mut server = banning();
    offer(&mut server, FEED, 6);
    tamper(&mut server, 6, None);
    let mut phone = phone_of_version_5(&server);
    assert_eq!(phone.state("bad.app"), "suspended hidden");
    let why = phone.logged("agent_refused")[0]["why"].clone();
    assert!(why.as_str().unwrap().contains("is missing"), "{why}");

    phone.days_pass(1);
    let url = asked_for_and_left_open(&mut phone, &server);
    let feed = FEED.to_owned();
    let outcome = FetchOutcome::TooLong {};
    let directives = phone.tell(Event::Fetched { feed, url, outcome }, None).unwrap();
    phone.carry_out(&server, directives);
    assert_eq!(phone.logged("agent_refused").len(), 2);
    server.publish(
        FEED,
        &policy(FEED, json!([deny("ban", "hide", &["bad.app", "worse.app"])])),
    );
    phone.install(&server, crate::phone::app("worse.app"));
    phone.refresh(&server);
    assert_eq!(phone.state("worse.app"), "suspended hidden");
    assert_eq!(versions(&phone), [0; 0]);
}

#[test]
fn what_comes_to_nothing_is_fetched_again_later_and_later_and_logged_once() {
    let mut server = banning();
    offer(&mut server, FEED, 6);
    tamper(&mut server, 6, Some(b"something else"));
    // It stays current: only the package is wrong.
    let repository = server.feeds.get_mut(FEED).unwrap();
    for expires in [
        &mut repository.timestamp_expires,
        &mut repository.snapshot_expires,
        &mut repository.targets_expires,
    ] {
        *expires += 300 * DAY;
    }
    repository.write();
    tamper(&mut server, 6, Some(b"something else"));
    let mut phone = phone_of_version_5(&server);
    let begin = phone.time.wall_ms;
    let mut fetched_after_h = Vec::new();
    // At first every four hours, as phones do, then daily for two months.
    for hours in [[4; 12].as_slice(), &[24; 60]].concat() {
        if !asked_for(&mut phone, &server).is_empty() {
            fetched_after_h.push((phone.time.wall_ms - begin) / 3_600_000);
        }
        phone.time.wall_ms += hours * 3_600_000;
        phone.time.elapsed_ms += hours.unsigned_abs() * 3_600_000;
    }
    let waits: Vec<i64> = fetched_after_h.windows(2).map(|two| two[1] - two[0]).collect();
    assert!(waits.iter().all(|wait| *wait <= 8 * 24), "{waits:?}");
    assert!(waits.is_sorted(), "{waits:?}");
    assert!(waits.len() <= 14, "two months, and no more than {waits:?}");
    assert_eq!(phone.logged("agent_refused").len(), 1);
    let warnings = phone.warnings();
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].contains("warning_agent_update"), "{warnings:?}");

    // A version that is right is taken at once, and nobody is warned any more.
    offer(&mut server, FEED, 7);
    phone.refresh(&server);
    assert_eq!(versions(&phone), [7]);
    phone.process_dies();
    started(&mut phone, &server, 7);
    assert_eq!(phone.warnings(), Vec::<String>::new());
}

#[test]
fn a_clock_that_is_set_back_makes_no_wait_longer() {
    let mut server = banning();
    offer(&mut server, FEED, 6);
    tamper(&mut server, 6, None);
    let mut phone = phone_of_version_5(&server);
    assert_eq!(asked_for(&mut phone, &server), []);
    phone.time.wall_ms -= 365 * DAY * 1000;
    assert_eq!(asked_for(&mut phone, &server).len(), 1);
}

#[test]
fn an_agent_of_another_package_or_without_a_version_is_not_even_asked_for() {
    let other = json!({ "package": "org.example.other", "version_code": 9, "min_sdk": 26 });
    let nameless = json!({ "version_code": 9, "min_sdk": 26 });
    let negative = json!({ "package": "nl.sluis.agent", "version_code": -9, "min_sdk": 26 });
    let text = json!({ "package": "nl.sluis.agent", "version_code": "9", "min_sdk": 26 });
    let newer_android = json!({ "package": "nl.sluis.agent", "version_code": 9, "min_sdk": 35 });
    for (custom, why) in [
        (other, "it is \"org.example.other\""),
        (nameless, "does not say which version"),
        (negative, "does not say which version"),
        (text, "does not say which version"),
        (json!(7), "does not say which version"),
        (newer_android, "API level 35"),
    ] {
        let mut server = banning();
        list(&mut server, FEED, apk(9), custom.clone());
        let mut phone = phone_of_version_5(&server);
        for _ in 0..3 {
            assert_eq!(asked_for(&mut phone, &server), [], "{custom}");
        }
        phone.refresh(&server);
        assert_eq!(phone.state("bad.app"), "suspended hidden");
        let refused = phone.logged("agent_refused");
        assert_eq!(refused.len(), 1, "{custom}");
        assert!(refused[0]["why"].as_str().unwrap().contains(why), "{refused:?}");
    }
}

#[test]
fn a_package_longer_than_any_agent_is_not_asked_for() {
    let mut server = banning();
    list(&mut server, FEED, vec![0; 16 * 1024 * 1024 + 1], custom(6));
    let mut phone = phone_of_version_5(&server);
    assert_eq!(asked_for(&mut phone, &server), []);
    let why = phone.logged("agent_refused")[0]["why"].clone();
    assert!(
        why.as_str().unwrap().contains("more than the 16777216 allowed"),
        "{why}"
    );
}

#[test]
fn nothing_is_asked_for_while_a_feed_is_stale_or_refused() {
    let mut server = banning();
    let mut phone = phone_of_version_5(&server);
    offer(&mut server, FEED, 6);
    // What the server has was in order once, and is not any more.
    phone.days_pass(8);
    assert_eq!(asked_for(&mut phone, &server), []);
    assert_eq!(phone.logged("feed_refused").len(), 1);
    assert_eq!(phone.logged("agent_refused"), Vec::<Value>::new());
}

#[test]
fn a_version_that_is_withdrawn_while_it_is_being_fetched_is_not_installed() {
    let mut server = banning();
    let mut phone = phone_of_version_5(&server);
    offer(&mut server, FEED, 6);
    let url = asked_for_and_left_open(&mut phone, &server);
    let repository = server.feeds.get_mut(FEED).unwrap();
    repository.content.remove(AGENT);
    repository.publish();
    phone.refresh(&server);
    let (feed, outcome) = (FEED.to_owned(), FetchOutcome::Body {});
    let late = Event::Fetched { feed, url, outcome };
    let directives = phone.tell(late, Some(&apk(6))).unwrap();
    phone.carry_out(&server, directives);
    assert_eq!(versions(&phone), [0; 0]);
}

#[test]
fn of_two_feeds_the_highest_version_wins_whichever_speaks_first() {
    for (first, second) in [(6, 8), (8, 6)] {
        let mut server = banning();
        server.add("city", &policy("city", json!([])));
        let mut phone = phone_of_version_5(&server);
        offer(&mut server, "city", first);
        offer(&mut server, FEED, second);
        phone.refresh(&server);
        assert_eq!(versions(&phone), [8]);
    }
}

#[test]
fn a_dead_feed_keeps_no_other_feeds_agent_back() {
    let mut server = banning();
    server.add("city", &policy("city", json!([])));
    let mut phone = phone_of_version_5(&server);
    offer(&mut server, "city", 6);
    server.dead.insert(FEED.into());
    phone.refresh(&server);
    assert_eq!(versions(&phone), [6]);
}

#[test]
fn a_feeds_agent_that_fails_keeps_no_other_feeds_agent_back() {
    let mut server = banning();
    server.add("city", &policy("city", json!([])));
    let mut phone = phone_of_version_5(&server);
    offer(&mut server, "city", 6);
    offer(&mut server, FEED, 8);
    tamper(&mut server, 8, None);
    phone.refresh(&server);
    assert_eq!(versions(&phone), [6]);
}

#[test]
fn a_delegated_role_may_list_it_and_only_one_to_which_it_was_left() {
    let mut server = banning();
    let repository = server.feeds.get_mut(FEED).unwrap();
    let mut builds = Delegated::new("builds", "targets", &["agent.apk"]);
    builds.content.insert(AGENT.into(), apk(6));
    repository.delegated.push(builds);
    repository.custom.insert(AGENT.into(), custom(6));
    repository.publish();
    let phone = phone_of_version_5(&server);
    assert_eq!(phone.sessions, [(6, apk(6))]);

    let mut server = banning();
    let repository = server.feeds.get_mut(FEED).unwrap();
    let mut maps = Delegated::new("maps", "targets", &["maps/*"]);
    maps.content.insert(AGENT.into(), apk(6));
    repository.delegated.push(maps);
    repository.custom.insert(AGENT.into(), custom(6));
    repository.publish();
    let phone = phone_of_version_5(&server);
    assert_eq!(versions(&phone), [0; 0]);
}

#[test]
fn an_older_publication_of_a_delegated_role_brings_no_agent() {
    let mut server = banning();
    let repository = server.feeds.get_mut(FEED).unwrap();
    let mut builds = Delegated::new("builds", "targets", &["agent.apk"]);
    builds.version = 4;
    repository.delegated.push(builds);
    repository.publish();
    let mut phone = phone_of_version_5(&server);
    // Version 5 of the role was seen. Its keys sign version 5 anew, with an agent in it.
    let repository = server.feeds.get_mut(FEED).unwrap();
    repository.delegated[0].version = 4;
    repository.delegated[0].content.insert(AGENT.into(), apk(6));
    repository.custom.insert(AGENT.into(), custom(6));
    repository.publish();
    phone.refresh(&server);
    assert_eq!(versions(&phone), [0; 0]);
    let why = phone.logged("agent_refused")[0]["why"].clone();
    assert!(
        why.as_str().unwrap().contains("delegated role \"builds\""),
        "{why}"
    );
    assert_eq!(phone.logged("feed_refused"), Vec::<Value>::new());
}

#[test]
fn where_policy_closes_installing_a_newer_agent_waits_for_the_daily_window() {
    let closing = |rules: Value| {
        let mut policy = policy(FEED, rules);
        policy["device"] = json!({ "installs": "closed" });
        policy
    };
    let mut server = Server::with(FEED, &closing(json!([])));
    let repository = server.feeds.get_mut(FEED).unwrap();
    repository.timestamp_expires += 300 * DAY;
    let mut phone = phone_of_version_5(&server);
    assert!(phone.restrictions.contains_key("no_install_apps"));
    offer(&mut server, FEED, 6);
    let mut opened = false;
    // As phones do: they ask every four hours, and are woken when the window opens.
    for _ in 0..8 {
        phone.refresh(&server);
        let is_open = !phone.restrictions.contains_key("no_install_apps");
        opened |= is_open;
        assert_eq!(
            versions(&phone).is_empty(),
            !opened,
            "nothing is asked for while it is closed"
        );
        phone.time.elapsed_ms += u64::try_from(phone.wake_up_ms.unwrap() - phone.time.wall_ms).unwrap();
        phone.time.wall_ms = phone.wake_up_ms.unwrap();
    }
    assert_eq!(versions(&phone), [6]);
    assert_eq!(phone.logged("agent_refused"), Vec::<Value>::new());
}

#[test]
fn an_installer_that_objects_is_asked_again_later_and_its_words_are_logged() {
    let mut server = banning();
    let mut phone = phone_of_version_5(&server);
    phone.installer_objects = Some("STATUS_FAILURE_STORAGE".into());
    offer(&mut server, FEED, 6);
    phone.refresh(&server);
    assert_eq!(versions(&phone), [6]);
    let results = phone.logged("result");
    assert_eq!(results.last().unwrap()["done"], false);
    assert_eq!(phone.logged("agent_refused")[0]["why"], "STATUS_FAILURE_STORAGE");
    phone.refresh(&server);
    assert_eq!(versions(&phone), [6], "not at the very next check");
    phone.days_pass(1);
    phone.refresh(&server);
    assert_eq!(versions(&phone), [6, 6]);
}

#[test]
fn an_installer_that_says_yes_and_changes_nothing_is_not_believed() {
    let mut server = banning();
    let mut phone = phone_of_version_5(&server);
    offer(&mut server, FEED, 6);
    phone.refresh(&server);
    let order: u64 = phone
        .store()
        .query_row("SELECT id FROM journal", [], |row| row.get(0))
        .unwrap();
    phone.report(
        &server,
        Event::Agent {
            installed: installed(5),
        },
    );
    let said_yes = Event::ActionResult {
        id: order,
        failure: None,
        observed: None,
        restricted: None,
    };
    phone.report(&server, said_yes);
    assert_eq!(phone.logged("result").last().unwrap()["done"], false);
    assert_eq!(phone.logged("agent_refused").len(), 1);
}

#[test]
fn a_process_that_ends_before_there_is_a_result_counts_as_an_attempt() {
    let mut server = banning();
    let mut phone = phone_of_version_5(&server);
    offer(&mut server, FEED, 6);
    phone.refresh(&server);
    for _ in 0..5 {
        // The installer killed it for another reason, or the phone was switched off.
        phone.process_dies();
        started(&mut phone, &server, 5);
        phone.refresh(&server);
    }
    assert_eq!(versions(&phone), [6]);
    assert_eq!(phone.logged("interrupted").len(), 1);
    phone.days_pass(1);
    phone.refresh(&server);
    assert_eq!(versions(&phone), [6, 6]);
}

#[test]
fn a_fetch_that_ends_the_process_counts_as_an_attempt() {
    let mut server = banning();
    let mut phone = phone_of_version_5(&server);
    offer(&mut server, FEED, 6);
    asked_for_and_left_open(&mut phone, &server);
    for _ in 0..5 {
        phone.process_dies();
        started(&mut phone, &server, 5);
        assert_eq!(asked_for(&mut phone, &server), []);
    }
    phone.days_pass(1);
    assert_eq!(asked_for(&mut phone, &server).len(), 1);
}

#[test]
fn a_network_that_breaks_off_is_no_refusal() {
    let mut server = banning();
    let mut phone = phone_of_version_5(&server);
    offer(&mut server, FEED, 6);
    for _ in 0..4 {
        let url = asked_for_and_left_open(&mut phone, &server);
        let feed = FEED.to_owned();
        let message = "connection reset".to_owned();
        let outcome = FetchOutcome::Failed { message };
        phone.report(&server, Event::Fetched { feed, url, outcome });
        phone.days_pass(1);
    }
    assert_eq!(phone.logged("agent_refused"), Vec::<Value>::new());
    assert_eq!(phone.warnings(), Vec::<String>::new());
    phone.days_pass(1);
    phone.refresh(&server);
    assert_eq!(versions(&phone), [6]);
}

#[test]
fn a_bundle_asks_the_network_for_no_agent() {
    let mut server = banning();
    let mut phone = phone_of_version_5(&server);
    offer(&mut server, FEED, 6);
    let files = &server.feeds[FEED].files;
    let bundle = sluis_core::feed::bundle::write(files).unwrap();
    let languages = vec!["en".to_owned()];
    let directives = phone.tell(Event::Bundle { languages }, Some(&bundle)).unwrap();
    assert_eq!(directives.bundle.unwrap().id, "bundle_unchanged");
    assert_eq!(directives.fetches, []);
}

#[test]
fn a_store_that_is_lost_forgets_no_version_that_runs() {
    let mut server = banning();
    let mut phone = phone_of_version_5(&server);
    phone
        .process_dies_and(|store| std::fs::write(store, "damaged").unwrap())
        .unwrap();
    for version in [4, 5] {
        offer(&mut server, FEED, version);
        started(&mut phone, &server, 5);
        phone.refresh(&server);
        assert_eq!(versions(&phone), [0; 0]);
    }
    offer(&mut server, FEED, 6);
    phone.refresh(&server);
    assert_eq!(versions(&phone), [6]);
}
