//! The JSON Schemas accept and refuse what the parser does, but for what a schema cannot say.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::{Value, json};
use sluis_policy::catalogue::Catalogue;
use sluis_policy::decode::DocumentErrors;
use sluis_policy::grant::SignedGrant;
use sluis_policy::policy::Policy;
use sluis_policy::schema;

#[path = "whole/mod.rs"]
mod whole;

/// Broken policies that a schema cannot tell from good ones, and why.
const POLICIES_BEYOND_A_SCHEMA: [(&str, &str); 9] = [
    (
        "duplicate-key",
        "readers of JSON drop one of two equal keys before a schema sees them",
    ),
    (
        "duplicate-rule-id",
        "a schema compares no values of different places",
    ),
    (
        "rule-named-like-the-stance",
        "a schema compares no values of different places",
    ),
    ("exemption-from-an-allow", "a name that leads to another place"),
    (
        "exemption-from-an-unknown-rule",
        "a name that leads to another place",
    ),
    (
        "exemption-too-long",
        "arithmetic with dates, and a name that leads to another place",
    ),
    (
        "exemption-without-beginning",
        "needed only by the rule that it names",
    ),
    ("until-before-from", "an order of dates"),
    ("restricted-before-warned", "an order of durations"),
];

/// Broken grants that a schema cannot tell from good ones, and why.
const GRANTS_BEYOND_A_SCHEMA: [(&str, &str); 6] = [
    (
        "duplicate-key",
        "readers of JSON drop one of two equal keys before a schema sees them",
    ),
    ("end-before-beginning", "an order of dates"),
    ("end-before-issue", "an order of dates"),
    ("group-twice", "a slip that means one thing all the same"),
    ("longer-than-a-qr-code", "a schema counts no bytes"),
    (
        "two-signatures-by-one-key",
        "a schema compares no values of different places",
    ),
];

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn files(path: &str) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder(path))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let documents = entries.filter(|path| path.extension().is_some_and(|ending| ending == "json"));
    let mut files: Vec<_> = documents
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, fs::read(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

fn validator(schema: &Value) -> Validator {
    jsonschema::draft202012::new(schema).unwrap()
}

#[test]
fn the_schemas_are_valid_and_the_committed_ones_are_what_is_made() {
    for (name, schema) in [
        ("policy", schema::of_policy()),
        ("catalogue", schema::of_catalogue()),
        ("grant", schema::of_grant()),
    ] {
        assert!(jsonschema::draft202012::meta::is_valid(&schema), "{name}");
        let path = folder(&format!("schemas/sluis.{name}.1.schema.json"));
        let made = format!("{}\n", serde_json::to_string_pretty(&schema).unwrap());
        if std::env::var_os("SLUIS_BLESS").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &made).unwrap();
        }
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == made, "SLUIS_BLESS=1 writes {}", path.display());
    }
}

#[test]
fn examples_and_the_catalogue_are_accepted() {
    let validator_of_policies = validator(&schema::of_policy());
    for (name, bytes) in files("examples") {
        let document: Value = serde_json::from_slice(&bytes).unwrap();
        let errors: Vec<String> = validator_of_policies
            .iter_errors(&document)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
    let catalogue: Value = serde_json::from_slice(&files("catalogue")[0].1).unwrap();
    assert!(validator(&schema::of_catalogue()).is_valid(&catalogue));
}

#[test]
fn broken_documents_are_refused_but_for_those_named_here() {
    refused_but_for(&schema::of_policy(), "tests/broken", &POLICIES_BEYOND_A_SCHEMA);
    refused_but_for(
        &schema::of_grant(),
        "tests/broken-grants",
        &GRANTS_BEYOND_A_SCHEMA,
    );
}

fn refused_but_for(schema: &Value, broken: &str, named: &[(&str, &str)]) {
    let validator = validator(schema);
    let mut beyond = Vec::new();
    for (name, bytes) in files(broken) {
        // What is no JSON reaches no schema.
        if let Ok(document) = serde_json::from_slice::<Value>(&bytes)
            && validator.is_valid(&document)
        {
            beyond.push(name);
        }
    }
    let named: Vec<&str> = named.iter().map(|(name, _)| *name).collect();
    let mut sorted = named.clone();
    sorted.sort_unstable();
    assert_eq!(beyond, sorted);
}

/// Why the parser refuses what a schema accepts, in its own words.
const NOT_IN_A_SCHEMA: [&str; 12] = [
    "every rule's id once",
    "'s id once",
    "an id of its own",
    "the id of a rule of this policy",
    "the id of a rule whose effect is deny",
    "at the latest",
    "limits how long an exemption lasts",
    "a moment after `from`",
    "a duration that is not shorter than `warn_after`",
    "a moment after `issued`",
    "every group once",
    "one signature by each key",
];

/// Values to put where something else stood.
fn others() -> Vec<Value> {
    let texts = [
        "",
        " ",
        "x",
        "X",
        "a-b",
        "a b",
        "com.example",
        "com.example.*",
        "com.*",
        "com.example.app.Class",
        "*",
        "open",
        "closed",
        "deny",
        "allow",
        "advise",
        "remove",
        "CN",
        "XX",
        "cn",
        "P14D",
        "PT4H",
        "P1DT2H",
        "P0D",
        "P",
        "PT",
        "P1M",
        "P1W1D",
        "2026-03-01T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-03-01",
        "example.com",
        "Example.com",
        "1.2.3.4",
        "-a.nl",
        "https://example.com/",
        "http://example.com/",
        "https://a b",
        "quiet",
        "debugging",
        "sluis.policy/1",
        "sluis.catalogue/1",
        "clear",
        "é",
        "\u{a0}",
        "a\nb",
        "a\n",
        "a\u{1b}[2Kb",
        "a\u{9b}2Kb",
        "a\u{2028}b",
        "a\u{202e}b",
        "a\u{2066}b",
        "a\u{2065}b",
        "https://example.com/a\u{202e}b",
    ];
    let mut values: Vec<Value> = texts.iter().map(|text| json!(text)).collect();
    values.push(json!("a".repeat(65)));
    values.push(json!(format!("com.{}", "a".repeat(300))));
    values.push(json!("11".repeat(32)));
    values.push(json!(["11"; 32].join(":")));
    values.push(json!(format!("ed25519:{}", "0f".repeat(32))));
    values.push(json!(format!("p256:05{}", "0f".repeat(64))));
    values.extend([
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(1),
        json!(-1),
        json!(101),
        json!(100_001),
    ]);
    values.extend([
        json!([]),
        json!({}),
        json!([null]),
        json!([""]),
        json!(["com.example.app"]),
        json!([{}]),
    ]);
    values.extend([
        json!({ "nl": "x" }),
        json!({ "en": "" }),
        json!({ "kind": "open", "audit_only": true }),
    ]);
    values
}

/// Every place of a document, as pointers.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                places(
                    value,
                    &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")),
                    found,
                );
            }
        }
        Value::Array(elements) => {
            for (i, value) in elements.iter().enumerate() {
                places(value, &format!("{at}/{i}"), found);
            }
        }
        _ => {}
    }
}

/// The document with something changed at each of its places in turn: removed, put in another's place, or added to.
fn changed(document: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    places(document, "", &mut found);
    let mut changed = Vec::new();
    for at in found {
        for other in others() {
            let mut with = document.clone();
            *with.pointer_mut(&at).unwrap() = other.clone();
            changed.push((format!("{at} = {other}"), with));
        }
        let mut with = document.clone();
        if let Some(object) = with.pointer_mut(&at).and_then(Value::as_object_mut) {
            object.insert("unknown_field".into(), json!(1));
            changed.push((format!("{at} + unknown_field"), with));
        }
        if let Some((parent, key)) = at.rsplit_once('/') {
            let mut without = document.clone();
            match without.pointer_mut(parent).unwrap() {
                Value::Object(members) => drop(members.remove(&key.replace("~1", "/").replace("~0", "~"))),
                Value::Array(elements) => drop(elements.remove(key.parse().unwrap())),
                _ => panic!("{at} has no parent"),
            }
            changed.push((format!("{at} removed"), without));
        }
    }
    changed
}

fn agree(
    schema: &Value,
    documents: Vec<(String, Value)>,
    least: usize,
    parse: fn(&[u8]) -> Option<DocumentErrors>,
) {
    let validator = validator(schema);
    let (mut accepted, mut refused) = (0, 0);
    for (what, document) in documents {
        let by_schema = validator.is_valid(&document);
        match parse(document.to_string().as_bytes()) {
            None => {
                assert!(by_schema, "the schema refuses what is right: {what}");
                accepted += 1;
            }
            Some(errors) => {
                let mut errors = errors.as_slice().iter();
                let beyond =
                    errors.all(|error| NOT_IN_A_SCHEMA.iter().any(|why| error.expected.contains(why)));
                assert!(!by_schema || beyond, "the schema accepts what is wrong: {what}");
                refused += 1;
            }
        }
    }
    println!("{accepted} accepted, {refused} refused");
    assert!(
        accepted >= least && refused > 1000,
        "{accepted} accepted, {refused} refused"
    );
}

#[test]
fn whatever_is_changed_in_a_policy_the_schema_says_what_the_parser_says() {
    let document: Value = serde_json::from_str(whole::WHOLE).unwrap();
    agree(&schema::of_policy(), changed(&document), 100, |bytes| {
        Policy::parse("policy", bytes).err()
    });
}

#[test]
fn whatever_is_changed_in_a_catalogue_the_schema_says_what_the_parser_says() {
    let document = json!({
        "format": "sluis.catalogue/1",
        "vendors": [{
            "id": "example", "name": "Example", "aliases": ["Ex"], "country_of_control": "CN",
            "control_assessment": "contested", "categories": ["app_vendor"],
            "packages": [{ "source": "a list", "confidence": "high", "apps": { "com.example.app": "App" },
                           "unnamed": ["com.example.other"] }],
            "prefixes": ["com.example.*"],
            "signers": [{ "sha256": "11".repeat(32), "packages": ["com.example.app"], "sources": ["a site"],
                          "platform": true }],
            "domains": ["example.com"], "named_in_lists": ["one"], "notes": "none"
        }],
        "components": [{
            "id": "sdk", "name": "SDK", "made_by": "Example", "vendor": "example", "country_of_control": "CN",
            "control_assessment": "clear", "classes": ["com.example.sdk"], "manifest": ["com.example.sdk.Service"],
            "libraries": ["libsdk.so"], "network": ["sdk.example.com"], "sources": ["a list"], "notes": "none"
        }]
    });
    agree(&schema::of_catalogue(), changed(&document), 100, |bytes| {
        Catalogue::parse("catalogue", bytes).err()
    });
}

#[test]
fn whatever_is_changed_in_a_grant_the_schema_says_what_the_parser_says() {
    let document = json!({
        "signatures": [
            { "key": format!("ed25519:{}", "0a".repeat(32)), "sig": "ab".repeat(64) },
            { "key": format!("p256:04{}", "0B".repeat(64)), "sig": "CD".repeat(71) },
        ],
        "signed": {
            "format": "sluis.grant/1", "id": "g-1", "layer": "national", "phone": "5f".repeat(32),
            "groups": ["inspection", "police"], "issued": "2026-02-01T00:00:00Z", "from": "2026-02-02T00:00:00Z",
            "until": "2026-04-01T00:00:00Z"
        }
    });
    agree(&schema::of_grant(), changed(&document), 50, |bytes| {
        SignedGrant::parse("grant", bytes).err()
    });
}
