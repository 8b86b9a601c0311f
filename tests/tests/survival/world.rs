//! A feed that changes all the time, a phone that obeys it, and what the phone was promised at any moment.

use std::collections::{BTreeMap, VecDeque};

use serde_json::json;
use sluis_core::agent::message::{
    Action, Configuration, Directives, Event, Fetch, FetchOutcome, Observation, Report, Step, Time,
};
use sluis_core::agent::{Agent, AgentError};
use sluis_core::feed::hex;
use sluis_core::plan::floor;
use sluis_core::policy::facts::{Inventory, PackageFacts, Roles};

use crate::repository::{DAY_0, Repository};

/// The feed's name, and its address.
pub(crate) const FEED: &str = "national";
const URL: &str = "https://feeds.example/national/";
/// Each publication forbids two of the apps; every other one releases one of them and forbids another.
const APPS: u64 = 6;
/// So often comes a new root.
const ROOTS: u64 = 9;
/// Names that make policy and catalogue as long as real ones.
const BALLAST: usize = 400;

/// The word that policy and catalogue of a publication have in them, and no others.
pub(crate) fn word(publication: u64) -> String {
    format!("publication-{publication}.")
}

fn app(number: u64) -> String {
    format!("app.number{}", number % APPS)
}

/// What the feed serves after that many publications; the same each time that it is asked.
pub(crate) fn publication(number: u64) -> Repository {
    let mut repository = Repository::unpublished();
    for _ in 0..number / ROOTS {
        repository.rotate(|_| {});
    }
    let version = i64::try_from(number).unwrap() - 1;
    repository.timestamp_version = version;
    repository.snapshot_version = version;
    repository.targets_version = version;
    repository.issued = Some(DAY_0 + version);
    let ballast: Vec<String> = (0..BALLAST)
        .map(|i| format!("org.example{i}.of{number}"))
        .collect();
    let word = word(number);
    let policy = json!({
        "format": "sluis.policy/1",
        "layer": "national",
        "organisation": { "name": { "en": word } },
        "stance": "open",
        "rules": [
            { "id": "hidden", "effect": "deny", "remedy": "hide", "match": { "packages": [app(number)] } },
            { "id": "blocked", "effect": "deny", "remedy": "suspend", "match": { "packages": [app(number + 1)] } },
            { "id": "ballast", "effect": "deny", "match": { "packages": ballast } },
        ],
    });
    let vendor = json!({
        "id": "vendor",
        "name": word,
        "aliases": ballast,
        "country_of_control": "NL",
        "control_assessment": "contested",
    });
    let catalogue = json!({ "format": "sluis.catalogue/1", "vendors": [vendor] });
    repository
        .content
        .insert("policy.json".into(), policy.to_string().into_bytes());
    repository
        .content
        .insert("catalogue.json".into(), catalogue.to_string().into_bytes());
    repository.publish();
    repository
}

/// What the phone must still know, whatever happens: each line says something that had been stored when it was said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Promised {
    /// The least version of each role's floor.
    pub(crate) floors: BTreeMap<String, u64>,
    /// The least publication in force.
    pub(crate) in_force: u64,
    /// The apps that Sluis has on record as suspended and as hidden.
    pub(crate) suspended: BTreeMap<String, bool>,
    pub(crate) hidden: BTreeMap<String, bool>,
    /// How the apps are on the phone: suspended, hidden.
    pub(crate) phone: BTreeMap<String, (bool, bool)>,
    pub(crate) configured: bool,
}

impl Promised {
    /// Takes in a line.
    pub(crate) fn hear(&mut self, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["floor", role, version] => {
                let version: u64 = version.parse().unwrap();
                let floor = self.floors.entry(role.to_owned()).or_default();
                *floor = version.max(*floor);
            }
            ["in-force", publication] => self.in_force = self.in_force.max(publication.parse().unwrap()),
            ["configured"] => self.configured = true,
            ["does", kind, package] => {
                let state = self.phone.entry(package.to_owned()).or_default();
                match kind {
                    "suspend" => state.0 = true,
                    "unsuspend" => state.0 = false,
                    "hide" => state.1 = true,
                    _ => state.1 = false,
                }
                // From here on the record may change before it says so.
                match kind {
                    "unsuspend" => drop(self.suspended.remove(package)),
                    "unhide" => drop(self.hidden.remove(package)),
                    _ => {}
                }
            }
            ["recorded", "suspend", package] => drop(self.suspended.insert(package.to_owned(), true)),
            ["recorded", "hide", package] => drop(self.hidden.insert(package.to_owned(), true)),
            ["recorded", _, _] => {}
            _ => panic!("nobody says `{line}`"),
        }
    }
}

/// A phone, and an agent on it that obeys publications.
pub(crate) struct Phone<'a> {
    pub(crate) agent: Agent,
    /// Suspended, hidden.
    apps: BTreeMap<String, (bool, bool)>,
    time: Time,
    /// The publication that this process brought whole, if any: what is on trial may be from the process before.
    arrived: Option<i64>,
    /// Is told what is promised, at the moment from which it holds.
    say: &'a mut dyn FnMut(&str),
}

impl<'a> Phone<'a> {
    pub(crate) fn new(agent: Agent, before: &Promised, say: &'a mut dyn FnMut(&str)) -> Self {
        let state = |name: &str| before.phone.get(name).copied().unwrap_or_default();
        let apps = (0..APPS).map(app).map(|name| (name.clone(), state(&name)));
        Self {
            agent,
            apps: apps.collect(),
            time: Time {
                wall_ms: DAY_0 * 1000,
                elapsed_ms: 60_000,
                boot_count: 1,
            },
            arrived: None,
            say,
        }
    }

    /// The process starts, and the phone is told whom to obey if it does not know.
    pub(crate) fn starts(&mut self, repository: &Repository) -> Result<(), AgentError> {
        let started = self.tell(Event::Started {}, None)?;
        let configuration: Configuration = serde_json::from_value(json!({ "feeds": [{
            "name": FEED,
            "url": URL,
            "root_sha256": hex::encode(&repository.pin()),
        }] }))
        .unwrap();
        let configured = self.tell(Event::Configure { configuration }, None)?;
        (self.say)("configured");
        self.carry_out(repository, [started, configured])
    }

    /// A whole refresh, and all that it leads to.
    pub(crate) fn refreshes(&mut self, repository: &Repository) -> Result<(), AgentError> {
        let directives = self.tell(Event::Refresh {}, None)?;
        self.carry_out(repository, [directives])
    }

    /// An app of that name is installed.
    pub(crate) fn meets(&mut self, name: &str) -> Result<Directives, AgentError> {
        let facts = PackageFacts {
            name: name.into(),
            system: Some(false),
            ..PackageFacts::default()
        };
        let event = Event::PackageChanged {
            name: name.into(),
            facts: Some(Box::new(facts)),
            roles: Roles::new(),
        };
        self.tell(event, None)
    }

    fn tell(&mut self, event: Event, body: Option<&[u8]>) -> Result<Directives, AgentError> {
        self.time.wall_ms += 1_000;
        self.time.elapsed_ms += 1_000;
        let time = self.time;
        let directives = self.agent.handle(Report { time, event }, body)?;
        let refused = directives
            .notices
            .iter()
            .find(|notice| notice.id == "notice_feed_refused");
        assert_eq!(refused, None, "an honest feed");
        Ok(directives)
    }

    fn carry_out<const N: usize>(
        &mut self,
        repository: &Repository,
        first: [Directives; N],
    ) -> Result<(), AgentError> {
        let mut queue = VecDeque::from(first);
        while let Some(directives) = queue.pop_front() {
            for fetch in &directives.fetches {
                queue.push_back(self.fetch(repository, fetch)?);
            }
            if directives.list_packages {
                let inventory = self.inventory();
                let told = self.tell(Event::Inventory { inventory, api: None }, None)?;
                self.hear_of_news(&told);
                queue.push_back(told);
            }
            for action in &directives.actions {
                queue.push_back(self.act(action)?);
            }
        }
        Ok(())
    }

    fn fetch(&mut self, repository: &Repository, fetch: &Fetch) -> Result<Directives, AgentError> {
        let path = fetch.url.strip_prefix(URL).unwrap();
        let body = repository.files.get(path);
        let event = Event::Fetched {
            feed: fetch.feed.clone(),
            url: fetch.url.clone(),
            outcome: match body {
                Some(_) => FetchOutcome::Body {},
                None => FetchOutcome::Missing {},
            },
        };
        let directives = self.tell(event, body.map(Vec::as_slice))?;
        if body.is_some() {
            let version = repository.timestamp_version;
            let role = |name: &str| path.ends_with(&format!("{name}.json"));
            if let Some(role) = ["timestamp", "snapshot", "targets"]
                .into_iter()
                .find(|name| role(name))
            {
                (self.say)(&format!("floor {role} {version}"));
            } else if let Some(root) = path.strip_suffix(".root.json") {
                (self.say)(&format!("floor root {root}"));
            }
        }
        if directives.list_packages {
            self.arrived = Some(repository.targets_version);
        }
        self.hear_of_news(&directives);
        Ok(directives)
    }

    /// The first policy is in force when it came; a later one when the list of packages showed what it changes.
    fn hear_of_news(&mut self, directives: &Directives) {
        let mut notices = directives.notices.iter();
        if let Some(arrived) = self.arrived
            && notices.any(|notice| notice.id == "notice_policy_updated")
        {
            (self.say)(&format!("in-force {arrived}"));
        }
    }

    fn act(&mut self, action: &Action) -> Result<Directives, AgentError> {
        let (kind, subject) = (action.step.kind(), action.step.subject());
        let mut observed = None;
        if !matches!(action.step, Step::Restrict { .. } | Step::Unrestrict { .. }) {
            (self.say)(&format!("does {kind} {subject}"));
            let app = self.apps.get_mut(subject).unwrap();
            match action.step {
                Step::Suspend { .. } => app.0 = true,
                Step::Unsuspend { .. } => app.0 = false,
                Step::Hide { .. } => app.1 = true,
                _ => app.1 = false,
            }
            observed = Some(Observation {
                installed: true,
                hidden: app.1,
                suspended: app.0,
                label: None,
            });
        }
        let result = Event::ActionResult {
            id: action.id,
            failure: None,
            restricted: observed.is_none().then_some(true),
            observed,
        };
        let directives = self.tell(result, None)?;
        (self.say)(&format!("recorded {kind} {subject}"));
        Ok(directives)
    }

    fn inventory(&self) -> Inventory {
        let package = |(name, (suspended, hidden)): (&String, &(bool, bool))| PackageFacts {
            name: name.clone(),
            system: Some(false),
            persistent: Some(false),
            uid: Some(10_100),
            suspended: Some(*suspended),
            hidden: Some(*hidden),
            signers: Some(Default::default()),
            ..PackageFacts::default()
        };
        let roles: Roles = floor::roles().map(|role| (role.to_owned(), vec![])).collect();
        Inventory {
            packages: self.apps.iter().map(package).collect(),
            roles,
        }
    }
}
