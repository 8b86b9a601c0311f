//! Installed web apps and their sites.

use super::facts::PackageFacts;

/// How the package names of installed web apps begin.
const WEB_APP: &str = "org.chromium.webapk.";

/// Whether the package is a web app whose site could not be read.
pub(super) fn is_unknown(package: &PackageFacts) -> bool {
    package.web_origin.is_none() && package.name.starts_with(WEB_APP)
}

/// Calls `found` with the host of an address, then with every domain above it.
pub(super) fn hosts(address: &str, mut found: impl FnMut(&str)) {
    let host = host_of(address).to_ascii_lowercase();
    let mut rest = Some(host.as_str());
    while let Some(host) = rest {
        found(host);
        rest = host.split_once('.').map(|(_, above)| above);
    }
}

/// The host of an address, as browsers read it: without the user, the port and the dot that may end it.
fn host_of(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.split(':').next().unwrap_or_default();
    host.strip_suffix('.').unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_below_each_of_its_domains() {
        let mut all = Vec::new();
        hosts("https://WWW.tiktok.com/a.b", |host| all.push(host.to_owned()));
        assert_eq!(all, ["www.tiktok.com", "tiktok.com", "com"]);
    }

    #[test]
    fn a_host_is_found_in_any_address() {
        for (address, host) in [
            ("https://www.tiktok.com/foryou?a=b", "www.tiktok.com"),
            ("https://tiktok.com", "tiktok.com"),
            ("https://tiktok.com.:443/", "tiktok.com"),
            ("https://good.example@tiktok.com/", "tiktok.com"),
            ("tiktok.com/x", "tiktok.com"),
            ("", ""),
        ] {
            assert_eq!(host_of(address), host, "{address}");
        }
    }
}
