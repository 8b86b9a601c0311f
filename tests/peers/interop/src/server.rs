//! A static web server on loopback that keeps count of what goes over the wire.

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// One request and its answer.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// Which connection it went over, counted from the start of the server.
    pub connection: usize,
    /// As asked for, still escaped.
    pub path: String,
    /// The request's head as it came, from the request line to the empty line.
    pub request: String,
    /// Of the answer.
    pub status: u16,
    /// Bytes of the answer's head.
    pub head_bytes: usize,
    /// Bytes of the answer's body.
    pub body_bytes: usize,
}

impl Exchange {
    /// Bytes of HTTP in both directions, the body left out.
    pub fn overhead(&self) -> usize {
        self.request.len() + self.head_bytes
    }
}

/// As long as the page of a common web server.
const NOT_FOUND: &[u8] = b"<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n\
    <center><h1>404 Not Found</h1></center>\r\n<hr><center>static</center>\r\n</body>\r\n</html>\r\n";

#[derive(Debug, Default)]
struct Shared {
    folder: PathBuf,
    exchanges: Vec<Exchange>,
}

/// A server that runs until the process ends; it answers each connection on a thread of its own, keeps connections
/// alive and sends the headers that web servers send, validators among them.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
}

impl Server {
    /// Serves a folder on a free port.
    pub fn start(folder: &Path) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Mutex::new(Shared {
            folder: folder.into(),
            exchanges: Vec::new(),
        }));
        let of_threads = Arc::clone(&shared);
        thread::spawn(move || {
            for (number, connection) in listener.incoming().flatten().enumerate() {
                let shared = Arc::clone(&of_threads);
                // A client that goes away in the middle is that client's affair.
                thread::spawn(move || drop(converse(number, connection, &shared)));
            }
        });
        Ok(Self { address, shared })
    }

    /// Without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Serves another folder from now on, under the same address.
    pub fn serve(&self, folder: &Path) {
        lock(&self.shared).folder = folder.into();
    }

    /// What was exchanged since the last call.
    pub fn exchanges(&self) -> Vec<Exchange> {
        std::mem::take(&mut lock(&self.shared).exchanges)
    }
}

fn lock(shared: &Mutex<Shared>) -> std::sync::MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn converse(number: usize, mut connection: TcpStream, shared: &Mutex<Shared>) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let mut reader = BufReader::new(connection.try_clone()?);
    while let Some(request) = read_head(&mut reader)? {
        let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
        let folder = lock(shared).folder.clone();
        let file = local(&folder, &path).and_then(|file| fs::read(file).ok());
        let (status, body) = match file {
            Some(body) => (200, body),
            None => (404, NOT_FOUND.to_vec()),
        };
        let head = head(status, &path, &body);
        lock(shared).exchanges.push(Exchange {
            connection: number,
            path,
            request,
            status,
            head_bytes: head.len(),
            body_bytes: body.len(),
        });
        // In one write, lest the body wait for the head to be acknowledged.
        connection.write_all(&[head.as_bytes(), &body].concat())?;
    }
    Ok(())
}

/// The head of a request, `None` where the client has closed the connection; these requests have no bodies.
fn read_head(reader: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(None);
        }
    }
    Ok(Some(head))
}

/// As long as what web servers and content networks send.
fn head(status: u16, path: &str, body: &[u8]) -> String {
    let reason = if status == 200 { "OK" } else { "Not Found" };
    let kind = if status == 200 {
        "application/json"
    } else {
        "text/html"
    };
    let validators = if status == 200 {
        format!(
            "Last-Modified: Mon, 23 Nov 2026 10:00:00 GMT\r\nETag: \"6922dd20-{:x}-{:x}\"\r\n\
             Cache-Control: max-age=60\r\nAccept-Ranges: bytes\r\nSet-Cookie: phone=1; Max-Age=31536000\r\n",
            path.len(),
            body.len()
        )
    } else {
        String::new()
    };
    format!(
        "HTTP/1.1 {status} {reason}\r\nServer: static\r\nDate: Wed, 25 Nov 2026 10:00:00 GMT\r\n\
         Content-Type: {kind}\r\nContent-Length: {}\r\n{validators}Connection: keep-alive\r\n\r\n",
        body.len()
    )
}

/// Where the file of an address lies; `None` for what leaves the folder.
fn local(folder: &Path, path: &str) -> Option<PathBuf> {
    let mut bytes = Vec::new();
    let mut rest = path.strip_prefix('/')?.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first == b'%' {
            let (digits, after) = rest.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?);
            rest = after;
        } else {
            bytes.push(*first);
        }
    }
    let name = String::from_utf8(bytes).ok()?;
    let stays = name.split('/').all(|part| !matches!(part, "" | "." | ".."));
    stays.then(|| folder.join(name))
}
