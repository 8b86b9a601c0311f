//! Exemptions that exempt nobody from anything.

use super::checks::{EXEMPTION_ENDED, EXEMPTION_WITHOUT_EFFECT, GROUP_WITHOUT_KEY};
use super::page::Page;
use crate::policy::Policy;
use crate::values::{Id, PackagePattern};

pub(super) fn check(page: &mut Page<'_>, now_ms: Option<i64>) {
    let policy = page.policy.clone();
    for (i, exemption) in policy.exemptions.iter().enumerate() {
        let pointer = format!("/exemptions/{i}");
        if now_ms.is_some_and(|now| exemption.until.ms() <= now) {
            let message = format!("it ended at {}: this exempts nobody any more", exemption.until);
            page.find_of(
                &exemption.rule,
                &EXEMPTION_ENDED,
                format!("{pointer}/until"),
                message,
            );
        }
        for (g, group) in exemption.groups.iter().enumerate() {
            if !policy.grants.iter().any(|grant| grant.groups.contains(group)) {
                let message = format!(
                    "no key in `grants` may take a phone into the group `{group}`: nobody can be in it"
                );
                page.find_of(
                    &exemption.rule,
                    &GROUP_WITHOUT_KEY,
                    format!("{pointer}/groups/{g}"),
                    message,
                );
            }
        }
        if !exemption.is_own(&policy) || exemption.rule == policy.stance.id {
            continue;
        }
        for (p, pattern) in exemption.packages.iter().enumerate() {
            if is_missed(&policy, &exemption.rule, pattern) {
                let message = format!(
                    "rule `{}` names no app `{pattern}`: this exempts from nothing",
                    exemption.rule
                );
                page.find_of(
                    &exemption.rule,
                    &EXEMPTION_WITHOUT_EFFECT,
                    format!("{pointer}/packages/{p}"),
                    message,
                );
            }
        }
    }
}

/// Whether a rule that goes by names has none that could be meant.
fn is_missed(policy: &Policy, rule: &Id, exempted: &PackagePattern) -> bool {
    let rule = policy.rules.iter().find(|r| r.id == *rule);
    let packages = rule.map_or(&[][..], |rule| &rule.matches.packages);
    !packages.is_empty() && !packages.iter().any(|pattern| overlap(pattern, exempted))
}

/// Whether a name can be of both.
fn overlap(a: &PackagePattern, b: &PackagePattern) -> bool {
    use PackagePattern::{Exact, Prefix};
    match (a, b) {
        (Exact(a), Exact(b)) => a == b,
        (Exact(name), Prefix(prefix)) | (Prefix(prefix), Exact(name)) => name.starts_with(prefix.as_str()),
        (Prefix(a), Prefix(b)) => a.starts_with(b.as_str()) || b.starts_with(a.as_str()),
    }
}
