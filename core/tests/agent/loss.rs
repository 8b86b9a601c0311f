//! A store that is lost or damaged: what is held stays held, nothing rolls back, and people are told.

use std::fs;
use std::path::{Path, PathBuf};

use ring::digest::{SHA256, digest};
use rusqlite::Connection;
use serde_json::json;
use sluis_core::agent::AgentError;
use sluis_core::agent::message::{Configuration, Event};
use sluis_core::feed::hex;
use sluis_core::store::StoreError;

use crate::phone::{Phone, app};
use crate::server::{Server, deny, policy};

const APPS: [&str; 3] = ["bad.app", "city.app", "good.app"];

fn two_feeds() -> Server {
    let ban = json!([deny("ban", "hide", &["bad.app"])]);
    let mut server = Server::with("national", &policy("national", ban));
    let ours = json!([deny("ours", "suspend", &["city.app"])]);
    server.add("city", &policy("city", ours));
    server
}

fn held(phone: &Phone) -> bool {
    (phone.state("bad.app"), phone.state("city.app")) == ("suspended hidden", "suspended")
}

fn beside(store: &Path, suffix: &str) -> PathBuf {
    format!("{}{suffix}", store.display()).into()
}

fn lose_the_copy(store: &Path) {
    for suffix in [".copy-a", ".copy-b"] {
        fs::write(beside(store, suffix), b"not what was written").unwrap();
    }
}

/// A way to damage the store of a process that has ended.
type Damage = (&'static str, fn(&Path));

/// Every way that a store is lost of which the file system knows nothing.
fn damages() -> Vec<Damage> {
    fn fill(store: &Path, range: impl FnOnce(usize) -> std::ops::Range<usize>, with: u8) {
        let mut bytes = fs::read(store).unwrap();
        let range = range(bytes.len());
        bytes[range].fill(with);
        fs::write(store, bytes).unwrap();
    }
    vec![
        ("deleted", |store| fs::remove_file(store).unwrap()),
        ("empty", |store| fs::write(store, b"").unwrap()),
        ("a letter", |store| {
            fs::write(store, "Dear reader. ".repeat(900)).unwrap()
        }),
        ("half of it", |store| {
            let bytes = fs::read(store).unwrap();
            fs::write(store, &bytes[..bytes.len() / 2]).unwrap();
        }),
        ("its first page alone", |store| {
            let bytes = fs::read(store).unwrap();
            fs::write(store, &bytes[..4096]).unwrap();
        }),
        ("no header", |store| fill(store, |_| 0..100, 0)),
        ("a first page of rubbish", |store| {
            fill(store, |_| 100..4096, 0xa5)
        }),
        ("all pages but the first of zeros", |store| {
            fill(store, |all| 4096..all, 0)
        }),
        ("a table missing", |store| {
            Connection::open(store)
                .unwrap()
                .execute_batch("DROP TABLE configuration")
                .unwrap();
        }),
        ("another database", |store| {
            fs::remove_file(store).unwrap();
            Connection::open(store)
                .unwrap()
                .execute_batch("CREATE TABLE feed (a); PRAGMA user_version = 1")
                .unwrap();
        }),
        ("unreadable configuration", |store| {
            let store = Connection::open(store).unwrap();
            store.execute("UPDATE configuration SET json = '{'", []).unwrap();
            // The second copy was right.
            store
                .execute("UPDATE generation SET number = number - 1", [])
                .unwrap();
        }),
        ("a floor whose bits flipped", |store| {
            let store = Connection::open(store).unwrap();
            assert!(
                store
                    .execute("UPDATE feed_floor SET version = 1 WHERE role = 'timestamp'", [])
                    .unwrap()
                    > 0
            );
            store
                .execute("UPDATE generation SET number = number - 2", [])
                .unwrap();
        }),
    ]
}

#[test]
fn whatever_damages_the_store_holds_floors_and_configuration_come_from_the_second_copy() {
    for (what, damage) in damages() {
        let mut server = two_feeds();
        let mut phone = Phone::obeying(&server, &APPS);
        let old = server.feeds["national"].files.clone();
        server.publish(
            "national",
            &policy("national", json!([deny("ban", "hide", &["bad.app"])])),
        );
        phone.refresh(&server);
        assert!(held(&phone));

        server.dead.extend(["city".into(), "national".into()]);
        phone.process_dies_and(damage).unwrap();
        phone.report(&server, Event::Started {});
        assert!(held(&phone), "{what}");
        assert!(phone.warnings()[0].contains("warning_store_restored"), "{what}");
        assert!(
            phone
                .notices
                .iter()
                .any(|notice| notice.contains("notice_store_restored"))
        );
        let recovered = phone.logged("recovered");
        assert_eq!(recovered.len(), 1, "{what}");
        assert_eq!(recovered[0]["from_copy"], json!(true));
        assert!(recovered[0]["log_before"][0].as_u64().unwrap() > 1, "{what}");

        phone.process_dies();
        phone.report(&server, Event::Started {});
        assert_eq!(phone.logged("recovered").len(), 1, "{what}: once is enough");

        // Nothing older is accepted, though the store has nothing of what was published.
        let new = std::mem::replace(&mut server.feeds.get_mut("national").unwrap().files, old);
        server.dead.clear();
        phone.refresh(&server);
        let warnings = phone.warnings().join("\n");
        assert!(
            warnings.contains("warning_feed_refused") && warnings.contains("timestamp"),
            "{what}: {warnings}"
        );
        assert!(held(&phone), "{what}");

        server.feeds.get_mut("national").unwrap().files = new;
        phone.refresh(&server);
        assert_eq!(phone.warnings(), Vec::<String>::new(), "{what}");
        assert_eq!(phone.card("city.app").as_deref(), Some("state_suspended"));
        server.publish("national", &policy("national", json!([])));
        server.publish("city", &policy("city", json!([])));
        phone.refresh(&server);
        assert_eq!(
            (phone.state("bad.app"), phone.state("city.app")),
            ("free", "free"),
            "{what}: holds were known"
        );
    }
}

#[test]
fn a_write_ahead_log_that_is_gone_takes_no_floor_with_it() {
    let mut server = two_feeds();
    let mut phone = Phone::obeying(&server, &APPS);
    let national = |phone: &Phone| -> i64 {
        let sql = "SELECT version FROM feed_floor JOIN feed ON feed.id = feed WHERE role = 'timestamp' AND name = 'national'";
        phone.store().query_row(sql, [], |row| row.get(0)).unwrap()
    };
    phone.process_dies();
    let before = fs::read(phone.store_path()).unwrap();
    server.publish("national", &policy("national", json!([])));
    server.dead.insert("city".into());
    phone.refresh(&server);
    let floor = national(&phone);
    phone
        .process_dies_and(|store| fs::write(store, before).unwrap())
        .unwrap();
    assert_eq!(national(&phone), floor);
    phone.report(&server, Event::Started {});
    assert!(phone.warnings()[0].contains("warning_store_restored"));
    assert_eq!(phone.state("city.app"), "suspended");
}

#[test]
fn a_feed_that_is_out_of_reach_after_the_loss_releases_nothing_of_its_own() {
    for copy_is_lost in [false, true] {
        let mut server = two_feeds();
        let mut phone = Phone::obeying(&server, &APPS);
        server.dead.insert("city".into());
        phone
            .process_dies_and(|store| {
                fs::write(store, "rubbish ".repeat(1_000)).unwrap();
                if copy_is_lost {
                    lose_the_copy(store);
                }
            })
            .unwrap();
        phone.report(&server, Event::Started {});
        if copy_is_lost {
            phone.configure(&server, &["city", "national"]).unwrap();
        }
        server.publish("national", &policy("national", json!([])));
        phone.refresh(&server);
        assert!(
            held(&phone),
            "the baseline forbids nothing any more, but who knows what the city says"
        );
        assert!(
            phone
                .warnings()
                .iter()
                .any(|warning| warning.contains("warning_incomplete"))
        );
        server.dead.clear();
        phone.refresh(&server);
        assert_eq!(phone.state("city.app"), "suspended");
    }
}

#[test]
fn with_both_copies_gone_the_phone_says_so_starts_from_the_pinned_root_and_releases_nothing() {
    let mut server = two_feeds();
    let mut phone = Phone::obeying(&server, &APPS);
    phone
        .process_dies_and(|store| {
            fs::write(store, "rubbish ".repeat(1_000)).unwrap();
            lose_the_copy(store);
        })
        .unwrap();
    phone.report(&server, Event::Started {});
    assert!(held(&phone));
    let screen = phone.screen("en");
    assert_eq!(screen.headline.id, "headline_no_policy");
    assert_eq!(screen.warnings[0].id, "warning_store_lost");
    assert!(
        phone
            .notices
            .iter()
            .any(|notice| notice.contains("notice_store_lost"))
    );
    let recovered = phone.logged("recovered");
    assert_eq!((recovered.len(), &recovered[0]["from_copy"]), (1, &json!(false)));

    phone.configure(&server, &["national", "city"]).unwrap();
    assert!(held(&phone));
    assert_eq!(phone.card("bad.app").as_deref(), Some("state_hidden"));
    assert_eq!(
        phone.screen("en").warnings[0].id,
        "warning_store_lost",
        "IT has to know"
    );

    // What policy wants held is Sluis's to release again.
    server.publish("national", &policy("national", json!([])));
    server.publish("city", &policy("city", json!([])));
    phone.refresh(&server);
    assert_eq!(
        (phone.state("bad.app"), phone.state("city.app")),
        ("free", "free")
    );
    phone.days_pass(31);
    assert!(
        !phone
            .warnings()
            .iter()
            .any(|warning| warning.contains("warning_store_lost"))
    );
}

#[test]
fn when_every_file_is_gone_the_shell_still_knows_the_feeds_and_nothing_is_released() {
    let mut server = two_feeds();
    let configuration = |server: &Server| {
        let json = server.configuration(&["national", "city"]);
        serde_json::from_value::<Configuration>(json).unwrap()
    };
    let mut phone = Phone::with(&APPS);
    let started = phone.tell(Event::Started {}, None).unwrap();
    assert!(started.configuration_wanted, "nobody has told it of feeds yet");
    phone.configure(&server, &["national", "city"]).unwrap();
    phone
        .process_dies_and(|store| {
            for suffix in ["", ".copy-a", ".copy-b"] {
                fs::remove_file(beside(store, suffix)).unwrap();
            }
        })
        .unwrap();
    let started = phone.tell(Event::Started {}, None).unwrap();
    assert!(started.configuration_wanted);
    server.dead.insert("city".into());
    let again = Event::Reconfigure {
        configuration: configuration(&server),
    };
    phone.report(&server, again.clone());
    assert!(held(&phone));
    assert_eq!(phone.logged("recovered")[0]["from_copy"], json!(false));
    assert_eq!(phone.screen("en").warnings[0].id, "warning_store_lost");
    server.publish("national", &policy("national", json!([])));
    server.dead.clear();
    phone.refresh(&server);
    assert_eq!(
        (phone.state("bad.app"), phone.state("city.app")),
        ("free", "suspended")
    );

    // Said again to a core that knows its feeds, it is no news.
    let log = phone.audit();
    assert_eq!(phone.tell(again, None).unwrap(), Default::default());
    assert!(!phone.tell(Event::Started {}, None).unwrap().configuration_wanted);
    assert_eq!(phone.audit(), log);
}

#[test]
fn what_no_policy_wants_held_and_no_record_names_is_nobodys_to_release() {
    let server = two_feeds();
    let mut phone = Phone::obeying(&server, &APPS);
    let mut other = app("other.app");
    (other.hidden, other.suspended) = (Some(true), Some(true));
    phone.packages.insert("other.app".into(), other);
    phone
        .process_dies_and(|store| {
            fs::remove_file(store).unwrap();
            lose_the_copy(store);
        })
        .unwrap();
    phone.configure(&server, &["national", "city"]).unwrap();
    phone.refresh(&server);
    assert_eq!(phone.state("other.app"), "suspended hidden");
    assert_eq!(phone.card("other.app"), None);
}

/// Damages the store under an agent that has it open: all pages but the first, once SQLite has to read them again.
fn damage_under_way(store: &Path) {
    let connection = Connection::open(store).unwrap();
    connection
        .execute("UPDATE generation SET number = number", [])
        .unwrap();
    connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .unwrap();
    let mut bytes = fs::read(store).unwrap();
    let (start, end) = (4096, bytes.len());
    bytes[start..end].fill(0xa5);
    fs::write(store, bytes).unwrap();
}

#[test]
fn damage_found_in_the_middle_of_an_event_is_recovered_from_and_the_event_takes_effect() {
    let mut server = two_feeds();
    let mut phone = Phone::obeying(&server, &APPS);
    server.dead.extend(["city".into(), "national".into()]);
    phone.packages.remove("city.app");
    phone.report(&server, phone.changed_event("city.app"));
    damage_under_way(&phone.store_path());
    // The policies that were in force are still in memory, and nobody can be asked for them.
    phone.install(&server, app("city.app"));
    assert!(held(&phone));
    assert_eq!(phone.logged("recovered").len(), 1);
    assert!(beside(&phone.store_path(), ".damaged").exists());
    phone.refresh(&server);
    assert!(held(&phone));
    server.dead.clear();
    phone.refresh(&server);
    assert_eq!(phone.warnings(), Vec::<String>::new());
    server.publish("national", &policy("national", json!([])));
    phone.refresh(&server);
    assert_eq!(
        (phone.state("bad.app"), phone.state("city.app")),
        ("free", "suspended")
    );
}

#[test]
fn damage_found_while_the_screen_is_filled_ends_no_agent() {
    let server = two_feeds();
    let mut phone = Phone::obeying(&server, &APPS);
    phone.store().execute("UPDATE app SET grounds = '{'", []).unwrap();
    assert_eq!(phone.screen("en").warnings[0].id, "warning_store_restored");
    phone.refresh(&server);
    assert!(held(&phone));
    assert_eq!(phone.warnings(), Vec::<String>::new());
    assert_eq!(phone.card("bad.app").as_deref(), Some("state_hidden"));
}

#[test]
fn damage_that_the_second_copy_took_over_does_not_come_back_with_it() {
    let server = two_feeds();
    let mut phone = Phone::obeying(&server, &APPS);
    let store = phone.store();
    store
        .execute("UPDATE app SET grounds = '{', last_known = '['", [])
        .unwrap();
    drop(store);
    // The next change takes all of it over.
    phone.packages.get_mut("good.app").unwrap().label = Some("Good".into());
    phone.process_dies();
    phone.report(&server, Event::Started {});
    phone.refresh(&server);
    assert!(held(&phone));
    assert_eq!(phone.logged("recovered").len(), 1);
    assert_eq!(phone.warnings(), Vec::<String>::new());
}

#[test]
fn one_damaged_store_is_kept_and_no_more() {
    let server = two_feeds();
    let mut phone = Phone::obeying(&server, &APPS);
    for round in ["first ", "second ", "third "] {
        phone
            .process_dies_and(|store| fs::write(store, round.repeat(1_000)).unwrap())
            .unwrap();
        let kept = fs::read_to_string(beside(&phone.store_path(), ".damaged")).unwrap();
        assert!(kept.starts_with(round));
        phone.report(&server, Event::Started {});
    }
    assert!(held(&phone));
    let mut names: Vec<String> = fs::read_dir(phone.store_path().parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.ends_with("-wal") && !name.ends_with("-shm"))
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "sluis.db",
            "sluis.db.copy-a",
            "sluis.db.copy-b",
            "sluis.db.damaged"
        ]
    );
}

#[test]
fn a_second_copy_that_is_lost_damaged_or_old_is_replaced_and_changes_nothing() {
    let server = two_feeds();
    let happenings: [fn(&Path); 4] = [
        lose_the_copy,
        |store| {
            for suffix in [".copy-a", ".copy-b"] {
                fs::remove_file(beside(store, suffix)).unwrap();
            }
        },
        |store| {
            // As of the state before the last, as after a crash.
            let [a, b] = [".copy-a", ".copy-b"].map(|suffix| beside(store, suffix));
            let older = [&a, &b]
                .map(|file| fs::read(file).unwrap())
                .into_iter()
                .min_by_key(|bytes| generation(bytes));
            let older = older.unwrap();
            fs::write(a, &older).unwrap();
            fs::write(b, &older).unwrap();
        },
        |store| {
            let torn = fs::read(beside(store, ".copy-a")).unwrap();
            fs::write(beside(store, ".copy-a"), &torn[..torn.len() / 2]).unwrap();
        },
    ];
    for happens in happenings {
        let mut phone = Phone::obeying(&server, &APPS);
        let log = phone.audit();
        phone.process_dies_and(happens).unwrap();
        phone.report(&server, Event::Started {});
        assert_eq!(phone.warnings(), Vec::<String>::new());
        assert_eq!(phone.audit(), log);
        // It is good again.
        phone
            .process_dies_and(|store| fs::remove_file(store).unwrap())
            .unwrap();
        phone.report(&server, Event::Started {});
        assert_eq!(phone.logged("recovered")[0]["from_copy"], json!(true));
        assert!(held(&phone));
        assert_eq!(phone.card("bad.app").as_deref(), Some("state_hidden"));
    }
}

fn generation(copy: &[u8]) -> i64 {
    let body = copy.split(|byte| *byte == b'\n').nth(1).unwrap();
    serde_json::from_slice::<serde_json::Value>(body).unwrap()["generation"]
        .as_i64()
        .unwrap()
}

#[test]
fn a_phone_of_a_later_version_is_refused_and_left_as_it_is() {
    let server = two_feeds();
    let later_copy = |store: &Path| {
        let body = "{}";
        let sealed = format!("sluis.copy/2\n{body}");
        let sha256 = hex::encode(digest(&SHA256, sealed.as_bytes()).as_ref());
        fs::write(beside(store, ".copy-a"), format!("sluis.copy/2 {sha256}\n{body}")).unwrap();
    };
    let later_store = |store: &Path| {
        Connection::open(store)
            .unwrap()
            .pragma_update(None, "user_version", 1_000)
            .unwrap();
    };
    let happenings: [&dyn Fn(&Path); 2] = [&later_copy, &later_store];
    for happens in happenings {
        let mut phone = Phone::obeying(&server, &APPS);
        let mut files = None;
        let error = phone.process_dies_and(|store| {
            happens(store);
            files = Some(snapshot(store));
        });
        let error = error.unwrap_err();
        assert!(
            matches!(error, AgentError::Store(StoreError::FutureVersion { .. })),
            "{error}"
        );
        assert!(error.to_string().contains("later version of Sluis"), "{error}");
        assert_eq!(Some(snapshot(&phone.store_path())), files);
    }
}

fn snapshot(store: &Path) -> Vec<Option<Vec<u8>>> {
    let files = ["", ".copy-a", ".copy-b", ".damaged"];
    files
        .iter()
        .map(|suffix| fs::read(beside(store, suffix)).ok())
        .collect()
}

#[test]
fn the_second_copy_is_written_when_a_hold_changes_and_not_when_an_app_is_only_judged() {
    let server = two_feeds();
    let mut phone = Phone::obeying(&server, &["good.app"]);
    let copies = |phone: &Phone| {
        let mut copies = snapshot(&phone.store_path());
        copies.split_off(1)
    };
    let before = copies(&phone);
    phone.packages.insert("bad.app".into(), app("bad.app"));
    let directives = phone.tell(phone.changed_event("bad.app"), None).unwrap();
    assert_eq!(directives.actions.len(), 2);
    assert_eq!(copies(&phone), before, "what was ordered is not done yet");
    phone.carry_out(&server, directives);
    let after = copies(&phone);
    assert_ne!(after, before);
    phone.report(&server, phone.inventory_event());
    phone.report(&server, phone.inventory_event());
    assert_eq!(copies(&phone), after, "nothing changed");
}
