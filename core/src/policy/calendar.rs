//! When a rule set may say something else by itself.

use sluis_policy::values::Id;

use super::circumstances::Clock;
use super::judge::Judge;
use super::timing::REMOVAL_AFTER_EXEMPTION_MS;

impl Judge<'_> {
    /// The next moment, by the wall clock and in milliseconds since 1970, at which verdicts may change although nothing
    /// happens.
    pub fn next_change_ms(&self) -> Option<i64> {
        let wall = self.circumstances.wall_ms;
        let mut next: Option<i64> = None;
        let mut note = |clock: Clock, moment: i64| {
            if moment > clock.now_ms {
                let at = wall.saturating_add(moment - clock.now_ms);
                next = Some(next.map_or(at, |next| next.min(at)));
            }
        };
        for number in &self.ruleset.conditional {
            let Some((policy, rule)) = self.ruleset.rule(*number) else {
                continue;
            };
            let clock = self.clock_of(&policy.layer);
            let bounds = [rule.from, rule.until].into_iter().flatten();
            bounds.for_each(|moment| note(clock, moment.ms()));
            let Some(name) = self.ruleset.name(*number) else {
                continue;
            };
            let past = self.circumstances.past;
            let exempted = past
                .exempted
                .get(&name)
                .into_iter()
                .flat_map(|packages| packages.values());
            let ended = exempted.filter_map(|ended| *ended);
            for ended in ended.clone() {
                note(clock, ended.saturating_add(REMOVAL_AFTER_EXEMPTION_MS));
            }
            if let Some(grace) = rule.grace {
                let activated = past.activations.get(&name).map(|activation| activation.at_ms);
                for began in ended.chain(activated) {
                    note(clock, began.saturating_add(grace.ms()));
                }
            }
        }
        for exemption in &self.ruleset.exemptions {
            let clock = self.circumstances.clock(exemption.layer);
            exemption.moments().for_each(|moment| note(clock, moment));
        }
        for member in self.circumstances.groups {
            let clock = self.clock_of(&member.layer);
            let moments = member.from_ms.into_iter().chain([member.until_ms]);
            moments.for_each(|moment| note(clock, moment));
        }
        next
    }

    fn clock_of(&self, layer: &Id) -> Clock {
        let mut layers = (0..).zip(&self.ruleset.layers);
        let number = layers
            .find(|(_, policy)| policy.layer == *layer)
            .map(|(number, _)| number);
        self.circumstances.clock(number.unwrap_or(u32::MAX))
    }
}
