//! Checks the list of feeds before anything obeys it.

use sluis_policy::values::{Digest, Id};

use super::error::AgentError;
use super::message::{Configuration, FeedConfiguration};
use super::session::Feed;
use crate::feed::FeedIdentity;

/// The most feeds that a phone obeys.
const MAX_FEEDS: usize = 16;

/// The feeds of a configuration; one that cannot be obeyed is refused, naming the field.
pub(super) fn check(configuration: Configuration) -> Result<Vec<Feed>, AgentError> {
    let wrong = |field: String, why: &str| {
        Err(AgentError::Configuration {
            field,
            why: why.to_owned(),
        })
    };
    let Configuration {
        feeds,
        allow_loopback_http,
    } = configuration;
    if feeds.is_empty() || feeds.len() > MAX_FEEDS {
        return wrong("/feeds".into(), "between 1 and 16 feeds are needed");
    }
    let mut checked: Vec<Feed> = Vec::new();
    for (
        i,
        FeedConfiguration {
            name,
            url,
            root_sha256,
        },
    ) in feeds.into_iter().enumerate()
    {
        if Id::parse(&name).is_none() {
            return wrong(format!("/feeds/{i}/name"), Id::EXPECTED);
        }
        if checked.iter().any(|feed| feed.name() == name) {
            return wrong(format!("/feeds/{i}/name"), "every feed needs its own name");
        }
        if let Err(why) = check_url(&url, allow_loopback_http) {
            return wrong(format!("/feeds/{i}/url"), why);
        }
        let Some(Digest(root_sha256)) = Digest::parse(&root_sha256) else {
            return wrong(format!("/feeds/{i}/root_sha256"), Digest::EXPECTED);
        };
        checked.push(Feed {
            identity: FeedIdentity { name, root_sha256 },
            url,
        });
    }
    Ok(checked)
}

fn check_url(url: &str, allow_loopback_http: bool) -> Result<(), &'static str> {
    const LOOPBACK: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];
    if url.chars().any(|c| c.is_whitespace() || c.is_control()) || url.contains(['?', '#', '@', '\\']) {
        return Err("an address without spaces, `?`, `#`, `@` or `\\`");
    }
    if !url.ends_with('/') {
        return Err("an address that ends in `/`");
    }
    let host = |rest: &str| rest.split('/').next().unwrap_or_default().to_owned();
    match url.split_once("://") {
        Some(("https", rest)) if !host(rest).is_empty() => Ok(()),
        Some(("http", rest)) if allow_loopback_http => {
            let host = host(rest);
            let name = match host.rsplit_once(':') {
                Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
                _ => host.as_str(),
            };
            if LOOPBACK.contains(&name) {
                Ok(())
            } else {
                Err("an address that begins with https://")
            }
        }
        _ => Err("an address that begins with https://"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(name: &str, url: &str) -> FeedConfiguration {
        FeedConfiguration {
            name: name.into(),
            url: url.into(),
            root_sha256: "0".repeat(64),
        }
    }

    fn refused(feeds: Vec<FeedConfiguration>, allow_loopback_http: bool) -> Option<String> {
        check(Configuration {
            feeds,
            allow_loopback_http,
        })
        .err()
        .map(|e| e.to_string())
    }

    #[test]
    fn a_wrong_field_is_named() {
        let good = || feed("national", "https://example.org/feed/");
        assert_eq!(refused(vec![good()], false), None);
        assert!(refused(vec![], false).unwrap().contains("/feeds:"));
        assert!(
            refused(vec![good(), good()], false)
                .unwrap()
                .contains("/feeds/1/name")
        );
        assert!(
            refused(vec![feed("A b", "https://example.org/")], false)
                .unwrap()
                .contains("/feeds/0/name")
        );
        let short = FeedConfiguration {
            root_sha256: "00".into(),
            ..good()
        };
        assert!(
            refused(vec![short], false)
                .unwrap()
                .contains("/feeds/0/root_sha256")
        );
    }

    #[test]
    fn only_https_is_taken_and_loopback_only_under_test() {
        for url in [
            "http://127.0.0.1:8080/",
            "http://localhost/a/",
            "http://[::1]:80/",
        ] {
            assert!(refused(vec![feed("a", url)], false).is_some(), "{url}");
            assert!(refused(vec![feed("a", url)], true).is_none(), "{url}");
        }
        let wrong = "http://example.org/ ftp://a/ https:/// https://a https://a/?b/ https://u@a/ http://127.0.0.1.evil.org/ http://localhost:80.evil/";
        for url in wrong.split(' ') {
            assert!(refused(vec![feed("a", url)], true).is_some(), "{url}");
        }
    }
}
