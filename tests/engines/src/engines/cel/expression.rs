//! One expression, by the version of the interpreter that the module above names.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use sluis_core::policy::facts::PackageFacts;
use sluis_policy::policy::Effect;

use super::library::objects::{Key, Map};
use super::library::{Program, Value};
use super::{Context, PACKAGE};
use crate::engines::Contender;
use crate::engines::tables::{Tables, answer, effects};
use crate::work::{Answer, Work, namespaces, signer, system};

const EXPRESSION: &str = include_str!("phone.cel");

pub struct Cel {
    tables: String,
    effects: Vec<Effect>,
    program: Option<Program>,
    /// What all packages share. It lives as long as the process: contexts of packages borrow it.
    shared: Option<&'static Context>,
    phones: Vec<Vec<Context>>,
    values: Vec<Value>,
}

impl Cel {
    pub fn new(work: &Work) -> Self {
        Self {
            tables: Tables::of(work).as_json().to_string(),
            effects: effects(work),
            program: None,
            shared: None,
            phones: Vec::new(),
            values: Vec::new(),
        }
    }
}

fn text(text: &str) -> Value {
    Value::String(Arc::new(text.to_owned()))
}

fn map(table: BTreeMap<String, i64>) -> Value {
    let entries = table
        .into_iter()
        .map(|(key, number)| (Key::String(Arc::new(key)), Value::Int(number)));
    Value::Map(Map {
        map: Arc::new(entries.collect::<HashMap<_, _>>()),
    })
}

impl Contender for Cel {
    fn package(&self) -> &'static str {
        PACKAGE
    }

    fn form(&self) -> &'static str {
        "one expression over maps"
    }

    fn load(&mut self) {
        self.program = Some(Program::compile(EXPRESSION).unwrap());
        let tables: BTreeMap<String, BTreeMap<String, i64>> = serde_json::from_str(&self.tables).unwrap();
        let mut shared = Context::default();
        for (name, table) in tables {
            shared.add_variable_from_value(name, map(table));
        }
        self.shared = Some(Box::leak(Box::new(shared)));
    }

    fn prepare(&mut self, phones: &[Vec<PackageFacts>]) {
        let shared = self.shared.unwrap();
        let context = |package: &PackageFacts| {
            let mut context = shared.new_inner_scope();
            context.add_variable_from_value("name", text(&package.name));
            context.add_variable_from_value("signer", text(&signer(package)));
            context.add_variable_from_value("system", Value::Bool(system(package)));
            let namespaces = namespaces(&package.name).map(text).collect();
            context.add_variable_from_value("namespaces", Value::List(Arc::new(namespaces)));
            context
        };
        let contexts = |phone: &Vec<PackageFacts>| phone.iter().map(context).collect();
        self.phones = phones.iter().map(contexts).collect();
    }

    fn judge(&mut self, phone: usize) {
        self.values.clear();
        let program = self.program.as_ref().unwrap();
        let values = self.phones[phone]
            .iter()
            .map(|context| program.execute(context).unwrap());
        self.values.extend(values);
    }

    fn answers(&self) -> Vec<Answer> {
        let number = |value: &Value| match value {
            Value::Int(number) => *number,
            other => panic!("the expression has numbers only, not {other:?}"),
        };
        self.values
            .iter()
            .map(|value| answer(number(value), &self.effects))
            .collect()
    }
}
