//! What a phone would take from a repository, and what its administrator should know.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use sluis_core::feed::{
    AGENT, ActiveFile, CATALOGUE, POLICY, Role, TrustedState, VerifiedFile, hex, rfc3339,
};
use sluis_policy::catalogue::Catalogue;
use sluis_policy::policy::Policy;

use super::agent::Offered;
use super::{Agent, Visit};
use crate::failure::Failure;
use crate::output;

/// What a repository has for phones.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    source: String,
    /// What phones trust the feed by.
    root_sha256: String,
    /// Whether a phone takes it.
    accepted: bool,
    /// Why not.
    refused: Option<String>,
    /// The policy that comes into force; none where what is in force stays.
    news: Option<News>,
    roles: Vec<RoleLine>,
    files: Vec<FileLine>,
    /// The version of Sluis that phones with an older one install.
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<Offered>,
    warnings: Vec<String>,
}

/// The policy that comes into force.
#[derive(Debug, Serialize)]
pub(crate) struct News {
    layer: String,
    rules: usize,
    catalogue: bool,
}

#[derive(Debug, Serialize)]
struct RoleLine {
    role: String,
    version: u64,
    expires: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    issued: Option<String>,
}

#[derive(Debug, Serialize)]
struct FileLine {
    name: String,
    bytes: u64,
    sha256: String,
}

/// What is read of metadata that the client has verified.
#[derive(Deserialize)]
struct Metadata {
    signed: Signed,
}

#[derive(Deserialize)]
struct Signed {
    version: u64,
    expires: String,
    #[serde(rename = "x-sluis-issued")]
    issued: Option<String>,
}

impl News {
    /// Reads the files that come into force as a phone does that obeys this feed alone, for which there is nothing to
    /// compose; the inner error says why it cannot. `stored` has those that the visit has not `brought`, which are as
    /// they were, and were read when they came.
    pub(super) fn read<'b>(
        files: &[VerifiedFile],
        brought: impl Fn(&str) -> Option<&'b [u8]>,
        stored: impl Fn(&str) -> Result<Option<Vec<u8>>, Failure>,
    ) -> Result<Result<Self, String>, Failure> {
        let policy = match brought(POLICY) {
            Some(bytes) => Cow::Borrowed(bytes),
            None => Cow::Owned(stored(POLICY)?.unwrap_or_default()),
        };
        let has_catalogue = files.iter().any(|file| file.name() == CATALOGUE);
        let catalogue = brought(CATALOGUE).filter(|_| has_catalogue);
        Ok(Self::of(&policy, catalogue, has_catalogue))
    }

    fn of(policy: &[u8], new_catalogue: Option<&[u8]>, has_catalogue: bool) -> Result<Self, String> {
        let policy = Policy::parse(POLICY, policy).map_err(|errors| errors.to_string())?;
        let catalogue = new_catalogue
            .map(|bytes| Catalogue::parse(CATALOGUE, bytes))
            .transpose()
            .map_err(|errors| errors.to_string())?;
        let news = Self {
            layer: policy.layer.to_string(),
            rules: policy.rules.len(),
            catalogue: has_catalogue,
        };
        // The process is about to end: to give back the memory of thousands of names, one by one, is time for nothing.
        std::mem::forget((policy, catalogue));
        Ok(news)
    }
}

impl Report {
    /// What there is to say of a visit.
    ///
    /// # Errors
    /// [`Failure::Unusable`]: the repository could not be read or reached.
    pub(crate) fn of(
        source: &str,
        root_sha256: &[u8; 32],
        visit: Visit,
        now_s: i64,
    ) -> Result<Self, Failure> {
        let visit = visit.reached()?;
        let roles = visit
            .trusted
            .metadata()
            .map(|(role, bytes)| RoleLine::read(role, bytes))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            source: source.to_owned(),
            root_sha256: hex::encode(root_sha256),
            accepted: visit.refused.is_none(),
            refused: visit.refused,
            news: visit.news,
            warnings: warnings(&roles, now_s),
            roles,
            files: files(&visit.trusted),
            agent: None,
        })
    }

    /// The same, with what was found of the agent.
    pub(crate) fn with(mut self, agent: Agent) -> Self {
        let warning = |why| format!("{AGENT}: no phone takes this version of Sluis: {why}");
        self.warnings.extend(agent.problem.map(warning));
        self.agent = agent.offered;
        self
    }

    /// Prints it, warnings on standard error; a failure where a phone refuses the repository.
    pub(crate) fn print(&self, json: bool) -> Result<(), Failure> {
        output::print(&if json { self.json()? } else { self.text() })?;
        for warning in &self.warnings {
            output::warn(warning);
        }
        match &self.refused {
            Some(why) => Err(Failure::findings(format!(
                "{}: phones refuse this: {}",
                self.source,
                output::shown_lines(why)
            ))),
            None => Ok(()),
        }
    }

    fn text(&self) -> String {
        let mut lines = vec![format!("root SHA-256: {}", self.root_sha256)];
        for RoleLine {
            role,
            version,
            expires,
            issued,
        } in &self.roles
        {
            let issued = issued.as_ref().map(|issued| format!(", issued {issued}"));
            let issued = issued.unwrap_or_default();
            let role = output::shown(role);
            lines.push(format!("{role}: version {version}, expires {expires}{issued}"));
        }
        for FileLine { name, bytes, sha256 } in &self.files {
            let name = output::shown(name);
            lines.push(format!("{name}: {bytes} bytes, SHA-256 {sha256}"));
        }
        if let Some(Offered {
            version_code,
            package,
            min_sdk,
            bytes,
            sha256,
        }) = &self.agent
        {
            let package = output::shown(package);
            lines.push(format!("{AGENT}: {bytes} bytes, SHA-256 {sha256}"));
            lines.push(format!(
                "Device owners with an older {package} (and Android of API level {min_sdk} or newer) install version {version_code}."
            ));
        }
        lines.push(match (&self.news, self.accepted) {
            (_, false) => "A phone takes nothing from this.".into(),
            (None, true) => "A phone takes this; the policy is the one that it has.".into(),
            (
                Some(News {
                    layer,
                    rules,
                    catalogue,
                }),
                true,
            ) => {
                let rules = match rules {
                    1 => "1 rule".to_owned(),
                    count => format!("{count} rules"),
                };
                let catalogue = if *catalogue { "a catalogue" } else { "no catalogue" };
                format!("A phone takes this: layer {layer}, {rules}, {catalogue}.")
            }
        });
        lines.join("\n")
    }

    fn json(&self) -> Result<String, Failure> {
        serde_json::to_string_pretty(self).map_err(|error| Failure::unusable(error.to_string()))
    }
}

impl RoleLine {
    fn read(role: &Role, bytes: &[u8]) -> Result<Self, Failure> {
        let metadata: Metadata =
            serde_json::from_slice(bytes).map_err(|error| Failure::unusable(format!("{role}: {error}")))?;
        let Signed {
            version,
            expires,
            issued,
        } = metadata.signed;
        Ok(Self {
            role: role.to_string(),
            version,
            expires,
            issued,
        })
    }
}

fn files(trusted: &TrustedState) -> Vec<FileLine> {
    let line = |file: &ActiveFile| FileLine {
        name: file.name.clone(),
        bytes: file.length,
        sha256: hex::encode(&file.sha256),
    };
    trusted.active().iter().map(line).collect()
}

fn warnings(roles: &[RoleLine], now_s: i64) -> Vec<String> {
    let mut warnings = Vec::new();
    for RoleLine {
        role,
        expires,
        issued,
        ..
    } in roles
    {
        // Whoever has to renew it needs that long: the people with the root's keys longest, a cron job shortest.
        let days = match role.as_str() {
            "root" => 30,
            "timestamp" => 1,
            "snapshot" => 3,
            _ => 7,
        };
        let left = rfc3339::parse(expires).map(|expires| expires.saturating_sub(now_s));
        match left {
            Some(left) if left <= 0 => warnings.push(format!("{role} expired at {expires}")),
            Some(left) if left < days * rfc3339::SECONDS_IN_DAY => {
                warnings.push(format!(
                    "{role} expires soon, at {expires}; after that phones take no news"
                ));
            }
            _ => {}
        }
        if role == "timestamp" && issued.is_none() {
            warnings.push(
                "timestamp does not say when it was issued (x-sluis-issued): a phone whose clock is set back cannot \
                 tell that it is old"
                    .into(),
            );
        }
    }
    warnings
}
