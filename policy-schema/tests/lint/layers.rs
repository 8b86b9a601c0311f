//! What policies say of each other.

use serde_json::{Value, json};
use sluis_policy::lint::{Document, lint_together};

use super::{catalogue, clean};

/// The findings of a national policy and a city's, by file and pointer.
fn together(nation: &Value, city: &Value) -> Vec<(&'static str, String)> {
    let texts = [nation.to_string(), city.to_string()];
    let [nation, city] = &texts;
    let documents = [("nation", nation), ("city", city)].map(|(name, text)| Document {
        name,
        bytes: text.as_bytes(),
    });
    let findings = lint_together(&documents, &catalogue(), None);
    let told = findings
        .into_iter()
        .map(|f| (f.check, format!("{}{}", f.document, f.pointer)));
    told.collect()
}

fn layer(name: &str, rule: Value) -> Value {
    let mut policy = clean();
    policy["layer"] = json!(name);
    for (key, value) in rule.as_object().unwrap() {
        policy["rules"][0][key] = value.clone();
    }
    policy
}

fn exempting(from: &str) -> Value {
    let mut city = layer("city", json!({"match": {"packages": ["com.city.app"]}}));
    city["exemptions"] = json!([{"layer": "nation", "rule": from, "packages": ["com.app"], "groups": ["g"],
        "purpose": {"nl": "Onderzoek", "en": "Research"}, "from": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z"}]);
    city["grants"] = json!([{"key": format!("ed25519:{}", "11".repeat(32)), "groups": ["g"]}]);
    city
}

fn one(check: &'static str, place: &str) -> Vec<(&'static str, String)> {
    vec![(check, place.to_owned())]
}

#[test]
fn layers_that_fit_have_no_findings() {
    let nation = layer(
        "nation",
        json!({"exemptible_by": ["city"], "max_exemption": "P31D"}),
    );
    assert_eq!(together(&nation, &exempting("r")), []);
}

#[test]
fn an_exemption_that_the_other_layer_does_not_take_is_an_error() {
    let takes = |rule: Value| layer("nation", rule);
    let at = |field: &str| one("foreign-exemption", &format!("city/exemptions/0/{field}"));
    assert_eq!(together(&takes(json!({})), &exempting("r")), at("layer"));
    let city = json!({"exemptible_by": ["city"]});
    assert_eq!(together(&takes(city.clone()), &exempting("rr")), at("rule"));
    assert_eq!(together(&takes(city), &exempting("stance")), at("rule"));
    assert_eq!(
        together(&takes(json!({"effect": "advise"})), &exempting("r")),
        at("rule")
    );
    let short = json!({"exemptible_by": ["city"], "max_exemption": "P30D"});
    assert_eq!(together(&takes(short.clone()), &exempting("r")), at("until"));
    let mut without = exempting("r");
    without["exemptions"][0].as_object_mut().unwrap().remove("from");
    assert_eq!(together(&takes(short), &without), at("until"));
}

#[test]
fn layers_that_are_named_are_there() {
    let nation = layer("nation", json!({"exemptible_by": ["county"]}));
    let city = layer("city", json!({"match": {"packages": ["com.city.app"]}}));
    assert_eq!(
        together(&nation, &city),
        one("unknown-layer", "nation/rules/0/exemptible_by/0")
    );
    let mut city = exempting("r");
    city["exemptions"][0]["layer"] = json!("natoin");
    let nation = layer("nation", json!({}));
    assert_eq!(
        together(&nation, &city),
        one("unknown-layer", "city/exemptions/0/layer")
    );
    let mut closed = layer("nation", json!({}));
    closed["stance"] =
        json!({"kind": "closed", "reason": {"nl": "Dicht.", "en": "Closed."}, "approvals_from": ["ciyt"]});
    let city = layer("city", json!({"match": {"packages": ["com.city.app"]}}));
    assert_eq!(
        together(&closed, &city),
        one("unknown-layer", "nation/stance/approvals_from/0")
    );
}

#[test]
fn two_of_one_name_are_refused() {
    let city = layer("city", json!({"match": {"packages": ["com.city.app"]}}));
    assert_eq!(together(&city, &city), one("same-layer", "city/layer"));
}

#[test]
fn approvals_that_another_layer_overrules_or_does_not_count_are_told() {
    let allow = layer(
        "city",
        json!({"effect": "allow", "match": {"packages": ["com.app"]}}),
    );
    let deny = layer("nation", json!({"match": {"packages": ["com.app"]}}));
    assert_eq!(together(&deny, &allow), one("shadowed", "city/rules/0"));
    let exemptible = layer(
        "nation",
        json!({"match": {"packages": ["com.app"]}, "exemptible_by": ["city"]}),
    );
    assert_eq!(together(&exemptible, &allow), []);
    let mut closed = layer("nation", json!({}));
    closed["stance"] = json!({"kind": "closed", "reason": {"nl": "Dicht.", "en": "Closed."}});
    assert_eq!(
        together(&closed, &allow),
        one("approval-not-counted", "city/rules/0")
    );
    closed["stance"]["approvals_from"] = json!(["city"]);
    assert_eq!(together(&closed, &allow), []);
    closed["stance"] =
        json!({"kind": "closed", "reason": {"nl": "Dicht.", "en": "Closed."}, "audit_only": true});
    assert_eq!(together(&closed, &allow), [], "a trial closes nothing");
}

#[test]
fn nothing_is_said_of_layers_while_one_cannot_be_read() {
    let city = exempting("r");
    let broken = json!({"format": "sluis.policy/1"});
    let found = together(&broken, &city);
    assert!(found.iter().all(|(check, _)| *check == "invalid"), "{found:?}");
}
