//! What is counted while phones go by. Its size does not grow with their number.

use std::collections::HashMap;

use super::change::{Change, Outcome};
use crate::inventory::Device;

/// How many samples of each change are kept, and how many of the phones with the most new denials.
const SAMPLES: usize = 5;
const PHONES: usize = 10;

/// Packages, and the phones that they are on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) packages: u64,
    pub(super) phones: u64,
    /// The last phone that was counted, from 1.
    last: u64,
}

impl Count {
    fn add(&mut self, phone: u64) {
        self.packages += 1;
        self.phones += u64::from(self.last != phone);
        self.last = phone;
    }

    fn merge(&mut self, other: Self) {
        self.packages += other.packages;
        self.phones += other.phones;
    }
}

/// One change on one phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sample {
    /// The phone's number, from 1, and the app's place on it.
    at: (u64, usize),
    pub(super) phone: String,
    pub(super) package: String,
    pub(super) outcome: Outcome,
}

/// A package that changes on the phone that is looked at.
#[derive(Debug, Clone)]
pub(super) struct Changed<'d> {
    /// Its place on the phone.
    pub(super) place: usize,
    pub(super) package: &'d str,
    pub(super) outcome: Outcome,
    pub(super) change: Change,
}

/// All counts.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    pub(super) phones: u64,
    pub(super) packages: u64,
    pub(super) changed_phones: u64,
    pub(super) changed_packages: u64,
    pub(super) unreadable_lines: u64,
    pub(super) named_only: u64,
    /// Of each change.
    pub(super) changes: [Count; Change::ALL.len()],
    /// Of each source and change.
    pub(super) by_source: Vec<[Count; Change::ALL.len()]>,
    /// Of each change and source, and of each app: how many phones.
    pub(super) apps: HashMap<(Change, u32), HashMap<String, u64>>,
    different_apps: usize,
    most_apps: usize,
    /// Changes of apps for which there was no place any more.
    pub(super) apps_left_out: u64,
    /// Packages that are uninstalled and were not before.
    pub(super) removals: Count,
    /// Packages that policy would deny and that a phone needs to work safely.
    pub(super) protected: Count,
    /// How many phones have how many apps that were not denied and are, or will be.
    pub(super) newly_denied: HashMap<u64, u64>,
    /// The phones with the most of them: how many, the phone's number, what it is called.
    pub(super) most: Vec<(u64, u64, String)>,
    pub(super) samples: [Vec<Sample>; Change::ALL.len()],
}

impl Tally {
    /// `most_apps`: of how many changes of different apps the phones are counted one by one.
    pub(super) fn new(sources: usize, most_apps: usize) -> Self {
        Self {
            most_apps,
            by_source: vec![Default::default(); sources],
            ..Self::default()
        }
    }

    /// Counts one phone. Phones come in the order of their numbers, from 1.
    pub(super) fn phone(&mut self, number: u64, device: &Device, protected: usize, changed: &[Changed<'_>]) {
        let name = &device.name;
        self.unreadable_lines += device.unreadable.count() as u64;
        if device.is_unknown() {
            return;
        }
        self.phones += 1;
        self.packages += device.packages.len() as u64;
        self.named_only += device.by_name.len() as u64;
        self.changed_packages += changed.len() as u64;
        self.changed_phones += u64::from(!changed.is_empty());
        (0..protected).for_each(|_| self.protected.add(number));
        let mut denied = 0;
        for changed in changed {
            denied += u64::from(matches!(changed.change, Change::Denied | Change::Coming));
            self.changed(number, name, changed);
        }
        *self.newly_denied.entry(denied).or_default() += 1;
        if denied > 0 {
            self.among_most(denied, number, name);
        }
    }

    fn changed(&mut self, number: u64, name: &str, changed: &Changed<'_>) {
        let Changed {
            place,
            package,
            outcome,
            change,
        } = changed;
        let source = outcome.put_down_to();
        let of_source = self.by_source.get_mut(source as usize);
        let of_source = of_source.and_then(|counts| counts.get_mut(change.place()));
        let of_all = self.changes.get_mut(change.place());
        for count in [of_source, of_all].into_iter().flatten() {
            count.add(number);
        }
        if outcome.newly_removes() {
            self.removals.add(number);
        }
        let apps = self.apps.entry((*change, source)).or_default();
        if let Some(phones) = apps.get_mut(*package) {
            *phones += 1;
        } else if self.different_apps < self.most_apps {
            self.different_apps += 1;
            apps.insert((*package).to_owned(), 1);
        } else {
            self.apps_left_out += 1;
        }
        if let Some(samples) = self.samples.get_mut(change.place())
            && samples.len() < SAMPLES
        {
            samples.push(Sample {
                at: (number, *place),
                phone: name.to_owned(),
                package: (*package).to_owned(),
                outcome: *outcome,
            });
        }
    }

    fn among_most(&mut self, denied: u64, number: u64, name: &str) {
        let least = self.most.last().map_or(0, |(least, ..)| *least);
        if self.most.len() < PHONES || denied > least {
            self.most.push((denied, number, name.to_owned()));
            self.keep_most();
        }
    }

    fn keep_most(&mut self) {
        self.most
            .sort_by(|(a, an, _), (b, bn, _)| b.cmp(a).then(an.cmp(bn)));
        self.most.truncate(PHONES);
    }

    /// Adds what was counted of other phones.
    pub(super) fn merge(&mut self, other: Self) {
        self.phones += other.phones;
        self.packages += other.packages;
        self.changed_phones += other.changed_phones;
        self.changed_packages += other.changed_packages;
        self.unreadable_lines += other.unreadable_lines;
        self.named_only += other.named_only;
        self.apps_left_out += other.apps_left_out;
        self.removals.merge(other.removals);
        self.protected.merge(other.protected);
        let of_sources = self.by_source.iter_mut().zip(other.by_source);
        let counts = self.changes.iter_mut().zip(other.changes);
        let counts = counts.chain(of_sources.flat_map(|(ours, theirs)| ours.iter_mut().zip(theirs)));
        counts.for_each(|(ours, theirs)| ours.merge(theirs));
        for (key, apps) in other.apps {
            let ours = self.apps.entry(key).or_default();
            for (app, phones) in apps {
                *ours.entry(app).or_default() += phones;
            }
        }
        for (denied, phones) in other.newly_denied {
            *self.newly_denied.entry(denied).or_default() += phones;
        }
        self.most.extend(other.most);
        self.keep_most();
        for (ours, theirs) in self.samples.iter_mut().zip(other.samples) {
            ours.extend(theirs);
            ours.sort_by_key(|sample| sample.at);
            ours.truncate(SAMPLES);
        }
    }
}
