//! YAML written as JSON, and which place of the one is which of the other.

use std::collections::HashMap;

use serde_json::json;
use sluis_policy::json::{Node, Position, Value};

/// Of each key and value of the JSON where it stands in the YAML.
#[derive(Debug, Default)]
pub(crate) struct Places(HashMap<Position, Position>);

impl Places {
    /// Where that stands in the YAML; what has no place of its own there stays.
    pub(crate) fn of(&self, at: Position) -> Position {
        self.0.get(&at).copied().unwrap_or(at)
    }
}

/// The document as JSON with a line for each value, for readers that say where something is wrong.
pub(crate) fn written(node: &Node) -> (String, Places) {
    let mut writer = Writer {
        out: String::new(),
        line: 1,
        column: 1,
        places: Places::default(),
    };
    writer.value(node);
    (writer.out, writer.places)
}

struct Writer {
    out: String,
    line: u32,
    column: u32,
    places: Places,
}

impl Writer {
    fn put(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    }

    fn new_line(&mut self) {
        self.out.push('\n');
        (self.line, self.column) = (self.line + 1, 1);
    }

    fn here(&mut self, at: Position) {
        let here = Position {
            line: self.line,
            column: self.column,
        };
        self.places.0.insert(here, at);
    }

    fn value(&mut self, node: &Node) {
        self.here(node.at);
        match &node.value {
            Value::Null => self.put("null"),
            Value::Bool(value) => self.put(&value.to_string()),
            Value::Integer(value) => self.put(&value.to_string()),
            Value::String(text) => self.put(&json!(text.as_str()).to_string()),
            Value::Array(elements) => {
                self.put("[");
                for (i, element) in elements.iter().enumerate() {
                    if i > 0 {
                        self.put(",");
                    }
                    self.new_line();
                    self.value(element);
                }
                if !elements.is_empty() {
                    self.new_line();
                }
                self.put("]");
            }
            Value::Object(members) => {
                self.put("{");
                for (i, member) in members.iter().enumerate() {
                    if i > 0 {
                        self.put(",");
                    }
                    self.new_line();
                    self.here(member.key_at);
                    self.put(&json!(member.key.as_str()).to_string());
                    self.put(": ");
                    self.value(&member.node);
                }
                if !members.is_empty() {
                    self.new_line();
                }
                self.put("}");
            }
        }
    }
}
