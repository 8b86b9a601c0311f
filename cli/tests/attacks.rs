//! Attacks on a feed over HTTP: the fixtures of `tests/fixtures/feed`, served by a web server on loopback to
//! `sluis feed verify`, which remembers what it saw as a phone does. What lies on the way from a server can be played
//! here only; the rest is played here once more, through the driver that fetches for an administrator.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]
#![allow(dead_code, reason = "other tests use more of the server")]

mod web;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use sluis_core::feed::{FeedIdentity, Role, hex};
use sluis_core::store::Store;
use sluis_tests::attacks::{Answer, Ending, Fixture, Step, folder, names};
use tempfile::TempDir;
use web::{Web, send};

/// A server gives up after so many bytes, should nobody hang up.
const ENDLESS: u64 = 256 << 20;
/// What may lie in the buffers of a connection when the other side hangs up.
const IN_BUFFERS: u64 = 32 << 20;

macro_rules! attacks_on_the_way {
    ($($name:ident),* $(,)?) => {
        $(
            #[test]
            fn $name() {
                play(stringify!($name));
            }
        )*

        const ON_THE_WAY: &[&str] = &[$(stringify!($name)),*];
    };
}

attacks_on_the_way! {
    body_of_100_megabytes,
    captive_portal,
    endless_body,
    gzip_bomb,
    half_a_file,
    wrong_length,
}

#[test]
fn every_folder_of_an_attack_on_the_way_has_a_test_and_every_test_a_folder() {
    let folders: BTreeSet<String> = names()
        .into_iter()
        .filter(|name| read(name).needs_a_server())
        .collect();
    let played: BTreeSet<String> = ON_THE_WAY.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(folders, played);
}

#[test]
fn what_a_server_may_try_ends_over_http_as_it_does_in_memory() {
    let mut played = 0;
    for name in names() {
        if is_played_over_http(&name, &read(&name)) {
            play(&name);
            played += 1;
        }
    }
    assert!(played > 30, "only {played}");
}

#[test]
fn a_bomb_fits_where_what_it_unfolds_to_does_not() {
    let (bomb, timestamp) = (
        compressed(1 << 20),
        sluis_core::feed::limits::max_bytes(&Role::Timestamp),
    );
    assert!((bomb.len() as u64) < timestamp && timestamp < 1 << 20);
}

fn read(name: &str) -> Fixture {
    Fixture::read(&folder().join(name)).unwrap()
}

/// The tool has one feed and the wall clock only, and follows a long chain of roots at once.
fn is_played_over_http(name: &str, fixture: &Fixture) -> bool {
    let walls: Vec<&String> = fixture.steps.iter().map(|step| &step.time.wall).collect();
    fixture.root_sha256.len() == 1
        && walls.is_sorted()
        && name != "root_chain_longer_than_one_refresh_takes"
        && fixture
            .steps
            .iter()
            .all(|step| !step.dead && !step.root_lost && step.wants.is_empty() && step.answers.is_empty())
}

/// What the server has, and what it sends in place of it.
#[derive(Default)]
struct Served {
    files: BTreeMap<String, Vec<u8>>,
    answers: BTreeMap<String, Answer>,
}

struct Play {
    threat: PathBuf,
    fixture: Fixture,
    desk: TempDir,
    served: Arc<Mutex<Served>>,
    /// The most bytes of any body that were sent before somebody hung up.
    sent: Arc<AtomicU64>,
    web: Web,
}

fn play(name: &str) {
    let served = Arc::<Mutex<Served>>::default();
    let sent = Arc::<AtomicU64>::default();
    let (files, most) = (served.clone(), sent.clone());
    let play = Play {
        threat: folder().join(name),
        fixture: read(name),
        desk: tempfile::tempdir().unwrap(),
        served,
        sent,
        web: Web::serve(move |path, out| answer(&files, path.trim_start_matches('/'), out, &most)),
    };
    for number in 0..play.fixture.steps.len() {
        play.step(number);
    }
    assert!(play.sent.load(Ordering::Relaxed) < IN_BUFFERS, "nobody hung up");
}

impl Play {
    fn step(&self, number: usize) {
        let step = &self.fixture.steps[number];
        let context = format!(
            "{}, step {} ({:?})",
            self.threat.display(),
            number + 1,
            step.serves
        );
        self.publish(step);
        let output = self.verify(step);
        assert_eq!(self.ending(&output, &step.outcome), step.outcome, "{context}");
        let store = Store::open(&self.state()).unwrap();
        let feed = self.feed();
        let trusted = store.feed(&feed).unwrap();
        assert_eq!(trusted.active().len(), step.in_force.len(), "{context}");
        for (name, place) in &step.in_force {
            let expected = fs::read(self.threat.join(place)).unwrap();
            assert_eq!(store.feed_file(&feed, name).unwrap(), Some(expected), "{context}");
        }
        for (name, version) in &step.floors {
            let floor = trusted.floors().get(&role(name)).map(|floor| floor.version);
            assert_eq!(floor, Some(*version), "{context}: {name}");
        }
    }

    fn publish(&self, step: &Step) {
        let mut served = self.served.lock().unwrap();
        for path in &step.gone {
            served.files.remove(path);
        }
        if let Some(name) = &step.serves {
            let folder = self.threat.join(name);
            read_all(&folder, &folder, &mut served.files);
        }
        served.answers = step.answers.clone();
    }

    fn verify(&self, step: &Step) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sluis"));
        command.args(["feed", "verify", &self.web.url(""), "--root-sha256"]);
        command.args(self.fixture.root_sha256.values());
        command.arg("--state").arg(self.state());
        command.args(["--now", &step.time.wall]);
        command.output().unwrap()
    }

    /// How it ended, in the fixture's words.
    fn ending(&self, output: &Output, expected: &Ending) -> Ending {
        let address = self.web.url("");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr).replace(&address, "<address>");
        match (output.status.code(), expected) {
            (Some(0), _) if said.contains("the policy is the one that it has") => Ending::Unchanged,
            (Some(0), _) => Ending::Updated,
            (Some(1), Ending::Refused { role, reason })
                if errors.contains(&format!("phones refuse this: {role} {reason}")) =>
            {
                expected.clone()
            }
            // Of what could not be fetched, the tool says what, and not for which role.
            (Some(2), Ending::Refused { reason, .. })
                if reason
                    .strip_prefix("could not be fetched: ")
                    .is_some_and(|why| errors.contains(why)) =>
            {
                expected.clone()
            }
            _ => Ending::Refused {
                role: format!("exit code {:?}", output.status.code()),
                reason: errors,
            },
        }
    }

    fn feed(&self) -> FeedIdentity {
        let root = self.fixture.root_sha256.values().next().unwrap();
        FeedIdentity {
            name: "feed".into(),
            root_sha256: hex::decode_exact(root).unwrap(),
        }
    }

    fn state(&self) -> PathBuf {
        self.desk.path().join("phone.db")
    }
}

fn read_all(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_all(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            files.insert(name, fs::read(&path).unwrap());
        }
    }
}

fn answer(served: &Mutex<Served>, path: &str, out: &mut dyn Write, sent: &AtomicU64) -> bool {
    let (file, answer) = {
        let served = served.lock().unwrap();
        let answer = served.answers.get(path).or_else(|| served.answers.get("*"));
        (served.files.get(path).cloned(), answer.cloned())
    };
    let Some(answer) = answer else {
        return match file {
            Some(bytes) => send(out, "200 OK", &[], &bytes),
            None => send(out, "404 Not Found", &[], b""),
        };
    };
    let file = file.unwrap_or_default();
    let head = |length: u64| format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
    let _hung_up = match answer {
        Answer::Bytes(count) => out
            .write_all(head(count).as_bytes())
            .and_then(|()| fill(out, count, sent)),
        Answer::Endless => out
            .write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            .and_then(|()| fill(out, ENDLESS, sent)),
        Answer::Compressed(size) => {
            return send(out, "200 OK", &["Content-Encoding: gzip"], &compressed(size));
        }
        Answer::Page(page) => return send(out, "200 OK", &["Content-Type: text/html"], page.as_bytes()),
        Answer::CutOff(count) => {
            let (part, _) = file.split_at(usize::try_from(count).unwrap());
            out.write_all(head(file.len() as u64).as_bytes())
                .and_then(|()| out.write_all(part))
        }
        Answer::AnnouncedAs(count) => out
            .write_all(head(count).as_bytes())
            .and_then(|()| out.write_all(&file)),
    };
    false
}

/// Writes so many bytes, or as many as are taken.
fn fill(out: &mut dyn Write, count: u64, sent: &AtomicU64) -> io::Result<()> {
    let mut written = 0;
    while written < count {
        out.write_all(&[b' '; 65_536])?;
        written += 65_536;
        sent.fetch_max(written, Ordering::Relaxed);
    }
    Ok(())
}

/// A gzip file that unfolds to so many times the letter x, in the 258ths that one code can stand for.
fn compressed(size: u64) -> Vec<u8> {
    let mut bits = Vec::new();
    // The last block, with the codes that everybody knows (RFC 1951, 3.2.6).
    bits.extend([true, true, false]);
    let mut code = |value: u32, length: u32| bits.extend((0..length).rev().map(|bit| value >> bit & 1 == 1));
    code(0x30 + u32::from(b'x'), 8);
    for _ in 0..size / 258 {
        code(0xc5, 8);
        code(0, 5);
    }
    code(0, 7);
    let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    for byte in bits.chunks(8) {
        file.push(byte.iter().rev().fold(0, |all, bit| all << 1 | u8::from(*bit)));
    }
    file.extend([0; 8]);
    file
}

fn role(name: &str) -> Role {
    match name {
        "root" => Role::Root,
        "timestamp" => Role::Timestamp,
        "snapshot" => Role::Snapshot,
        "targets" => Role::Targets,
        delegated => Role::Delegated(delegated.into()),
    }
}
