//! A policy that uses every field survives being written and read.
#![allow(clippy::unwrap_used)]

use sluis_policy::policy::{FORMAT, Policy};

const WHOLE: &str = r#"{
  "format": "sluis.policy/1",
  "layer": "city",
  "organisation": {"name": {"nl": "Gemeente", "en": "City"}, "contact": {"nl": "Servicedesk"}},
  "stance": {"kind": "closed", "id": "only-approved", "audit_only": true, "approvals_from": ["state"], "reason": {"en": "Only approved apps."}},
  "staleness": {"warn_after": "P1DT12H", "restrict_after": "P3D"},
  "limits": {"max_changes": 10, "confirmed": "2026-03-01T00:00:00Z"},
  "notify": "quiet",
  "device": {
    "forbid": ["unknown_sources", "debugging", "users", "profiles", "private_space", "safe_boot", "factory_reset", "external_media", "usb_file_transfer"],
    "installs": "closed",
    "automatic_time": true,
    "keyboards": ["com.example.keyboard"],
    "blocked_web": ["example.com"]
  },
  "rules": [
    {
      "id": "everything",
      "effect": "deny",
      "match": {
        "packages": ["com.example", "com.example.*"],
        "signers": ["90:41:80:3E:91:BC:B8:14:B4:B4:39:9F:B5:C8:5A:91:64:0B:75:5E:5E:8B:A7:68:13:81:4B:F4:CF:2A:B5:BA"],
        "vendors": ["example"],
        "controlled_from": ["CN"],
        "installers": ["com.android.vending"],
        "web_origins": ["example.com"],
        "permissions": ["android.permission.READ_SMS"],
        "components": ["com.example.sdk.*"],
        "version_below": 12,
        "contested": true,
        "system": false
      },
      "except": {"packages": ["com.example.good"]},
      "remedy": "remove",
      "grace": "P14D",
      "from": "2026-03-01T00:00:00Z",
      "until": "2027-03-01T00:00:00Z",
      "audit_only": true,
      "rollout": 10,
      "exemptible_by": ["state"],
      "max_exemption": "P90D",
      "notify": "inform",
      "reason": {"nl": "Daarom.", "en": "Because."},
      "link": {"nl": "https://gemeente.example/", "en": "https://gemeente.example/en"},
      "alternative": "com.example.good"
    },
    {"id": "advice", "effect": "advise", "match": {"vendors": ["example"], "system": true}},
    {"id": "approved", "effect": "allow", "match": {"packages": ["com.example.good"]}, "name": {"en": "Good"}}
  ],
  "exemptions": [
    {
      "layer": "city",
      "rule": "everything",
      "packages": ["com.example.*"],
      "groups": ["inspectors"],
      "purpose": {"nl": "Inspectie"},
      "from": "2026-03-01T00:00:00Z",
      "until": "2026-05-01T00:00:00Z"
    }
  ],
  "grants": [{"key": "ed25519:1111111111111111111111111111111111111111111111111111111111111111", "groups": ["inspectors"]}],
  "revoked_grants": ["g-2026-3"]
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
