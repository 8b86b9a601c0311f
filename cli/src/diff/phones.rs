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
    /// Both when all that is announced has begun; `None` where nothing is.
    pub(super) in_the_end: Option<[Judge<'r>; 2]>,
    pub(super) numbers: [Numbers; 2],
    pub(super) sources: Sources,
}

impl Sides<'_> {
    fn outcome(&self, package: &PackageFacts) -> Outcome {
        let [of_before, of_after] = &self.numbers;
        let before = Said::of(&self.before, package, of_before);
        let after = Said::of(&self.after, package, of_after);
        let coming = self.in_the_end.as_ref().filter(|_| !after.denies());
        let coming = coming.and_then(|[old, new]| {
            let new = Said::of(new, package, of_after);
            let newly = new.denies() && !Said::of(old, package, of_before).denies();
            newly.then(|| (new.source, new.removes()))
        });
        Outcome {
            before,
            after,
            coming,
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
                .filter(|(_, outcome)| outcome.after.denies() || outcome.coming.is_some())
                .map(|(package, _)| package.name.as_str())
                .collect(),
        };
        let floor = Floor::new(&device.roles, |name: &str| denied.contains(name));
        let (mut changed, mut protected) = (Vec::new(), 0);
        for (place, (package, outcome)) in both().enumerate() {
            let Some(change) = outcome.change() else {
                continue;
            };
            let denied = outcome.after.denies() || outcome.coming.is_some();
            if denied && floor.clause_of_held(package).is_some() {
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
