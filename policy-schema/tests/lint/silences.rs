//! Silences: with a reason, for what they name, until they end, and only while they are needed.

use serde_json::{Value, json};
use sluis_policy::lint::Finding;
use sluis_policy::lint::checks::Needs;
use sluis_policy::lint::silence::{Looked, Silences, Sorted};

use super::{clean, found};

fn silences(list: Value) -> Silences {
    let file = json!({"format": "sluis.lint/1", "silences": list});
    Silences::parse("sluis-lint.json", file.to_string().as_bytes()).unwrap()
}

fn refused(list: Value) -> String {
    let file = json!({"format": "sluis.lint/1", "silences": list});
    Silences::parse("sluis-lint.json", file.to_string().as_bytes())
        .unwrap_err()
        .to_string()
}

/// Two findings, of the rules `a` and `b`.
fn two() -> Vec<Finding> {
    let mut policy = clean();
    let rule = |id: &str| json!({"id": id, "effect": "deny", "match": {"packages": [format!("com.{id}")]}});
    policy["rules"] = json!([rule("a"), rule("b")]);
    found(&policy)
}

fn sorted(list: Value) -> Sorted {
    let looked = Looked {
        layers: vec!["city"],
        at: vec![Needs::Time],
        now_ms: 1_767_225_600_000,
    };
    silences(list).sort(two(), &looked)
}

fn left(sorted: &Sorted) -> Vec<(&str, Option<&str>)> {
    let findings = sorted.findings.iter();
    findings.map(|f| (f.check, f.rule.as_deref())).collect()
}

#[test]
fn a_silence_takes_out_what_it_names_and_keeps_the_reason() {
    let one = sorted(json!([{"check": "reason-missing", "rule": "a", "reason": "Told at the desk."}]));
    assert_eq!(left(&one), [("reason-missing", Some("b"))]);
    assert_eq!(one.silenced.len(), 1);
    assert_eq!(one.silenced[0].reason, "Told at the desk.");
    assert_eq!(one.silenced[0].finding.rule.as_deref(), Some("a"));
    let all = sorted(json!([{"check": "reason-missing", "layer": "city", "reason": "Told at the desk."}]));
    assert_eq!((left(&all).len(), all.silenced.len()), (0, 2));
}

#[test]
fn a_silence_that_silences_nothing_is_a_finding() {
    let useless = sorted(json!([{"check": "shadowed", "rule": "a", "reason": "For readers."}]));
    assert_eq!(left(&useless)[2], ("silence-without-effect", Some("a")));
    let twice = json!({"check": "reason-missing", "reason": "Told at the desk."});
    let second = sorted(json!([twice, twice]));
    assert_eq!(left(&second), [("silence-without-effect", None)]);
    assert_eq!(second.findings[0].pointer, "/silences/1");
}

#[test]
fn a_silence_that_had_no_chance_is_none_that_silences_nothing() {
    for silence in [
        json!({"check": "reason-missing", "layer": "nation", "reason": "Another policy's."}),
        json!({"check": "many-changes", "reason": "No inventory was looked at."}),
        json!({"check": "unknown-layer", "reason": "One policy was looked at."}),
    ] {
        assert_eq!(left(&sorted(json!([silence]))).len(), 2, "{silence}");
    }
    // Of what cannot be read nothing else is known.
    let mut broken = clean();
    broken["layer"] = json!("No Name");
    let looked = Looked {
        layers: vec![],
        at: vec![],
        now_ms: 0,
    };
    let list = json!([{"check": "shadowed", "reason": "For readers."}]);
    let sorted = silences(list).sort(found(&broken), &looked);
    assert_eq!(left(&sorted), [("invalid", None)]);
}

#[test]
fn a_silence_that_has_ended_silences_no_more() {
    let silence = |until: &str| json!([{"check": "reason-missing", "reason": "For now.", "until": until}]);
    assert_eq!(left(&sorted(silence("2026-01-01T00:00:01Z"))), []);
    let ended = sorted(silence("2026-01-01T00:00:00Z"));
    assert_eq!(left(&ended).len(), 3);
    assert_eq!(left(&ended)[2].0, "silence-ended");
}

#[test]
fn no_reason_silences_what_a_phone_would_refuse_or_a_silence() {
    for check in [
        "invalid",
        "silence-ended",
        "silence-without-effect",
        "reason-mising",
    ] {
        let said = refused(json!([{"check": check, "reason": "Please."}]));
        assert!(said.contains("/silences/0/check"), "{said}");
    }
    assert!(refused(json!([{"check": "reason-mising", "reason": "r"}])).contains("perhaps `reason-missing`"));
}

#[test]
fn a_silence_without_a_reason_is_refused() {
    assert!(refused(json!([{"check": "shadowed"}])).contains("the field `reason`"));
    assert!(refused(json!([{"check": "shadowed", "reason": "  "}])).contains("not empty"));
    assert!(refused(json!([{"check": "shadowed", "raeson": "r"}])).contains("`reason`, perhaps"));
}
