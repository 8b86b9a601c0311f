//! A phone on which policies are judged, and the words for what comes of it.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Value, json};
use sluis_core::policy::facts::{PackageFacts, Signers};
use sluis_core::policy::{
    Activation, Basis, Circumstances, Explanation, Floors, Layer, Membership, Past, RuleName, Ruleset,
    Verdict,
};
use sluis_policy::catalogue::Catalogue;
use sluis_policy::policy::Policy;
use sluis_policy::rfc3339;
use sluis_policy::values::{Digest, Id};

pub(crate) const DAY: i64 = 86_400_000;

/// Milliseconds since 1970 of noon on that day of March 2026; days beyond run on.
pub(crate) fn march(day: i64) -> i64 {
    rfc3339::parse("2026-02-28T12:00:00Z").unwrap() * 1000 + day * DAY
}

/// The same moment as policies write it.
pub(crate) fn written(ms: i64) -> String {
    rfc3339::format(ms / 1000)
}

/// A phone with its clocks, its groups and its past.
pub(crate) struct Phone {
    pub(crate) wall_ms: i64,
    /// Of each layer; the wall clock is right where there is none.
    pub(crate) floors: Option<Vec<Option<i64>>>,
    pub(crate) id: Option<Digest>,
    pub(crate) groups: Vec<Membership>,
    pub(crate) past: Past,
}

impl Phone {
    pub(crate) fn at(wall_ms: i64) -> Self {
        Self {
            wall_ms,
            floors: None,
            id: None,
            groups: Vec::new(),
            past: Past::default(),
        }
    }

    pub(crate) fn with_floors(wall_ms: i64, floors: &[Option<i64>]) -> Self {
        Self {
            floors: Some(floors.to_vec()),
            ..Self::at(wall_ms)
        }
    }

    /// It first obeyed that rule then, when these packages were there.
    pub(crate) fn obeys_since(mut self, layer: &str, rule: &str, at_ms: i64, present: &[&str]) -> Self {
        let present: HashSet<String> = present.iter().map(|name| (*name).to_owned()).collect();
        let present = Arc::new(present);
        self.past
            .activations
            .insert(name(layer, rule), Activation { at_ms, present });
        self
    }

    /// An exemption from that rule was used for the package; when that was found to have ended, if it was.
    pub(crate) fn was_exempt(
        mut self,
        layer: &str,
        rule: &str,
        package: &str,
        ended_ms: Option<i64>,
    ) -> Self {
        let packages = self.past.exempted.entry(name(layer, rule)).or_default();
        packages.insert(package.into(), ended_ms);
        self
    }

    pub(crate) fn member(mut self, layer: &str, group: &str, until_ms: i64) -> Self {
        self.groups.push(Membership {
            layer: id(layer),
            group: id(group),
            from_ms: None,
            until_ms,
        });
        self
    }

    pub(crate) fn verdict(&self, policies: &[Value], package: &PackageFacts) -> Verdict {
        self.explain(policies, package).verdict
    }

    /// The explanation, whose verdict is also that of the fast way.
    pub(crate) fn explain(&self, policies: &[Value], package: &PackageFacts) -> Explanation {
        let ruleset = ruleset(policies);
        let circumstances = self.circumstances();
        let judge = ruleset.at(&circumstances);
        let explanation = judge.explain(package);
        assert_eq!(judge.evaluate(package), explanation.verdict);
        explanation
    }

    /// What the phone does now and what decided: "remove by l/r", "nothing yet by l/r, 5 March", "nothing".
    pub(crate) fn says(&self, policies: &[Value], package: &PackageFacts) -> String {
        let verdict = self.verdict(policies, package);
        words(&ruleset(policies), verdict)
    }

    pub(crate) fn circumstances(&self) -> Circumstances<'_> {
        Circumstances {
            wall_ms: self.wall_ms,
            floors: self.floors.clone().map_or(Floors::Wall, Floors::Signed),
            phone: self.id,
            groups: &self.groups,
            past: &self.past,
        }
    }
}

/// "deny remove l/r until 2026-03-05T12:00:00Z": effect, remedy, what decided, deadline.
pub(crate) fn words(ruleset: &Ruleset, verdict: Verdict) -> String {
    let mut words = vec![format!("{:?}", verdict.effect)];
    words.extend(verdict.remedy.map(|remedy| format!("{remedy:?}")));
    words.push(match (verdict.basis, ruleset.source(verdict.basis)) {
        (Basis::NothingSaid, _) => "nothing-said".into(),
        (Basis::NotApproved { .. }, Some((policy, _))) => format!("{}/not-approved", policy.layer),
        (Basis::Exempted { .. }, Some((policy, rule))) => {
            let rule = rule.map_or(policy.stance.id.as_str(), |rule| rule.id.as_str());
            format!("exempt-from-{}/{rule}", policy.layer)
        }
        (_, Some((policy, Some(rule)))) => format!("{}/{}", policy.layer, rule.id),
        other => panic!("{other:?}"),
    });
    words.extend(
        verdict
            .deadline_ms
            .map(|ms| format!("until {}", written(ms).split_once('T').unwrap().0)),
    );
    words.join(" ").to_lowercase()
}

pub(crate) fn id(text: &str) -> Id {
    Id::parse(text).unwrap()
}

fn name(layer: &str, rule: &str) -> RuleName {
    RuleName {
        layer: id(layer),
        rule: id(rule),
    }
}

/// A policy of that layer; `more` adds fields or replaces them.
pub(crate) fn policy(layer: &str, rules: Value, more: Value) -> Value {
    let mut policy = json!({
        "format": "sluis.policy/1",
        "layer": layer,
        "organisation": { "name": { "en": layer } },
        "stance": "open",
        "rules": rules,
    });
    merge(&mut policy, more);
    policy
}

/// A rule that denies `bad.app`, or what `more` says instead.
pub(crate) fn deny(id: &str, more: Value) -> Value {
    let mut rule = json!({ "id": id, "effect": "deny", "match": { "packages": ["bad.app"] } });
    merge(&mut rule, more);
    rule
}

fn merge(value: &mut Value, more: Value) {
    let Value::Object(more) = more else {
        panic!("not an object: {more}")
    };
    value.as_object_mut().unwrap().extend(more);
}

pub(crate) fn ruleset(policies: &[Value]) -> Ruleset {
    let layer = |policy: &Value| Layer {
        policy: Policy::parse("test", policy.to_string().as_bytes()).unwrap_or_else(|e| panic!("{e}")),
        catalogue: catalogue(),
    };
    Ruleset::compile(policies.iter().map(layer).collect()).unwrap()
}

fn catalogue() -> Catalogue {
    let text = json!({ "format": "sluis.catalogue/1", "vendors": [{
        "id": "maker", "name": "Maker", "country_of_control": "CN", "control_assessment": "clear",
        "packages": [{ "source": "test", "confidence": "test", "unnamed": ["made.app"] }],
        "domains": ["maker.example"],
        "prefixes": ["com.maker.*"],
        "signers": [{ "sha256": "77".repeat(32), "packages": [], "sources": [] }],
    }], "components": [{
        "id": "maker-push", "name": "Push", "made_by": "Maker", "country_of_control": "CN", "control_assessment": "clear",
        "classes": ["com.maker.push"], "manifest": ["com.other.PushReceiver"], "sources": ["test"],
    }, {
        "id": "disputed", "name": "Disputed", "made_by": "Somebody", "country_of_control": "RU", "control_assessment": "contested",
        "classes": ["com.disputed"], "sources": ["test"],
    }]});
    Catalogue::parse("catalogue", text.to_string().as_bytes()).unwrap()
}

/// An app that the employee installed and of which everything is known.
pub(crate) fn app(name: &str) -> PackageFacts {
    PackageFacts {
        name: name.into(),
        system: Some(false),
        version_code: Some(100),
        installer: Some("com.android.vending".into()),
        permissions: Some(vec![]),
        components: Some(vec![]),
        signers: Some(Signers {
            current: vec![Digest([1; 32])],
            lineage: vec![],
        }),
        ..PackageFacts::default()
    }
}

/// Signed with these keys now and with those before.
pub(crate) fn signed(name: &str, current: &[u8], lineage: &[u8]) -> PackageFacts {
    let keys = |bytes: &[u8]| bytes.iter().map(|byte| Digest([*byte; 32])).collect();
    let (current, lineage) = (keys(current), keys(lineage));
    PackageFacts {
        signers: Some(Signers { current, lineage }),
        ..app(name)
    }
}

pub(crate) fn key(byte: u8) -> String {
    Digest([byte; 32]).to_string()
}
