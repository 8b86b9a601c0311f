//! Findings for people: a line each, which begins as editors and terminals know how to follow.

use sluis_policy::lint::silence::Silenced;
use sluis_policy::lint::{Finding, Severity};

use crate::output::{ASIDE, ERROR, WARNING, styled};

/// One line per finding and one that counts them.
pub(super) fn render(
    findings: &[Finding],
    silenced: &[Silenced],
    policies: usize,
    show_silenced: bool,
) -> String {
    let mut lines: Vec<String> = findings.iter().map(line).collect();
    if show_silenced {
        lines.extend(silenced.iter().map(accepted));
    }
    let policies = counted(policies, "policy", "policies");
    let count = match findings.len() {
        0 => "nothing found".to_owned(),
        n => counted(n, "finding", "findings"),
    };
    let silenced = match silenced.len() {
        0 => String::new(),
        n => format!(", {n} silenced"),
    };
    lines.push(format!("{policies} checked, {count}{silenced}"));
    lines.join("\n")
}

fn line(finding: &Finding) -> String {
    let style = match finding.severity {
        Severity::Error => ERROR,
        Severity::Warning => WARNING,
    };
    let severity = styled(style, format_args!("{}:", finding.severity.as_str()));
    format!(
        "{} {severity} {}{} {}",
        place(finding),
        pointer(finding),
        finding.message,
        styled(ASIDE, format_args!("[{}]", finding.check))
    )
}

fn accepted(silenced: &Silenced) -> String {
    let Silenced { finding, reason } = silenced;
    let line = format!(
        "{} silenced: {}{} [{}]; {reason}",
        place(finding),
        pointer(finding),
        finding.message,
        finding.check
    );
    styled(ASIDE, line)
}

fn place(finding: &Finding) -> String {
    format!("{}:{}:{}:", finding.document, finding.line, finding.column)
}

fn pointer(finding: &Finding) -> String {
    match finding.pointer.as_str() {
        "" => String::new(),
        pointer => format!("{pointer}: "),
    }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
