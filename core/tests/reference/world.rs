//! The circumstances in which packages are judged, and what the compiled rule set says in them.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value;
use sluis_core::policy::facts::PackageFacts;
use sluis_core::policy::{
    Activation, Basis, Circumstances, Floors, Judge, Layer, Membership, Past, RuleName, Ruleset,
};
use sluis_policy::catalogue::Catalogue;
use sluis_policy::policy::Policy;
use sluis_policy::values::Id;

use crate::naive::Said;

/// Milliseconds since 1970 of that day of the small calendar in which all of this happens.
pub(crate) fn day(n: i64) -> i64 {
    (20_000 + n) * 86_400_000
}

#[derive(Debug, Clone, Default)]
pub(crate) struct World {
    pub(crate) wall_ms: i64,
    /// One for each layer.
    pub(crate) floors: Vec<Option<i64>>,
    pub(crate) groups: Vec<Membership>,
    pub(crate) past: Past,
}

impl World {
    pub(crate) fn now(&self, layer: usize) -> i64 {
        self.floors[layer].map_or(self.wall_ms, |floor| floor.max(self.wall_ms))
    }

    pub(crate) fn activation(&self, layer: &str, rule: &str) -> Option<(i64, &HashSet<String>)> {
        let found = self.past.activations.get(&name(layer, rule));
        found.map(|activation| (activation.at_ms, &*activation.present))
    }

    /// Whether an exemption was used: when it was found to have ended, if it was.
    pub(crate) fn exempted(&self, layer: &str, rule: &str, package: &str) -> Option<Option<i64>> {
        self.past.exempted.get(&name(layer, rule))?.get(package).copied()
    }

    pub(crate) fn activate(&mut self, layer: &str, rule: &str, at_ms: i64, present: &[&str]) {
        let present = Arc::new(present.iter().map(|name| (*name).to_owned()).collect());
        self.past
            .activations
            .insert(name(layer, rule), Activation { at_ms, present });
    }

    pub(crate) fn exempt(&mut self, layer: &str, rule: &str, package: &str, ended_ms: Option<i64>) {
        let packages = self.past.exempted.entry(name(layer, rule)).or_default();
        packages.insert(package.to_owned(), ended_ms);
    }

    pub(crate) fn circumstances(&self) -> Circumstances<'_> {
        Circumstances {
            wall_ms: self.wall_ms,
            floors: Floors::Signed(self.floors.clone()),
            phone: None,
            groups: &self.groups,
            past: &self.past,
        }
    }
}

fn name(layer: &str, rule: &str) -> RuleName {
    let id = |text| Id::parse(text).unwrap();
    RuleName {
        layer: id(layer),
        rule: id(rule),
    }
}

pub(crate) fn layers(policies: &[Value], catalogue: &Catalogue) -> Vec<Layer> {
    let layer = |policy: &Value| Layer {
        policy: Policy::parse("test", policy.to_string().as_bytes())
            .unwrap_or_else(|e| panic!("{e}\n{policy}")),
        catalogue: catalogue.clone(),
    };
    policies.iter().map(layer).collect()
}

/// The verdict in words. The fast way and the explanation must agree, and so must the list and each package alone.
pub(crate) fn said(ruleset: &Ruleset, judge: &Judge<'_>, package: &PackageFacts) -> Said {
    let verdict = judge.evaluate(package);
    assert_eq!(verdict, judge.explain(package).verdict);
    let by = match (verdict.basis, ruleset.source(verdict.basis)) {
        (Basis::NothingSaid, None) => "nothing".to_owned(),
        (Basis::NotApproved { .. }, Some((policy, None))) => format!("stance {}", policy.layer),
        (Basis::Exempted { .. }, Some((policy, None))) => format!("exempt {}", policy.layer),
        (Basis::Exempted { .. }, Some((policy, Some(rule)))) => {
            format!("exempt {}/{}", policy.layer, rule.id)
        }
        (Basis::Rule(_), Some((policy, Some(rule)))) => format!("rule {}/{}", policy.layer, rule.id),
        other => panic!("{other:?}"),
    };
    Said {
        effect: verdict.effect,
        remedy: verdict.remedy,
        by,
        deadline_ms: verdict.deadline_ms,
    }
}
