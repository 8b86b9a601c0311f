//! Brings packages from what they are to what policy wants, and takes in how that went.

use std::collections::{BTreeSet, HashSet};

use rusqlite::Connection;
use sluis_policy::policy::Effect;

use super::error::AgentError;
use super::grounds::Grounds;
use super::message::{Action, Argument, Directives, Message, Observation, Step};
use crate::audit::Event;
use crate::plan::floor::Floor;
use crate::plan::{Desired, Hold, steps};
use crate::policy::facts::{Inventory, PackageFacts, Roles};
use crate::policy::{Ruleset, Verdict};
use crate::store::agent::{self as table, App, AppState, Order};

/// Restrictions that hold on every phone with a policy: an app from outside the store is judged like any other, but
/// the door that most malware comes through stays shut (design, "Enforcement").
const RESTRICTIONS: [&str; 1] = ["no_install_unknown_sources"];

/// One round of reconciling, within one transaction.
pub(super) struct Round<'a> {
    pub(super) db: &'a Connection,
    pub(super) ruleset: &'a Ruleset,
    /// A layer that was in force cannot be loaded: nothing is released until it can.
    pub(super) incomplete: bool,
    pub(super) time_ms: i64,
    pub(super) out: &'a mut Directives,
}

impl Round<'_> {
    /// The whole phone.
    pub(super) fn inventory(&mut self, inventory: &Inventory) -> Result<(), AgentError> {
        let Inventory { packages, roles } = inventory;
        let mut verdicts = Vec::new();
        self.ruleset.evaluate_all(packages, &mut verdicts);
        let judged = || packages.iter().zip(&verdicts);
        let denied: HashSet<&str> = judged()
            .filter(|(_, v)| v.effect == Effect::Deny)
            .map(|(p, _)| p.name.as_str())
            .collect();
        let known: Vec<App> = table::apps(self.db)?;
        let known_names: HashSet<&str> = known.iter().map(|app| app.package.as_str()).collect();
        let pending = self.pending()?;
        let floor = Floor::new(roles, |name: &str| denied.contains(name));
        for (package, verdict) in judged() {
            // Most packages are of no concern: nothing is said of them and nothing was done to them.
            if verdict.effect != Effect::Allow || known_names.contains(package.name.as_str()) {
                self.package(package, *verdict, &floor, &pending)?;
            }
        }
        let present: HashSet<&str> = packages.iter().map(|p| p.name.as_str()).collect();
        for app in &known {
            if !present.contains(app.package.as_str()) {
                self.gone(app.clone(), &pending)?;
            }
        }
        self.restrict(&pending)
    }

    /// One package that arrived or changed.
    pub(super) fn changed(&mut self, package: &PackageFacts, roles: &Roles) -> Result<(), AgentError> {
        let verdict = self.ruleset.evaluate(package);
        // Whether another launcher or keyboard would remain can be told from what is held already.
        let held: HashSet<String> = table::apps(self.db)?
            .into_iter()
            .filter(|app| {
                matches!(
                    app.state,
                    AppState::Suspended | AppState::Hidden | AppState::Pending
                )
            })
            .map(|app| app.package)
            .collect();
        let pending = self.pending()?;
        let floor = Floor::new(roles, |name: &str| held.contains(name));
        self.package(package, verdict, &floor, &pending)
    }

    /// A package that left.
    pub(super) fn left(&mut self, name: &str) -> Result<(), AgentError> {
        let pending = self.pending()?;
        match table::app(self.db, name)? {
            Some(app) => self.gone(app, &pending),
            None => Ok(()),
        }
    }

    fn pending(&self) -> Result<BTreeSet<(String, String)>, AgentError> {
        Ok(table::orders(self.db)?
            .into_iter()
            .map(|order| (order.kind, order.subject))
            .collect())
    }

    fn package<F: Fn(&str) -> bool>(
        &mut self,
        package: &PackageFacts,
        verdict: Verdict,
        floor: &Floor<'_, F>,
        pending: &BTreeSet<(String, String)>,
    ) -> Result<(), AgentError> {
        let known = table::app(self.db, &package.name)?;
        let Some(grounds) =
            Grounds::of(self.ruleset, verdict.basis).filter(|_| verdict.effect != Effect::Allow)
        else {
            return match known {
                Some(app) => self.release(package, app, pending),
                None => Ok(()),
            };
        };
        let desired = Desired::of(verdict);
        let refused = if desired == Desired::Free {
            None
        } else {
            floor.clause(package).map(|clause| clause.id)
        };
        let hold = known.as_ref().map(|app| app.hold).unwrap_or_default();
        let wanted = if refused.is_some() { Desired::Free } else { desired };
        let planned = steps(wanted, package, hold);
        let (state, detail) = match (verdict.effect, refused) {
            (_, Some(clause)) => (AppState::Refused, Some(clause.to_owned())),
            (Effect::Advise, _) => (AppState::Advised, None),
            _ if !planned.is_empty() => (AppState::Pending, None),
            _ if package.hidden == Some(true) => (AppState::Hidden, None),
            _ => (AppState::Suspended, None),
        };
        let json = serde_json::to_string(&grounds)?;
        let mut app = App {
            package: package.name.clone(),
            label: package
                .label
                .clone()
                .or_else(|| known.as_ref().and_then(|app| app.label.clone())),
            state,
            detail,
            since_ms: self.time_ms,
            grounds: json,
            hold,
        };
        if let Some(known) = &known
            && (known.state, &known.detail, &known.grounds) == (app.state, &app.detail, &app.grounds)
        {
            app.since_ms = known.since_ms;
        } else {
            self.judged(package, verdict, &grounds, refused)?;
        }
        table::set_app(self.db, &app)?;
        self.order(planned, pending)
    }

    /// Tells the log, and the system's log where the floor stood in the way.
    fn judged(
        &mut self,
        package: &PackageFacts,
        verdict: Verdict,
        grounds: &Grounds,
        refused: Option<&str>,
    ) -> Result<(), AgentError> {
        let effect = match verdict.effect {
            Effect::Deny => "deny",
            Effect::Advise => "advise",
            Effect::Allow => "allow",
        };
        let (layer, rule) = (Some(grounds.layer()), grounds.rule());
        table::record(
            self.db,
            self.time_ms,
            &Event::Judged {
                package: &package.name,
                effect,
                layer,
                rule,
                floor: refused,
            },
        )?;
        if let Some(clause) = refused {
            let args = [
                Argument::Text(package.name.clone()),
                Argument::Text(clause.to_owned()),
            ];
            self.out.notices.push(Message::new("notice_floor_refused", args));
        }
        Ok(())
    }

    /// A package to which policy does not object any more.
    fn release(
        &mut self,
        package: &PackageFacts,
        mut app: App,
        pending: &BTreeSet<(String, String)>,
    ) -> Result<(), AgentError> {
        if self.incomplete {
            return Ok(());
        }
        let planned = steps(Desired::Free, package, app.hold);
        if planned.is_empty() && app.state != AppState::Restored {
            // Nothing of ours is left on it: advice that was withdrawn, or an app that came back and may.
            let (layer, rule, floor) = (None, None, None);
            table::record(
                self.db,
                self.time_ms,
                &Event::Judged {
                    package: &package.name,
                    effect: "allow",
                    layer,
                    rule,
                    floor,
                },
            )?;
            return Ok(table::forget_app(self.db, &package.name)?);
        }
        if !planned.is_empty() {
            (app.state, app.detail, app.since_ms) = (AppState::Pending, None, self.time_ms);
            table::set_app(self.db, &app)?;
        }
        self.order(planned, pending)
    }

    /// An app that is not on the phone any more, whoever removed it.
    fn gone(&mut self, mut app: App, pending: &BTreeSet<(String, String)>) -> Result<(), AgentError> {
        // The result of an uninstall that is under way will say more.
        if pending.contains(&("uninstall".to_owned(), app.package.clone())) {
            return Ok(());
        }
        match app.state {
            AppState::Removed => Ok(()),
            AppState::Advised | AppState::Restored | AppState::Refused => {
                Ok(table::forget_app(self.db, &app.package)?)
            }
            AppState::Pending | AppState::Suspended | AppState::Hidden | AppState::Failed => {
                (app.state, app.detail, app.since_ms) = (AppState::Removed, None, self.time_ms);
                app.hold = Hold::default();
                Ok(table::set_app(self.db, &app)?)
            }
        }
    }

    fn restrict(&mut self, pending: &BTreeSet<(String, String)>) -> Result<(), AgentError> {
        let set = table::restrictions(self.db)?;
        let missing = RESTRICTIONS.iter().filter(|name| !set.iter().any(|s| s == *name));
        let steps = missing
            .map(|name| Step::Restrict {
                restriction: (*name).to_owned(),
            })
            .collect();
        self.order(steps, pending)
    }

    /// Writes intents down, then orders them. What is ordered already is not ordered twice.
    fn order(&mut self, steps: Vec<Step>, pending: &BTreeSet<(String, String)>) -> Result<(), AgentError> {
        for step in steps {
            let (kind, subject) = (step.kind(), step.subject());
            if pending.contains(&(kind.to_owned(), subject.to_owned())) {
                continue;
            }
            let id = table::order(self.db, kind, subject, self.time_ms)?;
            table::record(
                self.db,
                self.time_ms,
                &Event::Ordered {
                    id,
                    action: kind,
                    subject,
                },
            )?;
            self.out.actions.push(Action { id, step });
        }
        Ok(())
    }

    /// What came of an action. Only what was read back counts.
    pub(super) fn result(
        &mut self,
        order: &Order,
        failure: Option<&str>,
        observed: Option<&Observation>,
        restricted: Option<bool>,
    ) -> Result<(), AgentError> {
        let Order { id, kind, subject } = order;
        let done = match (kind.as_str(), observed) {
            ("restrict", _) => restricted == Some(true),
            ("unrestrict", _) => restricted == Some(false),
            ("suspend", Some(seen)) => seen.suspended || !seen.installed,
            ("unsuspend", Some(seen)) => !seen.suspended,
            ("hide", Some(seen)) => seen.hidden || !seen.installed,
            ("unhide", Some(seen)) => !seen.hidden,
            ("uninstall", Some(seen)) => !seen.installed,
            _ => false,
        };
        table::record(
            self.db,
            self.time_ms,
            &Event::Result {
                id: *id,
                action: kind,
                subject,
                done,
                failure,
            },
        )?;
        let args = [Argument::Text(kind.clone()), Argument::Text(subject.clone())];
        self.out.notices.push(if done {
            Message::new("notice_action", args)
        } else {
            let why = failure.unwrap_or("it was not so when read back").to_owned();
            Message::new(
                "notice_action_failed",
                args.into_iter().chain([Argument::Text(why)]),
            )
        });
        match (kind.as_str(), table::app(self.db, subject)?, observed) {
            ("restrict" | "unrestrict", ..) if done => {
                Ok(table::set_restriction(self.db, subject, kind == "restrict")?)
            }
            (_, Some(app), Some(seen)) => self.settled(app, kind, done, failure, seen),
            (_, Some(app), None) => self.set(app, AppState::Failed, failure),
            _ => Ok(()),
        }
    }

    fn settled(
        &mut self,
        mut app: App,
        kind: &str,
        done: bool,
        failure: Option<&str>,
        seen: &Observation,
    ) -> Result<(), AgentError> {
        app.label = seen.label.clone().or(app.label);
        match (kind, done) {
            ("suspend", true) => app.hold.suspended = seen.suspended,
            ("unsuspend", true) => app.hold.suspended = false,
            ("hide", true) => app.hold.hidden = seen.hidden,
            ("unhide", true) => app.hold.hidden = false,
            ("uninstall", false) => app.hold.uninstall_failed = true,
            _ => {}
        }
        if !seen.installed {
            app.hold = Hold::default();
            return self.set(app, AppState::Removed, None);
        }
        let pending = self.pending()?;
        if kind == "uninstall" && !seen.hidden {
            // Out of sight, then: the strongest that is left.
            let package = app.package.clone();
            self.set(app, AppState::Pending, failure)?;
            return self.order(vec![Step::Hide { package }], &pending);
        }
        if pending.iter().any(|(_, subject)| *subject == app.package) {
            return Ok(table::set_app(self.db, &app)?);
        }
        if !done {
            return self.set(app, AppState::Failed, failure.or(Some(kind)));
        }
        let state = match (seen.hidden, seen.suspended) {
            (true, _) => AppState::Hidden,
            (_, true) => AppState::Suspended,
            _ => AppState::Restored,
        };
        self.set(app, state, None)
    }

    fn set(&mut self, mut app: App, state: AppState, detail: Option<&str>) -> Result<(), AgentError> {
        if app.state != state {
            app.since_ms = self.time_ms;
        }
        app.state = state;
        app.detail = detail.map(ToOwned::to_owned);
        Ok(table::set_app(self.db, &app)?)
    }
}
