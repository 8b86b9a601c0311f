//! Brings packages from what they are to what policy wants.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use rusqlite::Connection;
use sluis_policy::policy::Effect;

use super::device::Surroundings;
use super::error::AgentError;
use super::grounds::Grounds;
use super::last_known::LastKnown;
use super::message::{Action, Argument, Directives, Message, Step};
use crate::audit::Event;
use crate::plan::floor::Floor;
use crate::plan::{Desired, steps};
use crate::policy::facts::{Inventory, PackageFacts, Roles};
use crate::policy::{Basis, Judge, RuleName, Verdict};
use crate::store::agent::{self as table, App, AppState};

/// Why a round may not do all that the policies before it would have it do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caution {
    /// A layer that was in force cannot be loaded: nothing is released until it can.
    pub(super) incomplete: bool,
    /// The store was made anew: what Sluis holds may not be on record.
    pub(super) recovering: bool,
}

impl Caution {
    /// A layer is missing.
    pub(super) const INCOMPLETE: Self = Self {
        incomplete: true,
        recovering: false,
    };
}

/// One round of reconciling, within one transaction.
pub(super) struct Round<'a> {
    pub(super) db: &'a Connection,
    pub(super) judge: &'a Judge<'a>,
    /// A layer that was in force cannot be loaded: nothing is released until it can.
    pub(super) incomplete: bool,
    /// What is found held against policy counts as held by Sluis, though it is not on record.
    claims: bool,
    pub(super) time_ms: i64,
    pub(super) out: &'a mut Directives,
    /// What is ordered and not answered yet: kind and subject.
    under_way: BTreeSet<(String, String)>,
    exempted: Vec<Exempted>,
    /// Of how many packages people are to be told.
    pub(super) informed: u64,
}

/// Whether an exemption from a rule is in use for a package.
pub(super) struct Exempted {
    pub(super) rule: RuleName,
    pub(super) package: String,
    /// What the rule's layer takes the time to be.
    pub(super) now_ms: i64,
    pub(super) in_use: bool,
}

impl<'a> Round<'a> {
    pub(super) fn new(
        db: &'a Connection,
        judge: &'a Judge<'a>,
        Caution {
            incomplete,
            recovering,
        }: Caution,
        time_ms: i64,
        out: &'a mut Directives,
    ) -> Result<Self, AgentError> {
        let orders = table::orders(db)?.into_iter();
        Ok(Self {
            db,
            judge,
            incomplete,
            claims: recovering,
            time_ms,
            out,
            under_way: orders.map(|order| (order.kind, order.subject)).collect(),
            exempted: Vec::new(),
            informed: 0,
        })
    }

    /// What this round found of exemptions, to be remembered.
    pub(super) fn into_exempted(self) -> Vec<Exempted> {
        self.exempted
    }

    /// The whole phone. Whether it was judged by all layers.
    pub(super) fn inventory(
        &mut self,
        inventory: &Inventory,
        surroundings: Surroundings,
    ) -> Result<bool, AgentError> {
        let Inventory { packages, roles } = inventory;
        if packages.is_empty() {
            // The agent itself is on every phone: this is a list that could not be read, not a phone without apps.
            return Ok(false);
        }
        let mut verdicts = Vec::new();
        self.judge.evaluate_all(packages, &mut verdicts);
        let known = table::apps(self.db)?.into_iter();
        let known: BTreeMap<String, App> = known.map(|app| (app.package.clone(), app)).collect();
        // Most packages are of no concern: nothing is said of them and nothing was done to them.
        let mut concerned: Vec<(Cow<'_, PackageFacts>, Verdict)> = Vec::new();
        for (package, verdict) in packages.iter().zip(verdicts) {
            match known.get(&package.name) {
                Some(app) => {
                    let facts = LastKnown::of(app)?.fill(package);
                    let verdict = self.judge.evaluate(&facts);
                    concerned.push((facts, verdict));
                }
                None if is_concern(verdict) => concerned.push((Cow::Borrowed(package), verdict)),
                None => {}
            }
        }
        // What Sluis holds is of no use to anybody before it is released, which may fail.
        let held = |package: &PackageFacts| {
            let app = known.get(&package.name);
            app.is_some_and(|app| app.hold.on(package).keeps_from_use())
        };
        let denied: HashSet<&str> = concerned
            .iter()
            .filter(|(package, verdict)| verdict.remedy.is_some() || held(package))
            .map(|(package, _)| package.name.as_str())
            .collect();
        let floor = Floor::new(roles, |name: &str| denied.contains(name));
        for (package, verdict) in &concerned {
            self.package(package, *verdict, &floor)?;
        }
        let present: HashSet<&str> = packages.iter().map(|p| p.name.as_str()).collect();
        for (name, app) in known {
            if !present.contains(name.as_str()) {
                self.gone(app)?;
            }
        }
        self.restrict(surroundings)?;
        Ok(!self.incomplete)
    }

    /// One package that arrived or changed.
    pub(super) fn changed(&mut self, package: &PackageFacts, roles: &Roles) -> Result<(), AgentError> {
        let known = table::app(self.db, &package.name)?;
        let package = match &known {
            Some(app) => LastKnown::of(app)?.fill(package),
            None => Cow::Borrowed(package),
        };
        let verdict = self.judge.evaluate(&package);
        let (db, judge) = (self.db, self.judge);
        // What is denied is on record. What cannot be read counts as denied: then the floor protects more, not less.
        let floor = Floor::new(roles, |name: &str| match table::app(db, name) {
            Ok(Some(app)) => app.hold.keeps_from_use() || is_kept_from_use(judge, &app).unwrap_or(true),
            Ok(None) => false,
            Err(_) => true,
        });
        self.package(&package, verdict, &floor)
    }

    /// A package that left.
    pub(super) fn left(&mut self, name: &str) -> Result<(), AgentError> {
        match table::app(self.db, name)? {
            Some(app) => self.gone(app),
            None => Ok(()),
        }
    }

    fn package<F: Fn(&str) -> bool>(
        &mut self,
        package: &PackageFacts,
        verdict: Verdict,
        floor: &Floor<'_, F>,
    ) -> Result<(), AgentError> {
        if self.judge.exempts() {
            self.note_exemptions(package);
        }
        let known = table::app(self.db, &package.name)?;
        if self.incomplete && known.is_some() && verdict.effect != Effect::Deny {
            // The layer that cannot be read may be the one that denies it.
            return Ok(());
        }
        let grounds = Grounds::of(self.judge.ruleset(), verdict).filter(|_| is_concern(verdict));
        let Some(grounds) = grounds else {
            return match known {
                Some(app) => self.release(package, app),
                None => Ok(()),
            };
        };
        let desired = Desired::of(verdict);
        let hold = known.as_ref().map(|app| app.hold).unwrap_or_default().on(package);
        let refused = match desired {
            Desired::Free => None,
            Desired::Kept(_) if hold.keeps_from_use() => floor.clause_of_held(package),
            Desired::Kept(_) => floor.clause(package),
        };
        let refused = refused.map(|clause| clause.id);
        let hold = if self.claims && refused.is_none() && desired != Desired::Free {
            hold.claimed(package)
        } else {
            hold
        };
        let wanted = if refused.is_some() { Desired::Free } else { desired };
        let mut planned = steps(wanted, package, hold);
        if self.incomplete && refused.is_none() {
            planned.retain(|step| !matches!(step, Step::Unhide { .. } | Step::Unsuspend { .. }));
        }
        let (state, detail) = match (verdict.effect, refused) {
            (_, Some(clause)) => (AppState::Refused, Some(clause.to_owned())),
            (Effect::Advise, _) => (AppState::Advised, None),
            (Effect::Allow, _) => (AppState::Exempted, None),
            _ if desired == Desired::Free => (AppState::Announced, None),
            _ if !planned.is_empty() => (AppState::Pending, None),
            _ if package.hidden.unwrap_or(hold.hidden) => (AppState::Hidden, None),
            _ => (AppState::Suspended, None),
        };
        let label = package.label.clone();
        let mut app = App {
            package: package.name.clone(),
            label: label.or_else(|| known.as_ref().and_then(|app| app.label.clone())),
            state,
            detail,
            since_ms: self.time_ms,
            grounds: serde_json::to_string(&grounds)?,
            hold,
            last_known: Some(LastKnown::json(package)?),
        };
        let same_verdict = known.as_ref().is_some_and(|known| says_the_same(known, &app));
        if let Some(known) = &known
            && (same_verdict && known.state == app.state)
        {
            app.since_ms = known.since_ms;
        }
        if !same_verdict {
            if refused.is_none() {
                self.inform(package);
            }
            self.judged(&app, verdict.effect, Some(&grounds), refused)?;
        }
        table::set_app(self.db, &app)?;
        self.order(planned)
    }

    /// Tells the log, and the system's log where the floor stood in the way.
    fn judged(
        &mut self,
        app: &App,
        effect: Effect,
        grounds: Option<&Grounds>,
        refused: Option<&str>,
    ) -> Result<(), AgentError> {
        let event = Event::Judged {
            package: &app.package,
            effect: match effect {
                Effect::Deny => "deny",
                Effect::Advise => "advise",
                Effect::Allow => "allow",
            },
            layer: grounds.map(Grounds::layer),
            rule: grounds.and_then(Grounds::rule),
            exemption: grounds.and_then(Grounds::exempting_layer),
            deadline_ms: grounds.and_then(Grounds::deadline_ms),
            floor: refused,
        };
        table::record(self.db, self.time_ms, &event)?;
        if let Some(clause) = refused {
            let args = [&app.package, clause].map(|text| Argument::Text(text.to_owned()));
            self.out.notices.push(Message::new("notice_floor_refused", args));
        }
        Ok(())
    }

    /// A package to which policy does not object any more.
    fn release(&mut self, package: &PackageFacts, mut app: App) -> Result<(), AgentError> {
        app.hold = app.hold.on(package);
        app.last_known = Some(LastKnown::json(package)?);
        let planned = steps(Desired::Free, package, app.hold);
        let settled = planned.is_empty() && !self.under_way(&app.package);
        if settled && app.state != AppState::Restored {
            // Nothing of ours is left on it: advice that was withdrawn, or an app that came back and may.
            self.judged(&app, Effect::Allow, None, None)?;
            return Ok(table::forget_app(self.db, &app.package)?);
        }
        // What was ordered before policy changed its mind may still leave something to undo.
        table::set_app(self.db, &app)?;
        self.order(planned)
    }

    /// An app that is not on the phone any more, whoever removed it.
    fn gone(&mut self, mut app: App) -> Result<(), AgentError> {
        // The result of an uninstall that is under way will say more.
        if self.is_under_way("uninstall", &app.package) {
            return Ok(());
        }
        let denied = self.incomplete || is_denied(self.judge, &app)?;
        // The list may lack it by mistake, and Android keeps a note of what was done to it, which it applies again when
        // the app comes back: what Sluis holds stays on record until the app is seen free.
        app.hold.uninstall_failed = false;
        match app.state {
            AppState::Removed if denied => Ok(()),
            AppState::Absent => Ok(()),
            AppState::Pending | AppState::Suspended | AppState::Hidden | AppState::Failed if denied => {
                let event = Event::Gone {
                    package: &app.package,
                };
                table::record(self.db, self.time_ms, &event)?;
                (app.state, app.detail, app.since_ms) = (AppState::Removed, None, self.time_ms);
                Ok(table::set_app(self.db, &app)?)
            }
            _ if app.hold.keeps_from_use() => {
                (app.state, app.detail, app.since_ms) = (AppState::Absent, None, self.time_ms);
                Ok(table::set_app(self.db, &app)?)
            }
            _ => Ok(table::forget_app(self.db, &app.package)?),
        }
    }

    fn note_exemptions(&mut self, package: &PackageFacts) {
        let found = self.judge.exempted(package).into_iter();
        let noted = found.map(|(rule, now_ms, in_use)| Exempted {
            rule,
            package: package.name.clone(),
            now_ms,
            in_use,
        });
        self.exempted.extend(noted);
    }

    /// Writes intents down, then orders them. What is ordered already is not ordered twice.
    pub(super) fn order(&mut self, steps: Vec<Step>) -> Result<(), AgentError> {
        for step in steps {
            let (kind, subject) = (step.kind(), step.subject());
            if !self.under_way.insert((kind.to_owned(), subject.to_owned())) {
                continue;
            }
            let value = match &step {
                Step::Restrict { values, .. } => Some(serde_json::to_string(values)?),
                _ => None,
            };
            let id = table::order(self.db, kind, subject, value.as_deref(), self.time_ms)?;
            let action = kind;
            table::record(self.db, self.time_ms, &Event::Ordered { id, action, subject })?;
            self.out.actions.push(Action { id, step });
        }
        Ok(())
    }

    /// Whether anything is ordered for that package or restriction.
    pub(super) fn under_way(&self, subject: &str) -> bool {
        self.under_way.iter().any(|(_, other)| other == subject)
    }

    fn is_under_way(&self, kind: &str, subject: &str) -> bool {
        self.under_way.contains(&(kind.to_owned(), subject.to_owned()))
    }
}

/// Whether people are told of an app that is judged so.
fn is_concern(verdict: Verdict) -> bool {
    verdict.effect != Effect::Allow || matches!(verdict.basis, Basis::Exempted { .. })
}

/// Whether policy denies an app, at once or after a grace, as far as the record knows it.
fn is_denied(judge: &Judge<'_>, app: &App) -> Result<bool, AgentError> {
    let facts = LastKnown::of(app)?.facts(&app.package);
    Ok(judge.evaluate(&facts).effect == Effect::Deny)
}

/// Whether an app is to be kept from use now, as far as the record knows it.
pub(super) fn is_kept_from_use(judge: &Judge<'_>, app: &App) -> Result<bool, AgentError> {
    let facts = LastKnown::of(app)?.facts(&app.package);
    Ok(judge.evaluate(&facts).remedy.is_some())
}

/// Whether the log would read the same for both.
fn says_the_same(known: &App, app: &App) -> bool {
    let verdict = |app: &App| match app.state {
        AppState::Advised => Some((Effect::Advise, None)),
        AppState::Refused => Some((Effect::Deny, app.detail.clone())),
        AppState::Announced => Some((Effect::Deny, Some("announced".to_owned()))),
        AppState::Exempted => Some((Effect::Allow, None)),
        AppState::Pending | AppState::Suspended | AppState::Hidden | AppState::Failed => {
            Some((Effect::Deny, None))
        }
        // It came back, or is denied again.
        AppState::Removed | AppState::Absent | AppState::Restored => None,
    };
    known.grounds == app.grounds && verdict(known).is_some() && verdict(known) == verdict(app)
}
