//! When, where and for whom policies are tried.

use std::collections::HashSet;
use std::sync::Arc;

use clap::Args;
use sluis_core::policy::facts::PackageFacts;
use sluis_core::policy::{Activation, Circumstances, Membership, Past, RuleName, Ruleset};
use sluis_policy::policy::Effect;
use sluis_policy::values::{Digest, Id, Moment};

use crate::clock;
use crate::failure::Failure;
use crate::grant;

/// When and for whom.
#[derive(Debug, Args)]
pub(crate) struct Situation {
    /// The moment to judge at, such as 2026-12-01 or 2026-12-01T09:00:00Z; now if absent.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    at: Option<i64>,
    /// A group that the phones belong to, as exemptions name it; of one layer only: LAYER/GROUP.
    #[arg(long = "group", value_name = "GROUP", value_parser = GroupName::parse)]
    groups: Vec<GroupName>,
}

#[derive(Debug, Clone)]
struct GroupName {
    layer: Option<Id>,
    group: Id,
}

impl GroupName {
    fn parse(text: &str) -> Result<Self, String> {
        let id = |text: &str| Id::parse(text).ok_or_else(|| format!("expected {}", Id::EXPECTED));
        Ok(match text.split_once('/') {
            Some((layer, group)) => Self {
                layer: Some(id(layer)?),
                group: id(group)?,
            },
            None => Self {
                layer: None,
                group: id(text)?,
            },
        })
    }
}

impl Situation {
    /// The moment, in milliseconds since 1970.
    pub(crate) fn at_ms(&self) -> i64 {
        self.at.unwrap_or_else(clock::now_ms)
    }

    /// To which groups of these policies the phones belong.
    pub(crate) fn memberships(&self, ruleset: &Ruleset) -> Vec<Membership> {
        let named = |policy: &Id, name: &GroupName| name.layer.as_ref().is_none_or(|layer| layer == policy);
        let of_layer = |layer: &Id| {
            let names = self.groups.iter().filter(|name| named(layer, name));
            names
                .map(|name| Membership {
                    layer: layer.clone(),
                    group: name.group.clone(),
                    from_ms: None,
                    until_ms: i64::MAX,
                })
                .collect::<Vec<_>>()
        };
        ruleset
            .layers()
            .iter()
            .flat_map(|policy| of_layer(&policy.layer))
            .collect()
    }

    /// A group that no exemption of these policies names is a slip of the pen.
    pub(crate) fn check(&self, rulesets: &[&Ruleset]) -> Result<(), Failure> {
        let is_known = |name: &GroupName| {
            let policies = rulesets.iter().flat_map(|ruleset| ruleset.layers());
            policies
                .filter(|policy| name.layer.as_ref().is_none_or(|layer| *layer == policy.layer))
                .flat_map(|policy| &policy.exemptions)
                .any(|exemption| exemption.groups.contains(&name.group))
        };
        match self.groups.iter().find(|name| !is_known(name)) {
            Some(name) => Err(Failure::unusable(format!(
                "no exemption of these policies is for the group `{}`",
                name.group
            ))),
            None => Ok(()),
        }
    }
}

/// What is said of one phone beside its apps.
#[derive(Debug, Args)]
pub(crate) struct OnePhone {
    /// Since when the phone obeys the policies, with all its apps on it: what has a grace was given it then; from the
    /// moment to judge at if absent.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    since: Option<i64>,
    /// The phone's id, which decides whether a rule that is rolled out to some phones reaches it. If absent, rules that
    /// forbid reach it, and rules that allow do not.
    #[arg(long, value_name = "SHA-256", value_parser = digest)]
    phone_id: Option<Digest>,
    /// A grant that the phone was given: a file or a link; can be given more than once. It has to be one that the phone
    /// would take: that of --phone-id, or if absent the one that it is for.
    #[arg(long = "grant", value_name = "GRANT")]
    grants: Vec<String>,
}

impl OnePhone {
    /// What happened on the phone before.
    pub(crate) fn past(&self, ruleset: &Ruleset, packages: &[PackageFacts]) -> Past {
        let mut past = Past::default();
        let Some(at_ms) = self.since else {
            return past;
        };
        let present: Arc<HashSet<String>> =
            Arc::new(packages.iter().map(|package| package.name.clone()).collect());
        for policy in ruleset.layers() {
            for rule in policy.rules.iter().filter(|rule| rule.effect == Effect::Deny) {
                let name = RuleName {
                    layer: policy.layer.clone(),
                    rule: rule.id.clone(),
                };
                let present = Arc::clone(&present);
                past.activations.insert(name, Activation { at_ms, present });
            }
        }
        past
    }

    /// The groups into which grants put the phone.
    ///
    /// # Errors
    /// One cannot be read, or the phone would not take it.
    pub(crate) fn granted(&self, ruleset: &Ruleset, at_ms: i64) -> Result<Vec<Membership>, Failure> {
        let mut members = Vec::new();
        let mut phone = self.phone_id;
        for name in &self.grants {
            let signed = grant::read(name)?;
            let phone = *phone.get_or_insert(signed.grant.phone);
            sluis_core::grant::admit(&signed, ruleset, phone, at_ms)
                .map_err(|refusal| Failure::unusable(format!("{name}: a phone refuses this: {refusal}")))?;
            members.extend(sluis_core::grant::memberships(&signed, &signed.grant.groups));
        }
        Ok(members)
    }

    /// All that verdicts depend on.
    pub(crate) fn circumstances<'a>(
        &self,
        at_ms: i64,
        groups: &'a [Membership],
        past: &'a Past,
    ) -> Circumstances<'a> {
        Circumstances {
            phone: self.phone_id,
            groups,
            ..Circumstances::on_a_desk(at_ms, past)
        }
    }
}

fn moment(text: &str) -> Result<i64, String> {
    let day = || Moment::parse(&format!("{text}T00:00:00Z"));
    Moment::parse(text)
        .or_else(day)
        .map(Moment::ms)
        .ok_or_else(|| "expected a moment like 2026-12-01T09:00:00Z, or a day".into())
}

fn digest(text: &str) -> Result<Digest, String> {
    Digest::parse(text).ok_or_else(|| format!("expected {}", Digest::EXPECTED))
}
