#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::time::Duration;

use super::{Http, Limits, Reply};
use web::{Web, send};

#[allow(dead_code, reason = "other tests use more of it")]
#[path = "../../tests/web/mod.rs"]
mod web;

const SHORT: Limits = Limits {
    connect: Duration::from_secs(2),
    read: Duration::from_millis(400),
    whole: Duration::from_millis(1_500),
};

fn get(web: &Web, path: &str, max_bytes: u64) -> Reply {
    Http::new(None, SHORT).get(&web.url(path), max_bytes).unwrap()
}

fn assert_failed(reply: &Reply, why: &str) {
    assert!(
        matches!(reply, Reply::Failed(message) if message.contains(why)),
        "{reply:?}"
    );
}

/// Serves one body after these headers, and closes the connection.
fn serving(headers: &'static str, body: &'static [u8]) -> Web {
    Web::serve(move |_, out| {
        let head = format!("HTTP/1.1 200 OK\r\n{headers}\r\n");
        out.write_all(head.as_bytes())
            .and_then(|()| out.write_all(body))
            .ok();
        false
    })
}

#[test]
fn a_request_has_these_headers_and_no_others_whatever_the_server_hands_out() {
    let web = Web::serve(|path, out| match path {
        "/old" => send(out, "302 Found", &["Location: /f", "Set-Cookie: id=serial"], b""),
        _ => {
            let headers = [
                "ETag: \"serial-number\"",
                "Set-Cookie: id=serial-number; Path=/",
                "Last-Modified: Mon, 23 Nov 2026 00:00:00 GMT",
                "Cache-Control: max-age=100000",
            ];
            send(out, "200 OK", &headers, b"x")
        }
    });
    let http = Http::new(None, SHORT);
    for path in ["f", "f", "old"] {
        assert_eq!(http.get(&web.url(path), 10).unwrap(), Reply::Body(b"x".to_vec()));
    }
    let request = |path: &str| {
        let host = web.host();
        format!(
            "GET {path} HTTP/1.1\r\nhost: {host}\r\nuser-agent: Sluis\r\naccept: */*\r\naccept-encoding: identity\r\n\r\n"
        )
    };
    let mut requests = web.requests();
    for seen in &mut requests {
        *seen = in_order(seen, &request("/"));
    }
    assert_eq!(requests, ["/f", "/f", "/old", "/f"].map(request));
    assert_eq!(web.connections(), 1, "the connection is kept");
}

#[test]
fn a_missing_file_does_not_cost_a_connection() {
    let web = Web::serve(|path, out| match path {
        "/f" => send(out, "200 OK", &[], b"x"),
        _ => send(
            out,
            "404 Not Found",
            &["Content-Type: text/html"],
            &[b'<'; 10_000],
        ),
    });
    let http = Http::new(None, SHORT);
    for path in ["missing", "f", "missing"] {
        http.get(&web.url(path), 10).unwrap();
    }
    assert_eq!(web.connections(), 1);
}

/// The lines of a request in the order of the other's, as far as both have them: their order says nothing.
fn in_order(request: &str, wanted: &str) -> String {
    let place = |line: &str| {
        let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
        wanted
            .split("\r\n")
            .position(|other| other.split(':').next() == Some(&name))
    };
    let (first, rest) = request.split_once("\r\n").unwrap();
    let mut lines: Vec<&str> = rest.trim_end().split("\r\n").collect();
    lines.sort_by_key(|line| place(line));
    let lines: Vec<String> = lines
        .into_iter()
        .map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            format!("{}: {value}", name.to_ascii_lowercase())
        })
        .collect();
    format!("{first}\r\n{}\r\n\r\n", lines.join("\r\n"))
}

#[test]
fn a_file_arrives_byte_by_byte_up_to_the_last_that_is_allowed() {
    let web = Web::serve(|_, out| send(out, "200 OK", &[], &[7; 1_000]));
    assert_eq!(get(&web, "f", 1_000), Reply::Body(vec![7; 1_000]));
    assert_eq!(get(&web, "f", 999), Reply::TooLong);
    let chunked = serving(
        "Transfer-Encoding: chunked\r\n",
        b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
    );
    assert_eq!(get(&chunked, "f", 5), Reply::Body(b"abcde".to_vec()));
    let until_it_closes = serving("Connection: close\r\n", b"abc");
    assert_eq!(get(&until_it_closes, "f", 3), Reply::Body(b"abc".to_vec()));
}

#[test]
fn an_endless_body_is_given_up_after_what_was_asked_for() {
    let web = Web::serve(|_, out| {
        let mut sent = 0_u64;
        out.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            .ok();
        // Bounded, should nobody hang up.
        while sent < 100 << 20 && out.write_all(&[b' '; 65_536]).is_ok() {
            sent += 65_536;
        }
        assert!(sent < 100 << 20, "nobody hung up");
        false
    });
    assert_eq!(get(&web, "f", 10_000), Reply::TooLong);
}

#[test]
fn half_a_file_is_a_failure() {
    let web = serving("Content-Length: 100\r\n", b"half");
    assert!(matches!(get(&web, "f", 1_000), Reply::Failed(_)));
    let web = serving("Transfer-Encoding: chunked\r\n", b"64\r\nhalf");
    assert!(matches!(get(&web, "f", 1_000), Reply::Failed(_)));
}

#[test]
fn bytes_beyond_the_length_that_was_announced_are_not_part_of_the_file() {
    let web = serving("Content-Length: 4\r\n", b"halfHTTP/1.1 200 OK\r\n\r\n");
    assert_eq!(get(&web, "f", 1_000), Reply::Body(b"half".to_vec()));
}

#[test]
fn a_server_that_falls_silent_or_drips_does_not_hold_the_tool_up() {
    let silent = Web::serve(|_, _| {
        std::thread::sleep(Duration::from_secs(10));
        false
    });
    let drips = |head: &'static [u8]| {
        Web::serve(move |_, out| {
            out.write_all(head).ok();
            for _ in 0..100 {
                if out.write_all(b"x").is_err() {
                    break;
                }
                std::thread::sleep(Duration::from_millis(100));
            }
            false
        })
    };
    let body = drips(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    let headers = drips(b"HTTP/1.1 200 OK\r\nX-Endless: ");
    for web in [silent, body, headers] {
        assert_failed(&get(&web, "f", 1_000), "timeout");
    }
}

#[test]
fn a_compressed_answer_is_not_unfolded() {
    // A megabyte of zeros in a few bytes would be unfolded by whoever believes the header.
    let web = Web::serve(|_, out| send(out, "200 OK", &["Content-Encoding: gzip"], &[0x1f, 0x8b, 8, 0]));
    assert_failed(&get(&web, "f", 1_000), "Content-Encoding \"gzip\"");
    let same = Web::serve(|_, out| send(out, "200 OK", &["Content-Encoding: Identity"], b"x"));
    assert_eq!(get(&same, "f", 1_000), Reply::Body(b"x".to_vec()));
}

#[test]
fn no_such_file_is_told_apart_from_trouble() {
    for (status, wanted) in [
        ("404 Not Found", true),
        ("403 Forbidden", true),
        ("500 Oops", false),
    ] {
        let web = Web::serve(move |_, out| send(out, status, &[], b"nothing here"));
        let reply = get(&web, "f", 1_000);
        assert_eq!(reply == Reply::Missing, wanted, "{status}: {reply:?}");
    }
    let web = Web::serve(|_, out| send(out, "304 Not Modified", &[], b""));
    assert_failed(&get(&web, "f", 1_000), "the server answers 304");
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let http = Http::new(None, SHORT);
    let reply = http.get(&format!("http://{nobody}/f"), 10).unwrap();
    assert!(matches!(reply, Reply::Failed(_)), "{reply:?}");
}

#[test]
fn a_redirect_away_from_https_is_not_followed_and_none_is_followed_for_ever() {
    for to in ["http://192.0.2.1/f", "file:///etc/hostname", "ftp://127.0.0.1/f"] {
        let location = format!("Location: {to}");
        let web = Web::serve(move |_, out| send(out, "301 Moved", &[&location], b""));
        assert_failed(&get(&web, "f", 10), "only https:// is allowed");
        assert_eq!(web.requests().len(), 1);
    }
    let web = Web::serve(|_, out| send(out, "302 Found", &["Location: /again"], b""));
    assert_failed(&get(&web, "f", 10), "redirected more than 3 times");
    assert_eq!(web.requests().len(), 4);
}
