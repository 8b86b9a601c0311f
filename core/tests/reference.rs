//! The compiled rule set says what a naive reading of the design says, whatever the policies and in whatever order.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};
use sluis_core::policy::facts::{PackageFacts, Signers};
use sluis_core::policy::{Basis, Layer, Ruleset};
use sluis_policy::catalogue::Catalogue;
use sluis_policy::policy::{Effect, Policy, Remedy, Rule, StanceKind};
use sluis_policy::values::{Digest, PackagePattern};

const NAMES: [&str; 6] = ["com.a.x", "com.a.xy", "com.a.y", "com.b.x", "com.b.y", "com.c.z"];
const PATTERNS: [&str; 6] = ["com.a.x", "com.a.*", "com.a.x*", "com.b.x", "com.b.*", "com.c.z"];
const VENDORS: [&str; 3] = ["clear", "contested", "maker"];
const COUNTRIES: [&str; 2] = ["CN", "RU"];

/// Key number `n`; the third is a maker's platform key.
fn key(n: u8) -> Digest {
    Digest([n; 32])
}

fn catalogue() -> Catalogue {
    let signer = |n: u8, platform: bool| json!({ "sha256": key(n).to_string(), "packages": [], "sources": [], "platform": platform });
    let package = |name: &str| json!({ "source": "test", "confidence": "test", "unnamed": [name] });
    let vendor = |id: &str, country: &str, control: &str, name: &str, prefix: &str, signer: Value| {
        json!({ "id": id, "name": id, "country_of_control": country, "control_assessment": control,
                "packages": [package(name)], "prefixes": [prefix], "signers": [signer] })
    };
    let catalogue = json!({ "format": "sluis.catalogue/1", "vendors": [
        vendor("clear", "CN", "clear", "com.b.x", "com.a.x*", signer(1, false)),
        vendor("contested", "RU", "contested", "com.a.y", "com.b.*", signer(2, false)),
        vendor("maker", "CN", "clear", "com.c.z", "com.c.*", signer(3, true)),
    ]});
    Catalogue::parse("catalogue", catalogue.to_string().as_bytes()).unwrap()
}

fn some_of(values: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(values, 0..=2)
}

fn rule() -> impl Strategy<Value = Value> {
    let matches = (
        some_of(&PATTERNS),
        subsequence(vec![1_u8, 2, 3], 0..=2),
        some_of(&VENDORS),
        some_of(&COUNTRIES),
        select(vec![None, None, Some(true), Some(false)]),
        any::<bool>(),
    );
    let remedy = select(vec![None, Some("suspend"), Some("hide"), Some("remove")]);
    (select(vec!["deny", "advise", "allow"]), remedy, matches).prop_filter_map(
        "matches something",
        |(effect, remedy, (packages, signers, vendors, countries, system, contested))| {
            let signers: Vec<String> = signers.into_iter().map(|n| key(n).to_string()).collect();
            let mut matches = json!({});
            for (name, values) in [
                ("packages", json!(packages)),
                ("signers", json!(signers)),
                ("vendors", json!(vendors)),
                ("controlled_from", json!(countries)),
            ] {
                if values != json!([]) {
                    matches[name] = values;
                }
            }
            if matches == json!({}) {
                return None;
            }
            if let Some(system) = system {
                matches["system"] = json!(system);
            }
            if contested && (!vendors.is_empty() || !countries.is_empty()) {
                matches["contested"] = json!(true);
            }
            let mut rule = json!({ "effect": effect, "match": matches });
            if let Some(remedy) = remedy.filter(|_| effect == "deny") {
                rule["remedy"] = json!(remedy);
            }
            Some(rule)
        },
    )
}

/// Up to three layers of up to five rules.
fn policies() -> impl Strategy<Value = Vec<Value>> {
    let layer = (
        select(vec!["open", "closed"]),
        prop::collection::vec(rule(), 0..=5),
    );
    prop::collection::vec(layer, 1..=3).prop_map(|layers| {
        let policy = |(n, (stance, mut rules)): (usize, (&str, Vec<Value>))| {
            for (i, rule) in rules.iter_mut().enumerate() {
                rule["id"] = json!(format!("r{i}"));
            }
            json!({ "format": "sluis.policy/1", "layer": format!("l{n}"), "stance": stance,
                    "organisation": { "name": { "en": "Test" } }, "rules": rules })
        };
        layers.into_iter().enumerate().map(policy).collect()
    })
}

fn package() -> impl Strategy<Value = PackageFacts> {
    let keys = || subsequence(vec![1_u8, 2, 3, 4], 0..=2);
    let signers = prop::option::of((keys(), keys()));
    (select(&NAMES[..]), signers, any::<Option<bool>>()).prop_map(|(name, signers, system)| PackageFacts {
        name: name.into(),
        signers: signers.map(|(current, lineage)| Signers {
            current: current.into_iter().map(key).collect(),
            lineage: lineage.into_iter().map(key).collect(),
        }),
        system,
        ..PackageFacts::default()
    })
}

fn layers(policies: &[Value]) -> Vec<Layer> {
    let layer = |policy: &Value| Layer {
        policy: Policy::parse("test", policy.to_string().as_bytes())
            .unwrap_or_else(|e| panic!("{e}\n{policy}")),
        catalogue: catalogue(),
    };
    policies.iter().map(layer).collect()
}

/// What decides, in words: effect, remedy of a denial, layer and rule.
type Said = (Effect, Option<Remedy>, Option<String>, Option<String>);

fn compiled(ruleset: &Ruleset, package: &PackageFacts) -> Said {
    let verdict = ruleset.evaluate(package);
    let source = ruleset.source(verdict.basis);
    assert_eq!(source.is_none(), verdict.basis == Basis::NothingSaid);
    (
        verdict.effect,
        (verdict.effect == Effect::Deny).then_some(verdict.remedy),
        source.map(|(policy, _)| policy.layer.to_string()),
        source.and_then(|(_, rule)| rule).map(|rule| rule.id.to_string()),
    )
}

/// Rule by rule, as the design's "Meaning" reads.
fn naive(layers: &[Layer], package: &PackageFacts) -> Said {
    let said = |effect, layer: &Layer, rule: &Rule| {
        let remedy = (effect == Effect::Deny).then(|| rule.remedy.unwrap_or_default());
        (
            effect,
            remedy,
            Some(layer.policy.layer.to_string()),
            Some(rule.id.to_string()),
        )
    };
    let matching = |effect| {
        let rules = layers
            .iter()
            .flat_map(|l| l.policy.rules.iter().map(move |r| (l, r)));
        let mut found: Vec<(&Layer, &Rule)> = rules
            .filter(|(layer, rule)| rule.effect == effect && reaches(layer, rule, package))
            .collect();
        // By layer as they come; within one by id.
        let place = |layer: &Layer| layers.iter().position(|l| l.policy.layer == layer.policy.layer);
        found.sort_by_key(|(layer, rule)| (place(layer), rule.id.to_string()));
        found
    };
    let denies = matching(Effect::Deny);
    let strongest = denies
        .iter()
        .map(|(_, rule)| rule.remedy.unwrap_or_default())
        .max();
    if let Some((layer, rule)) = denies
        .iter()
        .find(|(_, r)| Some(r.remedy.unwrap_or_default()) == strongest)
    {
        return said(Effect::Deny, layer, rule);
    }
    let allows = matching(Effect::Allow);
    for layer in layers {
        let approved = allows.iter().any(|(l, _)| l.policy.layer == layer.policy.layer);
        if layer.policy.stance.kind == StanceKind::Closed && !approved && package.system != Some(true) {
            return (
                Effect::Deny,
                Some(Remedy::default()),
                Some(layer.policy.layer.to_string()),
                None,
            );
        }
    }
    match (matching(Effect::Advise).first(), allows.first()) {
        (Some((layer, rule)), _) => said(Effect::Advise, layer, rule),
        (None, Some((layer, rule))) => said(Effect::Allow, layer, rule),
        (None, None) => (Effect::Allow, None, None, None),
    }
}

fn reaches(layer: &Layer, rule: &Rule, package: &PackageFacts) -> bool {
    let m = &rule.matches;
    let system = package.system == Some(true);
    // A part of the system is reached by its exact name; by anything wider only if the rule says so.
    let wide = !system || m.system == Some(true);
    let named = |pattern: &PackagePattern| match pattern {
        PackagePattern::Exact(name) => *name == package.name,
        PackagePattern::Prefix(prefix) => wide && package.name.starts_with(prefix.as_str()),
    };
    let signed = |keys: &[Digest]| {
        let Some(signers) = package.signers.as_ref().filter(|_| wide) else {
            return false;
        };
        let known = |key: &Digest| keys.contains(key);
        match rule.effect {
            Effect::Allow => !signers.current.is_empty() && signers.current.iter().all(known),
            _ => signers.current.iter().any(known) || signers.lineage.iter().any(known),
        }
    };
    let mut attributes = Vec::new();
    if !m.packages.is_empty() {
        attributes.push(m.packages.iter().any(named));
    }
    if !m.signers.is_empty() {
        attributes.push(signed(&m.signers));
    }
    let vendors = |wanted: &dyn Fn(&str, &str) -> bool| {
        let meant = layer.catalogue.vendors.iter().filter(|vendor| {
            let country = vendor
                .country_of_control
                .map(|c| c.to_string())
                .unwrap_or_default();
            (m.contested || vendor.id.to_string() != "contested") && wanted(&vendor.id.to_string(), &country)
        });
        let meant: Vec<_> = meant.collect();
        let keys: Vec<Digest> = meant
            .iter()
            .flat_map(|v| v.signers.iter().filter(|s| !s.platform).map(|s| s.sha256))
            .collect();
        let by_name = meant
            .iter()
            .any(|v| v.packages.iter().any(|app| app.package == package.name));
        let by_prefix = meant.iter().flat_map(|v| &v.prefixes).any(named);
        wide && (by_name || rule.effect != Effect::Allow && by_prefix) || signed(&keys)
    };
    if !m.vendors.is_empty() {
        attributes.push(vendors(&|id, _| m.vendors.iter().any(|v| v.to_string() == id)));
    }
    if !m.controlled_from.is_empty() {
        attributes.push(vendors(&|_, country| {
            m.controlled_from.iter().any(|c| c.to_string() == country)
        }));
    }
    !(system && m.system == Some(false)) && attributes.into_iter().all(|holds| holds)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_compiled_rule_set_says_what_the_naive_reading_says(
        policies in policies(),
        packages in prop::collection::vec(package(), 1..12),
    ) {
        let ruleset = Ruleset::compile(layers(&policies)).unwrap();
        let reference = layers(&policies);
        for package in &packages {
            prop_assert_eq!(compiled(&ruleset, package), naive(&reference, package), "{:?}", package);
        }
    }

    #[test]
    fn the_order_and_doubles_of_rules_change_no_verdict(
        policies in policies(),
        packages in prop::collection::vec(package(), 1..8),
    ) {
        let ruleset = Ruleset::compile(layers(&policies)).unwrap();
        let mut reordered = policies.clone();
        for policy in &mut reordered {
            let rules = policy["rules"].as_array_mut().unwrap();
            rules.reverse();
            // The same rule again, under an id that comes last.
            if let Some(mut double) = rules.first().cloned() {
                double["id"] = json!("zz");
                rules.push(double);
            }
        }
        let other = Ruleset::compile(layers(&reordered)).unwrap();
        for package in &packages {
            prop_assert_eq!(compiled(&ruleset, package), compiled(&other, package));
        }
    }
}
