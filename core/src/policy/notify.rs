//! Whether people are told of a verdict.

use sluis_policy::policy::{Effect, Notify, Policy};

use super::explanation::Explanation;
use super::ruleset::Ruleset;

impl Explanation {
    /// Whether people are told: if any of those who say something of the package wants that. Who keeps quiet keeps
    /// nobody else from telling.
    pub fn notify(&self, ruleset: &Ruleset) -> Notify {
        let of_policy = |policy: &Policy| policy.notify.unwrap_or_default();
        let of_rule = |number: u32| {
            let (policy, rule) = ruleset.rule(number)?;
            Some(rule.notify.unwrap_or_else(|| of_policy(policy)))
        };
        let wanted = match self.verdict.effect {
            Effect::Deny => {
                let denials = self.denials.iter().filter(|denial| denial.exemption.is_none());
                let unapproved = self
                    .not_approved
                    .iter()
                    .filter(|(_, exemption)| exemption.is_none());
                let layers = unapproved.filter_map(|(layer, _)| ruleset.layers().get(*layer as usize));
                denials
                    .filter_map(|denial| of_rule(denial.rule))
                    .chain(layers.map(of_policy))
                    .max()
            }
            Effect::Advise => self.advice.iter().filter_map(|rule| of_rule(*rule)).max(),
            // There is nothing to tell.
            Effect::Allow => None,
        };
        wanted.unwrap_or(Notify::Quiet)
    }
}
