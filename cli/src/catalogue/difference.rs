//! What a new catalogue changes, in lines that a curator can check before anybody's phone reads it.

use std::collections::BTreeMap;
use std::fmt::Display;

use serde::Serialize;
use serde_json::Value;
use sluis_policy::catalogue::{Catalogue, Component, Control, Vendor};

/// One line for each vendor, package, prefix, signer and SDK that is added (`+`), removed (`-`) or changed (`~`); none
/// where nothing is.
pub(super) fn lines(old: &Catalogue, new: &Catalogue) -> Vec<String> {
    let vendors = Compared::new(&old.vendors, &new.vendors, |v: &Vendor| v.id.to_string());
    let components = Compared::new(&old.components, &new.components, |c: &Component| c.id.to_string());
    let vendors = vendors.lines("vendor", describe_vendor, vendor_lines);
    let components = components.lines("component", describe_component, component_lines);
    vendors.into_iter().chain(components).collect()
}

/// The same things of two lists, side by side by what names them.
struct Compared<'a, T> {
    pairs: BTreeMap<String, (Option<&'a T>, Option<&'a T>)>,
}

impl<'a, T: PartialEq> Compared<'a, T> {
    fn new(old: &'a [T], new: &'a [T], key: impl Fn(&T) -> String) -> Self {
        let mut pairs: BTreeMap<String, (Option<&T>, Option<&T>)> = BTreeMap::new();
        for thing in old {
            pairs.entry(key(thing)).or_default().0 = Some(thing);
        }
        for thing in new {
            pairs.entry(key(thing)).or_default().1 = Some(thing);
        }
        Self { pairs }
    }

    fn lines(
        self,
        what: &str,
        describe: impl Fn(&T) -> String,
        changes: impl Fn(&T, &T) -> Vec<String>,
    ) -> Vec<String> {
        let mut lines = Vec::new();
        for (key, pair) in self.pairs {
            match pair {
                (None, Some(new)) => lines.push(format!("+ {what} {key}{}", describe(new))),
                (Some(old), None) => lines.push(format!("- {what} {key}{}", describe(old))),
                (Some(old), Some(new)) if old != new => {
                    lines.push(format!("~ {what} {key}"));
                    lines.extend(changes(old, new).into_iter().map(|line| format!("  {line}")));
                }
                _ => {}
            }
        }
        lines
    }
}

fn describe_vendor(vendor: &Vendor) -> String {
    let Vendor {
        name,
        packages,
        prefixes,
        signers,
        ..
    } = vendor;
    let country = vendor
        .country_of_control
        .map_or("nobody can say".into(), |c| c.to_string());
    let sure = sureness(vendor.control_assessment);
    format!(
        " ({name}; {country}, {sure}): {}, {}, {}",
        counted(packages.len(), "package", "packages"),
        counted(prefixes.len(), "prefix", "prefixes"),
        counted(signers.len(), "signer", "signers")
    )
}

fn describe_component(component: &Component) -> String {
    let (name, made_by) = (&component.name, &component.made_by);
    let sure = sureness(component.control_assessment);
    format!(" ({name} of {made_by}; {}, {sure})", component.country_of_control)
}

fn sureness(control: Control) -> &'static str {
    match control {
        Control::Clear => "clear",
        Control::Contested => "contested",
    }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn vendor_lines(old: &Vendor, new: &Vendor) -> Vec<String> {
    let parts = ["packages", "prefixes", "signers"];
    let mut lines = field_lines(old, new, &parts);
    let packages = Compared::new(&old.packages, &new.packages, |app| app.package.clone());
    let named =
        |app: &sluis_policy::catalogue::App| app.name.as_ref().map_or(String::new(), |n| format!(" ({n})"));
    lines.extend(packages.lines("package", named, |old, new| {
        let mut lines = field(&"name", &old.name, &new.name);
        lines.extend(field(&"source", &old.evidence.source, &new.evidence.source));
        lines.extend(field(
            &"confidence",
            &old.evidence.confidence,
            &new.evidence.confidence,
        ));
        lines
    }));
    let prefixes = Compared::new(&old.prefixes, &new.prefixes, ToString::to_string);
    lines.extend(prefixes.lines("prefix", |_| String::new(), |_, _| Vec::new()));
    let signers = Compared::new(&old.signers, &new.signers, |signer| signer.sha256.to_string());
    let of = |signer: &sluis_policy::catalogue::Signer| format!(" ({})", signer.packages.join(", "));
    lines.extend(signers.lines("signer", of, |old, new| field_lines(old, new, &[])));
    lines
}

fn component_lines(old: &Component, new: &Component) -> Vec<String> {
    field_lines(old, new, &[])
}

/// The fields that differ, but for those that are compared one by one.
fn field_lines(old: &impl Serialize, new: &impl Serialize, but: &[&str]) -> Vec<String> {
    let fields = |thing: Result<Value, _>| match thing {
        Ok(Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let (old, new) = (
        fields(serde_json::to_value(old)),
        fields(serde_json::to_value(new)),
    );
    let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
    names.sort();
    names.dedup();
    names.retain(|name| !but.contains(&name.as_str()));
    names
        .into_iter()
        .flat_map(|name| field(name, &old.get(name), &new.get(name)))
        .collect()
}

fn field<T: PartialEq + Serialize>(name: &impl Display, old: &T, new: &T) -> Vec<String> {
    let shown = |value: &T| match serde_json::to_string(value) {
        Ok(text) if text != "null" => text,
        _ => "nothing".into(),
    };
    match old == new {
        true => Vec::new(),
        false => vec![format!("~ {name}: {} -> {}", shown(old), shown(new))],
    }
}
