//! Takes in what came of actions. Only what was read back counts.

use super::error::AgentError;
use super::message::{Argument, Message, Observation, Step};
use super::reconcile::{Round, is_kept_from_use};
use crate::audit::Event;
use crate::plan::Hold;
use crate::store::agent::{self as table, App, AppState, Order};
use crate::store::device::{self, Refused};

/// What an order whose result was lost may have left behind: Sluis owns it until the package shows otherwise.
pub(super) fn claim(hold: Hold, kind: &str) -> Hold {
    Hold {
        suspended: hold.suspended || kind == "suspend",
        hidden: hold.hidden || kind == "hide",
        ..hold
    }
}

impl Round<'_> {
    /// What came of an action.
    pub(super) fn result(
        &mut self,
        order: &Order,
        failure: Option<&str>,
        observed: Option<&Observation>,
        restricted: Option<bool>,
    ) -> Result<(), AgentError> {
        let Order {
            id,
            kind,
            subject,
            value,
        } = order;
        let done = match (kind.as_str(), observed) {
            ("restrict", _) => restricted == Some(true),
            ("unrestrict", _) => restricted == Some(false),
            ("suspend", Some(seen)) => seen.suspended || !seen.installed,
            ("unsuspend", Some(seen)) => !seen.suspended || !seen.installed,
            ("hide", Some(seen)) => seen.hidden || !seen.installed,
            ("unhide", Some(seen)) => !seen.hidden || !seen.installed,
            ("uninstall", Some(seen)) => !seen.installed,
            _ => false,
        };
        let event = Event::Result {
            id: *id,
            action: kind,
            subject,
            done,
            failure,
        };
        table::record(self.db, self.time_ms, &event)?;
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
            ("restrict", ..) if done => {
                device::forget_refused(self.db, subject)?;
                Ok(table::set_restriction(self.db, subject, value.as_deref())?)
            }
            ("restrict", ..) => {
                let refused = Refused {
                    value: value.clone().unwrap_or_default(),
                    at_ms: self.time_ms,
                };
                Ok(device::set_refused(self.db, subject, &refused)?)
            }
            ("unrestrict", ..) if done => Ok(table::lift_restriction(self.db, subject)?),
            (_, Some(app), Some(seen)) => self.settled(app, kind, done, failure, seen),
            (_, Some(mut app), None) => {
                app.hold = claim(app.hold, kind);
                self.failed(app, kind, failure)
            }
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
        let denied = is_kept_from_use(self.judge, &app)?;
        if !seen.installed {
            // What was done to it before stays on record until it is seen free: Android may apply that again.
            app.hold.uninstall_failed = false;
            return self.set(app, AppState::Removed, None);
        }
        if kind == "uninstall" && !done && denied && !seen.hidden {
            // Out of sight, then: the strongest that is left.
            let package = app.package.clone();
            self.set(app, AppState::Pending, None)?;
            return self.order(vec![Step::Hide { package }]);
        }
        if self.under_way(&app.package) {
            return Ok(table::set_app(self.db, &app)?);
        }
        let kept = seen.suspended || seen.hidden;
        // An uninstall that failed is made up for by a hide.
        if !done && denied && !(kind == "uninstall" && seen.hidden) {
            return self.failed(app, kind, failure);
        }
        let held = app.hold.suspended || app.hold.hidden;
        let refused = app.state == AppState::Refused;
        if done && (denied && !kept && !refused || !denied && held && !self.incomplete) {
            // Policy changed its mind while this was under way.
            self.out.list_packages = true;
        }
        match app.state {
            AppState::Refused | AppState::Advised | AppState::Announced | AppState::Exempted => {
                Ok(table::set_app(self.db, &app)?)
            }
            _ if seen.hidden => self.set(app, AppState::Hidden, None),
            _ if seen.suspended => self.set(app, AppState::Suspended, None),
            _ => {
                app.hold = Hold::default();
                self.set(app, AppState::Restored, None)
            }
        }
    }

    fn failed(&self, app: App, kind: &str, failure: Option<&str>) -> Result<(), AgentError> {
        match app.state {
            // Nothing that people would have to do about it.
            AppState::Refused | AppState::Advised | AppState::Announced | AppState::Exempted => {
                Ok(table::set_app(self.db, &app)?)
            }
            _ => self.set(app, AppState::Failed, failure.or(Some(kind))),
        }
    }

    fn set(&self, mut app: App, state: AppState, detail: Option<&str>) -> Result<(), AgentError> {
        if app.state != state {
            app.since_ms = self.time_ms;
        }
        app.state = state;
        app.detail = detail.map(ToOwned::to_owned);
        Ok(table::set_app(self.db, &app)?)
    }
}
