//! A policy that uses every field survives being written and read.
#![allow(clippy::unwrap_used)]

use sluis_policy::policy::{FORMAT, Policy};

const WHOLE: &str = r#"{
  "format": "sluis.policy/1",
  "layer": "city",
  "organisation": {"name": {"nl": "Gemeente", "en": "City"}, "contact": {"nl": "Servicedesk"}},
  "stance": {"kind": "closed", "id": "only-approved", "reason": {"en": "Only approved apps."}},
  "staleness": {"warn_after": "P1DT12H"},
  "rules": [
    {
      "id": "everything",
      "effect": "deny",
      "match": {
        "packages": ["com.example", "com.example.*"],
        "signers": ["90:41:80:3E:91:BC:B8:14:B4:B4:39:9F:B5:C8:5A:91:64:0B:75:5E:5E:8B:A7:68:13:81:4B:F4:CF:2A:B5:BA"],
        "vendors": ["example"],
        "controlled_from": ["CN"],
        "contested": true,
        "system": false
      },
      "remedy": "remove",
      "reason": {"nl": "Daarom.", "en": "Because."},
      "link": {"nl": "https://gemeente.example/", "en": "https://gemeente.example/en"}
    },
    {"id": "advice", "effect": "advise", "match": {"vendors": ["example"], "system": true}},
    {"id": "approved", "effect": "allow", "match": {"packages": ["com.example"]}}
  ]
}"#;

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
        r#"{"kind": "closed", "id": "only-approved", "reason": {"en": "Only approved apps."}}"#,
        r#""open""#,
    );
    let policy = Policy::parse("short", short.as_bytes()).unwrap();
    let written = serde_json::to_vec(&policy).unwrap();
    assert_eq!(Policy::parse("written", &written).unwrap(), policy);
}
