//! The files that a catalogue is made from.

mod sdks;
mod vendors;

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;
use sluis_policy::catalogue::{Catalogue, Contents};

use sdks::SourceSdk;
use vendors::SourceVendor;

/// The catalogue that the source files give together, and one line for each thing that was left out or changed.
///
/// # Errors
/// Says which file cannot be used, where and why.
pub(super) fn read(paths: &[PathBuf]) -> Result<(Catalogue, Vec<String>), String> {
    let (mut vendors, mut sdks, mut notices) = (Vec::new(), Vec::new(), Vec::new());
    for path in paths {
        let named = |error: String| format!("{}: {error}", path.display());
        match read_one(path).map_err(named)? {
            List::Vendors(list) => {
                let (read, left_out) = vendors::convert(list).map_err(named)?;
                vendors.extend(read);
                notices.extend(left_out);
            }
            List::Sdks(list) => sdks.extend(list),
        }
    }
    if vendors.is_empty() {
        return Err("no vendors in these files; give the list of vendors too".into());
    }
    vendors::put_in_order(&mut vendors)?;
    let (components, left_out) = sdks::convert(sdks, &vendors)?;
    notices.extend(left_out);
    Ok((Contents { vendors, components }.into(), notices))
}

enum List {
    Vendors(Vec<SourceVendor>),
    Sdks(Vec<SourceSdk>),
}

/// A list of vendors or of SDKs, told apart by a field that only one of them has.
fn read_one(path: &Path) -> Result<List, String> {
    let bytes = fs::read(path).map_err(|e| e.to_string())?;
    let entries: Vec<Value> = serde_json::from_slice(&bytes).map_err(|e| e.to_string())?;
    let any_has = |field: &str| entries.iter().any(|entry| entry.get(field).is_some());
    match (any_has("country_of_control"), any_has("code_prefixes")) {
        (true, false) => entries_of(&bytes).map(List::Vendors),
        (false, true) => entries_of(&bytes).map(List::Sdks),
        _ => Err(
            "expected a list of vendors (with `country_of_control`) or of SDKs (with `code_prefixes`)".into(),
        ),
    }
}

/// Read once more from the bytes, since only they know line and column.
fn entries_of<'b, T: Deserialize<'b>>(bytes: &'b [u8]) -> Result<Vec<T>, String> {
    serde_json::from_slice(bytes).map_err(|e| e.to_string())
}
