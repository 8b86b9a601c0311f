//! `sluis grant key`: a key that signs grants.

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};

use crate::failure::Failure;
use crate::feed::grant_keys::{self, NewKey};
use crate::output;

pub(super) const HELP: &str = "\
Examples:
  sluis grant key /media/usb/grant-keys
  sluis grant key --show hsm.pub

Makes a key, encrypted with a passphrase, and prints how the `grants` of a policy name it. With --show, nothing is made: it \
prints that for a public key that is there, for example of one made elsewhere.

Exit codes: 0 made or shown, 2 a file can't be used.";

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").required(true).args(["folder", "show"])))]
pub(super) struct Key {
    /// The folder for the private key.
    #[arg(value_name = "KEYDIR")]
    folder: Option<PathBuf>,
    /// A public key in PEM, to be shown only.
    #[arg(long, value_name = "FILE", conflicts_with = "folder")]
    show: Option<String>,
    #[command(flatten)]
    new: NewKey,
}

pub(super) fn run(arguments: &Key) -> Result<(), Failure> {
    if let Some(file) = &arguments.show {
        return output::print(&grant_keys::named(file)?.to_string());
    }
    let folder = arguments.folder.as_deref().unwrap_or(Path::new("."));
    let (key, path) = arguments.new.make(folder)?;
    output::print(&format!(
        "A key was made in {}. A policy names it so:\n{key}",
        path.display()
    ))
}
