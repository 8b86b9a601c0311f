//! A phone of packages that carries out what the agent orders, as far as its faults let it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sluis_core::agent::message::{
    Action, Argument, Configuration, Directives, Event, Observation, Report, Screen, Step, Time,
};
use sluis_core::agent::{Agent, AgentError};
use sluis_core::audit;
use sluis_core::plan::floor;
use sluis_core::policy::facts::{Inventory, PackageFacts, Roles};
use tempfile::TempDir;

use crate::repository::{DAY, DAY_0};
use crate::server::Server;

pub(crate) struct Phone {
    folder: TempDir,
    agent: Option<Agent>,
    pub(crate) time: Time,
    pub(crate) packages: BTreeMap<String, PackageFacts>,
    pub(crate) roles: Roles,
    /// Its API level.
    pub(crate) api: u32,
    /// Steps that this phone does not do, as "kind package": refused with a message, or dropped without one.
    pub(crate) refuses: BTreeSet<String>,
    pub(crate) drops: BTreeSet<String>,
    /// What was ordered, as "kind package", in order; [`Phone::orders`] takes it.
    ordered: Vec<String>,
    /// What is restricted, with what goes with it.
    pub(crate) restrictions: BTreeMap<String, Vec<String>>,
    /// The shell reads what is in manifests: the core told it to.
    pub(crate) manifests: bool,
    /// All that the last process said.
    pub(crate) notices: Vec<String>,
    pub(crate) wake_up_ms: Option<i64>,
    /// New versions of the agent that the shell was told to install, each with the bytes that it was given.
    pub(crate) sessions: Vec<(u64, Vec<u8>)>,
    /// What the installer says of them; nothing where it ends the process, as it does with one that it installs.
    pub(crate) installer_objects: Option<String>,
    /// Of how many apps people were told.
    pub(crate) told: u64,
}

/// An app that the employee installed.
pub(crate) fn app(name: &str) -> PackageFacts {
    PackageFacts {
        name: name.into(),
        label: Some(format!("App {name}")),
        system: Some(false),
        persistent: Some(false),
        uid: Some(10_100),
        hidden: Some(false),
        suspended: Some(false),
        signers: Some(Default::default()),
        ..PackageFacts::default()
    }
}

/// These hold roles, and nobody holds the others.
pub(crate) fn roles(held: &[(&str, &[&str])]) -> Roles {
    let mut roles: Roles = floor::roles().map(|role| (role.to_owned(), vec![])).collect();
    for (role, holders) in held {
        let names = holders.iter().map(|name| (*name).to_owned());
        roles.insert((*role).to_owned(), names.collect());
    }
    roles
}

impl Phone {
    pub(crate) fn with(apps: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let agent = Some(Agent::open(&folder.path().join("sluis.db")).unwrap());
        let mut phone = Self {
            folder,
            agent,
            time: Time {
                wall_ms: DAY_0 * 1000,
                elapsed_ms: 60_000,
                boot_count: 1,
            },
            packages: BTreeMap::new(),
            roles: roles(&[]),
            api: 35,
            refuses: BTreeSet::new(),
            drops: BTreeSet::new(),
            ordered: Vec::new(),
            restrictions: BTreeMap::new(),
            manifests: false,
            notices: Vec::new(),
            wake_up_ms: None,
            sessions: Vec::new(),
            installer_objects: None,
            told: 0,
        };
        for name in ["nl.sluis.agent"].iter().chain(apps) {
            phone.packages.insert((*name).into(), app(name));
        }
        phone
    }

    /// A phone that was told to obey all feeds of the server and did what they want.
    pub(crate) fn obeying(server: &Server, apps: &[&str]) -> Self {
        let mut phone = Self::with(apps);
        let names: Vec<&str> = server.feeds.keys().map(String::as_str).collect();
        phone.configure(server, &names).unwrap();
        phone
    }

    pub(crate) fn configure(&mut self, server: &Server, names: &[&str]) -> Result<(), AgentError> {
        let configuration: Configuration = serde_json::from_value(server.configuration(names)).unwrap();
        let directives = self.tell(Event::Configure { configuration }, None)?;
        self.carry_out(server, directives);
        Ok(())
    }

    /// One event, whose directives are not carried out.
    pub(crate) fn tell(&mut self, event: Event, body: Option<&[u8]>) -> Result<Directives, AgentError> {
        self.time.wall_ms += 1_000;
        self.time.elapsed_ms += 1_000;
        // The boundary is JSON: what crosses it has to survive it.
        let report = Report {
            time: self.time,
            event,
        };
        let report = serde_json::from_str(&serde_json::to_string(&report).unwrap()).unwrap();
        let directives = self.agent.as_mut().unwrap().handle(report, body)?;
        self.manifests = directives.manifests;
        let words = |action: &Action| format!("{} {}", action.step.kind(), action.step.subject());
        self.ordered.extend(directives.actions.iter().map(words));
        for action in &directives.actions {
            if let Step::UpdateAgent { version_code, .. } = &action.step {
                self.sessions.push((*version_code, body.unwrap().to_vec()));
            }
        }
        let notices = directives.notices.iter();
        self.notices
            .extend(notices.map(|notice| serde_json::to_string(notice).unwrap()));
        if let Some(Argument::Count(apps)) = directives.inform.as_ref().map(|inform| &inform.args[0]) {
            self.told += apps;
        }
        self.wake_up_ms = directives.wake_up_ms.or(self.wake_up_ms);
        Ok(directives)
    }

    /// Does what directives say, until there is nothing more to do.
    pub(crate) fn carry_out(&mut self, server: &Server, first: Directives) {
        let mut queue = VecDeque::from([first]);
        let mut rounds = 0;
        while let Some(directives) = queue.pop_front() {
            rounds += 1;
            assert!(rounds < 500, "the agent and the phone never come to rest");
            for fetch in &directives.fetches {
                let (outcome, body) = server.answer(fetch);
                let (feed, url) = (fetch.feed.clone(), fetch.url.clone());
                queue.push_back(self.must(Event::Fetched { feed, url, outcome }, body.as_deref()));
            }
            if directives.list_packages {
                queue.push_back(self.must(self.inventory_event(), None));
            }
            for action in &directives.actions {
                let is_update = matches!(action.step, Step::UpdateAgent { .. });
                if is_update && self.installer_objects.is_none() {
                    continue;
                }
                let result = self.act(action);
                queue.push_back(self.must(result, None));
            }
        }
    }

    fn must(&mut self, event: Event, body: Option<&[u8]>) -> Directives {
        self.tell(event, body).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Reports an event and does what it leads to.
    pub(crate) fn report(&mut self, server: &Server, event: Event) {
        let directives = self.must(event, None);
        self.carry_out(server, directives);
    }

    pub(crate) fn refresh(&mut self, server: &Server) {
        self.report(server, Event::Refresh {});
    }

    /// Asks for news, and dies before it lists its packages.
    pub(crate) fn refresh_without_a_list(&mut self, server: &Server) {
        let mut queue = VecDeque::from([self.must(Event::Refresh {}, None)]);
        while let Some(directives) = queue.pop_front() {
            for fetch in &directives.fetches {
                let (outcome, body) = server.answer(fetch);
                let (feed, url) = (fetch.feed.clone(), fetch.url.clone());
                queue.push_back(self.must(Event::Fetched { feed, url, outcome }, body.as_deref()));
            }
        }
    }

    pub(crate) fn inventory_event(&self) -> Event {
        Event::Inventory {
            inventory: Inventory {
                packages: self.packages.values().map(|package| self.read(package)).collect(),
                roles: self.roles.clone(),
            },
            api: Some(self.api),
        }
    }

    /// A package as the shell reads it.
    fn read(&self, package: &PackageFacts) -> PackageFacts {
        let mut package = package.clone();
        if !self.manifests {
            (package.permissions, package.components, package.web_origin) = (None, None, None);
        }
        package
    }

    /// The employee, or the system, installs or changes an app.
    pub(crate) fn install(&mut self, server: &Server, package: PackageFacts) {
        let name = package.name.clone();
        self.packages.insert(name.clone(), package);
        self.report(server, self.changed_event(&name));
    }

    pub(crate) fn changed_event(&self, name: &str) -> Event {
        Event::PackageChanged {
            name: name.into(),
            facts: self
                .packages
                .get(name)
                .map(|package| Box::new(self.read(package))),
            roles: self.roles.clone(),
        }
    }

    /// Carries one action out and says what came of it.
    pub(crate) fn act(&mut self, action: &Action) -> Event {
        let words = format!("{} {}", action.step.kind(), action.step.subject());
        let failure = self
            .refuses
            .contains(&words)
            .then(|| "refused by the phone".to_owned());
        if let Step::UpdateAgent { .. } = &action.step {
            return Event::ActionResult {
                id: action.id,
                failure: self.installer_objects.clone(),
                observed: None,
                restricted: None,
            };
        }
        if failure.is_none() && !self.drops.contains(&words) {
            self.do_step(&action.step);
        }
        if let Step::Restrict { restriction, .. } | Step::Unrestrict { restriction } = &action.step {
            return Event::ActionResult {
                id: action.id,
                failure,
                observed: None,
                restricted: Some(self.restrictions.contains_key(restriction)),
            };
        }
        let package = self.packages.get(action.step.subject());
        Event::ActionResult {
            id: action.id,
            failure,
            observed: Some(Observation {
                installed: package.is_some(),
                hidden: package.is_some_and(|p| p.hidden == Some(true)),
                suspended: package.is_some_and(|p| p.suspended == Some(true)),
                label: package.and_then(|p| p.label.clone()),
            }),
            restricted: None,
        }
    }

    fn do_step(&mut self, step: &Step) {
        let mut change = |name: &str, change: fn(&mut PackageFacts)| {
            if let Some(package) = self.packages.get_mut(name) {
                change(package);
            }
        };
        match step {
            Step::Suspend { package } => change(package, |p| p.suspended = Some(true)),
            Step::Unsuspend { package } => change(package, |p| p.suspended = Some(false)),
            Step::Hide { package } => change(package, |p| p.hidden = Some(true)),
            Step::Unhide { package } => change(package, |p| p.hidden = Some(false)),
            Step::Uninstall { package } => drop(self.packages.remove(package)),
            Step::Restrict { restriction, values } => {
                self.restrictions.insert(restriction.clone(), values.clone());
            }
            Step::Unrestrict { restriction } => drop(self.restrictions.remove(restriction)),
            // It has no effect that this phone would show before the process is another.
            Step::UpdateAgent { .. } => {}
        }
    }

    /// What was ordered since the last time that this was asked.
    pub(crate) fn orders(&mut self) -> Vec<String> {
        std::mem::take(&mut self.ordered)
    }

    /// How a package is: "free", "suspended", "hidden", "suspended hidden" or "gone".
    pub(crate) fn state(&self, name: &str) -> &'static str {
        match self.packages.get(name) {
            None => "gone",
            Some(p) => match (p.suspended == Some(true), p.hidden == Some(true)) {
                (false, false) => "free",
                (true, false) => "suspended",
                (false, true) => "hidden",
                (true, true) => "suspended hidden",
            },
        }
    }

    /// The process is killed and starts again; nothing is reported yet.
    pub(crate) fn process_dies(&mut self) {
        self.process_dies_and(|_| {}).unwrap();
    }

    /// The process is killed, something happens to its store, and it starts again.
    pub(crate) fn process_dies_and(&mut self, happens: impl FnOnce(&Path)) -> Result<(), AgentError> {
        self.agent = None;
        self.manifests = false;
        self.notices.clear();
        happens(&self.store_path());
        self.agent = Some(Agent::open(&self.store_path())?);
        Ok(())
    }

    pub(crate) fn days_pass(&mut self, days: i64) {
        self.time.wall_ms += days * DAY * 1000;
        self.time.elapsed_ms += u64::try_from(days * DAY * 1000).unwrap();
    }

    pub(crate) fn screen(&mut self, language: &str) -> Screen {
        let languages = vec![language.to_owned()];
        self.must(Event::Screen { languages }, None).screen.unwrap()
    }

    /// The card of an app: its state's message id, if it has one.
    pub(crate) fn card(&mut self, package: &str) -> Option<String> {
        let screen = self.screen("en");
        let card = screen.apps.into_iter().find(|card| card.package == package)?;
        Some(card.state.id)
    }

    /// The screen's warnings: their ids, and their words behind them.
    pub(crate) fn warnings(&mut self) -> Vec<String> {
        let warnings = self.screen("en").warnings;
        let words = |warning| serde_json::to_string(&warning).unwrap();
        warnings.into_iter().map(words).collect()
    }

    /// The audit log's entries, of a chain that verifies and in which any change is found.
    pub(crate) fn audit(&mut self) -> Vec<Value> {
        let entries = self.agent.as_mut().unwrap().audit().unwrap();
        audit::verify(&entries).unwrap();
        if let Some(middle) = entries.len().checked_sub(1).map(|last| last / 2) {
            let mut forged = entries.clone();
            forged[middle].entry.push(' ');
            let broken = audit::verify(&forged).unwrap_err();
            assert_eq!(broken.number, entries[middle].number);
        }
        let parse = |entry: &audit::Entry| serde_json::from_str(&entry.entry).unwrap();
        entries.iter().map(parse).collect()
    }

    /// The audit log's entries of one kind.
    pub(crate) fn logged(&mut self, kind: &str) -> Vec<Value> {
        let mut entries = self.audit();
        entries.retain(|entry| entry["kind"] == json!(kind));
        entries
    }

    /// The store, to damage it.
    pub(crate) fn store(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.store_path()).unwrap()
    }

    pub(crate) fn store_path(&self) -> PathBuf {
        self.folder.path().join("sluis.db")
    }
}
