//! How many apps a phone lets a new version of a policy newly deny before it keeps to the version before.

use sluis_core::policy::Ruleset;
use sluis_policy::policy::Policy;

/// The most apps that may be newly denied on a phone: the least that a policy which changes allowed before. `None`:
/// each change is confirmed, or is no new version of a policy that phones obey.
pub(super) fn max_changes(before: &Ruleset, after: &Ruleset, catalogue_changes: bool) -> Option<u64> {
    let limits = |old: &Policy| {
        let new = after.layers().iter().find(|new| new.layer == old.layer)?;
        let allowed = old.limits.unwrap_or_default();
        let confirmed = new.limits.and_then(|limits| limits.confirmed);
        let braked = (old != new || catalogue_changes) && confirmed <= allowed.confirmed;
        braked.then_some(allowed.max_changes.apps() as u64)
    };
    before.layers().iter().filter_map(limits).min()
}
