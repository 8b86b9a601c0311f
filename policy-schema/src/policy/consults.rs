//! What has to be known to say what a policy means: the catalogue, and what is written inside of apps.

use super::{ComponentPattern, Match, Policy};

impl Policy {
    /// Whether the catalogue that is published beside it has any part in what it means. One that names packages and
    /// certificates alone means the same with any catalogue, and with none.
    pub fn consults_catalogue(&self) -> bool {
        self.matches_and_exceptions().any(Match::consults_catalogue)
    }

    /// Whether a rule goes by what is written in an app's manifest, which costs time to read: the permissions that it
    /// asks for, its components, the address of a web app.
    pub fn consults_manifests(&self) -> bool {
        self.matches_and_exceptions().any(Match::consults_manifests)
    }

    fn matches_and_exceptions(&self) -> impl Iterator<Item = &Match> {
        let rules = self.rules.iter();
        rules.flat_map(|rule| [Some(&rule.matches), rule.except.as_ref()].into_iter().flatten())
    }
}

impl Match {
    /// Takes every attribute by name, so that who adds one decides here what it needs.
    fn consults_catalogue(&self) -> bool {
        let Self {
            vendors,
            controlled_from,
            components,
            packages: _,
            signers: _,
            installers: _,
            web_origins: _,
            permissions: _,
            version_below: _,
            contested: _,
            system: _,
        } = self;
        let is_sdk = |component: &ComponentPattern| matches!(component, ComponentPattern::Sdk(_));
        !vendors.is_empty() || !controlled_from.is_empty() || components.iter().any(is_sdk)
    }

    /// Takes every attribute by name, as above.
    fn consults_manifests(&self) -> bool {
        let Self {
            permissions,
            components,
            web_origins,
            vendors: _,
            controlled_from: _,
            packages: _,
            signers: _,
            installers: _,
            version_below: _,
            contested: _,
            system: _,
        } = self;
        !permissions.is_empty() || !components.is_empty() || !web_origins.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::Policy;

    fn policy(rule: &str) -> Policy {
        let text = format!(
            r#"{{"format": "sluis.policy/1", "layer": "national", "organisation": {{"name": {{"en": "State"}}}},
                "stance": "open", "rules": [{{"id": "first", "effect": "deny", "match": {{"packages": ["com.example"]}}}},
                {{"id": "second", "effect": "deny", {rule}}}]}}"#
        );
        Policy::parse("policy", text.as_bytes()).unwrap()
    }

    fn consults(rule: &str) -> bool {
        policy(rule).consults_catalogue()
    }

    #[test]
    fn permissions_components_and_web_addresses_stand_in_manifests() {
        for rule in [
            r#""match": {"permissions": ["android.permission.CAMERA"]}"#,
            r#""match": {"components": ["some-sdk"]}"#,
            r#""match": {"web_origins": ["example.com"]}"#,
            r#""match": {"packages": ["com.example.*"]}, "except": {"components": ["com.example.sdk.*"]}"#,
        ] {
            assert!(policy(rule).consults_manifests(), "{rule}");
        }
        for rule in [
            r#""match": {"vendors": ["a"], "system": true, "version_below": 7}"#,
            r#""match": {"packages": ["com.example.*"], "installers": ["com.example"]}"#,
        ] {
            assert!(!policy(rule).consults_manifests(), "{rule}");
        }
    }

    #[test]
    fn only_vendors_countries_and_sdks_stand_in_the_catalogue() {
        for rule in [
            r#""match": {"vendors": ["a"]}"#,
            r#""match": {"controlled_from": ["CN"]}"#,
            r#""match": {"components": ["com.example.sdk.*", "some-sdk"]}"#,
            r#""match": {"packages": ["com.example.*"]}, "except": {"vendors": ["a"]}"#,
        ] {
            assert!(consults(rule), "{rule}");
        }
        for rule in [
            r#""match": {"packages": ["com.example.*"], "permissions": ["android.permission.CAMERA"]}"#,
            r#""match": {"components": ["com.example.sdk.*"]}"#,
        ] {
            assert!(!consults(rule), "{rule}");
        }
    }
}
