//! Inventories as Sluis itself writes them: a phone in each line, `sluis.inventory/1`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sluis_core::policy::facts::{PackageFacts, Roles};
use sluis_policy::values::is_package;

use super::UnreadableFile;
use super::device::{Device, NamedApp, Unreadables};
use super::files::Bytes;
use super::lines::Lines;

/// The value of `format`.
const FORMAT: &str = "sluis.inventory/1";

/// A line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Phone {
    format: String,
    /// What to call the phone.
    device: String,
    packages: Vec<PackageFacts>,
    #[serde(default, skip_serializing_if = "Roles::is_empty")]
    roles: Roles,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    by_name: Vec<NamedApp>,
}

/// The phones of a file, one line at a time; what the lines say is still to be read.
pub(super) fn read(name: String, text: Bytes) -> impl Iterator<Item = Result<JsonLine, UnreadableFile>> {
    let mut lines = Lines::new(text);
    let name: Arc<str> = name.into();
    let mut failed = false;
    std::iter::from_fn(move || {
        loop {
            if failed {
                return None;
            }
            let line = match lines.next() {
                Ok(line) => line?,
                Err(error) => {
                    failed = true;
                    let (file, problem) = (name.to_string(), error.to_string());
                    return Some(Err(UnreadableFile { file, problem }));
                }
            };
            if line.bytes.trim_ascii().is_empty() {
                continue;
            }
            return Some(Ok(JsonLine {
                file: Arc::clone(&name),
                number: line.number,
                bytes: line.bytes.to_vec(),
                cut: line.cut,
            }));
        }
    })
}

/// A line that is still to be read, so that this can be done by several threads.
#[derive(Debug)]
pub(crate) struct JsonLine {
    file: Arc<str>,
    number: usize,
    bytes: Vec<u8>,
    cut: bool,
}

impl JsonLine {
    /// The phone. One that cannot be read is a phone of which nothing is known, not one that is not there.
    pub(crate) fn read(&self) -> Device {
        let read = match self.cut {
            true => Err("longer than 16 MiB".to_owned()),
            false => device(&self.bytes),
        };
        read.unwrap_or_else(|problem| {
            let mut unreadable = Unreadables::default();
            unreadable.report(self.number, &self.bytes, problem);
            Device {
                name: format!("{}, line {}", self.file, self.number),
                unreadable,
                ..Device::default()
            }
        })
    }

    /// How much memory it takes.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }
}

fn device(line: &[u8]) -> Result<Device, String> {
    let phone: Phone = serde_json::from_slice(line).map_err(|e| e.to_string())?;
    if phone.format != FORMAT {
        return Err(format!("the format is not `{FORMAT}`"));
    }
    let mut names: Vec<&str> = phone
        .packages
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    names.sort_unstable();
    if let Some(wrong) = names.iter().find(|name| !is_package(name)) {
        return Err(format!(
            "`{}` is no package name",
            super::device::beginning(wrong.as_bytes())
        ));
    }
    if let Some([twice, _]) = names.array_windows().find(|[a, b]| a == b) {
        return Err(format!("the package {twice} twice"));
    }
    Ok(Device {
        name: shortened(phone.device),
        packages: phone.packages,
        roles: phone.roles,
        by_name: phone.by_name,
        unreadable: Unreadables::default(),
    })
}

/// A name by which a phone can be found: a report holds many of them.
fn shortened(name: String) -> String {
    const MOST: usize = 200;
    match name.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default()),
        None => name,
    }
}

/// A phone as a line, without what is not known of its packages.
pub(super) fn write(device: Device) -> serde_json::Result<String> {
    let phone = Phone {
        format: FORMAT.to_owned(),
        device: device.name,
        packages: device.packages,
        roles: device.roles,
        by_name: device.by_name,
    };
    let mut line = serde_json::to_value(phone)?;
    let packages = line.get_mut("packages").and_then(Value::as_array_mut);
    for package in packages.into_iter().flatten().filter_map(Value::as_object_mut) {
        package.retain(|_, value| !value.is_null());
    }
    serde_json::to_string(&line)
}

#[cfg(test)]
mod tests;
