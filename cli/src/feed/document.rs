//! The documents that a feed carries: files, and among them the policy and the catalogue, which phones read.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sluis_core::feed::{CATALOGUE, POLICY, Role, limits};
use sluis_policy::catalogue::Catalogue;
use sluis_policy::lint::{Severity, lint};
use sluis_policy::policy::Policy;

use super::desk::{Desk, is_targets};
use super::metadata::{Draft, TARGETS};
use super::target;
use crate::failure::Failure;
use crate::policy_file::{PolicyFile, is_yaml};

/// Where documents came from, by their name in the feed: what is wrong with them is told by the file that people know.
pub(super) type Sources = BTreeMap<String, PathBuf>;

/// Stages a file under a name in a role's targets.
pub(super) fn add(desk: &mut Desk, role: &str, name: &str, path: &Path, expires: i64) -> Result<(), Failure> {
    target::check_name(name)?;
    let bytes = match name == POLICY && is_yaml(path) {
        true => {
            let file = PolicyFile::read(path)?;
            file.parse()?;
            file.published().to_vec()
        }
        false => fs::read(path).map_err(|error| Failure::file(path, error))?,
    };
    let max_bytes = limits::max_bytes(&Role::File(name.into()));
    if bytes.len() as u64 > max_bytes {
        let problem = format!("{} bytes; phones take at most {max_bytes}", bytes.len());
        return Err(Failure::file(path, problem));
    }
    refuse_unreadable(name, &path.display().to_string(), &bytes)?;
    if desk.get(role).is_none() && role == TARGETS {
        desk.stage(Draft::new(TARGETS, expires, [("targets", serde_json::json!({}))]));
    }
    let targets = desk.edit(role, expires)?;
    let mut listed = targets.object("targets");
    let entry = target::entry(&bytes);
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
    }
    Ok(())
}

/// What is wrong with the documents in staged metadata. What a phone could not read is a failure at once; rules that
/// cannot work are the answer, and up to who publishes.
pub(super) fn check(desk: &Desk, sources: &Sources) -> Result<Vec<String>, Failure> {
    let mut errors = Vec::new();
    for draft in desk.staged().filter(|draft| is_targets(draft.role())) {
        let policy = read(desk, Some(draft), POLICY)?;
        let catalogue = match read(desk, Some(draft), CATALOGUE)? {
            Some(bytes) => {
                refuse_unreadable(CATALOGUE, &shown(sources, CATALOGUE), &bytes)?;
                Some(bytes)
            }
            None => read(desk, desk.get(TARGETS), CATALOGUE)?,
        };
        let Some(policy) = policy else { continue };
        refuse_unreadable(POLICY, &shown(sources, POLICY), &policy)?;
        // Phones know only the catalogue of the feed: without one, no vendor matches.
        let vendors = match catalogue {
            Some(bytes) => {
                Catalogue::parse(CATALOGUE, &bytes).map_err(|errors| Failure::unusable(errors.to_string()))?
            }
            None => Catalogue::default(),
        };
        // Of a policy in YAML the places are those of the YAML, as long as it is what was staged.
        let source = sources.get(POLICY).filter(|path| is_yaml(path));
        let source = source.map(|path| PolicyFile::read(path)).transpose()?;
        let findings = match source.filter(|file| file.published() == policy) {
            Some(file) => file.lint(&vendors),
            None => lint(&shown(sources, POLICY), &policy, &vendors),
        };
        let found = findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error);
        errors.extend(found.map(ToString::to_string));
    }
    Ok(errors)
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
