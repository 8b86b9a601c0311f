//! What becomes of one package when one set of policies takes the place of another.

use serde::Serialize;
use sluis_core::policy::facts::PackageFacts;
use sluis_core::policy::{Basis, Judge};
use sluis_policy::policy::{Effect, Remedy};

use super::sources::Numbers;

/// How a verdict changes, as far as people or phones notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Change {
    /// It was not denied, and is.
    Denied,
    /// It stays denied, by a stronger remedy.
    Stricter,
    /// It stays denied, by a weaker remedy.
    Milder,
    /// It stays denied by the same remedy, and becomes stricter at another moment.
    Deadline,
    /// It is not denied now, and will be when all that is announced has begun.
    Coming,
    /// It was denied, and is not any more.
    Released,
    /// It was not advised against, and is.
    Advised,
    /// It was advised against, and is not any more.
    Unadvised,
    /// The same, but by another rule or in other words.
    Reason,
}

impl Change {
    pub(super) const ALL: [Self; 9] = [
        Self::Denied,
        Self::Stricter,
        Self::Milder,
        Self::Deadline,
        Self::Coming,
        Self::Released,
        Self::Advised,
        Self::Unadvised,
        Self::Reason,
    ];

    /// Its place among all.
    pub(super) fn place(self) -> usize {
        self as usize
    }

    /// The message that names it.
    pub(super) fn message(self) -> &'static str {
        match self {
            Self::Denied => "diff_denied",
            Self::Stricter => "diff_stricter",
            Self::Milder => "diff_milder",
            Self::Deadline => "diff_deadline",
            Self::Coming => "diff_coming",
            Self::Released => "diff_released",
            Self::Advised => "diff_advised",
            Self::Unadvised => "diff_unadvised",
            Self::Reason => "diff_reason",
        }
    }
}

/// What one set of policies says of a package, without borrowing from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) effect: Effect,
    /// How it is kept from use now.
    pub(super) remedy: Option<Remedy>,
    /// How it is kept from use in the end.
    last_remedy: Option<Remedy>,
    pub(super) deadline_ms: Option<i64>,
    /// The number of what decides now.
    pub(super) source: u32,
    /// The number of what decides in the end.
    last_source: u32,
}

impl Said {
    pub(super) fn of(judge: &Judge<'_>, package: &PackageFacts, numbers: &Numbers) -> Self {
        let verdict = judge.evaluate(package);
        let source = numbers.of(verdict.basis);
        let mut said = Self {
            effect: verdict.effect,
            remedy: verdict.remedy,
            last_remedy: verdict.remedy,
            deadline_ms: verdict.deadline_ms,
            source,
            last_source: source,
        };
        // Rarely, and only then is more to come than is done now.
        if verdict.deadline_ms.is_some() {
            for denial in judge.explain(package).denials {
                let last = denial.announced.iter().map(|(_, remedy)| *remedy).max();
                if last > said.last_remedy {
                    said.last_remedy = last;
                    said.last_source = numbers.of(Basis::Rule(denial.rule));
                }
            }
        }
        said
    }

    pub(super) fn denies(self) -> bool {
        self.effect == Effect::Deny
    }

    /// Whether the app is uninstalled in the end, with its data.
    pub(super) fn removes(self) -> bool {
        self.denies() && self.last_remedy == Some(Remedy::Remove)
    }
}

/// A package before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) before: Said,
    pub(super) after: Said,
    /// What decides when all that is announced has begun, if it is newly denied then and not denied now; and whether it
    /// is uninstalled then.
    pub(super) coming: Option<(u32, bool)>,
}

impl Outcome {
    /// How it changes, if it does.
    pub(super) fn change(self) -> Option<Change> {
        let Self {
            before,
            after,
            coming,
        } = self;
        let remedies = |said: Said| (said.remedy, said.last_remedy);
        let same_words = before.source == after.source;
        match (before.denies(), after.denies()) {
            (false, true) => Some(Change::Denied),
            (_, false) if coming.is_some() => Some(Change::Coming),
            (true, false) => Some(Change::Released),
            (true, true) if remedies(after) > remedies(before) => Some(Change::Stricter),
            (true, true) if remedies(after) < remedies(before) => Some(Change::Milder),
            (true, true) if before.deadline_ms != after.deadline_ms => Some(Change::Deadline),
            (true, true) => (!same_words).then_some(Change::Reason),
            (false, false) => match (before.effect, after.effect) {
                (Effect::Advise, Effect::Advise) => (!same_words).then_some(Change::Reason),
                (_, Effect::Advise) => Some(Change::Advised),
                (Effect::Advise, _) => Some(Change::Unadvised),
                // Whatever allows it: nobody notices.
                _ => None,
            },
        }
    }

    /// The number of the rule or stance to which the change is put down.
    pub(super) fn put_down_to(self) -> u32 {
        let Self {
            before,
            after,
            coming,
        } = self;
        match self.change() {
            Some(Change::Coming) => coming.map_or(after.source, |(source, _)| source),
            Some(Change::Released | Change::Unadvised) => before.source,
            // The same now, and something else in the end.
            Some(Change::Stricter | Change::Milder | Change::Deadline) if before.remedy == after.remedy => {
                after.last_source
            }
            _ => after.source,
        }
    }

    /// Whether it is uninstalled, with its data, and was not before.
    pub(super) fn newly_removes(self) -> bool {
        let later = self.coming.is_some_and(|(_, removes)| removes);
        (self.after.removes() || later) && !self.before.removes()
    }
}
