//! The work that every engine is given: rules and phones, as they are in Sluis's own benchmark.

use sluis_core::policy::facts::PackageFacts;
use sluis_core::policy::{Basis, Layer, Ruleset, Verdict};
use sluis_policy::catalogue::Catalogue;
use sluis_policy::policy::{Effect, Policy, Rule};
use sluis_policy::values::PackagePattern;

use crate::world::{self, World};

/// Rules, in the order of precedence, and the phones to judge by them.
pub struct Work {
    /// The policies as published, for Sluis.
    pub policies: Vec<String>,
    /// What the policies say, for the others. A rule's place is its number.
    pub rules: Vec<Values>,
    pub phones: Vec<Vec<PackageFacts>>,
}

/// What one rule is about: any of these values.
pub struct Values {
    pub effect: Effect,
    pub names: Vec<String>,
    /// Each ends with a dot.
    pub prefixes: Vec<String>,
    pub signers: Vec<String>,
}

/// What is said of one package, and by which rule: what engines have to agree on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Denied(u32),
    NotApproved,
    Advised(u32),
    Allowed(u32),
    NothingSaid,
}

impl Work {
    pub fn new() -> Self {
        let World { policies, phones } = world::world();
        let ruleset = compile(&policies);
        let rules = (0..).map_while(|number| ruleset.rule(number));
        Self {
            rules: rules.map(|(_, rule)| Values::of(rule)).collect(),
            policies,
            phones,
        }
    }

    /// The rules of that effect with their numbers.
    pub fn rules(&self, effect: Effect) -> impl Iterator<Item = (usize, &Values)> {
        let numbered = self.rules.iter().enumerate();
        numbered.filter(move |(_, rule)| rule.effect == effect)
    }
}

impl Values {
    fn of(rule: &Rule) -> Self {
        let (mut names, mut prefixes) = (Vec::new(), Vec::new());
        for pattern in &rule.matches.packages {
            match pattern {
                PackagePattern::Exact(name) => names.push(name.clone()),
                PackagePattern::Prefix(prefix) => prefixes.push(prefix.clone()),
            }
        }
        Self {
            effect: rule.effect,
            names,
            prefixes,
            signers: rule.matches.signers.iter().map(ToString::to_string).collect(),
        }
    }
}

impl From<Verdict> for Answer {
    fn from(verdict: Verdict) -> Self {
        match (verdict.basis, verdict.effect) {
            (Basis::Rule(rule), Effect::Deny) => Self::Denied(rule),
            (Basis::Rule(rule), Effect::Advise) => Self::Advised(rule),
            (Basis::Rule(rule), Effect::Allow) => Self::Allowed(rule),
            (Basis::NotApproved { .. }, _) => Self::NotApproved,
            (Basis::NothingSaid, _) => Self::NothingSaid,
            (Basis::Exempted { .. }, _) => unreachable!("no policy here exempts"),
        }
    }
}

/// The policies as Sluis reads and compiles them. None of them names a vendor.
pub fn compile(policies: &[String]) -> Ruleset {
    let none = br#"{"format": "sluis.catalogue/1", "vendors": []}"#;
    let catalogue = Catalogue::parse("catalogue", none).unwrap();
    let layer = |text: &String| Layer {
        policy: Policy::parse("policy", text.as_bytes()).unwrap(),
        catalogue: catalogue.clone(),
    };
    Ruleset::compile(policies.iter().map(layer).collect()).unwrap()
}

/// The signing certificate of a package; in this world each has one.
pub fn signer(package: &PackageFacts) -> String {
    let signers = package.signers.as_ref().unwrap();
    assert!(signers.lineage.is_empty() && signers.current.len() == 1);
    signers.current[0].to_string()
}

/// Whether it came with the phone; in this world that is known.
pub fn system(package: &PackageFacts) -> bool {
    package.system.unwrap()
}

/// A package name cut at its dots: `com.`, `com.example.`, …
pub fn namespaces(name: &str) -> impl Iterator<Item = &str> {
    name.match_indices('.').map(|(dot, _)| &name[..=dot])
}
