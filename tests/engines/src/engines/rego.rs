//! Rego, as regorus runs it: by its interpreter, and by its virtual machine. Rules are data, looked up by key, as the
//! documentation of Rego advises; a whole phone is one query, which is faster than a query for each package.

use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use regorus::{CompiledPolicy, Engine, Value};
use serde_json::json;
use sluis_core::policy::facts::PackageFacts;
use sluis_policy::policy::Effect;

use super::Contender;
use super::tables::{Tables, answer, effects};
use crate::work::{Answer, Work, namespaces, signer, system};

const ENTRY_POINT: &str = "data.phone.answers";

const POLICY: &str = include_str!("phone.rego");

/// The rules as text, and what engines make of a phone.
struct Source {
    data: String,
    effects: Vec<Effect>,
    inputs: Vec<Value>,
    answers: Value,
}

impl Source {
    fn new(work: &Work) -> Self {
        Self {
            data: Tables::of(work).as_json().to_string(),
            effects: effects(work),
            inputs: Vec::new(),
            answers: Value::Undefined,
        }
    }

    fn compile(&self) -> CompiledPolicy {
        let mut engine = Engine::new();
        engine.add_policy("phone.rego".into(), POLICY.into()).unwrap();
        engine.add_data(self.data()).unwrap();
        engine.compile_with_entrypoint(&ENTRY_POINT.into()).unwrap()
    }

    fn data(&self) -> Value {
        Value::from_json_str(&self.data).unwrap()
    }

    fn prepare(&mut self, phones: &[Vec<PackageFacts>]) {
        let input = |phone: &Vec<PackageFacts>| {
            let packages: Vec<_> = phone.iter().map(facts).collect();
            Value::from_json_str(&json!({ "packages": packages }).to_string()).unwrap()
        };
        self.inputs = phones.iter().map(input).collect();
    }

    fn answers(&self) -> Vec<Answer> {
        let number = |value: &Value| value.as_i64().unwrap_or_else(|_| panic!("{value} is no number"));
        let values = self.answers.as_array().unwrap().iter();
        values.map(|value| answer(number(value), &self.effects)).collect()
    }
}

fn facts(package: &PackageFacts) -> serde_json::Value {
    json!({
        "name": package.name,
        "namespaces": namespaces(&package.name).collect::<Vec<_>>(),
        "signer": signer(package),
        "system": system(package),
    })
}

/// By the interpreter.
pub struct Interpreted {
    source: Source,
    policy: Option<CompiledPolicy>,
}

impl Interpreted {
    pub fn new(work: &Work) -> Self {
        Self {
            source: Source::new(work),
            policy: None,
        }
    }
}

impl Contender for Interpreted {
    fn package(&self) -> &'static str {
        "regorus"
    }

    fn form(&self) -> &'static str {
        "tables as data, interpreter"
    }

    fn load(&mut self) {
        self.policy = Some(self.source.compile());
    }

    fn prepare(&mut self, phones: &[Vec<PackageFacts>]) {
        self.source.prepare(phones);
    }

    fn judge(&mut self, phone: usize) {
        let input = self.source.inputs[phone].clone();
        self.source.answers = self.policy.as_ref().unwrap().eval_with_input(input).unwrap();
    }

    fn answers(&self) -> Vec<Answer> {
        self.source.answers()
    }
}

/// By the virtual machine.
pub struct Machine {
    source: Source,
    machine: RegoVM,
}

impl Machine {
    pub fn new(work: &Work) -> Self {
        Self {
            source: Source::new(work),
            machine: RegoVM::new(),
        }
    }
}

impl Contender for Machine {
    fn package(&self) -> &'static str {
        "regorus"
    }

    fn form(&self) -> &'static str {
        "tables as data, virtual machine"
    }

    fn load(&mut self) {
        let program = Compiler::compile_from_policy(&self.source.compile(), &[ENTRY_POINT]).unwrap();
        self.machine = RegoVM::new();
        self.machine.load_program(program);
        self.machine.set_data(self.source.data()).unwrap();
    }

    fn prepare(&mut self, phones: &[Vec<PackageFacts>]) {
        self.source.prepare(phones);
    }

    fn judge(&mut self, phone: usize) {
        self.machine.set_input(self.source.inputs[phone].clone());
        self.source.answers = self.machine.execute().unwrap();
    }

    fn answers(&self) -> Vec<Answer> {
        self.source.answers()
    }
}
