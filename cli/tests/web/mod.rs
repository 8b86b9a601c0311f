//! A web server on loopback that says exactly what it is told to say and keeps exactly what it is asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What a server does with a request: writes whatever it wants, and says whether the connection stays open.
pub(crate) type Answer = dyn Fn(&str, &mut dyn Write) -> bool + Send + Sync;

pub(crate) struct Web {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    connections: Arc<Mutex<usize>>,
}

impl Web {
    /// Serves until the test ends; `answer` is given each path.
    pub(crate) fn serve(answer: impl Fn(&str, &mut dyn Write) -> bool + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let web = Self {
            address: listener.local_addr().unwrap(),
            requests: Arc::default(),
            connections: Arc::default(),
        };
        let (requests, connections) = (web.requests.clone(), web.connections.clone());
        let answer: Arc<Answer> = Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming() {
                *connections.lock().unwrap() += 1;
                let (requests, answer) = (requests.clone(), answer.clone());
                thread::spawn(move || talk(stream.unwrap(), &requests, &*answer));
            }
        });
        web
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    /// The heads of all requests so far, as they came over the wire.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }
}

fn talk(stream: TcpStream, requests: &Mutex<Vec<String>>, answer: &Answer) {
    let mut out = stream.try_clone().unwrap();
    converse(BufReader::new(stream), &mut out, requests, answer);
}

/// Answers requests on one connection until either side has had enough.
pub(crate) fn converse(
    mut lines: impl BufRead,
    out: &mut dyn Write,
    requests: &Mutex<Vec<String>>,
    answer: &Answer,
) {
    while let Some(head) = head(&mut lines) {
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        requests.lock().unwrap().push(head);
        if !answer(&path, out) {
            break;
        }
    }
}

/// The head of a request, up to its empty line.
pub(crate) fn head(lines: &mut impl BufRead) -> Option<String> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if lines.by_ref().take(8_192).read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    Some(head)
}

/// A whole answer with these headers besides its length.
pub(crate) fn send(out: &mut dyn Write, status: &str, headers: &[&str], body: &[u8]) -> bool {
    let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    out.write_all(head.as_bytes())
        .and_then(|()| out.write_all(body))
        .is_ok()
}
