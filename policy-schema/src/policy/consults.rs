//! Whether a policy means anything that only the catalogue can say.

use super::{ComponentPattern, Match, Policy};

impl Policy {
    /// Whether the catalogue that is published beside it has any part in what it means. One that names packages and
    /// certificates alone means the same with any catalogue, and with none.
    pub fn consults_catalogue(&self) -> bool {
        let matches = self
            .rules
            .iter()
            .flat_map(|rule| [Some(&rule.matches), rule.except.as_ref()]);
        matches.flatten().any(Match::consults_catalogue)
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
}

#[cfg(test)]
mod tests {
    use super::Policy;

    fn consults(rule: &str) -> bool {
        let text = format!(
            r#"{{"format": "sluis.policy/1", "layer": "national", "organisation": {{"name": {{"en": "State"}}}},
                "stance": "open", "rules": [{{"id": "first", "effect": "deny", "match": {{"packages": ["com.example"]}}}},
                {{"id": "second", "effect": "deny", {rule}}}]}}"#
        );
        Policy::parse("policy", text.as_bytes())
            .unwrap()
            .consults_catalogue()
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
