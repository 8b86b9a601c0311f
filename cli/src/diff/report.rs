//! What came of it, in the shape in which programs read it.

use std::collections::BTreeMap;

use serde::Serialize;
use sluis_policy::policy::{Effect, Remedy};
use sluis_policy::rfc3339;
use sluis_policy::text::Language;

use super::change::{Change, Said};
use super::sources::{Kind, Sources};
use super::tally::{Count, Tally};
use super::threads;

/// How many apps are listed.
const APPS: usize = 25;
/// Where the bars of the chart of phones begin, by how many apps are newly denied on them.
const STEPS: [u64; 6] = [0, 1, 2, 6, 11, 26];

/// The whole of it.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    format: &'static str,
    /// The moment at which both sides were judged.
    pub(super) at: String,
    pub(super) phones: u64,
    pub(super) packages: u64,
    pub(super) changed_phones: u64,
    pub(super) changed_packages: u64,
    /// How many packages and phones of each change; those that do not occur are left out.
    pub(super) changes: Vec<ChangeCount>,
    /// The same by rule, the one with the most phones first.
    pub(super) rules: Vec<RuleCount>,
    /// The apps that change on the most phones.
    pub(super) apps: Vec<AppCount>,
    /// How many changes of apps are not among those from which the most were chosen.
    pub(super) apps_left_out: u64,
    pub(super) brake: Brake,
    /// Phones by how many apps are newly denied on them.
    pub(super) newly_denied: Vec<Bar>,
    /// Apps that are uninstalled in the end, with their data, and were not before.
    pub(super) removals: Counted,
    /// Apps that change in policy only: the phone needs them to work safely and leaves them alone.
    pub(super) protected: Counted,
    pub(super) samples: Vec<Shown>,
    /// Apps that are known by name only: not counted.
    pub(super) by_name: u64,
    pub(super) unreadable_lines: u64,
    pub(super) unreadable_files: u64,
    /// A rule of either side is rolled out to some phones only; which these are is not known here.
    pub(super) rollout: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct Counted {
    pub(super) packages: u64,
    pub(super) phones: u64,
}

#[derive(Debug, Serialize)]
pub(super) struct ChangeCount {
    pub(super) change: Change,
    #[serde(flatten)]
    pub(super) count: Counted,
}

#[derive(Debug, Serialize)]
pub(super) struct RuleCount {
    #[serde(flatten)]
    pub(super) decided: Decided,
    pub(super) changes: Vec<ChangeCount>,
}

#[derive(Debug, Serialize)]
pub(super) struct AppCount {
    pub(super) package: String,
    pub(super) change: Change,
    #[serde(flatten)]
    pub(super) decided: Decided,
    pub(super) phones: u64,
}

/// The rule or stance that decides.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Decided {
    pub(super) layer: Option<String>,
    /// None where no rule matched.
    pub(super) rule: Option<String>,
    /// A closed stance does not approve it.
    pub(super) not_approved: bool,
    /// An exemption decides.
    pub(super) exempted: bool,
    pub(super) reason: Option<String>,
}

/// How many phones would not obey the new policies at once.
#[derive(Debug, Serialize)]
pub(super) struct Brake {
    /// The most apps that may be newly denied on a phone; none where the change is confirmed, or nothing brakes it.
    pub(super) max_changes: Option<u64>,
    pub(super) phones: u64,
    /// The phones with the most newly denied apps.
    pub(super) most: Vec<PhoneCount>,
}

#[derive(Debug, Serialize)]
pub(super) struct PhoneCount {
    pub(super) phone: String,
    pub(super) packages: u64,
}

/// So many phones have from so many to so many newly denied apps; `to` is none at the last.
#[derive(Debug, Serialize)]
pub(super) struct Bar {
    pub(super) from: u64,
    pub(super) to: Option<u64>,
    pub(super) phones: u64,
}

/// One change on one phone.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    pub(super) change: Change,
    pub(super) phone: String,
    pub(super) package: String,
    pub(super) before: Half,
    pub(super) after: Half,
}

/// What is said before, or after.
#[derive(Debug, Serialize)]
pub(super) struct Half {
    pub(super) effect: Effect,
    pub(super) remedy: Option<Remedy>,
    pub(super) deadline: Option<String>,
    #[serde(flatten)]
    pub(super) decided: Decided,
}

impl Report {
    pub(super) fn new(
        at_ms: i64,
        result: threads::Result,
        sources: &Sources,
        max_changes: Option<u64>,
        rollout: bool,
        language: Language,
    ) -> Self {
        let threads::Result {
            tally,
            unreadable_files,
        } = result;
        let decided = |source: u32| Decided::of(sources, source, language);
        Self {
            format: "sluis.diff/1",
            at: rfc3339::format(at_ms.div_euclid(1000)),
            phones: tally.phones,
            packages: tally.packages,
            changed_phones: tally.changed_phones,
            changed_packages: tally.changed_packages,
            changes: change_counts(&tally.changes),
            rules: rules(&tally, decided),
            apps: apps(&tally, decided),
            apps_left_out: tally.apps_left_out,
            brake: brake(&tally, max_changes),
            newly_denied: bars(&tally),
            removals: tally.removals.into(),
            protected: tally.protected.into(),
            samples: samples(&tally, decided),
            by_name: tally.named_only,
            unreadable_lines: tally.unreadable_lines,
            unreadable_files,
            rollout,
        }
    }

    /// Whether anything changes that people or phones notice.
    pub(super) fn is_empty(&self) -> bool {
        self.changed_packages == 0
    }
}

impl From<Count> for Counted {
    fn from(count: Count) -> Self {
        Self {
            packages: count.packages,
            phones: count.phones,
        }
    }
}

impl Decided {
    fn of(sources: &Sources, number: u32, language: Language) -> Self {
        let source = sources.get(number);
        let is = |kind| source.is_some_and(|source| source.kind == kind);
        Self {
            layer: source.and_then(|source| source.layer.clone()),
            rule: source
                .filter(|_| !is(Kind::Stance))
                .and_then(|source| source.rule.clone()),
            not_approved: is(Kind::Stance),
            exempted: is(Kind::Exemption),
            reason: source.and_then(|source| source.reason(language).map(ToOwned::to_owned)),
        }
    }
}

fn change_counts(counts: &[Count; Change::ALL.len()]) -> Vec<ChangeCount> {
    let all = Change::ALL.into_iter().zip(counts);
    all.filter(|(_, count)| count.packages > 0)
        .map(|(change, count)| ChangeCount {
            change,
            count: (*count).into(),
        })
        .collect()
}

fn rules(tally: &Tally, decided: impl Fn(u32) -> Decided) -> Vec<RuleCount> {
    let mut rules: Vec<RuleCount> = (0..)
        .zip(&tally.by_source)
        .map(|(source, counts)| (source, change_counts(counts)))
        .filter(|(_, changes)| !changes.is_empty())
        .map(|(source, changes)| RuleCount {
            decided: decided(source),
            changes,
        })
        .collect();
    let most = |rule: &RuleCount| rule.changes.iter().map(|change| change.count.phones).max();
    rules.sort_by(|a, b| most(b).cmp(&most(a)).then_with(|| a.decided.cmp(&b.decided)));
    rules
}

fn apps(tally: &Tally, decided: impl Fn(u32) -> Decided) -> Vec<AppCount> {
    let mut apps: Vec<AppCount> = Vec::new();
    for ((change, source), phones_of) in &tally.apps {
        let decided = decided(*source);
        apps.extend(phones_of.iter().map(|(package, phones)| AppCount {
            package: package.clone(),
            change: *change,
            decided: decided.clone(),
            phones: *phones,
        }));
    }
    apps.sort_by(|a, b| {
        let most = b.phones.cmp(&a.phones);
        most.then_with(|| (a.change, &a.package, &a.decided).cmp(&(b.change, &b.package, &b.decided)))
    });
    apps.truncate(APPS);
    apps
}

fn brake(tally: &Tally, max_changes: Option<u64>) -> Brake {
    let is_over = |apps: u64| max_changes.is_some_and(|most| apps > most);
    let over = tally.newly_denied.iter().filter(|(apps, _)| is_over(**apps));
    Brake {
        max_changes,
        phones: over.map(|(_, phones)| phones).sum(),
        most: tally
            .most
            .iter()
            .map(|(packages, _, phone)| PhoneCount {
                phone: phone.clone(),
                packages: *packages,
            })
            .collect(),
    }
}

fn bars(tally: &Tally) -> Vec<Bar> {
    let by_count: BTreeMap<u64, u64> = tally.newly_denied.clone().into_iter().collect();
    let bar = |(place, from): (usize, &u64)| {
        let next = STEPS.get(place + 1);
        let within = by_count
            .range(*from..)
            .take_while(|(apps, _)| next.is_none_or(|next| *apps < next));
        Bar {
            from: *from,
            to: next.map(|next| next - 1),
            phones: within.map(|(_, phones)| phones).sum(),
        }
    };
    STEPS.iter().enumerate().map(bar).collect()
}

fn samples(tally: &Tally, decided: impl Fn(u32) -> Decided) -> Vec<Shown> {
    let half = |said: Said| Half {
        effect: said.effect,
        remedy: said.remedy,
        deadline: said.deadline_ms.map(|ms| rfc3339::format(ms.div_euclid(1000))),
        decided: decided(said.source),
    };
    let kinds = Change::ALL.into_iter().zip(&tally.samples);
    kinds
        .flat_map(|(change, samples)| samples.iter().map(move |sample| (change, sample)))
        .map(|(change, sample)| Shown {
            change,
            phone: sample.phone.clone(),
            package: sample.package.clone(),
            before: half(sample.outcome.before),
            after: half(sample.outcome.after),
        })
        .collect()
}
