//! Checks the list of feeds before anything obeys it.

use sluis_policy::values::{Digest, Id};

use super::error::AgentError;
use super::message::{Configuration, FeedConfiguration};
use super::session::Feed;
use crate::base64;
use crate::feed::FeedIdentity;
use crate::feed::metadata::{Root, Unverified, sha256};

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
            root,
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
        let anchor = check_anchor(root_sha256.as_deref(), root.as_deref());
        let (root_sha256, root) = match anchor {
            Ok(anchor) => anchor,
            Err((field, why)) => return wrong(format!("/feeds/{i}/{field}"), &why),
        };
        checked.push(Feed {
            identity: FeedIdentity { name, root_sha256 },
            url,
            root,
        });
    }
    Ok(checked)
}

/// The digest of the root of trust, and the root where it is given itself.
type Anchor = ([u8; 32], Option<Vec<u8>>);

/// The root of trust; or the field that is wrong, and why.
fn check_anchor(root_sha256: Option<&str>, root: Option<&str>) -> Result<Anchor, (&'static str, String)> {
    let named = match root_sha256.map(Digest::parse) {
        Some(Some(Digest(digest))) => Some(digest),
        Some(None) => return Err(("root_sha256", Digest::EXPECTED.into())),
        None => None,
    };
    let Some(text) = root else {
        let missing = || {
            (
                "root_sha256",
                "this or `root`: nothing is trusted without it".into(),
            )
        };
        return named.map(|digest| (digest, None)).ok_or_else(missing);
    };
    let wrong = |why: String| ("root", why);
    let bytes = base64::decode(text).ok_or_else(|| wrong("a root metadata file in base64".into()))?;
    Unverified::<Root>::parse(&bytes)
        .and_then(Unverified::verify_self)
        .map_err(|reason| wrong(format!("a root metadata file; this one {reason}")))?;
    let digest = sha256(&bytes);
    match named {
        Some(named) if named != digest => Err(wrong("the root that `root_sha256` names".into())),
        _ => Ok((digest, Some(bytes))),
    }
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
            root_sha256: Some("0".repeat(64)),
            root: None,
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
            root_sha256: Some("00".into()),
            ..good()
        };
        assert!(
            refused(vec![short], false)
                .unwrap()
                .contains("/feeds/0/root_sha256")
        );
    }

    #[test]
    fn nothing_is_trusted_without_a_root_of_trust() {
        let with = |root_sha256: Option<&str>, root: Option<&str>| {
            let feed = FeedConfiguration {
                root_sha256: root_sha256.map(str::to_owned),
                root: root.map(str::to_owned),
                ..feed("national", "https://example.org/feed/")
            };
            refused(vec![feed], false).unwrap_or_default()
        };
        let digest = "0".repeat(64);
        for (why, field, expected) in [
            (with(None, None), "root_sha256", "nothing is trusted without it"),
            (with(Some(""), None), "root_sha256", "64 hex digits"),
            (
                with(None, Some("")),
                "root",
                "a root metadata file; this one is not valid",
            ),
            (with(None, Some("{}")), "root", "a root metadata file in base64"),
            (
                with(None, Some("e30=")),
                "root",
                "a root metadata file; this one is not valid",
            ),
            (with(Some(&digest), Some("e30=")), "root", "a root metadata file"),
        ] {
            assert!(why.contains(&format!("/feeds/0/{field}:")), "{why}");
            assert!(why.contains(expected), "{why}");
        }
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
