//! The attributes of a match that no name and no signer leads to.

use sluis_policy::policy::Match;
use sluis_policy::values::{Host, PackagePattern};

use super::facts::PackageFacts;
use super::truth::Truth;

/// How the package names of installed web apps begin.
pub(super) const WEB_APP: &str = "org.chromium.webapk.";

/// All that are given must hold.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Conditions {
    installers: Vec<String>,
    web_origins: Vec<Host>,
    permissions: Vec<String>,
    components: Vec<PackagePattern>,
    version_below: Option<u64>,
}

impl Conditions {
    pub(super) fn of(matches: &Match) -> Self {
        Self {
            installers: matches.installers.clone(),
            web_origins: matches.web_origins.clone(),
            permissions: matches.permissions.clone(),
            components: matches.components.clone(),
            version_below: matches.version_below,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether all hold; `reached` says whether more than an exact name reaches the package.
    pub(super) fn hold(&self, package: &PackageFacts, reached: bool) -> Truth {
        let given = [
            (!self.installers.is_empty()).then(|| self.installer(package)),
            (!self.web_origins.is_empty()).then(|| self.web_origin(package)),
            (!self.permissions.is_empty()).then(|| self.permission(package)),
            (!self.components.is_empty()).then(|| self.component(package)),
        ];
        let reaching = given.into_iter().flatten();
        let reaching = reaching.map(|holds| if reached { holds } else { Truth::No });
        // A version only narrows.
        let version = self
            .version_below
            .map(|below| known(package.version_code.as_ref(), |code| *code < below));
        reaching.chain(version).fold(Truth::Yes, Truth::and)
    }

    fn installer(&self, package: &PackageFacts) -> Truth {
        known(package.installer.as_ref(), |installer| {
            self.installers.contains(installer)
        })
    }

    fn permission(&self, package: &PackageFacts) -> Truth {
        known(package.permissions.as_ref(), |asked| {
            asked
                .iter()
                .any(|permission| self.permissions.contains(permission))
        })
    }

    fn component(&self, package: &PackageFacts) -> Truth {
        let matches = |class: &String| {
            self.components.iter().any(|pattern| match pattern {
                PackagePattern::Exact(name) => name == class,
                PackagePattern::Prefix(prefix) => class.starts_with(prefix.as_str()),
            })
        };
        known(package.components.as_ref(), |classes| classes.iter().any(matches))
    }

    fn web_origin(&self, package: &PackageFacts) -> Truth {
        match &package.web_origin {
            Some(address) => {
                let host = host_of(address).to_ascii_lowercase();
                Truth::from(self.web_origins.iter().any(|origin| origin.covers(&host)))
            }
            None if package.name.starts_with(WEB_APP) => Truth::Unknown,
            None => Truth::No,
        }
    }
}

fn known<T>(fact: Option<&T>, holds: impl FnOnce(&T) -> bool) -> Truth {
    fact.map_or(Truth::Unknown, |fact| Truth::from(holds(fact)))
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
