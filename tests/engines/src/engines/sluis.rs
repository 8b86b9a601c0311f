//! Sluis, by the call that the agent makes.

use std::hint::black_box;

use sluis_core::policy::facts::PackageFacts;
use sluis_core::policy::{Circumstances, Floors, Past, Ruleset, Verdict};

use super::Contender;
use crate::work::{Answer, Work, compile};

/// 14 November 2023: no rule here goes by time.
const NOW_MS: i64 = 1_700_000_000_000;

pub struct Sluis {
    policies: Vec<String>,
    ruleset: Option<Ruleset>,
    past: Past,
    phones: Vec<Vec<PackageFacts>>,
    verdicts: Vec<Verdict>,
}

impl Sluis {
    pub fn new(work: &Work) -> Self {
        Self {
            policies: work.policies.clone(),
            ruleset: None,
            past: Past::default(),
            phones: Vec::new(),
            verdicts: Vec::new(),
        }
    }
}

/// As the agent has it: each layer with the time that its feed has signed.
pub fn circumstances(past: &Past) -> Circumstances<'_> {
    Circumstances {
        wall_ms: NOW_MS,
        floors: Floors::Signed(vec![Some(NOW_MS); 2]),
        phone: None,
        groups: &[],
        past,
    }
}

impl Contender for Sluis {
    fn package(&self) -> &'static str {
        "sluis-core"
    }

    fn form(&self) -> &'static str {
        "policies as published"
    }

    fn load(&mut self) {
        self.ruleset = Some(compile(&self.policies));
    }

    fn prepare(&mut self, phones: &[Vec<PackageFacts>]) {
        self.phones = phones.to_vec();
    }

    fn judge(&mut self, phone: usize) {
        let circumstances = circumstances(&self.past);
        // What is in force is found out anew each time, as the agent does.
        let judge = self.ruleset.as_ref().unwrap().at(black_box(&circumstances));
        judge.evaluate_all(black_box(&self.phones[phone]), &mut self.verdicts);
    }

    fn answers(&self) -> Vec<Answer> {
        self.verdicts.iter().copied().map(Answer::from).collect()
    }
}
