//! The verdict on one package of one phone, with everything that was weighed and what the phone would do.

use serde::Serialize;
use sluis_core::plan::floor::{Clause, Floor};
use sluis_core::plan::{Desired, Hold, steps};
use sluis_core::policy::facts::PackageFacts;
use sluis_core::policy::{AttributeTrace, Basis, Denial, Explanation, Judge, Verdict};
use sluis_policy::catalogue::Catalogue;
use sluis_policy::policy::{Effect, Remedy};
use sluis_policy::rfc3339;

use crate::messages::Messages;
use crate::role::{Action, Role};

/// The verdict on one package.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) package: String,
    pub(crate) effect: Effect,
    /// What kind of verdict it is.
    pub(crate) decision: Decision,
    /// How a denied app is kept from use now; none during a grace.
    pub(crate) remedy: Option<Remedy>,
    /// When what is wanted becomes stricter by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) deadline: Option<String>,
    /// The layer that decided; none where nothing was said.
    pub(crate) layer: Option<String>,
    /// The rule that decided; none where no rule matched.
    pub(crate) rule: Option<String>,
    pub(crate) reason: String,
    /// By which attributes the rule that decided matches.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) matched: Vec<AttributeTrace>,
    /// The exemption that decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) exemption: Option<Exempting>,
    /// What else denies it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) also_denied_by: Vec<Other>,
    /// The clause of the safety floor that keeps the phone from doing anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) protected_by: Option<&'static str>,
    /// It is uninstalled with its data, now or by itself later.
    pub(crate) destroys_data: bool,
    /// What the phone does, in this order.
    pub(crate) actions: Vec<Action>,
    /// What the inventory does not say of this package.
    pub(crate) unknown: Vec<&'static str>,
}

/// What kind of verdict it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Decision {
    /// A rule denies it.
    Forbidden,
    /// A closed stance denies what nothing approves.
    NotApproved,
    /// A rule advises against it.
    Advised,
    /// A rule approves it.
    Approved,
    /// It is denied, and exempted from all that denies it.
    Exempted,
    /// No rule is about it.
    NothingSaid,
}

/// An exemption in use.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Exempting {
    /// The layer that exempts.
    pub(crate) layer: String,
    /// The rule or stance from which it exempts.
    pub(crate) from: String,
    pub(crate) purpose: String,
    /// When it ends on this phone.
    pub(crate) until: Option<String>,
}

/// A rule or stance that also denies.
#[derive(Debug, Serialize)]
pub(crate) struct Other {
    pub(crate) layer: String,
    /// None: the stance.
    pub(crate) rule: Option<String>,
    pub(crate) remedy: Option<Remedy>,
    /// An exemption suppresses it.
    pub(crate) exempted: bool,
}

/// By what and for whom packages of one phone are judged.
pub(crate) struct Bench<'a> {
    pub(crate) judge: &'a Judge<'a>,
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) role: Role,
    pub(crate) messages: &'a Messages,
}

impl Bench<'_> {
    /// The verdict on a package, and all that was weighed.
    pub(crate) fn row<F: Fn(&str) -> bool>(
        &self,
        package: &PackageFacts,
        floor: &Floor<'_, F>,
    ) -> (Row, Explanation) {
        let explanation = self.judge.explain(package);
        let verdict = explanation.verdict;
        let source = self.judge.ruleset().source(verdict.basis);
        let rule = source.and_then(|(_, rule)| rule);
        let clause = || floor.clause_of_held(package);
        let denied = verdict.effect == Effect::Deny;
        let protected = denied.then(clause).flatten().map(|clause: &Clause| clause.id);
        let planned = match protected {
            Some(_) => Vec::new(),
            None => steps(Desired::of(verdict), package, Hold::default()),
        };
        let mut unknown = Vec::new();
        unknown.extend(package.system.is_none().then_some("system"));
        unknown.extend(package.signers.is_none().then_some("signers"));
        let row = Row {
            package: package.name.clone(),
            effect: verdict.effect,
            decision: decision(verdict),
            remedy: verdict.remedy,
            deadline: verdict.deadline_ms.map(time),
            layer: source.map(|(policy, _)| policy.layer.to_string()),
            rule: rule.map(|rule| rule.id.to_string()),
            reason: self.reason(verdict),
            matched: self.matched(verdict, package),
            exemption: self.exemption(verdict, &explanation),
            also_denied_by: self.others(&explanation),
            protected_by: protected,
            destroys_data: protected.is_none() && removes(&explanation),
            actions: self.role.actions(&planned),
            unknown,
        };
        (row, explanation)
    }

    /// Why, in the words of the policy, or ours where it has none.
    fn reason(&self, verdict: Verdict) -> String {
        let ruleset = self.judge.ruleset();
        let words = match verdict.basis {
            Basis::Exempted { exemption } => ruleset.exemption(exemption).map(|(_, e)| &e.purpose),
            basis => ruleset.source(basis).and_then(|(policy, rule)| match rule {
                Some(rule) => rule.reason.as_ref(),
                None => policy.stance.reason.as_ref(),
            }),
        };
        let ours = match decision(verdict) {
            Decision::NothingSaid => "reason_open_stance",
            Decision::NotApproved => "reason_not_approved",
            Decision::Exempted => "state_exempted",
            Decision::Forbidden => "reason_forbidden",
            Decision::Advised => "state_advised",
            Decision::Approved => "reason_approved",
        };
        words.map_or_else(
            || self.messages.get(ours),
            |words| words.get(self.messages.language()).to_owned(),
        )
    }

    fn matched(&self, verdict: Verdict, package: &PackageFacts) -> Vec<AttributeTrace> {
        let Basis::Rule(number) = verdict.basis else {
            return Vec::new();
        };
        let trace = self.judge.ruleset().trace(number, package, self.catalogue);
        trace.map(|trace| trace.attributes).unwrap_or_default()
    }

    fn exemption(&self, verdict: Verdict, explanation: &Explanation) -> Option<Exempting> {
        let Basis::Exempted { exemption } = verdict.basis else {
            return None;
        };
        let of_rules = explanation.denials.iter().filter_map(|denial| denial.exemption);
        let of_stances = explanation
            .not_approved
            .iter()
            .filter_map(|(_, exemption)| *exemption);
        let mut all = of_rules.chain(of_stances);
        let end = all.find(|(number, _)| *number == exemption).map(|(_, end)| end);
        self.exempting(exemption, end)
    }

    /// An exemption by its number, with its end on this phone.
    pub(crate) fn exempting(&self, exemption: u32, end_ms: Option<i64>) -> Option<Exempting> {
        let ruleset = self.judge.ruleset();
        let (policy, words) = ruleset.exemption(exemption)?;
        let (of, rule) = ruleset.source(Basis::Exempted { exemption })?;
        let what = rule.map_or(&of.stance.id, |rule| &rule.id);
        Some(Exempting {
            layer: policy.layer.to_string(),
            from: format!("{}/{what}", of.layer),
            purpose: words.purpose.get(self.messages.language()).to_owned(),
            until: end_ms.map(time),
        })
    }

    fn others(&self, explanation: &Explanation) -> Vec<Other> {
        let ruleset = self.judge.ruleset();
        let basis = explanation.verdict.basis;
        let rule = |denial: &Denial| {
            let (policy, rule) = ruleset.rule(denial.rule)?;
            (basis != Basis::Rule(denial.rule)).then(|| Other {
                layer: policy.layer.to_string(),
                rule: Some(rule.id.to_string()),
                remedy: denial.remedy,
                exempted: denial.exemption.is_some(),
            })
        };
        let stance = |(layer, exemption): &(u32, Option<(u32, i64)>)| {
            let policy = ruleset.layers().get(*layer as usize)?;
            (basis != Basis::NotApproved { layer: *layer }).then(|| Other {
                layer: policy.layer.to_string(),
                rule: None,
                remedy: exemption.is_none().then_some(Remedy::Suspend),
                exempted: exemption.is_some(),
            })
        };
        let rules = explanation.denials.iter().filter_map(rule);
        rules
            .chain(explanation.not_approved.iter().filter_map(stance))
            .collect()
    }
}

/// Whether a rule asks to remove it, now or by itself later.
fn removes(explanation: &Explanation) -> bool {
    explanation.denials.iter().any(|denial| {
        let later = denial.announced.iter().map(|(_, remedy)| *remedy);
        denial
            .remedy
            .into_iter()
            .chain(later)
            .any(|remedy| remedy == Remedy::Remove)
    })
}

/// What is said, what is done now, and when more is done.
pub(crate) fn said(row: &Row, messages: &Messages) -> String {
    let mut parts = vec![messages.get(messages.effect(row.effect))];
    parts.extend(row.remedy.map(|remedy| messages.get(messages.remedy(remedy))));
    parts.extend(
        row.deadline
            .as_ref()
            .map(|deadline| messages.with("simulate_deadline", &[deadline])),
    );
    parts.join(", ")
}

/// What the phone does, or why nothing.
pub(crate) fn done(row: &Row, messages: &Messages) -> String {
    if row.protected_by.is_some() {
        return messages.get("simulate_protected");
    }
    let actions = row.actions.iter().map(|action| messages.get(action.message()));
    match row.actions.is_empty() {
        true => "-".to_owned(),
        false => actions.collect::<Vec<_>>().join(", "),
    }
}

/// A moment in milliseconds, for people and programs.
pub(crate) fn time(ms: i64) -> String {
    rfc3339::format(ms.div_euclid(1000))
}

fn decision(verdict: Verdict) -> Decision {
    match (verdict.basis, verdict.effect) {
        (Basis::NothingSaid, _) => Decision::NothingSaid,
        (Basis::NotApproved { .. }, _) => Decision::NotApproved,
        (Basis::Exempted { .. }, _) => Decision::Exempted,
        (Basis::Rule(_), Effect::Deny) => Decision::Forbidden,
        (Basis::Rule(_), Effect::Advise) => Decision::Advised,
        (Basis::Rule(_), Effect::Allow) => Decision::Approved,
    }
}
