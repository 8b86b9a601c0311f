//! Policies, packages and circumstances at random, over a vocabulary so small that they meet.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};
use sluis_core::policy::Membership;
use sluis_core::policy::facts::{PackageFacts, Signers};
use sluis_policy::catalogue::Catalogue;
use sluis_policy::rfc3339;
use sluis_policy::values::{Digest, Id};

use crate::world::{World, day};

pub(crate) const NAMES: [&str; 7] = [
    "com.a.x",
    "com.a.xy",
    "com.a.y",
    "com.b.x",
    "com.b.y",
    "com.c.z",
    "org.chromium.webapk.w",
];
const PATTERNS: [&str; 7] = [
    "com.a.x",
    "com.a.*",
    "com.a.x*",
    "com.b.x",
    "com.b.*",
    "com.c.z",
    "org.chromium.webapk.*",
];
const VENDORS: [&str; 3] = ["clear", "contested", "maker"];
const COUNTRIES: [&str; 2] = ["CN", "RU"];
const INSTALLERS: [&str; 2] = ["shop.a", "shop.b"];
const SITES: [&str; 3] = ["a.example", "www.a.example", "b.example"];
const PERMISSIONS: [&str; 2] = ["p.sms", "p.mic"];
const CLASSES: [&str; 3] = ["sdk.a.Main", "sdk.a.push.Service", "sdk.b.Main"];
const COMPONENTS: [&str; 4] = ["sdk.a.*", "sdk.b.Main", "push", "disputed"];
pub(crate) const LAYERS: [&str; 3] = ["l0", "l1", "l2"];
pub(crate) const RULES: [&str; 4] = ["r0", "r1", "r2", "r3"];
const GROUPS: [&str; 2] = ["g0", "g1"];

/// Key number `n`; the third is a maker's platform key.
fn key(n: u8) -> Digest {
    Digest([n; 32])
}

pub(crate) fn catalogue() -> Catalogue {
    let signer = |n: u8, platform: bool| json!({ "sha256": key(n).to_string(), "packages": [], "sources": [], "platform": platform });
    let vendor =
        |id: &str, country: &str, control: &str, name: &str, prefix: &str, signer: Value, domain: &str| {
            json!({ "id": id, "name": id, "country_of_control": country, "control_assessment": control,
                "packages": [{ "source": "test", "confidence": "test", "unnamed": [name] }],
                "prefixes": [prefix], "signers": [signer], "domains": [domain] })
        };
    let component = |id: &str, control: &str, class: &str| {
        json!({ "id": id, "name": id, "made_by": "test", "country_of_control": "CN", "control_assessment": control,
                "classes": [class], "sources": ["test"] })
    };
    let catalogue = json!({ "format": "sluis.catalogue/1", "vendors": [
        vendor("clear", "CN", "clear", "com.b.x", "com.a.x*", signer(1, false), "a.example"),
        vendor("contested", "RU", "contested", "com.a.y", "com.b.*", signer(2, false), "b.example"),
        vendor("maker", "CN", "clear", "com.c.z", "com.c.*", signer(3, true), "c.example"),
    ], "components": [
        component("push", "clear", "sdk.a.push"),
        component("disputed", "contested", "sdk.b"),
    ]});
    Catalogue::parse("catalogue", catalogue.to_string().as_bytes()).unwrap()
}

fn some_of(values: &'static [&'static str]) -> impl Strategy<Value = Vec<&'static str>> {
    // Mostly none: a rule with many attributes matches nothing.
    prop_oneof![3 => Just(vec![]), 1 => subsequence(values, 1..=2)]
}

fn matches() -> impl Strategy<Value = Value> {
    let names = (
        prop_oneof![1 => Just(vec![]), 2 => subsequence(&PATTERNS[..], 1..=2)],
        prop_oneof![3 => Just(vec![]), 1 => subsequence(vec![1_u8, 2, 3], 1..=2)],
        some_of(&VENDORS),
        some_of(&COUNTRIES),
    );
    let others = (
        some_of(&INSTALLERS),
        some_of(&SITES),
        some_of(&PERMISSIONS),
        some_of(&COMPONENTS),
    );
    let narrowing = (
        prop_oneof![5 => Just(None), 1 => (1_u64..4).prop_map(Some)],
        select(vec![None, None, Some(true), Some(false)]),
        any::<bool>(),
    );
    (names, others, narrowing).prop_filter_map(
        "matches something",
        |(names, others, (below, system, contested))| {
            let (packages, signers, vendors, countries) = names;
            let (installers, sites, permissions, components) = others;
            let signers: Vec<String> = signers.into_iter().map(|n| key(n).to_string()).collect();
            let mut matches = json!({});
            for (name, values) in [
                ("packages", json!(packages)),
                ("signers", json!(signers)),
                ("vendors", json!(vendors)),
                ("controlled_from", json!(countries)),
                ("installers", json!(installers)),
                ("web_origins", json!(sites)),
                ("permissions", json!(permissions)),
                ("components", json!(components)),
            ] {
                if values != json!([]) {
                    matches[name] = values;
                }
            }
            if matches == json!({}) {
                return None;
            }
            if let Some(below) = below {
                matches["version_below"] = json!(below);
            }
            if let Some(system) = system {
                matches["system"] = json!(system);
            }
            if contested {
                matches["contested"] = json!(true);
            }
            Some(matches)
        },
    )
}

fn date(n: i64) -> String {
    rfc3339::format(day(n) / 1000)
}

/// Two days of the calendar, the first before the second, each perhaps absent.
fn span() -> impl Strategy<Value = (Option<i64>, Option<i64>)> {
    let one = || prop_oneof![3 => Just(None), 1 => (0_i64..30).prop_map(Some)];
    (one(), one()).prop_map(|(a, b)| match (a, b) {
        (Some(a), Some(b)) if a >= b => (Some(b - 1), Some(a)),
        other => other,
    })
}

fn rule() -> impl Strategy<Value = Value> {
    let what = (
        select(vec!["deny", "deny", "deny", "advise", "allow"]),
        select(vec![None, Some("suspend"), Some("hide"), Some("remove")]),
        matches(),
        prop_oneof![4 => Just(None), 1 => matches().prop_map(Some)],
    );
    let when = (
        prop_oneof![2 => Just(None), 1 => (1_i64..20).prop_map(Some)],
        span(),
        prop::bool::weighted(0.1),
        prop_oneof![8 => Just(None), 1 => select(vec![Some(1), Some(99), Some(100)])],
    );
    let exemptible = (
        prop_oneof![2 => Just(vec![]), 1 => subsequence(&LAYERS[..], 1..=2)],
        prop_oneof![4 => Just(None), 1 => (1_i64..20).prop_map(Some)],
    );
    (what, when, exemptible).prop_map(|(what, when, (exemptible_by, longest))| {
        let (effect, remedy, matches, except) = what;
        let (grace, (from, until), audit_only, rollout) = when;
        let denies = effect == "deny";
        let mut rule = json!({ "effect": effect, "match": matches });
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                rule[name] = value;
            }
        };
        set("except", except);
        set("remedy", remedy.filter(|_| denies).map(|r| json!(r)));
        set(
            "grace",
            grace.filter(|_| denies).map(|days| json!(format!("P{days}D"))),
        );
        set("from", from.map(|n| json!(date(n))));
        set("until", until.map(|n| json!(date(n))));
        set("audit_only", audit_only.then_some(json!(true)));
        set("rollout", rollout.map(|percent| json!(percent)));
        set(
            "exemptible_by",
            (denies && !exemptible_by.is_empty()).then(|| json!(exemptible_by)),
        );
        set(
            "max_exemption",
            longest.filter(|_| denies).map(|days| json!(format!("P{days}D"))),
        );
        rule
    })
}

fn exemption() -> impl Strategy<Value = Value> {
    let whom = (
        prop::option::of(select(&LAYERS[..])),
        select(vec!["r0", "r1", "r2", "r3", "stance"]),
        subsequence(&PATTERNS[..], 1..=3),
        subsequence(&GROUPS[..], 1..=2),
    );
    (whom, prop::option::of(0_i64..15), 5_i64..30).prop_map(
        |((layer, rule, packages, groups), from, until)| {
            let mut exemption = json!({ "rule": rule, "packages": packages, "groups": groups,
                                    "purpose": { "en": "test" }, "until": date(until) });
            if let Some(layer) = layer {
                exemption["layer"] = json!(layer);
            }
            if let Some(from) = from.filter(|from| *from < until) {
                exemption["from"] = json!(date(from));
            }
            exemption
        },
    )
}

/// Up to three layers of up to four rules and three exemptions.
pub(crate) fn policies() -> impl Strategy<Value = Vec<Value>> {
    let stance = (
        select(vec!["open", "closed"]),
        prop::bool::weighted(0.15),
        prop_oneof![2 => Just(vec![]), 1 => subsequence(&LAYERS[..], 1..=2)],
    );
    let layer = (
        stance,
        prop::collection::vec(rule(), 0..=4),
        prop::collection::vec(exemption(), 0..=3),
    );
    prop::collection::vec(layer, 1..=3).prop_map(|layers| {
        let policy = |(n, (stance, mut rules, exemptions)): (usize, (_, Vec<Value>, Vec<Value>))| {
            let (kind, audit_only, approvals_from): (&str, bool, Vec<&str>) = stance;
            for (i, rule) in rules.iter_mut().enumerate() {
                rule["id"] = json!(RULES[i]);
            }
            let mut stance = json!({ "kind": kind });
            if kind == "closed" {
                stance["audit_only"] = json!(audit_only);
                if !approvals_from.is_empty() {
                    stance["approvals_from"] = json!(approvals_from);
                }
            }
            let layer = LAYERS[n];
            let exemptions: Vec<Value> = exemptions
                .into_iter()
                .filter_map(|exemption| acceptable(exemption, layer, &rules))
                .collect();
            json!({ "format": "sluis.policy/1", "layer": layer, "stance": stance,
                    "organisation": { "name": { "en": "Test" } }, "rules": rules, "exemptions": exemptions })
        };
        layers.into_iter().enumerate().map(policy).collect()
    })
}

/// An exemption from a rule of the same document is refused unless the rule is there and allows as much.
fn acceptable(mut exemption: Value, layer: &str, rules: &[Value]) -> Option<Value> {
    let own = exemption.get("layer").is_none_or(|named| named == layer);
    if !own || exemption["rule"] == "stance" {
        return Some(exemption);
    }
    let rule = rules.iter().find(|rule| rule["id"] == exemption["rule"])?;
    if rule["effect"] != "deny" {
        return None;
    }
    if let Some(longest) = rule.get("max_exemption").and_then(Value::as_str) {
        let days: i64 = longest.trim_matches(['P', 'D']).parse().unwrap();
        let until = rfc3339::parse(exemption["until"].as_str().unwrap()).unwrap();
        let from = until - days.min(3) * 86_400;
        exemption["from"] = json!(rfc3339::format(from));
    }
    Some(exemption)
}

pub(crate) fn package() -> impl Strategy<Value = PackageFacts> {
    let keys = || subsequence(vec![1_u8, 2, 3, 4], 0..=2);
    let signers = prop::option::of((keys(), keys()));
    let strings = |values: &'static [&'static str]| {
        let strings = |v: Vec<&str>| v.into_iter().map(str::to_owned).collect::<Vec<_>>();
        prop::option::of(subsequence(values, 0..=values.len()).prop_map(strings))
    };
    let owned = |values: &'static [&'static str]| prop::option::of(select(values).prop_map(str::to_owned));
    let facts = (
        signers,
        any::<Option<bool>>(),
        prop::option::of(0_u64..5),
        owned(&INSTALLERS),
        strings(&PERMISSIONS),
        strings(&CLASSES),
    );
    let web = prop::option::of(select(&SITES[..]).prop_map(|site| format!("https://{site}/")));
    (select(&NAMES[..]), facts, web).prop_map(|(name, facts, web)| {
        let (signers, system, version_code, installer, permissions, components) = facts;
        PackageFacts {
            name: name.into(),
            signers: signers.map(|(current, lineage)| Signers {
                current: current.into_iter().map(key).collect(),
                lineage: lineage.into_iter().map(key).collect(),
            }),
            system,
            version_code,
            installer,
            permissions,
            components,
            web_origin: web.filter(|_| name.starts_with("org.chromium")),
            ..PackageFacts::default()
        }
    })
}

/// The calendar around the thirty days in which rules begin and end.
pub(crate) fn world() -> impl Strategy<Value = World> {
    let membership = (
        select(&LAYERS[..]),
        select(&GROUPS[..]),
        prop::option::of(-5_i64..40),
        0_i64..40,
    );
    let activation = (
        select(&LAYERS[..]),
        select(&RULES[..]),
        -20_i64..40,
        subsequence(&NAMES[..], 0..=NAMES.len()),
    );
    let exempted = (
        select(&LAYERS[..]),
        select(&RULES[..]),
        select(&NAMES[..]),
        prop::option::of(-20_i64..40),
    );
    (
        -5_i64..40,
        prop::collection::vec(prop::option::of(-5_i64..40), 3),
        prop::collection::vec(membership, 0..=6),
        prop::collection::vec(activation, 0..=8),
        prop::collection::vec(exempted, 0..=6),
    )
        .prop_map(|(wall, floors, memberships, activations, exempted)| {
            let mut world = World {
                wall_ms: day(wall),
                floors: floors.into_iter().map(|floor| floor.map(day)).collect(),
                ..World::default()
            };
            for (layer, group, from, until) in memberships {
                let id = |text| Id::parse(text).unwrap();
                world.groups.push(Membership {
                    layer: id(layer),
                    group: id(group),
                    from_ms: from.map(day),
                    until_ms: day(until),
                });
            }
            for (layer, rule, at, present) in activations {
                world.activate(layer, rule, day(at), &present);
            }
            for (layer, rule, package, ended) in exempted {
                world.exempt(layer, rule, package, ended.map(day));
            }
            world
        })
}
