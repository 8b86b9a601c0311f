//! From the administrator's desk to the phone: the real tool makes two feeds, a real web server serves them, and the
//! agent obeys them on the packages of real phones.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use sluis_core::agent::Agent;
use sluis_core::agent::message::{Event, Fetch, FetchOutcome, Observation, Report, Screen, Step, Time};
use sluis_core::feed::{hex, rfc3339};
use sluis_core::policy::facts::{Inventory, PackageFacts, Roles};
use tempfile::TempDir;

const DAY_0: &str = "2026-11-23T10:00:00Z";
const DAY_1: &str = "2026-11-24T10:00:00Z";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A folder of feeds and a web server in front of it.
struct Desk {
    folder: TempDir,
    port: u16,
    pins: BTreeMap<&'static str, String>,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let served = folder.path().join("www");
        fs::create_dir(&served).unwrap();
        // It ends with the process.
        std::thread::spawn(move || {
            listener
                .incoming()
                .for_each(|stream| answer(stream.unwrap(), &served))
        });
        let pins = BTreeMap::new();
        Self { folder, port, pins }
    }

    fn sluis(&self, arguments: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_sluis"))
            .current_dir(self.folder.path())
            .args(arguments)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    fn feed(&self, name: &str) -> PathBuf {
        self.folder.path().join("www").join(name)
    }

    fn init(&mut self, name: &'static str) {
        let (feed, keys) = (format!("www/{name}"), format!("{name}-keys"));
        let said = self.sluis(&[
            "feed",
            "init",
            &feed,
            "--keys",
            &keys,
            "--no-passphrase",
            "--now",
            DAY_0,
        ]);
        let pin = said.split_whitespace().find_map(hex::decode_exact::<32>).unwrap();
        self.pins.insert(name, hex::encode(&pin));
    }

    fn publish(&self, name: &str, policy: &Path, now: &str) {
        let (feed, keys) = (format!("www/{name}"), format!("{name}-keys"));
        let catalogue = root().join("policy-schema/catalogue/catalogue.json");
        let (policy, catalogue) = (policy.to_str().unwrap(), catalogue.to_str().unwrap());
        let mut arguments = vec!["feed", "publish", &feed, "--keys", &keys];
        arguments.extend(["--policy", policy, "--catalogue", catalogue, "--now", now]);
        self.sluis(&arguments);
    }

    fn example(name: &str) -> PathBuf {
        root().join(format!("policy-schema/examples/{name}.json"))
    }

    /// The central government's list below, a municipality on top.
    fn with_two_feeds() -> Self {
        let mut desk = Self::new();
        for (feed, policy) in [("national", "central-government-list"), ("city", "municipality")] {
            desk.init(feed);
            desk.publish(feed, &Self::example(policy), DAY_0);
        }
        desk
    }

    /// Publishes a national policy that also bans one more app.
    fn publish_ban_of(&self, package: &str) {
        let text = fs::read_to_string(Self::example("central-government-list")).unwrap();
        let mut policy: serde_json::Value = serde_json::from_str(&text).unwrap();
        let reason = json!({ "nl": "Ook niet.", "en": "Neither." });
        let rule = json!({ "id": "more", "effect": "deny", "remedy": "remove", "match": { "packages": [package] }, "reason": reason });
        policy["rules"].as_array_mut().unwrap().push(rule);
        let path = self.folder.path().join("more.json");
        fs::write(&path, policy.to_string()).unwrap();
        self.publish("national", &path, DAY_1);
    }

    fn configuration(&self) -> serde_json::Value {
        let feed = |name: &str| {
            let url = format!("http://127.0.0.1:{}/{name}/", self.port);
            json!({ "name": name, "url": url, "root_sha256": self.pins[name] })
        };
        json!({ "feeds": [feed("national"), feed("city")], "allow_loopback_http": true })
    }
}

/// Answers one GET with a file, or 404.
fn answer(mut stream: TcpStream, folder: &Path) {
    let mut request = String::new();
    BufReader::new(&stream).read_line(&mut request).unwrap();
    let path = request.split(' ').nth(1).unwrap().trim_start_matches('/');
    let file = fs::read(folder.join(path)).ok();
    let status = if file.is_some() { "200 OK" } else { "404 Not Found" };
    let body = file.unwrap_or_default();
    let head = format!("HTTP/1.0 {status}\r\nContent-Length: {}\r\n\r\n", body.len());
    // A client that hangs up early is no concern of the server.
    let _ = stream.write_all(&[head.as_bytes(), &body].concat());
}

/// Gets a file over HTTP/1.0, as far as it is not longer than it may be.
fn get(fetch: &Fetch) -> (FetchOutcome, Vec<u8>) {
    let rest = fetch.url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    stream
        .write_all(format!("GET /{path} HTTP/1.0\r\nHost: {host}\r\n\r\n").as_bytes())
        .unwrap();
    let mut reader = BufReader::new(stream);
    let mut status = String::new();
    reader.read_line(&mut status).unwrap();
    let mut header = String::from("…");
    while !header.trim_end().is_empty() {
        header.clear();
        reader.read_line(&mut header).unwrap();
    }
    let mut body = Vec::new();
    reader.take(fetch.max_bytes + 1).read_to_end(&mut body).unwrap();
    let outcome = match status.split(' ').nth(1).unwrap() {
        "200" if body.len() as u64 <= fetch.max_bytes => FetchOutcome::Body {},
        "404" => FetchOutcome::Missing {},
        _ => FetchOutcome::Failed {
            message: status.trim_end().into(),
        },
    };
    (outcome, body)
}

/// A phone with the packages of a committed inventory.
struct Phone {
    folder: TempDir,
    agent: Agent,
    now: &'static str,
    packages: BTreeMap<String, PackageFacts>,
}

impl Phone {
    fn with(inventory: &str, added: &[&str]) -> Self {
        let text = fs::read_to_string(root().join(format!("tests/inventories/{inventory}.txt"))).unwrap();
        let came = text.lines().filter_map(|line| line.strip_prefix("package:"));
        let packages = came
            .map(|name| (name, true))
            .chain(added.iter().map(|name| (*name, false)));
        let facts = |(name, system): (&str, bool)| PackageFacts {
            name: name.to_owned(),
            system: Some(system),
            hidden: Some(false),
            suspended: Some(false),
            ..PackageFacts::default()
        };
        let folder = tempfile::tempdir().unwrap();
        Self {
            agent: Agent::open(&folder.path().join("sluis.db")).unwrap(),
            folder,
            now: DAY_0,
            packages: packages.map(|p| (p.0.to_owned(), facts(p))).collect(),
        }
    }

    /// Reports an event and does all that it leads to; the answer is the screen.
    fn report(&mut self, event: Event) -> Screen {
        let mut events = VecDeque::from([(event, Vec::new())]);
        while let Some((event, body)) = events.pop_front() {
            let time = Time {
                wall_ms: rfc3339::parse(self.now).unwrap() * 1000,
                elapsed_ms: 60_000,
                boot_count: 1,
            };
            let directives = self.agent.handle(Report { time, event }, Some(&body)).unwrap();
            for fetch in &directives.fetches {
                let (outcome, body) = get(fetch);
                let (feed, url) = (fetch.feed.clone(), fetch.url.clone());
                events.push_back((Event::Fetched { feed, url, outcome }, body));
            }
            if directives.list_packages {
                let packages = self.packages.values().cloned().collect();
                let roles = Roles::new();
                let inventory = Inventory { packages, roles };
                events.push_back((Event::Inventory { inventory, api: None }, Vec::new()));
            }
            for action in &directives.actions {
                let result = self.carry_out(action.id, &action.step);
                events.push_back((result, Vec::new()));
            }
            if let Some(screen) = directives.screen {
                return screen;
            }
            if events.is_empty() {
                let languages = vec!["nl".to_owned()];
                events.push_back((Event::Screen { languages }, Vec::new()));
            }
        }
        panic!("the screen was not filled")
    }

    fn carry_out(&mut self, id: u64, step: &Step) -> Event {
        let package = step.subject();
        match (step, self.packages.get_mut(package)) {
            (Step::Uninstall { .. }, _) => drop(self.packages.remove(package)),
            (Step::Suspend { .. } | Step::Unsuspend { .. }, Some(facts)) => {
                facts.suspended = Some(step.kind() == "suspend");
            }
            (Step::Hide { .. } | Step::Unhide { .. }, Some(facts)) => {
                facts.hidden = Some(step.kind() == "hide")
            }
            _ => {}
        }
        let facts = self.packages.get(package);
        let restriction = matches!(step, Step::Restrict { .. } | Step::Unrestrict { .. });
        let observed = Observation {
            installed: facts.is_some(),
            hidden: facts.is_some_and(|p| p.hidden == Some(true)),
            suspended: facts.is_some_and(|p| p.suspended == Some(true)),
            label: None,
        };
        Event::ActionResult {
            id,
            failure: None,
            observed: (!restriction).then_some(observed),
            restricted: restriction.then_some(true),
        }
    }

    fn obeying(desk: &Desk, inventory: &str, added: &[&str]) -> Self {
        let mut phone = Self::with(inventory, added);
        let configuration = serde_json::from_value(desk.configuration()).unwrap();
        phone.report(Event::Configure { configuration });
        phone
    }

    /// The apps that cannot be used any more.
    fn kept(&self) -> BTreeSet<&str> {
        let kept = |p: &&PackageFacts| p.suspended == Some(true) || p.hidden == Some(true);
        self.packages
            .values()
            .filter(kept)
            .map(|p| p.name.as_str())
            .collect()
    }
}

const TIKTOK: &str = "com.zhiliaoapp.musically";
const WECHAT: &str = "com.tencent.mm";
const TEMU: &str = "com.einnovation.temu";
const WHATSAPP: &str = "com.whatsapp";

#[test]
fn what_two_feeds_forbid_is_out_of_use_on_a_real_phone_and_nothing_else() {
    let desk = Desk::with_two_feeds();
    let mut phone = Phone::obeying(&desk, "samsung-s10e-android11", &[TIKTOK, WECHAT, TEMU, WHATSAPP]);
    assert_eq!(phone.kept(), BTreeSet::from([TIKTOK, WECHAT, TEMU]));
    let screen = phone.report(Event::Refresh {});
    assert_eq!(
        (screen.apps.len(), screen.layers.len(), screen.warnings.len()),
        (3, 2, 0)
    );
    let temu = screen.apps.iter().find(|card| card.package == TEMU).unwrap();
    assert_eq!(
        (temu.organisation.as_str(), temu.rule.as_deref()),
        ("Gemeente Voorbeeld", Some("pinduoduo-temu"))
    );
    // The next version of one feed leaves the other's rules as they are.
    desk.publish_ban_of(WHATSAPP);
    phone.now = DAY_1;
    phone.report(Event::Refresh {});
    assert!(!phone.packages.contains_key(WHATSAPP));
    assert_eq!(phone.kept(), BTreeSet::from([TIKTOK, WECHAT, TEMU]));
}

#[test]
fn a_phone_full_of_the_countrys_apps_keeps_its_system_under_a_ban_on_them() {
    let desk = Desk::with_two_feeds();
    desk.publish("national", &Desk::example("province-removes"), DAY_0);
    // All of this list came with the phone; the rule does not say `system: true`.
    let phone = Phone::obeying(&desk, "vivo-china-rom-system", &["com.baidu.searchbox"]);
    assert_eq!(phone.kept(), BTreeSet::new());
    assert!(!phone.packages.contains_key("com.baidu.searchbox"));
    assert!(phone.packages.contains_key("com.bbk.launcher2"));
}

#[test]
fn a_feed_that_was_tampered_with_is_refused_and_the_last_policy_stays() {
    let desk = Desk::with_two_feeds();
    let mut phone = Phone::obeying(&desk, "samsung-s10e-android11", &[TIKTOK, WHATSAPP]);
    desk.publish_ban_of(WHATSAPP);
    let mut tampered = 0;
    for entry in fs::read_dir(desk.feed("national").join("targets")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        // The ban on TikTok becomes one on an app that nobody has.
        fs::write(&path, text.replace(TIKTOK, "com.zhiliaoapp.musicallx")).unwrap();
        tampered += usize::from(text.contains(TIKTOK));
    }
    assert!(tampered >= 2);
    phone.now = DAY_1;
    let screen = phone.report(Event::Refresh {});
    assert_eq!(screen.warnings[0].id, "warning_feed_refused");
    assert_eq!(phone.kept(), BTreeSet::from([TIKTOK]));
    // Nor does it help that the process starts anew.
    phone.agent = Agent::open(&phone.folder.path().join("sluis.db")).unwrap();
    phone.report(Event::Started {});
    assert_eq!(phone.kept(), BTreeSet::from([TIKTOK]));
}

#[test]
fn a_feed_that_was_rolled_back_is_refused_and_the_last_policy_stays() {
    let desk = Desk::with_two_feeds();
    let old = fs::read(desk.feed("national").join("timestamp.json")).unwrap();
    let mut phone = Phone::with("samsung-s10e-android11", &[TIKTOK, WHATSAPP]);
    desk.publish_ban_of(WHATSAPP);
    phone.now = DAY_1;
    let configuration = serde_json::from_value(desk.configuration()).unwrap();
    let screen = phone.report(Event::Configure { configuration });
    assert_eq!(screen.warnings, []);
    assert!(!phone.packages.contains_key(WHATSAPP));
    fs::write(desk.feed("national").join("timestamp.json"), old).unwrap();
    let screen = phone.report(Event::Refresh {});
    assert_eq!(screen.warnings[0].id, "warning_feed_refused");
    let again = PackageFacts {
        name: WHATSAPP.into(),
        system: Some(false),
        ..PackageFacts::default()
    };
    phone.packages.insert(WHATSAPP.into(), again.clone());
    let (name, facts, roles) = (WHATSAPP.into(), Some(Box::new(again)), Roles::new());
    phone.report(Event::PackageChanged { name, facts, roles });
    assert!(
        !phone.packages.contains_key(WHATSAPP),
        "the newer policy is in force"
    );
}
