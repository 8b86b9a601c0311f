//! What kind of inventory a file is, told by how it begins.

use clap::ValueEnum;

use super::files::Bytes;
use super::{dumpsys, intune, package_list, text};

/// The kinds of inventories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// What `pm list packages` prints, or a list of package names.
    #[value(name = "pm")]
    PackageList,
    /// What `dumpsys package` prints.
    Dumpsys,
    /// `packages.json` of an AndroidQF acquisition.
    #[value(name = "androidqf")]
    AndroidQf,
    /// A discovered-apps export of Microsoft Intune, CSV.
    Intune,
    /// A phone per line, as `sluis inventory --json` writes it.
    #[value(name = "json-lines")]
    JsonLines,
}

const KNOWN: &str = "the output of `pm list packages` or `dumpsys package`, AndroidQF's packages.json, an Intune \
                     discovered-apps CSV, or JSON lines of `sluis inventory`";

/// The format, or why it cannot be told. The text stays to be read from its beginning.
pub(super) fn detect(text: &mut Bytes) -> Result<Format, String> {
    let head = text::head(text).map_err(|e| e.to_string())?;
    let head = String::from_utf8_lossy(&head);
    if head.trim().is_empty() {
        return Err(format!("empty, no package found; expected {KNOWN}"));
    }
    let first = head.trim_start();
    if first.starts_with('[') && first.contains("\"name\"") && first.contains("\"files\"") {
        return Ok(Format::AndroidQf);
    }
    if first.starts_with('{') && first.contains("\"packages\"") {
        return Ok(Format::JsonLines);
    }
    if first.lines().next().is_some_and(intune::is_header) {
        return Ok(Format::Intune);
    }
    if head.lines().any(dumpsys::tells) {
        return Ok(Format::Dumpsys);
    }
    // Prose and HTML have lines that could be names, but not one that is marked as a package or has a dot.
    if head.lines().any(package_list::tells) {
        return Ok(Format::PackageList);
    }
    Err(format!(
        "no package found; expected {KNOWN}; if it is one of these, say which with --inventory-format"
    ))
}
