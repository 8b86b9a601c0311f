//! A feed over HTTPS: whose certificates are believed, and what goes through a proxy.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]
#![allow(dead_code, reason = "other tests use more of the desk and the server")]

mod desk;
mod web;

use std::fs;
use std::io::{BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;

use desk::{DAY_1, Desk};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use web::{converse, head, send};

/// A name that only the proxy can lead to.
const HOST: &str = "feeds.invalid";

/// An organisation's own certificate authority.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn config_for(&self, host: &str) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        Arc::new(config)
    }
}

/// Serves a folder over TLS; whoever breaks the handshake off is left alone.
fn serve(folder: PathBuf, config: Arc<ServerConfig>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (config, folder) = (config.clone(), folder.clone());
            thread::spawn(move || talk(stream.unwrap(), config, &folder));
        }
    });
    address
}

/// Leads every request over TLS to the same path elsewhere.
fn redirecting(to: String, config: Arc<ServerConfig>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut tls = StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), stream.unwrap());
            while let Some(head) = head(&mut BufReader::with_capacity(1, &mut tls)) {
                let path = head.split(' ').nth(1).unwrap().trim_start_matches('/');
                send(&mut tls, "302 Found", &[&format!("Location: {to}{path}")], b"");
                tls.flush().unwrap();
            }
        }
    });
    address
}

fn talk(stream: TcpStream, config: Arc<ServerConfig>, folder: &std::path::Path) {
    let mut tls = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
    while let Some(head) = head(&mut BufReader::with_capacity(1, &mut tls)) {
        let path = head.split(' ').nth(1).unwrap();
        match fs::read(folder.join(path.trim_start_matches('/'))) {
            Ok(bytes) => send(&mut tls, "200 OK", &[], &bytes),
            Err(_) => send(&mut tls, "404 Not Found", &[], b""),
        };
        tls.flush().unwrap();
    }
}

/// A proxy that leads every CONNECT to one server, and keeps what it was asked.
fn proxy(to: SocketAddr) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let requests: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = requests.clone();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (client, kept) = (stream.unwrap(), kept.clone());
            thread::spawn(move || {
                let server = TcpStream::connect(to).unwrap();
                let mut out = client.try_clone().unwrap();
                let lines = BufReader::with_capacity(1, client.try_clone().unwrap());
                converse(lines, &mut out, &kept, &|_, out| {
                    out.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").unwrap();
                    false
                });
                let (mut up, mut down) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                thread::spawn(move || std::io::copy(&mut up, &mut down));
                std::io::copy(&mut { server }, &mut { client }).ok();
            });
        }
    });
    (address, requests)
}

fn verify(desk: &Desk, url: &str, environment: &[(&str, &str)], more: &[&str]) -> (Option<i32>, String) {
    let arguments = [
        "feed",
        "verify",
        url,
        "--root-sha256",
        &desk.root_sha256,
        "--now",
        DAY_1,
    ];
    let mut command = desk.command(&[&arguments[..], more].concat());
    let output = command.envs(environment.iter().copied()).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn an_authority_of_the_organisations_own_is_believed_where_it_is_named_and_else_not() {
    let desk = Desk::with_feed();
    let authority = Authority::new();
    fs::write(desk.path("ca.pem"), authority.0.pem()).unwrap();
    let address = serve(desk.path("feed"), authority.config_for("127.0.0.1"));
    let url = format!("https://{address}/");
    let (code, said) = verify(&desk, &url, &[], &["--ca", "ca.pem"]);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = verify(&desk, &url, &[], &[]);
    assert_eq!(code, Some(2));
    assert!(said.contains("certificate"), "{said}");
    // The system's store, as it is with the organisation's authority in it.
    let store = desk.path("ca.pem");
    let (code, said) = verify(&desk, &url, &[("SSL_CERT_FILE", store.to_str().unwrap())], &[]);
    assert_eq!(code, Some(0), "{said}");
    // Of another name.
    let address = serve(desk.path("feed"), authority.config_for("elsewhere.example"));
    let (code, said) = verify(&desk, &format!("https://{address}/"), &[], &["--ca", "ca.pem"]);
    assert_eq!(code, Some(2), "{said}");
}

#[test]
fn a_file_that_holds_no_authority_is_named() {
    let desk = Desk::with_feed();
    for (ca, words) in [("policy.json", "policy.json: "), ("nowhere.pem", "nowhere.pem: ")] {
        let (code, said) = verify(&desk, "https://127.0.0.1:1/", &[], &["--ca", ca]);
        assert_eq!(code, Some(2));
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn a_proxy_is_told_the_servers_name_and_nothing_else() {
    let desk = Desk::with_feed();
    let authority = Authority::new();
    fs::write(desk.path("ca.pem"), authority.0.pem()).unwrap();
    let (proxy, requests) = proxy(serve(desk.path("feed"), authority.config_for(HOST)));
    let proxy = format!("http://{proxy}");
    let url = format!("https://{HOST}/");
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        let (code, said) = verify(&desk, &url, &[(name, &proxy)], &["--ca", "ca.pem"]);
        assert_eq!(code, Some(0), "{name}: {said}");
    }
    let seen = requests.lock().unwrap().clone();
    assert_eq!(seen.len(), 3, "one connection for each process");
    for request in seen {
        let mut lines: Vec<String> = request.trim_end().lines().map(str::to_ascii_lowercase).collect();
        let first = lines.remove(0);
        assert_eq!(first, format!("connect {HOST}:443 http/1.1"));
        lines.sort();
        let wanted = [
            &format!("host: {HOST}:443"),
            "proxy-connection: keep-alive",
            "user-agent: sluis",
        ];
        assert_eq!(lines, wanted);
    }
    let (code, said) = verify(
        &desk,
        &url,
        &[("HTTPS_PROXY", &proxy), ("NO_PROXY", HOST)],
        &["--ca", "ca.pem"],
    );
    assert_eq!(code, Some(2), "{said}");
    assert_eq!(requests.lock().unwrap().len(), 3);
}

#[test]
fn what_goes_to_this_machine_in_plain_http_goes_through_no_proxy() {
    let desk = Desk::with_feed();
    let folder = desk.path("feed");
    let web = web::Web::serve(
        move |path, out| match fs::read(folder.join(path.trim_start_matches('/'))) {
            Ok(bytes) => send(out, "200 OK", &[], &bytes),
            Err(_) => send(out, "404 Not Found", &[], b""),
        },
    );
    let nowhere = "http://127.0.0.1:1";
    let environment = [("HTTP_PROXY", nowhere), ("ALL_PROXY", nowhere)];
    let (code, said) = verify(&desk, &web.url(""), &environment, &[]);
    assert_eq!(code, Some(0), "{said}");
}

#[test]
fn what_began_over_https_is_led_to_plain_http_by_nobody_not_even_on_this_machine() {
    let desk = Desk::with_feed();
    let authority = Authority::new();
    fs::write(desk.path("ca.pem"), authority.0.pem()).unwrap();
    let folder = desk.path("feed");
    let web = web::Web::serve(
        move |path, out| match fs::read(folder.join(path.trim_start_matches('/'))) {
            Ok(bytes) => send(out, "200 OK", &[], &bytes),
            Err(_) => send(out, "404 Not Found", &[], b""),
        },
    );
    let config = || authority.config_for("127.0.0.1");
    let address = redirecting(web.url(""), config());
    let (code, said) = verify(&desk, &format!("https://{address}/"), &[], &["--ca", "ca.pem"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("redirects from https:// to http://127.0.0.1"),
        "{said}"
    );
    assert!(web.requests().is_empty());
    // From one protected place to another it may.
    let there = serve(desk.path("feed"), config());
    let address = redirecting(format!("https://{there}/"), config());
    let (code, said) = verify(&desk, &format!("https://{address}/"), &[], &["--ca", "ca.pem"]);
    assert_eq!(code, Some(0), "{said}");
}
