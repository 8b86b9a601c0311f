//! JSON Schemas (2020-12) of the documents, for editors that complete and check.
//!
//! A schema accepts all that the parser accepts. It cannot express all that the parser refuses: ids that are there
//! twice, names that lead nowhere, moments in the wrong order, dates that do not exist, sums of durations, and what is
//! no strict JSON. `sluis lint` says all of it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::shape::{Field, Object, Pattern, Shape};
use crate::{catalogue, grant, policy};

/// The schema of `sluis.policy/1`.
pub fn of_policy() -> Value {
    document(policy::FORMAT, "A policy of Sluis", &policy::POLICY)
}

/// The schema of `sluis.catalogue/1`.
pub fn of_catalogue() -> Value {
    document(
        catalogue::FORMAT,
        "A vendor catalogue of Sluis",
        &catalogue::CATALOGUE,
    )
}

/// The schema of `sluis.grant/1`.
pub fn of_grant() -> Value {
    document(grant::FORMAT, "A grant of Sluis", &grant::GRANT)
}

/// What is defined once and used by name.
type Definitions = BTreeMap<&'static str, Value>;

fn document(format: &str, title: &str, root: &'static Object) -> Value {
    let mut definitions = Definitions::new();
    let mut schema = object(root, &mut definitions);
    let head = [
        ("$schema", json!("https://json-schema.org/draft/2020-12/schema")),
        ("$id", json!(format!("urn:sluis:{}", format.replace('/', ":")))),
        ("title", json!(title)),
    ];
    for (key, value) in head {
        schema.insert(key.to_owned(), value);
    }
    schema.insert("$defs".to_owned(), json!(definitions));
    Value::Object(schema)
}

fn of(shape: &'static Shape, definitions: &mut Definitions) -> Value {
    match shape {
        Shape::Words(words) => json!({ "enum": words() }),
        Shape::Text(pattern) => text(pattern, definitions),
        Shape::Integer(least, most) => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Shape::Boolean => json!({ "type": "boolean" }),
        Shape::List { of: element, filled } => {
            let mut list = json!({ "type": "array", "items": of(element, definitions) });
            if *filled && let Some(list) = list.as_object_mut() {
                list.insert("minItems".to_owned(), json!(1));
            }
            list
        }
        Shape::Object(shape) => {
            if !definitions.contains_key(shape.name) {
                let defined = object(shape, definitions);
                definitions.insert(shape.name, Value::Object(defined));
            }
            reference(shape.name)
        }
        Shape::Map(keys, values) => json!({
            "type": "object",
            "propertyNames": text(keys, definitions),
            "additionalProperties": of(values, definitions),
        }),
        Shape::Either(shapes) => {
            let any: Vec<Value> = shapes.iter().map(|shape| of(shape, definitions)).collect();
            json!({ "anyOf": any })
        }
    }
}

fn text(pattern: &'static Pattern, definitions: &mut Definitions) -> Value {
    let Pattern {
        name,
        expected,
        regex,
    } = pattern;
    let defined = json!({ "type": "string", "pattern": regex, "description": expected });
    definitions.insert(name, defined);
    reference(name)
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

fn object(shape: &'static Object, definitions: &mut Definitions) -> Map<String, Value> {
    let property = |field: &'static Field, definitions: &mut Definitions| {
        let mut property = of(&field.shape, definitions);
        if let Some(property) = property.as_object_mut() {
            property.insert("description".to_owned(), json!(field.about));
        }
        (field.name.to_owned(), property)
    };
    let properties: Map<String, Value> = shape
        .fields
        .iter()
        .map(|field| property(field, definitions))
        .collect();
    let required: Vec<&str> = shape
        .fields
        .iter()
        .filter(|field| field.required)
        .map(|field| field.name)
        .collect();
    let mut schema = Map::new();
    let mut put = |key: &str, value: Value| schema.insert(key.to_owned(), value);
    put("type", json!("object"));
    put("properties", Value::Object(properties));
    put("additionalProperties", json!(false));
    if !required.is_empty() {
        put("required", json!(required));
    }
    if !shape.some_of.is_empty() {
        let some: Vec<Value> = shape
            .some_of
            .iter()
            .map(|name| json!({ "required": [name] }))
            .collect();
        put("anyOf", json!(some));
    }
    if !shape.only_where.is_empty() {
        let condition = |(field, other, words): &(&str, &str, &[&str])| {
            let value = json!({ "properties": { *other: { "enum": words } } });
            ((*field).to_owned(), value)
        };
        let conditions: Map<String, Value> = shape.only_where.iter().map(condition).collect();
        put("dependentSchemas", Value::Object(conditions));
    }
    schema
}
