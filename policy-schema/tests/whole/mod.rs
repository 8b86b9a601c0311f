//! A policy that uses every field.

pub(crate) const WHOLE: &str = r#"{
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
