//! Why a package is judged as it is: everything that was weighed, not only what decided.

use sluis_policy::policy::{Effect, Remedy};

use super::exemption::Target;
use super::facts::PackageFacts;
use super::judge::{Idle, Judge, Standing};
use super::timing::Denial;
use super::verdict::{Basis, Verdict};

/// All that rules say of one package. Rules, exemptions and layers are given by their numbers in the rule set, in that
/// order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What comes of it.
    pub verdict: Verdict,
    /// The rules that deny it, the exempted ones too.
    pub denials: Vec<Denial>,
    /// The closed layers that do not approve it, each with the exemption that suppresses that, and its end.
    pub not_approved: Vec<(u32, Option<(u32, i64)>)>,
    /// The rules that advise against it.
    pub advice: Vec<u32>,
    /// The rules that allow it.
    pub approvals: Vec<u32>,
    /// The rules that match it and say nothing now.
    pub idle: Vec<(u32, Idle)>,
}

impl Judge<'_> {
    /// Evaluates one package and says why.
    pub fn explain(&self, package: &PackageFacts) -> Explanation {
        let system = package.system == Some(true);
        let mut explanation = Explanation {
            verdict: Verdict::NOTHING_SAID,
            denials: Vec::new(),
            not_approved: Vec::new(),
            advice: Vec::new(),
            approvals: Vec::new(),
            idle: Vec::new(),
        };
        let mut approved = 0;
        for number in self.matching(package, system) {
            let number_of = number as usize;
            let (Some(rule), Some(standing)) =
                (self.ruleset.rules.get(number_of), self.standings.get(number_of))
            else {
                continue;
            };
            match (standing, rule.effect) {
                (Standing::Idle(idle), _) => explanation.idle.push((number, *idle)),
                (_, Effect::Deny) => {
                    explanation
                        .denials
                        .push(self.denial(number, rule.remedy, &package.name))
                }
                (_, Effect::Advise) => explanation.advice.push(number),
                (_, Effect::Allow) => {
                    explanation.approvals.push(number);
                    approved |= 1 << rule.layer;
                }
            }
        }
        // A closed stance judges what the employee or an installer added; an unknown origin counts as that.
        if !system {
            let missing = self.ruleset.missing(approved);
            let layers = (0..u64::BITS).filter(|layer| missing >> layer & 1 == 1);
            explanation.not_approved = layers
                .map(|layer| (layer, self.exemption_from_stance(layer, &package.name)))
                .collect();
        }
        explanation.verdict = explanation.weigh();
        explanation
    }

    /// The numbers of the rules that match, in order, each once.
    fn matching(&self, package: &PackageFacts, system: bool) -> Vec<u32> {
        let mut numbers = Vec::new();
        self.ruleset.index.look_up(package, |postings| {
            let reached = postings
                .iter()
                .filter(|posting| !system || posting.reaches_system);
            let matching = reached.filter(|posting| {
                let rule = self.ruleset.rules.get(posting.rule as usize);
                !posting.verify || rule.is_some_and(|rule| rule.matches(package))
            });
            numbers.extend(matching.map(|posting| posting.rule));
        });
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    fn denial(&self, number: u32, remedy: Remedy, package: &str) -> Denial {
        let timing = self.timings.binary_search_by_key(&number, |timing| timing.rule);
        match timing.ok().and_then(|place| self.timings.get(place)) {
            Some(timing) => timing.denial(package, self),
            None => Denial {
                rule: number,
                remedy: Some(remedy),
                announced: Vec::new(),
                exemption: None,
            },
        }
    }

    fn exemption_from_stance(&self, layer: u32, package: &str) -> Option<(u32, i64)> {
        let covering = |(number, _): &&(u32, i64)| {
            let exemption = self.ruleset.exemptions.get(*number as usize);
            exemption.is_some_and(|e| e.target == Target::Stance { layer } && e.covers(package))
        };
        // The one that lasts longest; of several the first.
        self.exemptions
            .iter()
            .filter(covering)
            .max_by_key(|(number, end)| (*end, std::cmp::Reverse(*number)))
            .copied()
    }
}

impl Explanation {
    /// What comes of all that was found.
    fn weigh(&self) -> Verdict {
        let denied = self.denials.iter().filter(|denial| denial.exemption.is_none());
        let by_rule = denied.clone().max_by_key(|denial| {
            // The lists are in the order of precedence, and of several that are equal the last would be taken.
            let first_due = denial.announced.iter().map(|(moment, _)| *moment).min();
            (
                denial.remedy,
                std::cmp::Reverse((first_due.filter(|_| denial.remedy.is_none()), denial.rule)),
            )
        });
        let by_stance = self
            .not_approved
            .iter()
            .find(|(_, exemption)| exemption.is_none());
        let stance_due = by_stance.map(|_| Remedy::Suspend);
        let remedy = by_rule.and_then(|denial| denial.remedy).max(stance_due);
        let (effect, basis) = match (by_rule, by_stance) {
            (Some(denial), _) if denial.remedy >= stance_due => (Effect::Deny, Basis::Rule(denial.rule)),
            (_, Some((layer, _))) => (Effect::Deny, Basis::NotApproved { layer: *layer }),
            (Some(denial), None) => (Effect::Deny, Basis::Rule(denial.rule)),
            (None, None) => self.undenied(),
        };
        Verdict {
            effect,
            remedy,
            basis,
            deadline_ms: self.deadline_ms(remedy),
        }
    }

    fn undenied(&self) -> (Effect, Basis) {
        let exempted = self.denials.iter().filter_map(|denial| denial.exemption);
        let exempted = exempted
            .chain(self.not_approved.iter().filter_map(|(_, exemption)| *exemption))
            .next();
        match (self.advice.first(), exempted, self.approvals.first()) {
            (Some(rule), ..) => (Effect::Advise, Basis::Rule(*rule)),
            (None, Some((exemption, _)), _) => (Effect::Allow, Basis::Exempted { exemption }),
            (None, None, Some(rule)) => (Effect::Allow, Basis::Rule(*rule)),
            (None, None, None) => (Effect::Allow, Basis::NothingSaid),
        }
    }

    /// When something stricter than `remedy` becomes due.
    fn deadline_ms(&self, remedy: Option<Remedy>) -> Option<i64> {
        let announced = self.denials.iter().flat_map(|denial| &denial.announced);
        let by_rule = announced
            .filter(|(_, step)| Some(*step) > remedy)
            .map(|(moment, _)| *moment);
        let exempted = self.not_approved.iter().filter_map(|(_, exemption)| *exemption);
        let by_stance = exempted
            .filter(|_| remedy < Some(Remedy::Suspend))
            .map(|(_, end)| end);
        by_rule.chain(by_stance).min()
    }
}
