//! Which addresses may be asked, and where a redirect leads.

const LOOPBACK: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// HTTPS only, but for the machine itself.
pub(super) fn check(url: &str) -> Result<(), &'static str> {
    let Some((scheme, rest)) = url.split_once("://") else {
        return Err("expected an address that begins with https://");
    };
    match scheme {
        "https" => {}
        "http" if is_loopback(url) => {}
        _ => return Err("only https:// is allowed (and http:// to this very machine)"),
    }
    match authority(rest) {
        "" => Err("expected an address with the name of a server"),
        authority if authority.contains('@') => Err("expected an address without `@`"),
        _ => Ok(()),
    }
}

/// Whether an answer from there may lead here: what began protected stays so, on this machine, too.
pub(super) fn may_lead(from: &str, to: &str) -> bool {
    !from.starts_with("https://") || to.starts_with("https://")
}

/// Whether the address is one of this machine itself.
fn is_loopback(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else {
        return false;
    };
    let authority = authority(rest);
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    LOOPBACK.contains(&host)
}

/// Where a `Location` leads from there (RFC 3986, 5.2); a fragment means nothing to a server.
pub(super) fn join(from: &str, to: &str) -> String {
    let to = to.split('#').next().unwrap_or_default();
    if to.contains("://") {
        return to.to_owned();
    }
    let (scheme, rest) = from.split_once("://").unwrap_or_default();
    if to.starts_with("//") {
        return format!("{scheme}:{to}");
    }
    let authority = authority(rest);
    if to.starts_with('/') {
        return format!("{scheme}://{authority}{to}");
    }
    let path = rest.strip_prefix(authority).unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default();
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    format!("{scheme}://{authority}{folder}/{to}")
}

fn authority(rest: &str) -> &str {
    rest.split(['/', '?', '#', '\\']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_goes_to_this_machine_only() {
        for url in [
            "https://a.example/",
            "http://127.0.0.1:80/",
            "http://localhost/x",
            "http://[::1]:8/",
        ] {
            assert_eq!(check(url), Ok(()), "{url}");
        }
        for url in [
            "http://a.example/",
            "http://127.0.0.1.example/",
            "http://127.0.0.1@a.example/",
            "https://u:p@a.example/",
            "http://localhost:80.example/",
            "http://a.example\\@localhost/",
            "file:///etc/passwd",
            "https:///x",
            "ftp://a.example/",
            "data:x",
            "",
        ] {
            assert!(check(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_redirect_leads_where_browsers_would_go() {
        let from = "https://a.example/feed/timestamp.json?x=/y";
        for (to, wanted) in [
            ("https://b.example/c#d", "https://b.example/c"),
            ("http://b.example/", "http://b.example/"),
            ("//b.example/c", "https://b.example/c"),
            ("/c", "https://a.example/c"),
            ("c", "https://a.example/feed/c"),
        ] {
            assert_eq!(join(from, to), wanted);
        }
        assert_eq!(join("https://a.example", "c"), "https://a.example/c");
    }
}
