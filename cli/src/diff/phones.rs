//! Phone by phone: what changes on each.

use std::collections::HashSet;

use sluis_core::plan::floor::Floor;
use sluis_core::policy::Judge;
use sluis_core::policy::facts::PackageFacts;

use super::change::{Outcome, Said};
use super::sources::{Numbers, Sources};
use super::tally::{Changed, Tally};
use crate::inventory::Device;

/// The policies before and after, as they are in force.
pub(super) struct Sides<'r> {
    pub(super) before: Judge<'r>,
    pub(super) after: Judge<'r>,
    pub(super) numbers: [Numbers; 2],
    pub(super) sources: Sources,
}

impl Sides<'_> {
    fn outcome(&self, package: &PackageFacts) -> Outcome {
        let [before, after] = &self.numbers;
        Outcome {
            before: Said::of(&self.before, package, before),
            after: Said::of(&self.after, package, after),
        }
    }
}

/// Goes through some of the phones, in the order of their numbers.
pub(super) struct Worker<'r> {
    sides: &'r Sides<'r>,
    outcomes: Vec<Outcome>,
    tally: Tally,
}

impl<'r> Worker<'r> {
    pub(super) fn new(sides: &'r Sides<'r>, most_apps: usize) -> Self {
        Self {
            sides,
            outcomes: Vec::new(),
            tally: Tally::new(sides.sources.len(), most_apps),
        }
    }

    pub(super) fn into_tally(self) -> Tally {
        self.tally
    }

    /// Looks at one phone.
    pub(super) fn phone(&mut self, number: u64, device: &Device) {
        let Self { sides, outcomes, .. } = self;
        outcomes.clear();
        outcomes.extend(device.packages.iter().map(|package| sides.outcome(package)));
        let both = || device.packages.iter().zip(&*outcomes);
        // Only where roles are known does it matter which other apps are denied.
        let denied: HashSet<&str> = match device.roles.is_empty() {
            true => HashSet::new(),
            false => both()
                .filter(|(_, outcome)| outcome.after.denies())
                .map(|(package, _)| package.name.as_str())
                .collect(),
        };
        let floor = Floor::new(&device.roles, |name: &str| denied.contains(name));
        let (mut changed, mut protected) = (Vec::new(), 0);
        for (place, (package, outcome)) in both().enumerate() {
            let Some(change) = outcome.change() else {
                continue;
            };
            if outcome.after.denies() && floor.clause_of_held(package).is_some() {
                protected += 1;
                continue;
            }
            changed.push(Changed {
                place,
                package: &package.name,
                outcome: *outcome,
                change,
            });
        }
        self.tally.phone(number, device, protected, &changed);
    }
}
