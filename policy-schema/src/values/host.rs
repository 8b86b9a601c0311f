//! Names of web servers.

use std::fmt;

use serde::{Serialize, Serializer};

/// A host name of at least two labels, lower case; names beyond ASCII in their `xn--` form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Host(String);

impl Host {
    /// What a host may look like, for messages.
    pub const EXPECTED: &'static str = "a host name such as example.com, without https://, path or capitals";

    /// Reads a host name.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let label = |label: &str| {
            let ends = label.bytes().next().is_some_and(plain) && label.bytes().last().is_some_and(plain);
            ends && label.len() <= 63 && label.bytes().all(|b| plain(b) || b == b'-')
        };
        // An address in numbers has no top-level domain.
        let (_, top) = text.rsplit_once('.')?;
        let valid =
            text.len() <= 253 && text.split('.').all(label) && top.bytes().any(|b| b.is_ascii_lowercase());
        valid.then(|| Self(text.to_owned()))
    }

    /// The name as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `other` is this host or one below it.
    pub fn covers(&self, other: &str) -> bool {
        other
            .strip_suffix(self.0.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Host {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_covers_itself_and_what_is_below_it_only() {
        let host = Host::parse("tiktok.com").unwrap();
        for other in ["tiktok.com", "www.tiktok.com", "a.b.tiktok.com"] {
            assert!(host.covers(other), "{other}");
        }
        for other in ["nottiktok.com", "tiktok.com.evil.example", "com", "", "tiktok.co"] {
            assert!(!host.covers(other), "{other}");
        }
    }

    #[test]
    fn what_is_no_host_name_is_refused() {
        for text in [
            "",
            "com",
            "Tiktok.com",
            "https://tiktok.com",
            "tiktok.com/",
            "a..b",
            "-a.nl",
            "a-.nl",
            "1.2.3.4",
            "é.nl",
            ".nl",
            "a.nl.",
        ] {
            assert_eq!(Host::parse(text), None, "{text}");
        }
        assert!(Host::parse("xn--80ak6aa92e.com").is_some());
    }
}
