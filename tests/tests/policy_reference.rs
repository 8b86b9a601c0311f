//! Every example in the reference of the policy document is what a phone would accept.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::fs;

use serde_json::{Value, json};
use sluis_policy::policy::Policy;
use sluis_tests::messages::repository;

/// The fenced JSON blocks of a page, each with the line on which it begins.
fn blocks(page: &str) -> Vec<(usize, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (number, line) in (1..).zip(page.lines()) {
        match (&mut open, line) {
            (None, "```json") => open = Some((number, String::new())),
            (Some(_), "```") => blocks.extend(open.take()),
            (Some((_, text)), line) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, _) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    blocks
}

/// A whole policy around an example that is a rule, or some fields of a policy.
fn completed(example: Value) -> Value {
    let mut policy = json!({
        "format": "sluis.policy/1",
        "layer": "example",
        "organisation": { "name": { "en": "Example" } },
        "stance": "open",
        "rules": []
    });
    if example.get("effect").is_some() {
        policy["rules"] = json!([example]);
        return policy;
    }
    let Value::Object(fields) = example else {
        panic!("an example is an object: {example}");
    };
    let Value::Object(whole) = &mut policy else {
        panic!("a policy is an object");
    };
    whole.extend(fields);
    policy
}

#[test]
fn every_example_of_the_reference_is_a_valid_policy() {
    let page = fs::read_to_string(repository().join("docs/policy.md")).unwrap();
    let blocks = blocks(&page);
    assert!(blocks.len() > 10, "only {} examples found", blocks.len());
    for (line, text) in blocks {
        let example: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("line {line}: {e}"));
        let policy = completed(example).to_string();
        Policy::parse(&format!("docs/policy.md, line {line}"), policy.as_bytes())
            .unwrap_or_else(|e| panic!("{e}"));
    }
}

#[test]
fn every_field_that_a_policy_can_have_is_in_the_reference() {
    let page = fs::read_to_string(repository().join("docs/policy.md")).unwrap();
    let examples: Vec<Value> = blocks(&page)
        .iter()
        .map(|(_, text)| completed(serde_json::from_str(text).unwrap()))
        .collect();
    // The parser names the fields that it knows when it meets one that it does not.
    let known = |at: &str| {
        let mut policy = completed(json!({
            "organisation": { "name": { "en": "Example" } },
            "stance": { "kind": "closed" },
            "staleness": { "warn_after": "P1D" },
            "limits": { "max_changes": 1 },
            "device": { "installs": "judged" },
            "rules": [{ "id": "a", "effect": "deny", "match": { "packages": ["a.b"] } }],
            "exemptions": [{ "rule": "a" }],
            "grants": [{}]
        }));
        policy.pointer_mut(at).unwrap()["zzzzzzzz"] = json!(1);
        let errors = Policy::parse("policy", policy.to_string().as_bytes()).unwrap_err();
        let unknown = errors
            .as_slice()
            .iter()
            .find(|error| error.found.contains("zzzzzzzz"));
        unknown.unwrap().expected.clone()
    };
    for at in [
        "",
        "/organisation",
        "/stance",
        "/staleness",
        "/limits",
        "/device",
        "/rules/0",
        "/rules/0/match",
        "/exemptions/0",
        "/grants/0",
    ] {
        let expected = known(at);
        let (_, fields) = expected.split_once("one of the fields ").unwrap();
        for field in fields.split(", ") {
            let shown = examples
                .iter()
                .any(|policy| policy.pointer(at).is_some_and(|o| o.get(field).is_some()));
            assert!(shown, "no example shows {at}/{field}");
        }
    }
}
