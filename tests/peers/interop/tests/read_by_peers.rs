//! Feeds made by `sluis`, read by the clients of others over HTTP.

use std::fs;
use std::path::Path;

use peers_interop::feed::{Desk, catalogue, policy};
use peers_interop::programs::{Client, Programs, run};
use peers_interop::server::Server;
use tempfile::TempDir;

/// A client of others, what it keeps, and a feed that it follows.
struct Reader<'a> {
    client: Client,
    state: TempDir,
    programs: &'a Programs,
    server: &'a Server,
    desk: &'a Desk<'a>,
}

impl<'a> Reader<'a> {
    fn new(client: Client, programs: &'a Programs, server: &'a Server, desk: &'a Desk<'a>) -> Self {
        let state = tempfile::tempdir().unwrap();
        Self {
            client,
            state,
            programs,
            server,
            desk,
        }
    }

    fn refresh(&self) -> Result<(), String> {
        let mut command = self
            .programs
            .refresh(
                self.client,
                &self.server.url(),
                &self.desk.root(),
                self.state.path(),
            )
            .unwrap();
        run(&mut command).map(drop)
    }

    fn takes(&self, policy: &str) {
        let name = self.client.name();
        self.refresh().unwrap_or_else(|said| panic!("{name}: {said}"));
        let taken = |name: &str| fs::read(self.state.path().join("targets").join(name)).unwrap();
        assert_eq!(taken("policy.json"), policy.as_bytes(), "{name}");
        assert_eq!(taken("catalogue.json"), fs::read(catalogue()).unwrap(), "{name}");
    }

    fn refuses(&self, what: &str) {
        let name = self.client.name();
        assert!(
            self.refresh().is_err(),
            "{name} takes a feed of which {what} was tampered with"
        );
    }
}

/// Follows a feed with each of the others' clients: after it is first published, without news, and after each of the
/// steps, which also a client takes in that has not been there before. A step publishes the policy that it is given.
fn follow(desk: &Desk<'_>, programs: &Programs, publish: impl Fn(&str), steps: &[&dyn Fn(&str)]) {
    let server = Server::start(&desk.feed()).unwrap();
    let first = policy("first", 1);
    publish(&first);
    let reader = |client| Reader::new(client, programs, &server, desk);
    let readers: Vec<Reader<'_>> = Client::PEERS.map(reader).into();
    for reader in &readers {
        reader.takes(&first);
        reader.takes(&first);
    }
    for (number, step) in steps.iter().enumerate() {
        let next = policy(&format!("step{number}"), 1);
        step(&next);
        for reader in &readers {
            reader.takes(&next);
            Reader::new(reader.client, programs, &server, desk).takes(&next);
        }
    }
}

/// The file of that name as it was signed, but with another year in it.
fn tamper(file: &Path) {
    let text = fs::read_to_string(file).unwrap();
    let year = text
        .find("\"expires\"")
        .and_then(|at| Some(at + text[at..].find("20")?))
        .unwrap();
    fs::write(file, format!("{}9{}", &text[..year + 3], &text[year + 4..])).unwrap();
    assert_ne!(fs::read_to_string(file).unwrap(), text);
}

/// The kinds of key that `sluis` makes.
const KINDS: [&str; 2] = ["ed25519", "p256"];

#[test]
fn a_feed_is_read_and_followed_with_either_kind_of_key() {
    let programs = Programs::from_environment();
    for kind in KINDS {
        let desk = Desk::new(&programs, &["--key-kind", kind]).unwrap();
        let publish = |policy: &str| desk.publish(policy).unwrap();
        follow(&desk, &programs, publish, &[&publish, &publish]);
    }
}

#[test]
fn a_feed_whose_roles_need_several_signatures_is_read_and_followed() {
    let programs = Programs::from_environment();
    for kind in KINDS {
        let mut options = vec!["--key-kind", kind];
        options.extend(["--number", "root=3", "--threshold", "root=2"]);
        options.extend(["--number", "targets=3", "--threshold", "targets=3"]);
        options.extend(["--number", "snapshot=2", "--threshold", "snapshot=2"]);
        options.extend(["--number", "timestamp=2", "--threshold", "timestamp=1"]);
        let desk = Desk::new(&programs, &options).unwrap();
        let publish = |policy: &str| desk.publish(policy).unwrap();
        follow(&desk, &programs, publish, &[&publish]);
    }
}

/// Each role in turn: who has been there before follows, and who has not starts from the first root.
#[test]
fn a_feed_is_followed_through_the_rotation_of_every_role() {
    let programs = Programs::from_environment();
    let desk = Desk::new(&programs, &["--number", "root=2", "--threshold", "root=2"]).unwrap();
    let rotate = |role: &str, kind: &str, policy: &str| {
        let options = ["--no-passphrase", "--keys", "keys", "--key-kind", kind];
        desk.sluis(&[&["feed", "rotate", "feed", role], options.as_slice()].concat())
            .unwrap();
        desk.publish(policy).unwrap();
    };
    follow(
        &desk,
        &programs,
        |policy| desk.publish(policy).unwrap(),
        &[
            &|policy| rotate("timestamp", "p256", policy),
            &|policy| rotate("snapshot", "p256", policy),
            &|policy| rotate("targets", "p256", policy),
            &|policy| rotate("root", "p256", policy),
            &|policy| rotate("root", "ed25519", policy),
        ],
    );
    assert!(desk.path("feed/6.root.json").exists());
}

#[test]
fn a_timestamp_that_is_only_refreshed_is_read() {
    let programs = Programs::from_environment();
    let desk = Desk::new(&programs, &[]).unwrap();
    let first = policy("first", 1);
    let server = Server::start(&desk.feed()).unwrap();
    desk.publish(&first).unwrap();
    let readers = Client::PEERS.map(|client| Reader::new(client, &programs, &server, &desk));
    for _ in 0..2 {
        readers.iter().for_each(|reader| reader.takes(&first));
        desk.sluis(&["feed", "refresh", "feed", "--keys", "keys"])
            .unwrap();
    }
}

/// The policy moves to a role with keys of its own, two delegations down.
#[test]
fn a_policy_that_a_delegated_role_lists_is_found_and_followed() {
    let programs = Programs::from_environment();
    let desk = Desk::new(&programs, &[]).unwrap();
    let delegate = |role: &str, kind: &str, options: &[&str]| {
        let keys = [
            "--new-keys",
            "2",
            "--threshold",
            "2",
            "--no-passphrase",
            "--key-kind",
            kind,
            "--keys",
            "keys",
        ];
        desk.sluis(&[&["feed", "delegate", "feed", role], options, &keys].concat())
            .unwrap();
    };
    let publish = |policy: &str| {
        fs::write(desk.path("policy.json"), policy).unwrap();
        let options = [
            "--role",
            "national-rules",
            "--policy",
            "policy.json",
            "--keys",
            "keys",
        ];
        desk.sluis(&[&["feed", "publish", "feed"], options.as_slice()].concat())
            .unwrap();
    };
    let hand_over = |policy: &str| {
        delegate("maps", "ed25519", &["--path", "maps/*"]);
        delegate("rules", "p256", &["--path", "*.json"]);
        delegate(
            "national-rules",
            "ed25519",
            &["--path", "policy.*", "--terminating", "--from", "rules"],
        );
        let catalogue = catalogue();
        for step in [
            &["add", "feed", catalogue.to_str().unwrap(), "--role", "rules"] as &[&str],
            &["remove", "feed", "catalogue.json"],
            &["remove", "feed", "policy.json"],
        ] {
            desk.sluis(&[&["feed"], step].concat()).unwrap();
        }
        publish(policy);
    };
    follow(
        &desk,
        &programs,
        |policy| desk.publish(policy).unwrap(),
        &[&hand_over, &publish],
    );
}

/// Without this, the other tests might pass with clients that verify nothing.
#[test]
fn a_feed_that_was_tampered_with_is_refused_by_each_client() {
    let programs = Programs::from_environment();
    let desk = Desk::new(&programs, &[]).unwrap();
    let server = Server::start(&desk.feed()).unwrap();
    let genuine = policy("first", 1);
    desk.publish(&genuine).unwrap();
    for file in ["timestamp.json", "1.snapshot.json", "1.targets.json"] {
        let path = desk.feed().join(file);
        let before = fs::read(&path).unwrap();
        tamper(&path);
        for client in Client::PEERS {
            Reader::new(client, &programs, &server, &desk).refuses(file);
        }
        fs::write(&path, before).unwrap();
    }
    for entry in fs::read_dir(desk.feed().join("targets")).unwrap() {
        let path = entry.unwrap().path();
        let before = fs::read(&path).unwrap();
        let mut bytes = before.clone();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(&path, bytes).unwrap();
        for client in Client::PEERS {
            Reader::new(client, &programs, &server, &desk).refuses("a file");
        }
        fs::write(&path, before).unwrap();
    }
    for client in Client::PEERS {
        Reader::new(client, &programs, &server, &desk).takes(&genuine);
    }
}
