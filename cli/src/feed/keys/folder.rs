//! Folders of private keys, beside each its public half for others to have.

use std::fs::{self, DirBuilder};
use std::io;
use std::path::{self, Component, Path, PathBuf};

use super::passphrase::Passphrase;
use super::{KeyKind, PublicKey, SigningKey, file};
use crate::failure::Failure;
use crate::feed::staging;
use crate::files;
use crate::progress;

/// A folder in which new keys are put.
#[derive(Debug)]
pub(in crate::feed) struct KeyFolder<'a> {
    folder: &'a Path,
    passphrase: Option<Passphrase>,
}

impl<'a> KeyFolder<'a> {
    /// A folder for keys that are encrypted with a passphrase, or not at all. Nothing is made yet.
    pub(in crate::feed) fn new(
        folder: &'a Path,
        feed: &Path,
        passphrase: Option<Passphrase>,
    ) -> Result<Self, Failure> {
        refuse_to_publish_keys(feed, folder)?;
        Ok(Self { folder, passphrase })
    }

    /// A folder for keys that have nothing to do with a feed.
    pub(in crate::feed) fn apart(folder: &'a Path, passphrase: Option<Passphrase>) -> Self {
        Self { folder, passphrase }
    }

    /// Makes a key for a role; its file has the role's name, with a number where that is taken.
    pub(in crate::feed) fn make(&self, role: &str, kind: KeyKind) -> Result<(SigningKey, PathBuf), Failure> {
        make_folder(self.folder)?;
        let path = self.free_path(role);
        progress::show(&format!("making {}", path.display()));
        let (key, der) = SigningKey::generate(kind)?;
        let pem = file::to_pem(&der, self.passphrase.as_ref())?;
        file::write_secret(&path, pem.as_bytes())?;
        let public = path.with_extension("pub");
        fs::write(&public, key.public().to_pem()?).map_err(|error| Failure::file(&public, error))?;
        Ok((key, path))
    }

    fn free_path(&self, role: &str) -> PathBuf {
        let numbered = (2u32..).map(|number| format!("{role}-{number}.pem"));
        let names = std::iter::once(format!("{role}.pem")).chain(numbered);
        // The private half may be in a safe, and the public one here.
        let is_free = |path: &PathBuf| !path.exists() && !path.with_extension("pub").exists();
        let mut paths = names.map(|name| self.folder.join(name));
        paths.find(is_free).unwrap_or_default()
    }
}

/// The files in a folder that hold private keys, in the order of their names.
pub(super) fn private_keys(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| Failure::file(folder, error))? {
        let path = entry.map_err(|error| Failure::file(folder, error))?.path();
        if path.extension().is_some_and(|extension| extension == "pem") {
            // A bundle of certificates can be longer than any key.
            let is_file =
                fs::metadata(&path).is_ok_and(|found| found.is_file() && found.len() <= file::MAX_BYTES);
            if is_file
                && file::is_private(&String::from_utf8_lossy(&files::read_given(
                    &path,
                    file::MAX_BYTES,
                )?))
            {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The public half that lies beside a private key. Nobody vouches for it, so it only says which key to try.
pub(super) fn public_beside(private: &Path) -> Option<PublicKey> {
    PublicKey::load(&private.with_extension("pub")).ok()
}

/// Makes the folder, for its owner alone.
fn make_folder(folder: &Path) -> Result<(), Failure> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .map_err(|error| Failure::file(folder, error))
}

/// The feed's folder is put on the web, with all that is in it; what is staged is handed from one to the next, and
/// thrown away.
fn refuse_to_publish_keys(feed: &Path, keys: &Path) -> Result<(), Failure> {
    let real = |path: &Path| destination(path).map_err(|error| Failure::file(path, error));
    let why = if real(keys)?.starts_with(real(feed)?) {
        "lies in the feed's folder, which will be published; keep private keys elsewhere"
    } else if real(keys)?.starts_with(real(&staging::folder_of(feed))?) {
        "lies in the folder where a feed's changes wait, which is handed to others and emptied; keep private keys elsewhere"
    } else {
        return Ok(());
    };
    Err(Failure::file(keys, why))
}

/// Where a path leads, links followed, whether or not there is anything yet.
fn destination(path: &Path) -> io::Result<PathBuf> {
    let mut real = PathBuf::new();
    for part in path::absolute(path)?.components() {
        match part {
            Component::ParentDir => drop(real.pop()),
            part => real.push(part),
        }
        if real.exists() {
            real = real.canonicalize()?;
        }
    }
    Ok(real)
}
