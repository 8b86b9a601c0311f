//! Where passphrases come from: a file, the environment, or whoever sits at the terminal.

use std::env;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use clap::Args;
use zeroize::Zeroizing;

use super::file;
use crate::failure::Failure;
use crate::files;
use crate::progress;

/// For machines: a passphrase that nobody types.
const VARIABLE: &str = "SLUIS_PASSPHRASE";
/// A key file that is stolen can be tried as often as the thief likes.
const LEAST_CHARACTERS: usize = 12;

/// A passphrase; its memory is cleared when it is dropped.
pub(in crate::feed) type Passphrase = Zeroizing<String>;

/// How passphrases of private keys are given.
#[derive(Debug, Args)]
pub(in crate::feed) struct PassphraseOptions {
    /// A file with the passphrase of the private keys, one a line where keys have several. Without it, the environment
    /// variable SLUIS_PASSPHRASE counts; without that, the passphrase is asked for.
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

/// The passphrases that are known so far.
#[derive(Debug)]
pub(in crate::feed) struct Passphrases {
    known: Vec<Passphrase>,
    /// Nobody is asked where a file or the environment gave them.
    given: bool,
}

impl Passphrases {
    /// Reads what the options and the environment say.
    pub(in crate::feed) fn new(options: &PassphraseOptions) -> Result<Self, Failure> {
        let known = match (&options.passphrase_file, env::var(VARIABLE)) {
            (Some(path), _) => from_file(path)?,
            (None, Ok(value)) => vec![Zeroizing::new(value)],
            (None, Err(_)) => Vec::new(),
        };
        Ok(Self {
            given: !known.is_empty(),
            known,
        })
    }

    /// The passphrase for keys that are made now.
    pub(in crate::feed) fn for_new_keys(&mut self) -> Result<Passphrase, Failure> {
        if self.known.is_empty() {
            let first = ask("Passphrase for the new private keys: ")?;
            if *first != *ask("Once more: ")? {
                return Err(Failure::unusable("the two passphrases differ; nothing was made"));
            }
            self.known.push(first);
        }
        let passphrase = self.known.first().cloned().unwrap_or_default();
        if passphrase.chars().count() < LEAST_CHARACTERS {
            return Err(Failure::unusable(format!(
                "the passphrase has fewer than {LEAST_CHARACTERS} characters: take several words"
            )));
        }
        Ok(passphrase)
    }

    /// Opens something with the passphrase that fits.
    pub(in crate::feed) fn open<T>(
        &mut self,
        path: &Path,
        open: impl Fn(&Passphrase) -> Option<T>,
    ) -> Result<T, Failure> {
        let opening = format!("opening {}", path.display());
        progress::show(&opening);
        if let Some(opened) = self.known.iter().find_map(&open) {
            return Ok(opened);
        }
        if self.given {
            return Err(Failure::file(
                path,
                "the passphrase that was given does not open this key",
            ));
        }
        let passphrase = ask(&format!("Passphrase for {}: ", path.display()))?;
        progress::show(&opening);
        match open(&passphrase) {
            Some(opened) => {
                // Often it is that of the next key, too.
                self.known.push(passphrase);
                Ok(opened)
            }
            None => Err(Failure::file(path, "this passphrase does not open this key")),
        }
    }
}

fn from_file(path: &Path) -> Result<Vec<Passphrase>, Failure> {
    file::refuse_if_shared(path)?;
    let text = Zeroizing::new(files::read_text(path, file::MAX_BYTES)?);
    let lines = text.lines().filter(|line| !line.is_empty());
    let passphrases: Vec<Passphrase> = lines.map(|line| Zeroizing::new(line.to_owned())).collect();
    if passphrases.is_empty() {
        return Err(Failure::file(path, "there is no passphrase in this file"));
    }
    Ok(passphrases)
}

/// Asks at the terminal, without showing what is typed.
fn ask(prompt: &str) -> Result<Passphrase, Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::unusable(format!(
            "a passphrase is needed, and there is no terminal to ask at: give --passphrase-file or set {VARIABLE}"
        )));
    }
    progress::clear();
    rpassword::prompt_password(prompt)
        .map(Zeroizing::new)
        .map_err(|error| Failure::unusable(format!("the passphrase could not be read: {error}")))
}
