//! When a rule that forbids asks for what: grace, the end of exemptions, and the proof that a removal needs.

use std::collections::HashMap;

use sluis_policy::policy::{Effect, Remedy, Rule};

use super::circumstances::Clock;
use super::exemption::Target;
use super::judge::Judge;
use super::past::Activation;

/// How long an app stays that an exemption kept, once the exemption has ended: evidence must not vanish overnight.
pub const REMOVAL_AFTER_EXEMPTION_MS: i64 = 14 * 86_400_000;

/// What a rule asks for depends on the package: on whether it was there first, and on exemptions.
#[derive(Debug)]
pub(super) struct Timing<'r> {
    pub(super) rule: u32,
    remedy: Remedy,
    clock: Clock,
    from_ms: Option<i64>,
    grace_ms: Option<i64>,
    activation: Option<&'r Activation>,
    /// The exemptions from it that this phone has, each with its end.
    exemptions: Vec<(u32, i64)>,
    exempted: Option<&'r HashMap<String, Option<i64>>>,
}

/// What a rule asks for of one package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    /// The rule's number.
    pub rule: u32,
    /// What is due now; none during a grace or under an exemption.
    pub remedy: Option<Remedy>,
    /// What becomes due by itself and when, in milliseconds since 1970, the earliest first. A moment may have passed
    /// already where it is not certain that it has.
    pub announced: Vec<(i64, Remedy)>,
    /// The exemption that suppresses it, and its end.
    pub exemption: Option<(u32, i64)>,
}

impl<'r> Timing<'r> {
    /// `None` if the rule asks the same of every package.
    pub(super) fn of(judge: &Judge<'r>, number: u32, rule: &'r Rule) -> Option<Self> {
        let remedy = rule.remedy.unwrap_or_default();
        let compiled = judge.ruleset.rules.get(number as usize)?;
        let name = judge.ruleset.name(number)?;
        let past = judge.circumstances.past;
        let targeted = |exemption: u32| {
            let target = judge.ruleset.exemptions.get(exemption as usize).map(|e| e.target);
            matches!(target, Some(Target::Rule { layer, place }) if compiled.is_at(layer, place))
        };
        let timing = Self {
            rule: number,
            remedy,
            clock: judge.circumstances.clock(compiled.layer),
            from_ms: rule.from.map(|from| from.ms()),
            grace_ms: rule.grace.map(|grace| grace.ms()),
            activation: past.activations.get(&name),
            exemptions: judge
                .exemptions
                .iter()
                .copied()
                .filter(|(e, _)| targeted(*e))
                .collect(),
            exempted: past.exempted.get(&name).filter(|packages| !packages.is_empty()),
        };
        let same_for_all = rule.effect != Effect::Deny
            || timing.exemptions.is_empty() && timing.exempted.is_none() && timing.is_due_for_all();
        (!same_for_all).then_some(timing)
    }

    /// Whether it asks for its remedy now, also of a package that was there first.
    fn is_due_for_all(&self) -> bool {
        let began = self.activated_ms();
        let due = self.grace_ms.map(|grace| began.saturating_add(grace));
        [self.from_ms, due].into_iter().flatten().all(|moment| {
            self.clock.is_over(moment) && (self.remedy != Remedy::Remove || self.clock.is_certain(moment))
        })
    }

    /// When the phone first obeyed the rule. A moment that is still to come was told by a clock that ran ahead.
    fn activated_ms(&self) -> i64 {
        let now = self.clock.now_ms;
        self.activation
            .map_or(now, |activation| activation.at_ms.min(now))
    }

    pub(super) fn denial(&self, package: &str, judge: &Judge<'_>) -> Denial {
        let covering = |(number, _): &&(u32, i64)| {
            let exemption = judge.ruleset.exemptions.get(*number as usize);
            exemption.is_some_and(|exemption| exemption.covers(package))
        };
        // The one that lasts longest; of several the first.
        let exemption = self
            .exemptions
            .iter()
            .filter(covering)
            .max_by_key(|(number, end)| (*end, std::cmp::Reverse(*number)))
            .copied();
        let now = self.clock.now_ms;
        // Of an exemption that is in use, the end is known; one that was withdrawn ends when that is noticed.
        let ended = match exemption {
            Some((_, end)) => Some(end),
            None => self
                .exempted
                .and_then(|packages| packages.get(package))
                .map(|ended| ended.map_or(now, |ended| ended.min(now))),
        };
        let was_first = self
            .activation
            .is_none_or(|activation| activation.present.contains(package));
        let graces = [was_first.then(|| self.activated_ms()), ended];
        let due = self.grace_ms.and_then(|grace| {
            graces
                .into_iter()
                .flatten()
                .max()
                .map(|began| began.saturating_add(grace))
        });
        // What an exemption kept is not denied before that has ended, whatever else allows.
        let due = due.max(exemption.map(|(_, end)| end));
        let spared = ended.map(|ended| ended.saturating_add(REMOVAL_AFTER_EXEMPTION_MS));
        let removal = [self.from_ms, due, spared].into_iter().flatten().max();
        self.asked(due, removal, exemption)
    }

    fn asked(&self, due: Option<i64>, removal: Option<i64>, exemption: Option<(u32, i64)>) -> Denial {
        let at = |moment: Option<i64>| moment.is_none_or(|moment| self.clock.is_over(moment));
        let certain = removal.is_none_or(|moment| self.clock.is_certain(moment));
        let steps = match self.remedy {
            // Out of use when it is denied; gone only when it is beyond doubt that the time for that has come.
            Remedy::Remove => vec![
                (due, at(due), Remedy::Suspend),
                (removal, at(removal) && certain, Remedy::Remove),
            ],
            milder => vec![(due, at(due), milder)],
        };
        let reached = steps.iter().filter(|(_, reached, _)| *reached);
        let now = reached.map(|(.., remedy)| *remedy).max();
        let stricter = steps
            .iter()
            .filter(|(_, reached, remedy)| !reached && Some(*remedy) > now);
        Denial {
            rule: self.rule,
            remedy: now,
            announced: stricter
                .filter_map(|(moment, _, remedy)| Some(((*moment)?, *remedy)))
                .collect(),
            exemption,
        }
    }
}
