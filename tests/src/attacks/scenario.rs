//! How a fixture is written: what is served, and what is expected of a phone because of the rules, not because some
//! client was seen to do it.

use std::collections::BTreeMap;

use sluis_core::feed::{hex, rfc3339};

use super::fixture::{Answer, Clocks, Ending, Fixture, NewAgent, Published, Step};
use crate::repository::{DAY, DAY_0, Repository};

/// The feed of scenarios that need only one.
pub(super) const FEED: &str = "national";

pub(super) struct Scenario {
    pub(super) name: &'static str,
    fixture: Fixture,
    /// The fixture's files, by path below its folder.
    files: BTreeMap<String, Vec<u8>>,
    /// What each server has at the moment.
    served: BTreeMap<String, BTreeMap<String, Vec<u8>>>,
    feed: &'static str,
    wall_s: i64,
    running_s: u64,
    boots: u64,
    next: Next,
}

/// The step that is being described.
#[derive(Default)]
struct Next {
    folder: Option<String>,
    gone: Vec<String>,
    answers: BTreeMap<String, Answer>,
    dead: bool,
    root_lost: bool,
    wants: Vec<String>,
    in_force: BTreeMap<String, String>,
    floors: BTreeMap<String, u64>,
}

impl Scenario {
    pub(super) fn new(name: &'static str, threat: &str, held_by: &str) -> Self {
        Self {
            name,
            fixture: Fixture {
                threat: threat.into(),
                held_by: held_by.into(),
                published: None,
                root_sha256: BTreeMap::new(),
                steps: Vec::new(),
            },
            files: BTreeMap::new(),
            served: BTreeMap::new(),
            feed: FEED,
            wall_s: DAY_0,
            running_s: 60,
            boots: 1,
            next: Next::default(),
        }
    }

    /// As [`Scenario::new`], for a weakness that was found in another client.
    pub(super) fn published(
        name: &'static str,
        (client, id): (&str, &str),
        went_wrong: &str,
        source: &str,
        held_by: &str,
    ) -> Self {
        let threat = format!("{id} in {client}: {went_wrong}");
        let mut scenario = Self::new(name, &threat, held_by);
        scenario.fixture.published = Some(Published {
            id: id.into(),
            client: client.into(),
            went_wrong: went_wrong.into(),
            source: source.into(),
        });
        scenario
    }

    /// From here on it is about this feed, whose first root is this repository's.
    pub(super) fn trusting(&mut self, feed: &'static str, repository: &Repository) -> &mut Self {
        self.feed = feed;
        self.fixture
            .root_sha256
            .insert(feed.into(), hex::encode(&repository.pin()));
        self
    }

    /// A phone that took what is published.
    pub(super) fn following(&mut self, repository: &Repository) -> &mut Self {
        self.trusting(FEED, repository)
            .serves("before", repository)
            .obeyed(repository)
    }

    /// From here on it is about this feed again.
    pub(super) fn of(&mut self, feed: &'static str) -> &mut Self {
        self.feed = feed;
        self
    }

    /// The server has all that the repository has; what is new or other than before goes into this folder.
    pub(super) fn serves(&mut self, folder: &str, repository: &Repository) -> &mut Self {
        let served = self.served.entry(self.feed.into()).or_default();
        for (path, bytes) in &repository.files {
            if served.get(path) != Some(bytes) {
                self.files.insert(format!("{folder}/{path}"), bytes.clone());
                self.next.folder = Some(folder.into());
            }
        }
        self.next.gone = served
            .keys()
            .filter(|path| !repository.files.contains_key(*path))
            .cloned()
            .collect();
        *served = repository.files.clone();
        self
    }

    /// What comes in place of a file, this time; of every file under `*`.
    pub(super) fn answers(&mut self, path: &str, answer: Answer) -> &mut Self {
        self.next.answers.insert(path.into(), answer);
        self
    }

    /// The server answers nothing, this time.
    pub(super) fn dead(&mut self) -> &mut Self {
        self.next.dead = true;
        self
    }

    /// The phone's copy of the root is gone; its floors are not.
    pub(super) fn root_lost(&mut self) -> &mut Self {
        self.next.root_lost = true;
        self
    }

    /// Another program wants this target file, with the same client.
    pub(super) fn wants(&mut self, name: &str) -> &mut Self {
        self.next.wants.push(name.into());
        self
    }

    /// Time passes, by all clocks.
    pub(super) fn days_pass(&mut self, days: i64) -> &mut Self {
        self.wall_s += days * DAY;
        self.running_s += days.unsigned_abs() * DAY.unsigned_abs();
        self
    }

    /// Somebody sets the clock that the phone shows.
    pub(super) fn clock_moved(&mut self, days: i64) -> &mut Self {
        self.wall_s += days * DAY;
        self
    }

    /// The phone is switched off and on.
    pub(super) fn reboots(&mut self) -> &mut Self {
        self.boots += 1;
        self.running_s = 0;
        self
    }

    /// Everything that the repository publishes is taken, and is other than what was in force.
    pub(super) fn obeyed(&mut self, repository: &Repository) -> &mut Self {
        self.next.in_force = self.content_of(repository);
        self.next.floors = floors_of(repository);
        self.ends(Ending::Updated)
    }

    /// All is in order, and brings no other files; floors are those of what is published.
    pub(super) fn confirmed(&mut self, repository: &Repository) -> &mut Self {
        self.stays();
        self.next.floors = floors_of(repository);
        self.ends(Ending::Unchanged)
    }

    /// Nothing is taken of what is served, and nothing is wrong.
    pub(super) fn unmoved(&mut self) -> &mut Self {
        self.stays();
        self.ends(Ending::Unchanged)
    }

    /// It is refused, and what was in force stays in force. Floors stay, too, but for those named next.
    pub(super) fn refused(&mut self, role: &str, reason: &str) -> &mut Self {
        self.stays();
        self.ends(Ending::Refused {
            role: role.into(),
            reason: reason.into(),
        })
    }

    /// Of the last step: a floor that it raised all the same.
    pub(super) fn floor(&mut self, role: &str, version: u64) -> &mut Self {
        if let Some(step) = self.fixture.steps.last_mut() {
            step.floors.insert(role.into(), version);
        }
        self
    }

    /// Of the last step: all the floors that are left.
    pub(super) fn floors(&mut self, floors: &[(&str, u64)]) -> &mut Self {
        if let Some(step) = self.fixture.steps.last_mut() {
            step.floors = floors
                .iter()
                .map(|(role, version)| ((*role).to_owned(), *version))
                .collect();
        }
        self
    }

    /// Of the last step: exactly these files were asked for.
    pub(super) fn requests(&mut self, paths: &[&str]) -> &mut Self {
        if let Some(step) = self.fixture.steps.last_mut() {
            step.requests = Some(paths.iter().map(|path| (*path).to_owned()).collect());
        }
        self
    }

    /// Of the last step: the earliest that it can be by now, in seconds since 1970.
    pub(super) fn not_before(&mut self, moment_s: i64) -> &mut Self {
        if let Some(step) = self.fixture.steps.last_mut() {
            step.not_before = Some(rfc3339::format(moment_s));
        }
        self
    }

    /// Of the last step: what becomes of the agent's own package.
    pub(super) fn agent(&mut self, agent: NewAgent) -> &mut Self {
        if let Some(step) = self.fixture.steps.last_mut() {
            step.agent = Some(agent);
        }
        self
    }

    pub(super) fn fixture(&self) -> &Fixture {
        &self.fixture
    }

    /// The fixture's files, by path below its folder.
    pub(super) fn into_files(mut self) -> serde_json::Result<BTreeMap<String, Vec<u8>>> {
        let mut expected = serde_json::to_vec_pretty(&self.fixture)?;
        expected.push(b'\n');
        self.files.insert("expected.json".into(), expected);
        Ok(self.files)
    }

    fn stays(&mut self) {
        if let Some(before) = self
            .fixture
            .steps
            .iter()
            .rev()
            .find(|step| step.feed == self.feed)
        {
            self.next.in_force = before.in_force.clone();
            self.next.floors = before.floors.clone();
        }
    }

    fn ends(&mut self, outcome: Ending) -> &mut Self {
        let next = std::mem::take(&mut self.next);
        self.fixture.steps.push(Step {
            feed: self.feed.into(),
            serves: next.folder,
            gone: next.gone,
            answers: next.answers,
            dead: next.dead,
            root_lost: next.root_lost,
            wants: next.wants,
            time: Clocks {
                wall: rfc3339::format(self.wall_s),
                running_s: self.running_s,
                boots: self.boots,
            },
            outcome,
            requests: None,
            in_force: next.in_force,
            floors: next.floors,
            not_before: None,
            agent: None,
        });
        self
    }

    /// Where the repository's target files stand in the fixture.
    fn content_of(&self, repository: &Repository) -> BTreeMap<String, String> {
        // Of a file that several list, the first one's counts.
        let delegated = repository.delegated.iter().rev().flat_map(|role| &role.content);
        let content: BTreeMap<_, _> = delegated.chain(&repository.content).collect();
        let place = |name: &str| {
            let bytes = *content.get(&name.to_owned())?;
            let (path, _) = self
                .files
                .iter()
                .find(|(path, found)| *found == bytes && path.contains("/targets/"))?;
            Some((name.to_owned(), path.clone()))
        };
        ["policy.json", "catalogue.json"]
            .into_iter()
            .filter_map(place)
            .collect()
    }
}

fn floors_of(repository: &Repository) -> BTreeMap<String, u64> {
    let mut floors = BTreeMap::from([
        ("root".into(), repository.root_version.unsigned_abs()),
        ("timestamp".into(), repository.timestamp_version.unsigned_abs()),
        ("snapshot".into(), repository.snapshot_version.unsigned_abs()),
        ("targets".into(), repository.targets_version.unsigned_abs()),
    ]);
    for role in &repository.delegated {
        floors.insert(role.name.clone(), role.version.unsigned_abs());
    }
    floors
}
