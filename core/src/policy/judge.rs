//! A rule set in certain circumstances: which rules are in force, and what they say of packages.

use sluis_policy::policy::{Effect, Rule};
use sluis_policy::values::{Digest, Id};

use super::circumstances::Circumstances;
use super::exemption::Target;
use super::facts::PackageFacts;
use super::index::Posting;
use super::past::RuleName;
use super::ruleset::Ruleset;
use super::timing::Timing;
use super::verdict::{Basis, Verdict};

/// A rule set as it is in force in certain circumstances.
#[derive(Debug)]
pub struct Judge<'r> {
    pub(super) ruleset: &'r Ruleset,
    pub(super) circumstances: &'r Circumstances<'r>,
    /// Of each rule, by its number.
    pub(super) standings: Vec<Standing>,
    /// Of the rules that stand [`Standing::Weighed`], in the order of their numbers.
    pub(super) timings: Vec<Timing<'r>>,
    /// The exemptions that this phone has now, each with its end.
    pub(super) exemptions: Vec<(u32, i64)>,
    /// One of them is from a stance.
    stance_exempted: bool,
    /// What holds for a package that somebody added and no rule matches.
    unmatched: Verdict,
}

/// How a rule stands in these circumstances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It says nothing, and this is why.
    Idle(Idle),
    /// It is in force, with all that it says.
    InForce,
    /// It is in force; what it asks for now depends on the package.
    Weighed,
}

/// Why a rule says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idle {
    /// It is only tried.
    AuditOnly,
    /// It is not in force on this phone yet.
    NotRolledOut,
    /// Its time has not come, or it is not certain that it has.
    NotYet,
    /// Its time is over.
    Over,
}

impl<'r> Judge<'r> {
    pub(super) fn new(ruleset: &'r Ruleset, circumstances: &'r Circumstances<'r>) -> Self {
        let exemptions: Vec<(u32, i64)> = (0..)
            .zip(&ruleset.exemptions)
            .filter_map(|(number, exemption)| {
                Some((number, exemption.end_now_ms(&ruleset.layers, circumstances)?))
            })
            .collect();
        let target = |number: u32| {
            ruleset
                .exemptions
                .get(number as usize)
                .map(|exemption| exemption.target)
        };
        let stance_exempted = exemptions
            .iter()
            .any(|(number, _)| matches!(target(*number), Some(Target::Stance { .. })));
        let mut judge = Self {
            ruleset,
            circumstances,
            standings: vec![Standing::InForce; ruleset.rules.len()],
            timings: Vec::new(),
            exemptions,
            stance_exempted,
            unmatched: Verdict::unmatched(ruleset.missing(0)),
        };
        for number in &ruleset.conditional {
            let standing = judge.standing(*number);
            if let Some(place) = judge.standings.get_mut(*number as usize) {
                *place = standing;
            }
        }
        judge
    }

    /// Evaluates packages in their order; `verdicts` is emptied first, so that one buffer can serve again and again.
    pub fn evaluate_all(&self, packages: &[PackageFacts], verdicts: &mut Vec<Verdict>) {
        verdicts.clear();
        verdicts.extend(packages.iter().map(|package| self.evaluate(package)));
    }

    /// Evaluates one package.
    #[inline]
    pub fn evaluate(&self, package: &PackageFacts) -> Verdict {
        let system = package.system == Some(true);
        let mut tally = Tally {
            judge: self,
            package,
            system,
            first: u32::MAX,
            approved: 0,
            weighed: self.stance_exempted && !system,
        };
        self.ruleset
            .index
            .look_up(package, |postings| tally.count(postings));
        // Nearly every package; which of the two it is would be a branch that cannot be foreseen.
        if tally.first == u32::MAX && !tally.weighed {
            return if system {
                Verdict::NOTHING_SAID
            } else {
                self.unmatched
            };
        }
        if tally.weighed {
            return self.explain(package).verdict;
        }
        tally.verdict()
    }

    /// The rules that forbid in these circumstances, each with what its layer takes the time to be: they are obeyed
    /// from now on, if not for longer.
    pub fn obeyed(&self) -> impl Iterator<Item = (RuleName, i64)> {
        let forbids = |(number, standing): (u32, &Standing)| {
            let rule = self.ruleset.rules.get(number as usize)?;
            let in_force = !matches!(standing, Standing::Idle(_));
            let now_ms = self.circumstances.clock(rule.layer).now_ms;
            (rule.effect == Effect::Deny && in_force).then_some((self.ruleset.name(number)?, now_ms))
        };
        (0..).zip(&self.standings).filter_map(forbids)
    }

    /// The rule set.
    pub fn ruleset(&self) -> &'r Ruleset {
        self.ruleset
    }

    /// Whether the rule of that name gives a grace.
    pub fn has_grace(&self, name: &RuleName) -> bool {
        let policies = self
            .ruleset
            .layers
            .iter()
            .filter(|policy| policy.layer == name.layer);
        policies
            .flat_map(|policy| &policy.rules)
            .any(|rule| rule.id == name.rule && rule.grace.is_some())
    }

    /// Whether exemptions play a part: else no package needs to be remembered for one.
    pub fn exempts(&self) -> bool {
        !self.exemptions.is_empty() || !self.circumstances.past.exempted.is_empty()
    }

    /// The rules that deny a package, each with what its layer takes the time to be and whether an exemption suppresses
    /// it.
    pub fn exempted(&self, package: &PackageFacts) -> Vec<(RuleName, i64, bool)> {
        let denials = self.explain(package).denials.into_iter();
        let found = denials.filter_map(|denial| {
            let layer = self.ruleset.rules.get(denial.rule as usize)?.layer;
            let now_ms = self.circumstances.clock(layer).now_ms;
            Some((
                self.ruleset.name(denial.rule)?,
                now_ms,
                denial.exemption.is_some(),
            ))
        });
        found.collect()
    }

    fn standing(&mut self, number: u32) -> Standing {
        let (Some((policy, rule)), Some(compiled)) =
            (self.ruleset.rule(number), self.ruleset.rules.get(number as usize))
        else {
            return Standing::Idle(Idle::Over);
        };
        if let Some(idle) = self.idle(&policy.layer, compiled.layer, rule) {
            return Standing::Idle(idle);
        }
        match Timing::of(self, number, rule) {
            Some(timing) => {
                self.timings.push(timing);
                Standing::Weighed
            }
            None => Standing::InForce,
        }
    }

    /// Why the rule says nothing now, if so. What ends a permission goes by the later clock, what ends a prohibition by
    /// the certain one: neither a clock set back nor one set forward loosens anything.
    fn idle(&self, layer: &Id, layer_number: u32, rule: &Rule) -> Option<Idle> {
        if rule.audit_only {
            return Some(Idle::AuditOnly);
        }
        let clock = self.circumstances.clock(layer_number);
        let (from, until) = (rule.from.map(|m| m.ms()), rule.until.map(|m| m.ms()));
        let allows = rule.effect == Effect::Allow;
        let (begun, over) = match allows {
            true => (
                from.is_none_or(|from| clock.is_certain(from)),
                until.is_some_and(|until| clock.is_over(until)),
            ),
            false => (
                from.is_none_or(|from| clock.is_over(from)),
                until.is_some_and(|until| clock.is_certain(until)),
            ),
        };
        if over {
            return Some(Idle::Over);
        }
        if !begun {
            return Some(Idle::NotYet);
        }
        let percent = rule.rollout?.percent();
        let rolled_out = match self.circumstances.phone {
            Some(phone) => is_rolled_out(phone, layer, &rule.id, percent),
            None => !allows || percent == 100,
        };
        (!rolled_out).then_some(Idle::NotRolledOut)
    }
}

/// Whether a phone is among that many in a hundred for a rule. A higher percentage only adds phones.
fn is_rolled_out(phone: Digest, layer: &Id, rule: &Id, percent: u8) -> bool {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    for part in [
        &phone.0[..],
        layer.as_str().as_bytes(),
        &[0],
        rule.as_str().as_bytes(),
    ] {
        context.update(part);
    }
    let hash = context.finish();
    let first = hash
        .as_ref()
        .first_chunk::<8>()
        .map_or(0, |bytes| u64::from_be_bytes(*bytes));
    let share = (u128::from(first) * 100) >> 64;
    share < u128::from(percent)
}

impl Ruleset {
    /// A bit for each closed layer for which no layer of `approved` may approve.
    #[inline]
    pub(super) fn missing(&self, approved: u64) -> u64 {
        let missing = self
            .closed
            .iter()
            .filter(|(_, approving)| approving & approved == 0);
        missing.fold(0, |bits, (layer, _)| bits | 1 << layer)
    }
}

/// What has been found so far about one package.
struct Tally<'j> {
    judge: &'j Judge<'j>,
    package: &'j PackageFacts,
    system: bool,
    /// The lowest number of a rule that matches and is in force.
    first: u32,
    /// A bit for each layer that allows the package.
    approved: u64,
    /// Something matches that has to be weighed.
    weighed: bool,
}

impl Tally<'_> {
    #[inline]
    fn count(&mut self, postings: &[Posting]) {
        let Judge {
            ruleset, standings, ..
        } = self.judge;
        for posting in postings {
            if self.system && !posting.reaches_system {
                continue;
            }
            let number = posting.rule as usize;
            let (Some(rule), Some(standing)) = (ruleset.rules.get(number), standings.get(number)) else {
                continue;
            };
            if matches!(standing, Standing::Idle(_)) || posting.verify && !rule.matches(self.package) {
                continue;
            }
            self.weighed |= *standing == Standing::Weighed;
            self.first = self.first.min(posting.rule);
            self.approved |= u64::from(rule.effect == Effect::Allow) << rule.layer;
        }
    }

    #[inline]
    fn verdict(&self) -> Verdict {
        let ruleset = self.judge.ruleset;
        let Some(rule) = ruleset.rules.get(self.first as usize) else {
            return Verdict::NOTHING_SAID;
        };
        let basis = Basis::Rule(self.first);
        if rule.effect == Effect::Deny {
            return Verdict {
                effect: Effect::Deny,
                remedy: Some(rule.remedy),
                basis,
                deadline_ms: None,
            };
        }
        // A closed stance judges what the employee or an installer added; an unknown origin counts as that.
        let missing = ruleset.missing(self.approved);
        if missing != 0 && !self.system {
            return Verdict::unmatched(missing);
        }
        Verdict {
            effect: rule.effect,
            remedy: None,
            basis,
            deadline_ms: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rollout_reaches_its_share_of_phones_and_growing_only_adds_some() {
        let (layer, rule) = (Id::parse("national").unwrap(), Id::parse("ban").unwrap());
        let phones: Vec<Digest> = (0..4_000_u32)
            .map(|i| {
                let mut bytes = [0; 32];
                bytes[..4].copy_from_slice(&i.to_be_bytes());
                Digest(bytes)
            })
            .collect();
        let mut before = 0;
        for percent in [1, 10, 50, 99, 100] {
            let reached = |phone: &&Digest| is_rolled_out(**phone, &layer, &rule, percent);
            let count = phones.iter().filter(reached).count();
            let share = f64::from(percent) / 100.0;
            let expected = phones.len() as f64 * share;
            // Four standard deviations: at one in a hundred, one in a hundred more would show.
            let chance = 4.0 * (expected * (1.0 - share)).sqrt();
            assert!((count as f64 - expected).abs() <= chance, "{percent}: {count}");
            assert!(
                phones
                    .iter()
                    .filter(|p| is_rolled_out(**p, &layer, &rule, percent.saturating_sub(1)))
                    .all(|p| reached(&p))
            );
            assert!(count >= before);
            before = count;
        }
        assert_eq!(before, phones.len());
    }

    #[test]
    fn different_rules_are_tried_on_different_phones() {
        let (layer, a, b) = (
            Id::parse("l").unwrap(),
            Id::parse("a").unwrap(),
            Id::parse("b").unwrap(),
        );
        let differs = (0..200_u8).any(|i| {
            is_rolled_out(Digest([i; 32]), &layer, &a, 50) != is_rolled_out(Digest([i; 32]), &layer, &b, 50)
        });
        assert!(differs);
    }
}
