//! Fetches a repository's files by plain GETs that say nothing about who asks: as a phone does, with the same headers.

mod address;
mod names;
#[cfg(test)]
mod tests;

use std::cell::OnceCell;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use sluis_core::feed::Answer;
use ureq::config::{Config, ConfigBuilder};
use ureq::http::header::{CONTENT_ENCODING, LOCATION};
use ureq::http::{Response, StatusCode};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::typestate::AgentScope;
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body, Proxy};

use crate::failure::Failure;
use crate::files;
use names::Names;

/// As on phones.
const MAX_REDIRECTS: u32 = 3;
/// For what arrives: the more of a policy fits, the fewer times the system is asked for the rest.
const INPUT_BYTES: usize = 64 * 1024;
/// For what is sent, a few lines.
const OUTPUT_BYTES: usize = 4 * 1024;
/// The longest page about a missing file that is worth reading to keep a connection.
const MAX_PAGE_BYTES: u64 = 16 * 1024;

/// How long to wait: to connect, for more bytes, and for the whole of a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) connect: Duration,
    pub(crate) read: Duration,
    pub(crate) whole: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            read: Duration::from_secs(30),
            whole: Duration::from_secs(120),
        }
    }
}

/// Some times what all authorities of the world take.
const MAX_CA_BYTES: u64 = 4 * 1024 * 1024;

/// What came of a fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reply {
    /// The file.
    Body(Vec<u8>),
    /// There is no such file.
    Missing,
    /// It has more bytes than were asked for.
    TooLong,
    /// It could not be had; why.
    Failed(String),
}

impl Reply {
    /// For the client that asked.
    pub(crate) fn answer(&self) -> Answer<'_> {
        match self {
            Self::Body(bytes) => Answer::Body(bytes),
            Self::Missing => Answer::Missing,
            Self::TooLong => Answer::TooLong,
            Self::Failed(why) => Answer::Failed(why.clone()),
        }
    }
}

/// Asks web servers. Connections are kept for the next request.
#[derive(Debug)]
pub(crate) struct Http {
    limits: Limits,
    /// A file with certificate authorities to trust besides the system's.
    ca: Option<PathBuf>,
    /// For plain HTTP to this machine, without a proxy.
    plain: OnceCell<Agent>,
    /// For HTTPS. Made when it is needed: reading the system's authorities takes a while.
    secure: OnceCell<Agent>,
}

impl Http {
    pub(crate) fn new(ca: Option<&Path>, limits: Limits) -> Self {
        Self {
            limits,
            ca: ca.map(Path::to_owned),
            plain: OnceCell::new(),
            secure: OnceCell::new(),
        }
    }

    /// Fetches one file.
    ///
    /// # Errors
    /// Certificate authorities that cannot be read. What a server does is a [`Reply`].
    pub(crate) fn get(&self, url: &str, max_bytes: u64) -> Result<Reply, Failure> {
        let mut url = url.to_owned();
        for _ in 0..=MAX_REDIRECTS {
            if let Err(why) = address::check(&url) {
                return Ok(Reply::Failed(format!("{url}: {why}")));
            }
            let response = match self.agent(&url)?.get(&url).call() {
                Ok(response) => response,
                Err(error) => return Ok(Reply::Failed(format!("{url}: {error}"))),
            };
            match redirect(&response) {
                Some(to) => {
                    let next = address::join(&url, &to);
                    if !address::may_lead(&url, &next) {
                        return Ok(Reply::Failed(format!("{url}: redirects from https:// to {next}")));
                    }
                    url = next;
                }
                None => return Ok(reply(&url, response, max_bytes)),
            }
        }
        Ok(Reply::Failed(format!(
            "{url}: redirected more than {MAX_REDIRECTS} times"
        )))
    }

    fn agent(&self, url: &str) -> Result<&Agent, Failure> {
        if !url.starts_with("https:") {
            return Ok(self
                .plain
                .get_or_init(|| agent_of(self.config().proxy(None).build())));
        }
        if let Some(agent) = self.secure.get() {
            return Ok(agent);
        }
        let tls = self.tls()?;
        Ok(self.secure.get_or_init(|| {
            let config = self.config().tls_config(tls);
            agent_of(config.proxy(Proxy::try_from_env()).build())
        }))
    }

    fn config(&self) -> ConfigBuilder<AgentScope> {
        let Limits { connect, read, whole } = self.limits;
        Config::builder()
            .user_agent("Sluis")
            .accept("*/*")
            .accept_encoding("identity")
            .http_status_as_error(false)
            // Followed here, where it is checked where they lead.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .input_buffer_size(INPUT_BYTES)
            .output_buffer_size(OUTPUT_BYTES)
            .timeout_connect(Some(connect))
            .timeout_per_read(Some(read))
            .timeout_global(Some(whole))
    }

    /// Trusts the system's authorities, those that an organisation added to them, and those of `--ca`.
    fn tls(&self) -> Result<TlsConfig, Failure> {
        // One that cannot be read vouches for nobody; if it is the one that is needed, the connection says so.
        let mut roots = rustls_native_certs::load_native_certs().certs;
        if let Some(path) = &self.ca {
            let pem = files::read_given(path, MAX_CA_BYTES)?;
            let own = CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>();
            let own = own.map_err(|error| Failure::file(path, error))?;
            if own.is_empty() {
                return Err(Failure::file(path, "there is no certificate in PEM in it"));
            }
            roots.extend(own);
        }
        let roots: Vec<_> = roots
            .iter()
            .map(|root| Certificate::from_der(root).to_owned())
            .collect();
        Ok(TlsConfig::builder()
            .root_certs(RootCerts::new_with_certs(&roots))
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build())
    }
}

fn agent_of(config: Config) -> Agent {
    Agent::with_parts(config, DefaultConnector::default(), Names::default())
}

fn redirect(response: &Response<Body>) -> Option<String> {
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308).then(|| location.to_owned())
}

/// A connection is kept only when all that was sent has been read. Most updates begin by asking for a root that is not
/// there: without this, each would shake hands twice.
fn keep_connection(response: Response<Body>) {
    let page = response.into_body().into_reader().take(MAX_PAGE_BYTES);
    // What the page says is of no use, and a connection that breaks here is made anew.
    io::copy(&mut { page }, &mut io::sink()).ok();
}

fn reply(url: &str, response: Response<Body>, max_bytes: u64) -> Reply {
    match response.status() {
        StatusCode::OK => {}
        StatusCode::NOT_FOUND | StatusCode::FORBIDDEN => {
            keep_connection(response);
            return Reply::Missing;
        }
        status => return Reply::Failed(format!("{url}: the server answers {}", status.as_u16())),
    }
    let encoding = response.headers().get(CONTENT_ENCODING);
    if let Some(encoding) = encoding.filter(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"))
    {
        return Reply::Failed(format!(
            "{url}: the server answers with Content-Encoding {encoding:?}, which was not asked for"
        ));
    }
    // A server may say whatever it likes; no more than was asked for is set aside.
    let length = response
        .body()
        .content_length()
        .unwrap_or_default()
        .min(max_bytes);
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    let mut body = response
        .into_body()
        .into_reader()
        .take(max_bytes.saturating_add(1));
    match body.read_to_end(&mut bytes) {
        Err(error) => Reply::Failed(format!("{url}: {error}")),
        Ok(_) if bytes.len() as u64 > max_bytes => Reply::TooLong,
        Ok(_) => Reply::Body(bytes),
    }
}
