//! What a check for news costs and gives away, seen from the server. `docs/fleet-cost.md` counts with these numbers.

use std::collections::HashSet;

use peers_interop::feed::{Desk, policy};
use peers_interop::programs::{Client, Programs, run};
use peers_interop::server::{Exchange, Server};

/// The exchanges of a first refresh and of one that finds nothing new.
fn first_and_second_check() -> (Vec<Exchange>, Vec<Exchange>) {
    let programs = Programs::from_environment();
    let desk = Desk::new(&programs, &[]).unwrap();
    desk.publish(&policy("first", 1_000)).unwrap();
    let server = Server::start(&desk.feed()).unwrap();
    let state = tempfile::tempdir().unwrap();
    let check = || {
        let mut command = programs
            .refresh(Client::Sluis, &server.url(), &desk.root(), state.path())
            .unwrap();
        run(&mut command).unwrap();
        server.exchanges()
    };
    (check(), check())
}

#[test]
fn a_check_without_news_takes_one_connection_and_at_most_a_kilobyte_besides_the_timestamp() {
    let (_, check) = first_and_second_check();
    let paths: Vec<_> = check.iter().map(|exchange| exchange.path.as_str()).collect();
    assert_eq!(paths, ["/2.root.json", "/timestamp.json"]);
    let connections: HashSet<_> = check.iter().map(|exchange| exchange.connection).collect();
    assert_eq!(connections.len(), 1);

    let timestamp = check[1].body_bytes;
    let requests: usize = check.iter().map(|exchange| exchange.request.len()).sum();
    let all: usize = check
        .iter()
        .map(|exchange| exchange.overhead() + exchange.body_bytes)
        .sum();
    println!(
        "a check without news: {requests} bytes up, {} down, of which the timestamp {timestamp}",
        all - requests
    );
    assert!(
        all - timestamp <= 1024,
        "{} bytes besides the timestamp",
        all - timestamp
    );
}

/// An entity tag or a cookie that is sent back can be a serial number.
#[test]
fn nothing_that_the_server_handed_out_is_sent_back() {
    let (first, second) = first_and_second_check();
    let asked = |check: &[Exchange], path: &str| {
        let exchange = check.iter().find(|exchange| exchange.path == path);
        exchange.map(|exchange| exchange.request.clone()).unwrap()
    };
    // The server hands out a cookie and validators with each file.
    assert_eq!(
        asked(&first, "/timestamp.json"),
        asked(&second, "/timestamp.json")
    );
    for exchange in first.iter().chain(&second) {
        let mut names: Vec<_> = exchange
            .request
            .lines()
            .skip(1)
            .filter_map(|line| Some(line.split_once(':')?.0.to_ascii_lowercase()))
            .collect();
        names.sort_unstable();
        assert_eq!(
            names,
            ["accept", "accept-encoding", "host", "user-agent"],
            "{}",
            exchange.request
        );
    }
}
