//! Each check of lint finds what it is for, and nothing else.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod layers;
mod lists;
mod rules;
mod silences;

use serde_json::{Value, json};
use sluis_policy::catalogue::Catalogue;
use sluis_policy::lint::{Finding, Severity, lint};

/// A vendor per case that the checks tell apart.
fn catalogue() -> Catalogue {
    let document = json!({"format": "sluis.catalogue/1", "vendors": [
        {"id": "clear", "name": "Clear Ltd.", "country_of_control": "CN", "control_assessment": "clear",
         "signers": [{"sha256": "aa".repeat(32), "packages": [], "sources": []},
                     {"sha256": "bb".repeat(32), "packages": [], "sources": [], "platform": true}]},
        {"id": "doubtful", "name": "Doubtful Ltd.", "country_of_control": "RU", "control_assessment": "contested",
         "prefixes": ["com.doubtful.*"]}
    ]});
    Catalogue::parse("catalogue", document.to_string().as_bytes()).unwrap()
}

/// A policy about which there is nothing to say.
fn clean() -> Value {
    json!({
        "format": "sluis.policy/1",
        "layer": "city",
        "organisation": {"name": {"en": "City"}, "contact": {"en": "Service desk"}},
        "stance": "open",
        "rules": [{
            "id": "r",
            "effect": "deny",
            "match": {"vendors": ["clear"]},
            "reason": {"nl": "Daarom.", "en": "Because."}
        }]
    })
}

fn found(policy: &Value) -> Vec<Finding> {
    let text = serde_json::to_string_pretty(policy).unwrap();
    let findings = lint("policy.json", text.as_bytes(), &catalogue());
    for finding in &findings {
        let line = text.lines().nth(finding.line as usize - 1).unwrap();
        let key = finding.pointer.rsplit('/').next().unwrap();
        assert!(
            line.contains(key) || key.parse::<usize>().is_ok(),
            "{finding} is not at: {line}"
        );
    }
    findings
}

fn with(path: &str, value: Value) -> Value {
    let mut policy = clean();
    *policy.pointer_mut(path).unwrap() = value;
    policy
}

fn checks(policy: &Value) -> Vec<(&'static str, String)> {
    found(policy).into_iter().map(|f| (f.check, f.pointer)).collect()
}

fn one(check: &'static str, pointer: &str) -> Vec<(&'static str, String)> {
    vec![(check, pointer.to_owned())]
}

#[test]
fn a_clean_policy_has_no_findings() {
    assert_eq!(found(&clean()), []);
}

#[test]
fn what_a_phone_would_refuse_is_an_error() {
    let findings = found(&with("/layer", json!("My City")));
    assert_eq!(
        (findings[0].check, findings[0].severity),
        ("invalid", Severity::Error)
    );
    assert_eq!(findings[0].pointer, "/layer");
}

#[test]
fn a_vendor_that_the_catalogue_does_not_know_is_an_error() {
    let findings = found(&with("/rules/0/match", json!({"vendors": ["clear", "claer"]})));
    assert_eq!(
        (findings[0].check, findings[0].severity),
        ("unknown-vendor", Severity::Error)
    );
    assert_eq!(findings[0].pointer, "/rules/0/match/vendors/1");
    assert_eq!(findings.len(), 1);
}

#[test]
fn a_contested_vendor_matches_only_if_that_is_said() {
    let named = with("/rules/0/match", json!({"vendors": ["doubtful"]}));
    assert_eq!(
        checks(&named),
        one("contested-vendor", "/rules/0/match/vendors/0")
    );
    assert_eq!(
        checks(&with(
            "/rules/0/match",
            json!({"vendors": ["doubtful"], "contested": true})
        )),
        []
    );
}

#[test]
fn a_country_without_vendors_matches_nothing() {
    let nobody = with("/rules/0/match", json!({"controlled_from": ["CN", "NL"]}));
    assert_eq!(
        checks(&nobody),
        one("country-without-vendor", "/rules/0/match/controlled_from/1")
    );
    let contested_only = with("/rules/0/match", json!({"controlled_from": ["RU"]}));
    assert_eq!(
        checks(&contested_only),
        one("country-without-vendor", "/rules/0/match/controlled_from/0")
    );
    assert_eq!(
        checks(&with(
            "/rules/0/match",
            json!({"controlled_from": ["RU"], "contested": true})
        )),
        []
    );
}

#[test]
fn a_platform_key_is_no_way_to_name_an_app() {
    let keys = json!({"signers": ["aa".repeat(32), "bb".repeat(32)]});
    assert_eq!(
        checks(&with("/rules/0/match", keys)),
        one("platform-key", "/rules/0/match/signers/1")
    );
}

#[test]
fn the_real_platform_key_is_known() {
    let real = Catalogue::parse("c", include_bytes!("../../catalogue/catalogue.json")).unwrap();
    let policy = clean().to_string().replace(
        r#""vendors":["clear"]"#,
        r#""signers":["c9009d01ebf9f5d0302bc71b2fe9aa9a47a432bba17308a3111b75d7b2149025"]"#,
    );
    let findings = lint("p", policy.as_bytes(), &real);
    assert_eq!(
        findings.iter().map(|f| f.check).collect::<Vec<_>>(),
        ["platform-key"]
    );
}

#[test]
fn employees_are_told_why_in_both_languages() {
    let missing = |reason: Value| checks(&with("/rules/0/reason", reason));
    assert_eq!(
        missing(json!({"nl": "Daarom."})),
        one("reason-missing", "/rules/0/reason")
    );
    assert_eq!(
        missing(json!({"en": "Because."})),
        one("reason-missing", "/rules/0/reason")
    );
    let mut without = clean();
    without["rules"][0].as_object_mut().unwrap().remove("reason");
    assert_eq!(checks(&without), one("reason-missing", "/rules/0"));
    without["rules"][0]["effect"] = json!("advise");
    assert_eq!(checks(&without), one("reason-missing", "/rules/0"));
    without["rules"][0]["effect"] = json!("allow");
    assert_eq!(checks(&without), []);
    assert_eq!(
        checks(&with("/stance", json!("closed"))),
        one("reason-missing", "/stance")
    );
}

#[test]
fn an_approval_by_name_alone_is_pointed_out_under_a_closed_stance() {
    let reason = json!({"nl": "Daarom.", "en": "Because."});
    let mut policy = with("/stance", json!({"kind": "closed", "reason": reason}));
    policy["rules"] = json!([{"id": "a", "effect": "allow", "match": {"packages": ["com.example"]}}]);
    assert_eq!(checks(&policy), one("allow-without-signer", "/rules/0/match"));
    policy["rules"][0]["match"]["signers"] = json!(["aa".repeat(32)]);
    assert_eq!(checks(&policy), []);
    let mut open = clean();
    open["rules"] = json!([{"id": "a", "effect": "allow", "match": {"packages": ["com.example"]}}]);
    assert_eq!(checks(&open), []);
}

#[test]
fn a_prefix_that_reaches_parts_of_the_system_is_pointed_out() {
    let prefix = |matches: Value| checks(&with("/rules/0/match", matches));
    for pattern in ["com.android.*", "com.vivo.*", "com.huawei.*", "com.miui.*"] {
        let packages = json!({"packages": ["org.example.*", pattern]});
        assert_eq!(
            prefix(packages),
            one("prefix-hits-system", "/rules/0/match/packages/1"),
            "{pattern}"
        );
    }
    assert_eq!(prefix(json!({"packages": ["com.vivo.*"], "system": false})), []);
    assert_eq!(
        prefix(json!({"packages": ["com.vivo.weather"]})),
        [],
        "a name is meant"
    );
}

#[test]
fn an_organisation_without_contact_leaves_employees_alone() {
    let policy = with("/organisation", json!({"name": {"en": "City"}}));
    assert_eq!(checks(&policy), one("contact-missing", "/organisation"));
}

#[test]
fn findings_come_in_the_order_of_the_document() {
    let mut policy = with("/organisation", json!({"name": {"en": "City"}}));
    let rule = |id: &str| json!({"id": id, "effect": "deny", "match": {"vendors": ["nobody"]}});
    policy["rules"] = json!([rule("a"), rule("b")]);
    policy["rules"][1]["match"]["vendors"] = json!(["nobody-else"]);
    let lines: Vec<u32> = found(&policy).iter().map(|f| f.line).collect();
    assert!(lines.is_sorted(), "{lines:?}");
    assert_eq!(lines.len(), 5);
}
