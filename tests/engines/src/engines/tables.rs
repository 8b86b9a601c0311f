//! The rules as look-up tables, for engines whose language has maps: from each value to the first rule that has it.

use std::collections::BTreeMap;

use sluis_policy::policy::Effect;

use crate::work::{Answer, Values, Work};

/// From a value to a rule's number.
pub type Table = BTreeMap<String, usize>;

/// What the rules' conditions are reduced to. Such an engine answers with a rule's number or with one of the two below.
pub struct Tables {
    pub denied_names: Table,
    pub denied_signers: Table,
    pub advised_namespaces: Table,
    pub allowed_names: Table,
}

/// The answer for a package that nothing allows.
pub const NOT_APPROVED: i64 = -1;
/// The answer for a package of which no rule says anything.
pub const NOTHING_SAID: i64 = -2;

impl Tables {
    pub fn of(work: &Work) -> Self {
        let tables = Self {
            denied_names: table(work, Effect::Deny, |rule| &rule.names),
            denied_signers: table(work, Effect::Deny, |rule| &rule.signers),
            advised_namespaces: table(work, Effect::Advise, |rule| &rule.prefixes),
            allowed_names: table(work, Effect::Allow, |rule| &rule.names),
        };
        let last_name = tables.denied_names.values().max();
        assert!(
            last_name < tables.denied_signers.values().min(),
            "by name comes before by signer"
        );
        tables
    }

    pub fn as_json(&self) -> serde_json::Value {
        serde_json::json!({
            "denied_names": self.denied_names,
            "denied_signers": self.denied_signers,
            "advised_namespaces": self.advised_namespaces,
            "allowed_names": self.allowed_names,
        })
    }
}

fn table(work: &Work, effect: Effect, values: impl Fn(&Values) -> &Vec<String>) -> Table {
    let mut table = Table::new();
    for (number, rule) in work.rules(effect) {
        for value in values(rule) {
            table.entry(value.clone()).or_insert(number);
        }
    }
    table
}

/// What a number means that an engine answered with.
pub fn answer(number: i64, effects: &[Effect]) -> Answer {
    match number {
        NOT_APPROVED => Answer::NotApproved,
        NOTHING_SAID => Answer::NothingSaid,
        number => {
            let rule = u32::try_from(number).unwrap();
            match effects[rule as usize] {
                Effect::Deny => Answer::Denied(rule),
                Effect::Advise => Answer::Advised(rule),
                Effect::Allow => Answer::Allowed(rule),
            }
        }
    }
}

/// Of each rule.
pub fn effects(work: &Work) -> Vec<Effect> {
    work.rules.iter().map(|rule| rule.effect).collect()
}
