//! The documents that a feed carries: files, and among them the policy and the catalogue, which phones read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sluis_core::feed::{AGENT, CATALOGUE, POLICY, Release, Role, limits};
use sluis_policy::catalogue::Catalogue;
use sluis_policy::lint::{Severity, lint};
use sluis_policy::policy::Policy;

use super::apk;
use super::desk::{Desk, is_targets};
use super::metadata::{Draft, TARGETS};
use super::target::{self, Listed};
use crate::failure::Failure;
use crate::files;
use crate::output;
use crate::policy_file::{PolicyFile, is_yaml};

/// Where documents came from, by their name in the feed: what is wrong with them is told by the file that people know.
pub(super) type Sources = BTreeMap<String, PathBuf>;

/// Stages a file under a name in a role's targets; `any_version` takes an agent that is older than the one listed.
pub(super) fn add(
    desk: &mut Desk,
    role: &str,
    name: &str,
    path: &Path,
    expires: i64,
    any_version: bool,
) -> Result<(), Failure> {
    target::check_name(name)?;
    let max_bytes = limits::max_bytes(&Role::File(name.into()));
    let bytes = match name == POLICY && is_yaml(path) {
        true => {
            let file = PolicyFile::read(path)?;
            file.parse()?;
            Some(file.published().to_vec()).filter(|bytes| bytes.len() as u64 <= max_bytes)
        }
        false => files::read_up_to(path, max_bytes)?,
    };
    let bytes = bytes.ok_or_else(|| {
        let problem = format!("this file is too long: phones take at most {max_bytes} bytes");
        Failure::file(path, problem)
    })?;
    refuse_unreadable(name, &path.display().to_string(), &bytes)?;
    let release = match name {
        AGENT => Some(agent(desk, path, &bytes, any_version)?),
        _ => None,
    };
    if desk.get(role).is_none() && role == TARGETS {
        desk.stage(Draft::new(TARGETS, expires, [("targets", serde_json::json!({}))]));
    }
    let targets = desk.edit(role, expires)?;
    let mut listed = targets.object("targets");
    let entry = target::entry(&bytes, release.as_ref());
    listed.insert(name.to_owned(), entry);
    targets.set("targets", listed.into());
    for file in target::listed(targets) {
        if file.name == name {
            desk.stage_file(file.path, bytes);
            break;
        }
    }
    Ok(())
}

/// What the agent's package says of itself. A version that no phone would take is refused.
fn agent(desk: &Desk, path: &Path, bytes: &[u8], any_version: bool) -> Result<Release, Failure> {
    let unusable = |problem: String| Failure::file(path, problem);
    let release = apk::release(bytes).map_err(unusable)?;
    if !apk::is_signed(bytes) {
        output::warn(format_args!(
            "{}: this package is not signed (scheme 2 or newer); no phone installs it",
            output::shown(&path.display().to_string())
        ));
    }
    let roles = desk.delegated().into_iter().chain([TARGETS]);
    let listed = roles.filter_map(|role| desk.get(role)).flat_map(target::listed);
    for before in listed.filter(|file| file.name == AGENT && !file.is(bytes)) {
        let Some(before) = before.release else { continue };
        if before.package != release.package {
            return Err(unusable(format!(
                "this is {}; the feed has {}",
                release.package, before.package
            )));
        }
        if before.version_code >= release.version_code && !any_version {
            return Err(unusable(format!(
                "this is version {}; the feed has version {}, and phones that have that take no other that is not newer. \
                 To have phones that are older still take this one, say --force",
                release.version_code, before.version_code
            )));
        }
    }
    Ok(release)
}

/// Refuses an agent that is not what its entry says: phones would fetch it, and then not install it.
fn refuse_misdescribed_agent(desk: &Desk, targets: &Draft) -> Result<(), Failure> {
    let listed = target::listed(targets);
    let Some(file) = listed.iter().find(|file| file.name == AGENT) else {
        return Ok(());
    };
    let found = apk::release(&desk.read_listed(targets, file)?);
    match (found, &file.release) {
        (Ok(found), Some(said)) if found == *said => Ok(()),
        (Ok(_), _) => Err(Failure::unusable(format!(
            "{AGENT}: {} does not describe it as it is: add it again",
            output::shown(&targets.path())
        ))),
        (Err(problem), _) => Err(Failure::unusable(format!("{AGENT}: {problem}"))),
    }
}

/// Refuses what a phone could not read. There is no way round this.
fn refuse_unreadable(name: &str, shown: &str, bytes: &[u8]) -> Result<(), Failure> {
    match name {
        // Lint says no more than this of a policy that cannot be read.
        POLICY if Policy::parse(shown, bytes).is_err() => {
            let findings = lint(shown, bytes, &Catalogue::default());
            let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
            Err(Failure::unusable(findings.join("\n")))
        }
        CATALOGUE => Catalogue::parse(shown, bytes)
            .map(drop)
            .map_err(|errors| Failure::unusable(errors.to_string())),
        _ => Ok(()),
    }
}

/// Refuses documents that a phone could not read, whoever staged and signed them.
pub(super) fn refuse_unreadable_in(desk: &Desk, drafts: &[Draft]) -> Result<(), Failure> {
    for draft in drafts.iter().filter(|draft| is_targets(draft.role())) {
        for name in [POLICY, CATALOGUE] {
            if let Some(bytes) = read(desk, Some(draft), name)? {
                refuse_unreadable(name, name, &bytes)?;
            }
        }
        refuse_misdescribed_agent(desk, draft)?;
    }
    Ok(())
}

/// A staged role of which a file is not in order: policy, catalogue or agent.
#[derive(Debug)]
pub(super) struct Faulty {
    pub(super) role: String,
    pub(super) version: u64,
    /// One line each.
    pub(super) errors: Vec<String>,
    /// Whether a phone could read it, so that somebody may decide to publish it: rules of it cannot work.
    pub(super) can_be_read: bool,
}

/// The staged roles with a faulty file. A policy that is published already, with the same catalogue, was decided about then.
pub(super) fn faulty(desk: &Desk, sources: &Sources) -> Result<Vec<Faulty>, Failure> {
    let mut found = Vec::new();
    for draft in desk.staged().filter(|draft| is_targets(draft.role())) {
        let before = desk.get_published(draft.role());
        let mut errors = Vec::new();
        if find(Some(draft), AGENT) != find(before, AGENT) {
            let refused = refuse_misdescribed_agent(desk, draft).err();
            errors.extend(refused.as_ref().and_then(Failure::message).map(str::to_owned));
        }
        let is_decided =
            documents(Some(draft), desk.get(TARGETS)) == documents(before, desk.get_published(TARGETS));
        if is_decided && errors.is_empty() {
            continue;
        }
        let [policy, catalogue] = [POLICY, CATALOGUE].map(|name| read(desk, Some(draft), name));
        let (policy, own_catalogue) = (policy?, catalogue?);
        for (name, bytes) in [(POLICY, &policy), (CATALOGUE, &own_catalogue)] {
            let read = bytes
                .as_ref()
                .map(|bytes| refuse_unreadable(name, &shown(sources, name), bytes));
            if let Some(Err(failure)) = read {
                errors.extend(failure.message().map(str::to_owned));
            }
        }
        let can_be_read = errors.is_empty();
        if let (true, Some(policy)) = (can_be_read, &policy) {
            let catalogue = match own_catalogue {
                Some(bytes) => Some(bytes),
                None => read(desk, desk.get(TARGETS), CATALOGUE)?,
            };
            errors = lint_errors(sources, policy, catalogue.as_deref())?;
        }
        if !errors.is_empty() {
            found.push(Faulty {
                role: draft.role().to_owned(),
                version: draft.version(),
                errors,
                can_be_read,
            });
        }
    }
    Ok(found)
}

/// The policy of these targets, and the catalogue that goes with it: theirs, or that of the top-level targets.
fn documents(targets: Option<&Draft>, top: Option<&Draft>) -> [Option<Listed>; 2] {
    let catalogue = find(targets, CATALOGUE).or_else(|| find(top, CATALOGUE));
    [find(targets, POLICY), catalogue]
}

fn find(targets: Option<&Draft>, name: &str) -> Option<Listed> {
    let mut listed = targets.map(target::listed).into_iter().flatten();
    listed.find(|file| file.name == name)
}

/// Phones know only the catalogue of the feed: without one, or one that they can read, no vendor matches.
fn lint_errors(sources: &Sources, policy: &[u8], catalogue: Option<&[u8]>) -> Result<Vec<String>, Failure> {
    let vendors = catalogue.and_then(|bytes| Catalogue::parse(CATALOGUE, bytes).ok());
    let vendors = vendors.unwrap_or_default();
    // Of a policy in YAML the places are those of the YAML, as long as it is what was staged.
    let source = sources.get(POLICY).filter(|path| is_yaml(path));
    let source = source.map(|path| PolicyFile::read(path)).transpose()?;
    let findings = match source.filter(|file| file.published() == policy) {
        Some(file) => file.lint(&vendors),
        None => lint(&shown(sources, POLICY), policy, &vendors),
    };
    let found = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error);
    Ok(found.map(ToString::to_string).collect())
}

fn shown(sources: &Sources, name: &str) -> String {
    sources
        .get(name)
        .map_or_else(|| name.to_owned(), |path| path.display().to_string())
}

fn read(desk: &Desk, targets: Option<&Draft>, name: &str) -> Result<Option<Vec<u8>>, Failure> {
    let Some(targets) = targets else { return Ok(None) };
    let listed = target::listed(targets);
    let file = listed.iter().find(|file| file.name == name);
    file.map(|file| desk.read_listed(targets, file)).transpose()
}
