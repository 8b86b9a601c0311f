//! `sluis inventory`: reads inventories, says what is in them, and writes them in one format.

use std::path::PathBuf;

use clap::Args;

use super::{Device, Format, json_lines};
use crate::catalogue;
use crate::failure::Failure;
use crate::output::{self, shown};

/// What to read, and how to tell it.
#[derive(Debug, Args)]
#[command(after_help = "Formats, told by how a file begins:\n  \
    pm          what `pm list packages` prints, with or without -f -U -i --show-versioncode, or a list of names\n  \
    dumpsys     what `dumpsys package` prints, also within a bug report; each user is told apart\n  \
    androidqf   packages.json of an AndroidQF acquisition\n  \
    intune      a discovered-apps export of Microsoft Intune (CSV): names only, never certain\n  \
    json-lines  what --json writes\n\
    Each may be compressed (gzip, Zstandard) or in a zip archive.\n\n\
    Examples:\n  \
    adb shell dumpsys package | sluis inventory -\n  \
    sluis inventory phones/ export.zip\n  \
    sluis inventory phones/ --json > phones.jsonl\n\n\
    Exit codes: 0 all was read; 1 something could not be read, which is told; 2 nothing could be.")]
pub(crate) struct Arguments {
    /// Files, folders of files, or `-` for standard input.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// What the files are, where that cannot be told from them.
    #[arg(long, value_enum, value_name = "FORMAT")]
    inventory_format: Option<Format>,
    /// The vendor catalogue, which knows packages for names; the one that comes with this tool if absent.
    #[arg(long, value_name = "FILE")]
    catalogue: Option<PathBuf>,
    /// Write a line of JSON for each phone, which every command takes as an inventory.
    #[arg(long)]
    json: bool,
}

/// How much was read.
#[derive(Default)]
struct Total {
    phones: usize,
    packages: usize,
    named: usize,
    unreadable: usize,
    files: usize,
}

/// Does what the arguments ask.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let catalogue = catalogue::read(arguments.catalogue.as_deref())?;
    let mut total = Total::default();
    for phone in super::open(&arguments.paths, arguments.inventory_format, &catalogue) {
        match phone {
            Ok(device) => {
                tell(&device);
                total.add(&device);
                let line = match arguments.json {
                    true => json_lines::write(device).map_err(|e| Failure::unusable(e.to_string()))?,
                    false => summary(&device),
                };
                output::print(&line)?;
            }
            Err(file) => {
                eprintln!("{}", shown(&file.to_string()));
                total.files += 1;
            }
        }
    }
    total.told(arguments.json)
}

/// What could not be read, on standard error.
fn tell(device: &Device) {
    let (name, unreadable) = (shown(&device.name), &device.unreadable);
    for line in unreadable.first() {
        eprintln!("{name}: {}", shown(&line.to_string()));
    }
    let more = unreadable.count() - unreadable.first().len();
    if more > 0 {
        eprintln!("{name}: {more} more lines that could not be read");
    }
}

fn summary(device: &Device) -> String {
    let mut line = format!(
        "{}: {}",
        shown(&device.name),
        counted(device.packages.len(), "package", "packages")
    );
    let known = |what: &str, count: usize| match count {
        0 => String::new(),
        count => format!(", {count} {what}"),
    };
    let count = |has: fn(&sluis_core::policy::facts::PackageFacts) -> bool| {
        device.packages.iter().filter(|p| has(p)).count()
    };
    line.push_str(&known("of the system", count(|p| p.system == Some(true))));
    line.push_str(&known("with a known signer", count(|p| p.signers.is_some())));
    line.push_str(&known("with a known installer", count(|p| p.installer.is_some())));
    line.push_str(&known("hidden", count(|p| p.hidden == Some(true))));
    line.push_str(&known("suspended", count(|p| p.suspended == Some(true))));
    let matched = device
        .by_name
        .iter()
        .filter(|app| !app.candidates.is_empty())
        .count();
    line.push_str(&known("by name only", device.by_name.len()));
    line.push_str(&known("of these in the catalogue", matched));
    line.push_str(&known("unreadable", device.unreadable.count()));
    line
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

impl Total {
    fn add(&mut self, device: &Device) {
        self.phones += 1;
        self.packages += device.packages.len();
        self.named += device.by_name.len();
        self.unreadable += device.unreadable.count();
    }

    fn told(&self, json: bool) -> Result<(), Failure> {
        let Self {
            phones,
            packages,
            named,
            unreadable,
            files,
        } = self;
        if packages + named == 0 {
            return Err(Failure::unusable("no inventory could be read"));
        }
        if !json && *phones > 1 {
            let packages = counted(*packages, "package", "packages");
            output::print(&format!(
                "\n{} with {packages}",
                counted(*phones, "inventory", "inventories")
            ))?;
        }
        match unreadable + files {
            0 => Ok(()),
            _ => Err(Failure::findings(format!(
                "{} and {} could not be read",
                counted(*unreadable, "line", "lines"),
                counted(*files, "file", "files")
            ))),
        }
    }
}
