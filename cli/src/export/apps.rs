//! Which apps policies forbid or approve by name: those that a policy or the catalogue names, judged as a phone would.

use std::collections::{BTreeMap, BTreeSet};

use sluis_core::policy::facts::{PackageFacts, Signers};
use sluis_core::policy::{Basis, Circumstances, ComposeError, Judge, Layer, Past, Ruleset, Verdict};
use sluis_policy::catalogue::{Catalogue, Category, Vendor};
use sluis_policy::lint;
use sluis_policy::policy::{Effect, Policy, StanceKind};
use sluis_policy::values::{Digest, PackagePattern};

/// What the catalogue has of other vendors, but as the edition or the part of a phone maker's system.
const MADE_FOR_MAKERS: [&str; 9] = [
    "com.baidu.input_huawei",
    "com.baidu.input_mi",
    "com.facemoji.lite.xiaomi",
    "com.iflytek.inputmethod.miui",
    "com.lbe.security.miui",
    "com.opera.preinstall",
    "com.sohu.inputmethod.sogou.oem",
    "com.sohu.inputmethod.sogou.xiaomi",
    "com.unionpay.tsmservice.mi",
];

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
    /// Not forbidden here although a rule forbids them, because the management system would take them from phones that
    /// leave them alone; one line for each.
    pub(super) left_out: Vec<String>,
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
            left_out: Vec::new(),
            names: BTreeMap::new(),
        };
        let mut candidates = written(&policies);
        for app in catalogue.vendors.iter().flat_map(|vendor| &vendor.packages) {
            candidates.entry(app.package.clone()).or_default();
            if let Some(name) = &app.name {
                apps.names.insert(app.package.clone(), name.clone());
            }
        }
        let came = came_with_phones(catalogue);
        let layer = |policy| Layer {
            policy,
            catalogue: catalogue.clone(),
        };
        let ruleset = Ruleset::compile(policies.into_iter().map(layer).collect())?;
        let past = Past::default();
        let circumstances = Circumstances::on_a_desk(now_ms, &past);
        let judge = ruleset.at(&circumstances);
        for (package, signers) in candidates {
            let came = came.contains(package.as_str());
            if let Some((verdict, why)) = apps.judge(&judge, &package, &signers, came)
                && let Basis::Rule(number) = verdict.basis
                && let Some((policy, rule)) = ruleset.rule(number)
            {
                let line = format!("{}/{}: {package} is left out: {why}", policy.layer, rule.id);
                apps.left_out.push(line);
            }
        }
        Ok(apps)
    }

    /// Approval may ask for a certificate. The store has one app of each name, so an approval that names both counts.
    ///
    /// The answer is what would be forbidden, by what verdict, if the management system left alone what a phone does: to
    /// block an app there takes it from every phone, whether it came with that phone or not, and there is no safety floor.
    fn judge(
        &mut self,
        judge: &Judge<'_>,
        package: &str,
        signers: &BTreeSet<Digest>,
        came: bool,
    ) -> Option<(Verdict, String)> {
        let facts = |signer: Option<&Digest>, system| PackageFacts {
            name: package.to_owned(),
            system: Some(system),
            signers: signer.map(|signer| Signers {
                current: vec![*signer],
                lineage: Vec::new(),
            }),
            ..PackageFacts::default()
        };
        let unsigned = judge.evaluate(&facts(None, false));
        let permitted = |signer: &Digest| judge.evaluate(&facts(Some(signer), false)).effect != Effect::Deny;
        if unsigned.effect != Effect::Deny || signers.iter().any(permitted) {
            self.approved.insert(package.to_owned());
            return None;
        }
        if unsigned.remedy.is_none() {
            self.graced.insert(package.to_owned());
            return None;
        }
        if let Some(why) = lint::on_the_floor(package) {
            return Some((unsigned, format!("it is on the safety floor ({why})")));
        }
        if came && judge.evaluate(&facts(None, true)).remedy.is_none() {
            let why =
                "it may have come with the phone, and then only its own name or `system: true` reaches it";
            return Some((unsigned, why.to_owned()));
        }
        self.blocked.insert(package.to_owned());
        None
    }
}

/// What may have come with a phone: what did with some, what those who make phones make, and what is made for them.
fn came_with_phones(catalogue: &Catalogue) -> BTreeSet<&str> {
    let mut came: BTreeSet<&str> = lint::came_with_phones().chain(MADE_FOR_MAKERS).collect();
    let makes_phones = |vendor: &&Vendor| vendor.categories.contains(&Category::DeviceOem);
    for app in catalogue
        .vendors
        .iter()
        .filter(makes_phones)
        .flat_map(|vendor| &vendor.packages)
    {
        came.insert(&app.package);
    }
    came
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
