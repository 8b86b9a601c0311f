//! Findings as SARIF 2.1.0 (OASIS), the form in which code hosting services and editors take them. The members are those
//! that the standard requires, and those that say where and why.

use std::fmt::Write;

use serde_json::{Value, json};
use sluis_policy::lint::checks::CHECKS;
use sluis_policy::lint::silence::Silenced;
use sluis_policy::lint::{Finding, Severity};

/// The standard's own schema.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The log of one run.
pub(super) fn log(findings: &[Finding], silenced: &[Silenced]) -> Value {
    let rules: Vec<Value> = CHECKS
        .iter()
        .map(|check| {
            json!({
                "id": check.id,
                "shortDescription": {"text": check.summary},
                "defaultConfiguration": {"level": level(check.severity)},
            })
        })
        .collect();
    // A result without `suppressions` is one of which nobody knows whether it is accepted (SARIF 3.27.23).
    let left = findings.iter().map(|finding| result(finding, json!([])));
    let accepted = silenced.iter().map(|Silenced { finding, reason }| {
        let suppression = json!({"kind": "external", "status": "accepted", "justification": reason});
        result(finding, json!([suppression]))
    });
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "sluis", "version": env!("CARGO_PKG_VERSION"), "rules": rules}},
            // A column is a character, and not a unit of UTF-16, which is what is assumed otherwise (SARIF 3.14.27).
            "columnKind": "unicodeCodePoints",
            "results": left.chain(accepted).collect::<Vec<Value>>(),
        }],
    })
}

fn result(finding: &Finding, suppressions: Value) -> Value {
    json!({
        "ruleId": finding.check,
        "ruleIndex": CHECKS.iter().position(|check| check.id == finding.check),
        "level": level(finding.severity),
        "message": {"text": finding.message},
        "locations": [{
            "physicalLocation": {
                "artifactLocation": {"uri": uri(&finding.document)},
                "region": {"startLine": finding.line, "startColumn": finding.column},
            },
            "logicalLocations": [{"fullyQualifiedName": finding.pointer, "kind": "member"}],
        }],
        "suppressions": suppressions,
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// A path as a URI reference (RFC 3986): relative where the path is, so that it is found in the reader's own copy.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    if path.starts_with('/') {
        uri.push_str("file://");
    }
    for byte in path.bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                uri.push(char::from(byte));
            }
            // Writing to a string cannot fail.
            _ => drop(write!(uri, "%{byte:02X}")),
        }
    }
    uri
}
