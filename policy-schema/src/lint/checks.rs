//! Every check that there is, by the name under which it is told, explained and silenced.

use super::Severity;

/// One kind of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    /// Its name; stable.
    pub id: &'static str,
    /// How bad what it finds is.
    pub severity: Severity,
    /// Without what it finds nothing.
    pub needs: Needs,
    /// What it finds, in a sentence.
    pub summary: &'static str,
}

/// What a check looks at beside a policy and the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing else.
    Policy,
    /// What time it is.
    Time,
    /// Other policies that a phone obeys, too.
    Layers,
    /// Lists of the apps on phones.
    Inventory,
    /// A file of silences.
    Silences,
}

macro_rules! checks {
    ($($name:ident: $id:literal, $severity:ident, $needs:ident, $summary:literal;)*) => {
        $(#[doc = $summary] pub const $name: Check = Check {
            id: $id,
            severity: Severity::$severity,
            needs: Needs::$needs,
            summary: $summary,
        };)*

        /// All of them.
        pub const CHECKS: &[Check] = &[$($name),*];
    };
}

checks! {
    INVALID: "invalid", Error, Policy, "A phone would refuse the policy.";
    CONTACT_MISSING: "contact-missing", Warning, Policy, "Employees are not told whom to ask.";
    REASON_MISSING: "reason-missing", Warning, Policy, "Employees are not told why in their language.";
    UNKNOWN_VENDOR: "unknown-vendor", Error, Policy, "The catalogue has no such vendor.";
    UNKNOWN_COMPONENT: "unknown-component", Error, Policy, "The catalogue has no such component.";
    CONTESTED_VENDOR: "contested-vendor", Warning, Policy, "Who controls the vendor is contested, so the rule does not match it.";
    CONTESTED_COMPONENT: "contested-component", Warning, Policy, "Who controls the component's maker is contested, so the rule does not match it.";
    COUNTRY_WITHOUT_VENDOR: "country-without-vendor", Warning, Policy, "The catalogue has no vendor that is controlled from there.";
    NOTHING_KNOWN: "nothing-known", Warning, Policy, "The catalogue knows nothing that gives the vendor or component away.";
    PLATFORM_KEY: "platform-key", Warning, Policy, "The certificate signs the phone's own system.";
    OEM_KEY: "oem-key", Warning, Policy, "The certificate is one of a maker of phones.";
    ALLOW_WITHOUT_SIGNER: "allow-without-signer", Warning, Policy, "An app is approved by its name alone.";
    PREFIX_HITS_SYSTEM: "prefix-hits-system", Warning, Policy, "The beginning of a name is also that of parts of a phone's system.";
    PREFIX_HITS_OTHERS: "prefix-hits-others", Warning, Policy, "The beginning of a name is also that of somebody else's apps.";
    FLOOR_REFUSES: "floor-refuses", Warning, Policy, "A phone does not work without the app, so it will refuse.";
    EDITION_MISSING: "edition-missing", Warning, Policy, "Another edition of the same app is not named.";
    NARROW_LIST: "narrow-list", Warning, Policy, "Of all vendors, and of this vendor's apps, only these are named.";
    SHADOWED: "shadowed", Warning, Policy, "Another rule already says as much or more of all its apps.";
    NEVER_MATCHES: "never-matches", Error, Policy, "The rule excepts all that it matches.";
    ALTERNATIVE_DENIED: "alternative-denied", Warning, Policy, "The app to use instead is not allowed either.";
    REMOVE_WITHOUT_GRACE: "remove-without-grace", Warning, Policy, "Apps are removed at once, with what is in them.";
    GRACE_OUTLIVES_RULE: "grace-outlives-rule", Warning, Policy, "The rule ends before its grace does.";
    RULE_ENDED: "rule-ended", Warning, Time, "The rule says nothing any more.";
    EXEMPTION_ENDED: "exemption-ended", Warning, Time, "The exemption is over.";
    EXEMPTION_WITHOUT_EFFECT: "exemption-without-effect", Warning, Policy, "The rule matches none of the exempted apps.";
    GROUP_WITHOUT_KEY: "group-without-key", Warning, Policy, "No key may take a phone into the group.";
    SAME_LAYER: "same-layer", Error, Layers, "Two policies have the same layer name.";
    UNKNOWN_LAYER: "unknown-layer", Warning, Layers, "No policy has that layer name.";
    FOREIGN_EXEMPTION: "foreign-exemption", Error, Layers, "Another layer's rule does not let itself be exempted from so.";
    APPROVAL_NOT_COUNTED: "approval-not-counted", Warning, Layers, "A closed layer does not count this layer's approvals.";
    MANY_CHANGES: "many-changes", Warning, Inventory, "On a real phone the rule changes more apps than `max_changes`.";
    SILENCE_WITHOUT_EFFECT: "silence-without-effect", Warning, Silences, "The silence silences nothing.";
    SILENCE_ENDED: "silence-ended", Warning, Silences, "The silence is over.";
}

/// The check of that name.
pub fn named(id: &str) -> Option<&'static Check> {
    CHECKS.iter().find(|check| check.id == id)
}
