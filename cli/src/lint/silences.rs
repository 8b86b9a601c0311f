//! Which findings are accepted: by the file beside each policy, or by one that was named.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use sluis_policy::lint::checks::Needs;
use sluis_policy::lint::silence::{Looked, Silences, Sorted};
use sluis_policy::lint::{Finding, layer_of};

use super::Source;
use crate::failure::Failure;

/// The file beside a policy.
const BESIDE: &str = "sluis-lint.json";

/// Takes what is accepted out of the findings; `at` is what was looked at beside the policies.
pub(super) fn sort(
    named: Option<&Path>,
    sources: &[Source],
    findings: Vec<Finding>,
    at: &[Needs],
    now_ms: i64,
) -> Result<Sorted, Failure> {
    let mut sorted = Sorted {
        findings,
        ..Sorted::default()
    };
    for (path, policies) in files(named, sources) {
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if named.is_none() && error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(Failure::file(&path, error)),
        };
        let silences = Silences::parse(&path.display().to_string(), &bytes)
            .map_err(|errors| Failure::unusable(errors.to_string()))?;
        let layers: Vec<String> = policies
            .iter()
            .filter_map(|policy| layer_of(policy.document()))
            .collect();
        let looked = Looked {
            layers: layers.iter().map(String::as_str).collect(),
            at: at.to_vec(),
            now_ms,
        };
        let is_theirs = |finding: &Finding| policies.iter().any(|policy| policy.is_of(finding));
        let (theirs, others) = sorted.findings.into_iter().partition(is_theirs);
        let Sorted { findings, silenced } = silences.sort(theirs, &looked);
        sorted.findings = others;
        sorted.findings.extend(findings);
        sorted.silenced.extend(silenced);
    }
    let place = |finding: &Finding| sources.iter().position(|source| source.is_of(finding));
    // What is wrong with the silences comes last.
    sorted
        .findings
        .sort_by_key(|finding| place(finding).unwrap_or(sources.len()));
    Ok(sorted)
}

/// Each file of silences, with the policies that it is for.
fn files<'s>(named: Option<&Path>, sources: &'s [Source]) -> Vec<(PathBuf, Vec<&'s Source>)> {
    if let Some(named) = named {
        return vec![(named.to_owned(), sources.iter().collect())];
    }
    let mut files: Vec<(PathBuf, Vec<&Source>)> = Vec::new();
    for source in sources {
        let beside = source.path.with_file_name(BESIDE);
        match files.iter_mut().find(|(path, _)| *path == beside) {
            Some((_, policies)) => policies.push(source),
            None => files.push((beside, vec![source])),
        }
    }
    files
}
