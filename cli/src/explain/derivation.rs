//! A verdict's whole derivation, in the shape in which programs read it.

use serde::Serialize;
use sluis_core::plan::floor::{CLAUSES, Floor};
use sluis_core::policy::facts::{PackageFacts, Roles};
use sluis_core::policy::{Basis, Denial, Explanation, Idle, Judge, Outcome, RuleTrace};
use sluis_policy::policy::{Effect, Policy, Remedy, Rule, Stance, StanceKind};

use crate::verdict::{Bench, Exempting, Row, time};

/// All of it, in the order in which it is weighed.
#[derive(Debug, Serialize)]
pub(super) struct Derivation {
    format: &'static str,
    /// The phone's name in the inventory; none where the package was looked at alone.
    pub(super) phone: Option<String>,
    /// The moment of judging.
    pub(super) at: String,
    pub(super) package: PackageFacts,
    pub(super) floor: FloorStep,
    /// The baseline first.
    pub(super) layers: Vec<LayerStep>,
    pub(super) verdict: Row,
}

/// What no policy can touch.
#[derive(Debug, Serialize)]
pub(super) struct FloorStep {
    /// The clauses that are known to protect it.
    pub(super) protected_by: Vec<&'static str>,
    /// The clauses of which that is not known.
    pub(super) unknown: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
pub(super) struct LayerStep {
    pub(super) layer: String,
    pub(super) organisation: String,
    pub(super) rules: Vec<RuleStep>,
    pub(super) stance: StanceStep,
}

#[derive(Debug, Serialize)]
pub(super) struct RuleStep {
    pub(super) rule: String,
    pub(super) effect: Effect,
    pub(super) remedy: Option<Remedy>,
    #[serde(flatten)]
    pub(super) trace: RuleTrace,
    /// How a rule stands that is about it; none of the others.
    pub(super) standing: Option<Standing>,
    pub(super) reason: Option<String>,
}

/// How a rule stands that is about the package.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Standing {
    /// It is only tried.
    AuditOnly,
    /// It has not reached this phone, of so many in a hundred.
    NotRolledOut(u8),
    /// Its time has not come.
    NotYet(Option<String>),
    /// Its time is over.
    Over(Option<String>),
    /// An exemption suppresses it.
    Exempted(Exempting),
    /// It denies: what it asks for now, and what later.
    Denies {
        now: Option<Remedy>,
        later: Vec<(String, Remedy)>,
    },
    /// It advises against the app.
    Advises,
    /// It approves the app.
    Approves,
}

#[derive(Debug, Serialize)]
pub(super) struct StanceStep {
    pub(super) id: String,
    pub(super) outcome: StanceOutcome,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum StanceOutcome {
    /// What no rule denies is allowed.
    Open,
    /// Closed, but only tried.
    AuditOnly,
    /// Closed, but the package came with the phone.
    CameWithThePhone,
    /// Closed, and these rules approve it.
    ApprovedBy(Vec<String>),
    /// Closed, and nothing approves it.
    NotApproved,
    /// Closed, and an exemption stands in for an approval.
    Exempted(Exempting),
}

/// The derivation of the verdict on one package.
pub(super) fn derive<F: Fn(&str) -> bool>(
    bench: &Bench<'_>,
    phone: Option<String>,
    at_ms: i64,
    package: &PackageFacts,
    roles: &Roles,
    denied: F,
) -> Derivation {
    let floor = Floor::new(roles, denied);
    let (verdict, explanation) = bench.row(package, &floor);
    let ruleset = bench.judge.ruleset();
    let steps = Steps {
        bench,
        judge: bench.judge,
        explanation: &explanation,
        package,
    };
    let layers = (0..).zip(ruleset.layers());
    Derivation {
        format: "sluis.explanation/1",
        phone,
        at: time(at_ms),
        floor: floor_step(&floor, package),
        layers: layers.map(|(layer, policy)| steps.layer(layer, policy)).collect(),
        package: package.clone(),
        verdict,
    }
}

fn floor_step<F: Fn(&str) -> bool>(floor: &Floor<'_, F>, package: &PackageFacts) -> FloorStep {
    let which = |holds: Option<bool>| {
        let clauses = CLAUSES.iter();
        clauses
            .filter(|clause| floor.known_to_protect(clause, package) == holds)
            .map(|clause| clause.id)
            .collect()
    };
    FloorStep {
        protected_by: which(Some(true)),
        unknown: which(None),
    }
}

struct Steps<'a> {
    bench: &'a Bench<'a>,
    judge: &'a Judge<'a>,
    explanation: &'a Explanation,
    package: &'a PackageFacts,
}

impl Steps<'_> {
    fn layer(&self, layer: u32, policy: &Policy) -> LayerStep {
        let language = self.bench.messages.language();
        LayerStep {
            layer: policy.layer.to_string(),
            organisation: policy.organisation.name.get(language).to_owned(),
            rules: self.rules(policy),
            stance: StanceStep {
                id: policy.stance.id.to_string(),
                outcome: self.stance(layer, policy, &policy.stance),
            },
        }
    }

    /// The layer's rules, those that decide first before the others.
    fn rules(&self, policy: &Policy) -> Vec<RuleStep> {
        let ruleset = self.judge.ruleset();
        let of_layer = (0..ruleset.rule_count()).filter_map(|number| {
            let (of, rule) = ruleset.rule(number)?;
            (of.layer == policy.layer).then_some((number, rule))
        });
        of_layer
            .filter_map(|(number, rule)| self.rule(number, rule))
            .collect()
    }

    fn rule(&self, number: u32, rule: &Rule) -> Option<RuleStep> {
        let ruleset = self.judge.ruleset();
        let trace = ruleset.trace(number, self.package, self.bench.catalogue)?;
        let language = self.bench.messages.language();
        let standing = (trace.outcome == Outcome::Matches).then(|| self.standing(number, rule));
        Some(RuleStep {
            rule: rule.id.to_string(),
            effect: rule.effect,
            remedy: (rule.effect == Effect::Deny).then(|| rule.remedy.unwrap_or_default()),
            standing: standing.flatten(),
            trace,
            reason: rule.reason.as_ref().map(|reason| reason.get(language).to_owned()),
        })
    }

    fn standing(&self, number: u32, rule: &Rule) -> Option<Standing> {
        let explanation = self.explanation;
        if let Some((_, idle)) = explanation.idle.iter().find(|(rule, _)| *rule == number) {
            let moment = |moment: Option<sluis_policy::values::Moment>| moment.map(|m| m.to_string());
            return Some(match idle {
                Idle::AuditOnly => Standing::AuditOnly,
                Idle::NotRolledOut => Standing::NotRolledOut(rule.rollout.map_or(100, |r| r.percent())),
                Idle::NotYet => Standing::NotYet(moment(rule.from)),
                Idle::Over => Standing::Over(moment(rule.until)),
            });
        }
        if let Some(denial) = explanation.denials.iter().find(|denial| denial.rule == number) {
            return self.denial(denial);
        }
        Some(match rule.effect {
            Effect::Allow => Standing::Approves,
            Effect::Deny | Effect::Advise => Standing::Advises,
        })
    }

    fn denial(&self, denial: &Denial) -> Option<Standing> {
        if let Some((exemption, end)) = denial.exemption {
            return self.bench.exempting(exemption, Some(end)).map(Standing::Exempted);
        }
        let later = denial.announced.iter();
        Some(Standing::Denies {
            now: denial.remedy,
            later: later.map(|(ms, remedy)| (time(*ms), *remedy)).collect(),
        })
    }

    fn stance(&self, layer: u32, policy: &Policy, stance: &Stance) -> StanceOutcome {
        if stance.kind == StanceKind::Open {
            return StanceOutcome::Open;
        }
        if stance.audit_only {
            return StanceOutcome::AuditOnly;
        }
        if self.package.system == Some(true) {
            return StanceOutcome::CameWithThePhone;
        }
        let missing = self.explanation.not_approved.iter().find(|(of, _)| *of == layer);
        match missing.map(|(_, exemption)| exemption) {
            Some(Some((exemption, end))) => self
                .bench
                .exempting(*exemption, Some(*end))
                .map_or(StanceOutcome::NotApproved, StanceOutcome::Exempted),
            Some(None) => StanceOutcome::NotApproved,
            None => StanceOutcome::ApprovedBy(self.approvals(policy)),
        }
    }

    /// The rules whose approval counts for the stance.
    fn approvals(&self, policy: &Policy) -> Vec<String> {
        let ruleset = self.judge.ruleset();
        let counts =
            |of: &Policy| of.layer == policy.layer || policy.stance.approvals_from.contains(&of.layer);
        let approvals = self.explanation.approvals.iter();
        approvals
            .filter_map(|number| ruleset.source(Basis::Rule(*number)))
            .filter(|(of, _)| counts(of))
            .filter_map(|(of, rule)| Some(format!("{}/{}", of.layer, rule?.id)))
            .collect()
    }
}
