//! Which rules and stances decide, on both sides, each with one number: equal numbers say the same in the same words.

use std::collections::HashMap;

use sluis_core::policy::{Basis, Ruleset};
use sluis_policy::policy::{Policy, Rule};
use sluis_policy::text::{Language, Text};

/// What decides a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Source {
    /// The layer; none where nothing was said.
    pub(super) layer: Option<String>,
    /// The rule, or the stance by its id.
    pub(super) rule: Option<String>,
    /// What follows from it.
    pub(super) kind: Kind,
    /// Why, in Dutch and in English.
    reasons: [Option<String>; 2],
}

/// What follows from a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    /// A rule says so.
    Rule,
    /// A closed stance does not approve.
    Stance,
    /// An exemption suppresses a rule or a stance.
    Exemption,
    /// No rule matched.
    Nothing,
}

impl Source {
    /// Why, in the words of the policy.
    pub(super) fn reason(&self, language: Language) -> Option<&str> {
        let [nl, en] = &self.reasons;
        let (first, second) = match language {
            Language::Dutch => (nl, en),
            Language::English => (en, nl),
        };
        first.as_deref().or(second.as_deref())
    }
}

/// All sources by number.
#[derive(Debug, Default)]
pub(super) struct Sources {
    all: Vec<Source>,
    numbers: HashMap<Source, u32>,
}

/// The numbers of what decides on one side.
#[derive(Debug)]
pub(super) struct Numbers {
    rules: Vec<u32>,
    stances: Vec<u32>,
    exemptions: Vec<u32>,
    nothing: u32,
}

impl Sources {
    pub(super) fn get(&self, number: u32) -> Option<&Source> {
        self.all.get(number as usize)
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Takes in what decides on one side.
    pub(super) fn number(&mut self, ruleset: &Ruleset) -> Numbers {
        let rules = (0..ruleset.rule_count()).map(Basis::Rule);
        let rules = rules.map(|basis| self.add(ruleset, basis)).collect();
        let layers = 0..u32::try_from(ruleset.layers().len()).unwrap_or(u32::MAX);
        let stances = layers.map(|layer| Basis::NotApproved { layer });
        let stances = stances.map(|basis| self.add(ruleset, basis)).collect();
        let exemptions = (0..)
            .map(|exemption| Basis::Exempted { exemption })
            .take_while(|basis| ruleset.source(*basis).is_some());
        let exemptions = exemptions.map(|basis| self.add(ruleset, basis)).collect();
        Numbers {
            rules,
            stances,
            exemptions,
            nothing: self.add(ruleset, Basis::NothingSaid),
        }
    }

    fn add(&mut self, ruleset: &Ruleset, basis: Basis) -> u32 {
        let source = Source::of(ruleset, basis);
        if let Some(number) = self.numbers.get(&source) {
            return *number;
        }
        let number = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        self.numbers.insert(source.clone(), number);
        self.all.push(source);
        number
    }
}

impl Numbers {
    /// The number of what decided.
    pub(super) fn of(&self, basis: Basis) -> u32 {
        let of = |numbers: &Vec<u32>, at: u32| numbers.get(at as usize).copied();
        let number = match basis {
            Basis::Rule(rule) => of(&self.rules, rule),
            Basis::NotApproved { layer } => of(&self.stances, layer),
            Basis::Exempted { exemption } => of(&self.exemptions, exemption),
            Basis::NothingSaid => None,
        };
        number.unwrap_or(self.nothing)
    }
}

impl Source {
    fn of(ruleset: &Ruleset, basis: Basis) -> Self {
        let source = ruleset.source(basis);
        let id = |(policy, rule): (&Policy, Option<&Rule>)| {
            rule.map_or_else(|| policy.stance.id.to_string(), |rule| rule.id.to_string())
        };
        let words: Option<&Text> = match basis {
            Basis::Exempted { exemption } => ruleset
                .exemption(exemption)
                .map(|(_, exemption)| &exemption.purpose),
            _ => source.and_then(|(policy, rule)| match rule {
                Some(rule) => rule.reason.as_ref(),
                None => policy.stance.reason.as_ref(),
            }),
        };
        let kind = match basis {
            Basis::Rule(_) => Kind::Rule,
            Basis::NotApproved { .. } => Kind::Stance,
            Basis::Exempted { .. } => Kind::Exemption,
            Basis::NothingSaid => Kind::Nothing,
        };
        Self {
            layer: source.map(|(policy, _)| policy.layer.to_string()),
            rule: source.map(id),
            kind,
            reasons: [
                words.and_then(|words| words.nl.clone()),
                words.and_then(|words| words.en.clone()),
            ],
        }
    }
}
