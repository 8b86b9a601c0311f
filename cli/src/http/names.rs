//! Looks a server's name up once: `ureq` by itself does so for every request, on a thread made for it, also where the
//! connection is kept and where the name is a number.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// Remembers the server that was asked last, for as long as a command takes.
#[derive(Debug, Default)]
pub(super) struct Names {
    last: Mutex<Option<(String, ResolvedSocketAddrs)>>,
    system: DefaultResolver,
}

impl Resolver for Names {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
            return self.system.resolve(uri, config, timeout);
        };
        let server = DefaultResolver::host_and_port(scheme, authority).ok_or(Error::HostNotFound)?;
        if let Ok(address) = server.parse::<SocketAddr>() {
            let mut addresses = self.empty();
            addresses.push(address);
            return Ok(addresses);
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((name, addresses)) = &*last
            && *name == server
        {
            return Ok(addresses.clone());
        }
        let addresses = self.system.resolve(uri, config, timeout)?;
        *last = Some((server, addresses.clone()));
        Ok(addresses)
    }
}
