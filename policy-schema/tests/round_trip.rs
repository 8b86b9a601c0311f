//! A policy that uses every field survives being written and read.
#![allow(clippy::unwrap_used)]

use sluis_policy::policy::{FORMAT, Policy};

#[path = "whole/mod.rs"]
mod whole;

use whole::WHOLE;

#[test]
fn written_out_a_policy_names_its_format_and_reads_back_equal() {
    let policy = Policy::parse("whole", WHOLE.as_bytes()).unwrap();
    let written = serde_json::to_value(&policy).unwrap();
    assert_eq!(written["format"], FORMAT);
    assert_eq!(
        Policy::parse("written", written.to_string().as_bytes()).unwrap(),
        policy
    );
}

#[test]
fn a_stance_in_one_word_is_written_out_in_full_and_reads_back_equal() {
    let short = WHOLE.replace(
        r#"{"kind": "closed", "id": "only-approved", "audit_only": true, "approvals_from": ["state"], "reason": {"en": "Only approved apps."}}"#,
        r#""open""#,
    );
    let policy = Policy::parse("short", short.as_bytes()).unwrap();
    let written = serde_json::to_vec(&policy).unwrap();
    assert_eq!(Policy::parse("written", &written).unwrap(), policy);
}

#[test]
fn what_says_no_more_than_the_defaults_is_written_out_and_reads_back_equal() {
    let whole: serde_json::Value = serde_json::from_str(WHOLE).unwrap();
    for (field, value) in [
        ("device", serde_json::json!({ "installs": "judged" })),
        ("device", serde_json::json!({ "automatic_time": false })),
        ("device", serde_json::json!({ "keyboards": [] })),
        ("limits", serde_json::json!({ "max_changes": 25 })),
        ("notify", serde_json::json!("inform")),
    ] {
        let mut document = whole.clone();
        document[field] = value;
        let policy = Policy::parse("default", document.to_string().as_bytes()).unwrap();
        let written = serde_json::to_vec(&policy).unwrap();
        assert_eq!(Policy::parse("written", &written).unwrap(), policy, "{field}");
    }
}

#[test]
fn every_field_that_is_given_is_written_out() {
    let given: serde_json::Value = serde_json::from_str(WHOLE).unwrap();
    let written = serde_json::to_value(Policy::parse("whole", WHOLE.as_bytes()).unwrap()).unwrap();
    let keys = |value: &serde_json::Value, at: &str| -> Vec<String> {
        value
            .pointer(at)
            .unwrap()
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect()
    };
    for at in [
        "",
        "/stance",
        "/staleness",
        "/limits",
        "/device",
        "/rules/0",
        "/rules/0/match",
        "/exemptions/0",
        "/grants/0",
    ] {
        assert_eq!(keys(&given, at), keys(&written, at), "{at}");
    }
}
