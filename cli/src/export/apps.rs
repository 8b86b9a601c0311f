//! Which apps policies forbid or approve by name: those that a policy or the catalogue names, judged as a phone would.

use std::collections::{BTreeMap, BTreeSet};

use sluis_core::policy::facts::{PackageFacts, Signers};
use sluis_core::policy::{Circumstances, ComposeError, Judge, Layer, Past, Ruleset};
use sluis_policy::catalogue::Catalogue;
use sluis_policy::policy::{Effect, Policy, StanceKind};
use sluis_policy::values::{Digest, PackagePattern};

/// The apps that can be told by name.
pub(super) struct Apps {
    /// Only what is approved may be installed.
    pub(super) closed: bool,
    /// Forbidden now, by a rule.
    pub(super) blocked: BTreeSet<String>,
    /// Forbidden, but with a grace that still runs on every phone that had them first.
    pub(super) graced: BTreeSet<String>,
    /// Not forbidden, and approved by each closed stance.
    pub(super) approved: BTreeSet<String>,
    /// The names that people know, where the catalogue has them.
    pub(super) names: BTreeMap<String, String>,
}

impl Apps {
    /// What may be on a phone now.
    pub(super) fn allowed(&self) -> impl Iterator<Item = &String> {
        self.approved.union(&self.graced)
    }

    /// Judges every app that is named at that time, in milliseconds since 1970.
    pub(super) fn named(
        policies: Vec<Policy>,
        catalogue: &Catalogue,
        now_ms: i64,
    ) -> Result<Self, ComposeError> {
        let closed = |policy: &Policy| policy.stance.kind == StanceKind::Closed && !policy.stance.audit_only;
        let mut apps = Self {
            closed: policies.iter().any(closed),
            blocked: BTreeSet::new(),
            graced: BTreeSet::new(),
            approved: BTreeSet::new(),
            names: BTreeMap::new(),
        };
        let mut candidates = written(&policies);
        for app in catalogue.vendors.iter().flat_map(|vendor| &vendor.packages) {
            candidates.entry(app.package.clone()).or_default();
            if let Some(name) = &app.name {
                apps.names.insert(app.package.clone(), name.clone());
            }
        }
        let layer = |policy| Layer {
            policy,
            catalogue: catalogue.clone(),
        };
        let ruleset = Ruleset::compile(policies.into_iter().map(layer).collect())?;
        let past = Past::default();
        let circumstances = Circumstances::on_a_desk(now_ms, &past);
        let judge = ruleset.at(&circumstances);
        for (package, signers) in candidates {
            apps.judge(&judge, package, &signers);
        }
        Ok(apps)
    }

    /// Approval may ask for a certificate. The store has one app of each name, so an approval that names both counts.
    fn judge(&mut self, judge: &Judge<'_>, package: String, signers: &BTreeSet<Digest>) {
        let facts = |signer: Option<&Digest>| PackageFacts {
            name: package.clone(),
            system: Some(false),
            signers: signer.map(|signer| Signers {
                current: vec![*signer],
                lineage: Vec::new(),
            }),
            ..PackageFacts::default()
        };
        let unsigned = judge.evaluate(&facts(None));
        let permitted = |signer: Option<&Digest>| judge.evaluate(&facts(signer)).effect != Effect::Deny;
        if unsigned.effect != Effect::Deny || signers.iter().any(|signer| permitted(Some(signer))) {
            self.approved.insert(package);
        } else if unsigned.remedy.is_some() {
            self.blocked.insert(package);
        } else {
            self.graced.insert(package);
        }
    }
}

/// The packages that rules name, with the certificates that the same rules ask for.
fn written(policies: &[Policy]) -> BTreeMap<String, BTreeSet<Digest>> {
    let mut written: BTreeMap<String, BTreeSet<Digest>> = BTreeMap::new();
    for rule in policies.iter().flat_map(|policy| &policy.rules) {
        for pattern in &rule.matches.packages {
            if let PackagePattern::Exact(name) = pattern {
                let signers = written.entry(name.clone()).or_default();
                if rule.effect == Effect::Allow {
                    signers.extend(&rule.matches.signers);
                }
            }
        }
    }
    written
}
