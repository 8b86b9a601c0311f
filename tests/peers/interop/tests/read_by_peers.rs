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

/// Follows a feed with each of the others' clients: first, without news, after each step of `steps`, and by a client
/// that has not been there before. A step publishes the policy that it is given.
fn follow(desk: &Desk<'_>, programs: &Programs, steps: &[&dyn Fn(&str)]) {
    let server = Server::start(&desk.feed()).unwrap();
    let first = policy("first", 1);
    desk.publish(&first).unwrap();
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

#[test]
fn a_feed_is_read_and_followed() {
    let programs = Programs::from_environment();
    let desk = Desk::new(&programs, &[]).unwrap();
    let publish = |policy: &str| desk.publish(policy).unwrap();
    follow(&desk, &programs, &[&publish, &publish]);
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
