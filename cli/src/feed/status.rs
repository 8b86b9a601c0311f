//! `sluis feed status`: who must still sign, and what expires when.

use std::env;
use std::fmt::Write as _;
use std::io::{self, IsTerminal};
use std::path::PathBuf;

use clap::Args;
use serde::{Serialize, Serializer};
use sluis_core::feed::rfc3339;

use super::authority::{Authority, View};
use super::changes::changes;
use super::desk::{self, is_targets};
use super::keys::PublicKey;
use super::metadata::{Draft, ROOT, SNAPSHOT, TARGETS, TIMESTAMP};
use super::options::{self, Clock};
use super::repository::Published;
use super::{staging, target};
use crate::failure::Failure;
use crate::output::{self, shown};

pub(super) const HELP: &str = "\
Examples:
  sluis feed status /srv/feed
  sluis feed status /srv/feed --within 30 --json

Needs no key and changes nothing, so that a monitoring job can call it.

Exit codes: 0 fine, 1 something has expired or will within --within days, or waits for signatures, 2 the feed can't be \
used.";

#[derive(Debug, Args)]
pub(super) struct Status {
    /// The feed's folder.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// What expires within so many days is a finding.
    #[arg(long, value_name = "DAYS", default_value_t = 7, value_parser = options::days)]
    within: i64,
    /// Write JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    clock: Clock,
}

/// How a feed stands. Moments are RFC 3339.
#[derive(Debug, Serialize)]
struct Report {
    /// `null` until the first root is published.
    root_sha256: Option<String>,
    published: Vec<RoleStatus>,
    staged: Vec<StagedStatus>,
    findings: Vec<String>,
}

#[derive(Debug, Serialize)]
struct RoleStatus {
    role: String,
    version: u64,
    expires: String,
    /// Whole days until then; negative when it has passed.
    days_left: i64,
    threshold: usize,
    /// Those that may sign.
    #[serde(serialize_with = "ids")]
    keys: Vec<PublicKey>,
    files: Vec<String>,
}

#[derive(Debug, Serialize)]
struct StagedStatus {
    role: String,
    version: u64,
    expires: String,
    /// One for each set of keys that must vouch for it; of a new root, those of the root before come first.
    signatures: Vec<Signatures>,
    files: Vec<String>,
    /// What is different from what is published, for people.
    changes: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Signatures {
    threshold: usize,
    #[serde(serialize_with = "ids")]
    signed: Vec<PublicKey>,
    /// Keys that can still sign.
    #[serde(serialize_with = "ids")]
    others: Vec<PublicKey>,
}

fn ids<S: Serializer>(keys: &[PublicKey], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(keys.iter().map(PublicKey::id))
}

pub(super) fn run(arguments: &Status) -> Result<(), Failure> {
    let now = arguments.clock.now()?;
    desk::must_exist(&arguments.folder)?;
    let published = Published::read(&arguments.folder)?;
    let (staged, cut_short) = staging::look(&arguments.folder)?;
    let report = report(published.as_ref(), &staged, cut_short, now, arguments)?;
    let text = if arguments.json {
        serde_json::to_string_pretty(&report).map_err(|error| Failure::unusable(error.to_string()))?
    } else {
        text(&report, arguments)
    };
    output::print(&text)?;
    if report.findings.is_empty() {
        Ok(())
    } else {
        Err(Failure::Findings(None))
    }
}

fn report(
    published: Option<&Published>,
    staged: &[Draft],
    cut_short: bool,
    now: i64,
    arguments: &Status,
) -> Result<Report, Failure> {
    let old = published.map(|published| &published.root);
    let roots = staged.iter().filter(|draft| draft.role() == ROOT).chain(old);
    let root = roots
        .clone()
        .next()
        .ok_or_else(|| Failure::file(&arguments.folder, "there is no root here"))?;
    let others = published
        .into_iter()
        .flat_map(|published| published.others.values());
    let now_view = View::new(
        None,
        old.unwrap_or(root),
        others.clone().filter(|d| is_targets(d.role())).collect(),
    );
    let next_targets = staged.iter().filter(|draft| is_targets(draft.role()));
    let kept = others
        .clone()
        .filter(|draft| is_targets(draft.role()) && !staged.iter().any(|s| s.role() == draft.role()));
    let next_view = View::new(old, root, next_targets.chain(kept).collect());

    let mut findings = Vec::new();
    let mut statuses: Vec<RoleStatus> = Vec::new();
    for draft in old.into_iter().chain(others) {
        let status = role_status(draft, &now_view.authorities(draft.role()), now);
        if status.days_left < arguments.within {
            let when = if draft.expires() <= now {
                "expired"
            } else {
                "expires"
            };
            let cure = cure(draft.role(), &arguments.folder.display().to_string());
            findings.push(format!("{} {when} at {}: {cure}", status.role, status.expires));
        }
        statuses.push(status);
    }
    let rank = |status: &RoleStatus| {
        [ROOT, TARGETS, SNAPSHOT, TIMESTAMP]
            .iter()
            .position(|r| *r == status.role)
            .unwrap_or(9)
    };
    statuses.sort_by_key(|status| (rank(status), status.role.clone()));
    let mut waiting = Vec::new();
    for draft in staged {
        let before = published.and_then(|published| published.get(draft.role()));
        let status = staged_status(before, draft, &next_view.authorities(draft.role()))?;
        let open = status
            .signatures
            .iter()
            .any(|signatures| signatures.signed.len() < signatures.threshold);
        findings.push(match open {
            true => format!("{} version {} waits for signatures", status.role, status.version),
            false => format!(
                "{} version {} is signed, but not published",
                status.role, status.version
            ),
        });
        waiting.push(status);
    }
    if cut_short {
        findings.push(format!(
            "a publication was cut short; the next publish or refresh of {} finishes it",
            arguments.folder.display()
        ));
    }
    Ok(Report {
        root_sha256: published.map(|published| published.pin.clone()),
        published: statuses,
        staged: waiting,
        findings,
    })
}

fn role_status(draft: &Draft, authorities: &[Authority], now: i64) -> RoleStatus {
    let authority = authorities.first().cloned().unwrap_or_default();
    RoleStatus {
        role: draft.role().to_owned(),
        version: draft.version(),
        expires: rfc3339::format(draft.expires()),
        days_left: (draft.expires() - now).div_euclid(rfc3339::SECONDS_IN_DAY),
        threshold: authority.threshold(),
        keys: authority.keys().to_vec(),
        files: files(draft),
    }
}

fn staged_status(
    before: Option<&Draft>,
    draft: &Draft,
    authorities: &[Authority],
) -> Result<StagedStatus, Failure> {
    let mut signatures = Vec::new();
    for authority in authorities {
        signatures.push(Signatures {
            threshold: authority.threshold(),
            signed: authority.signers(draft)?.into_iter().cloned().collect(),
            others: authority.others(draft)?.into_iter().cloned().collect(),
        });
    }
    Ok(StagedStatus {
        role: draft.role().to_owned(),
        version: draft.version(),
        expires: rfc3339::format(draft.expires()),
        signatures,
        files: files(draft),
        changes: changes(before, draft),
    })
}

fn files(draft: &Draft) -> Vec<String> {
    let files = draft.object("targets");
    files
        .into_iter()
        .map(|(name, entry)| match target::release(&entry) {
            Some(release) => format!("{name} (version {})", release.version_code),
            None => name,
        })
        .collect()
}

fn cure(role: &str, folder: &str) -> String {
    match role {
        ROOT => format!("`sluis feed renew {folder} --keys KEYS`"),
        SNAPSHOT | TIMESTAMP => format!("`sluis feed refresh {folder} --keys KEYS`"),
        TARGETS => format!("`sluis feed publish {folder} --keys KEYS`"),
        _ => format!("`sluis feed publish {folder} --role {role} --keys KEYS`"),
    }
}

/// The report for people. Colours only where somebody looks at it.
fn text(report: &Report, arguments: &Status) -> String {
    let coloured = io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none();
    let paint = |colour: u8, text: String| match coloured {
        true => format!("\u{1b}[{colour}m{text}\u{1b}[0m"),
        false => text,
    };
    let mut out = String::new();
    match &report.root_sha256 {
        Some(pin) => drop(writeln!(
            out,
            "Feed {}, trusted by {pin}\n",
            arguments.folder.display()
        )),
        None => drop(writeln!(
            out,
            "Feed {}, whose root is not published yet\n",
            arguments.folder.display()
        )),
    }
    for role in &report.published {
        let days = match role.days_left {
            left if left < 0 => paint(31, "expired".into()),
            left if left < arguments.within => paint(33, format!("{left} days left")),
            left => paint(32, format!("{left} days left")),
        };
        let keys: Vec<String> = role.keys.iter().map(PublicKey::name).collect();
        let _ = writeln!(
            out,
            "{:<10} version {:<5} until {}, {days}; {} of {}",
            shown(&role.role),
            role.version,
            role.expires,
            role.threshold,
            keys.join(", ")
        );
        if !role.files.is_empty() {
            let files: Vec<String> = role.files.iter().map(|name| shown(name)).collect();
            let _ = writeln!(out, "           {}", files.join(", "));
        }
    }
    for role in &report.staged {
        let _ = writeln!(
            out,
            "\nStaged: {} version {}, until {}",
            shown(&role.role),
            role.version,
            role.expires
        );
        for change in &role.changes {
            let _ = writeln!(out, "{change}");
        }
        for signatures in &role.signatures {
            let list = |keys: &[PublicKey]| {
                let names: Vec<String> = keys.iter().map(PublicKey::name).collect();
                if names.is_empty() {
                    "nobody".to_owned()
                } else {
                    names.join(", ")
                }
            };
            let count = format!(
                "{} of {} signatures",
                signatures.signed.len(),
                signatures.threshold
            );
            let colour = if signatures.signed.len() < signatures.threshold {
                33
            } else {
                32
            };
            let _ = writeln!(
                out,
                "  {}: signed by {}; can still sign: {}",
                paint(colour, count),
                list(&signatures.signed),
                list(&signatures.others)
            );
        }
    }
    if !report.findings.is_empty() {
        out.push('\n');
    }
    for finding in &report.findings {
        let _ = writeln!(out, "{}", paint(33, shown(finding)));
    }
    out.trim_end().to_owned()
}
