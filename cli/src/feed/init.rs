//! `sluis feed init`: keys and the first root.

use std::path::{self, Component, Path, PathBuf};
use std::{fs, io};

use serde_json::{Map, json};

use super::keys::{self, SigningKey};
use super::{repository, signing};
use crate::failure::Failure;

/// The roles that every feed has (TUF 2.1), each with a key of its own.
const ROLES: [&str; 4] = ["root", "targets", "snapshot", "timestamp"];

/// Makes keys and a first root; the answer is the root's SHA-256.
pub(super) fn init(folder: &Path, key_folder: &Path, expires: i64) -> Result<String, Failure> {
    fs::create_dir_all(folder).map_err(|error| Failure::file(folder, error))?;
    // Found out before anything is made there.
    refuse_to_publish_keys(folder, key_folder)?;
    keys::make_folder(key_folder)?;
    let root_path = repository::root_path(folder, 1);
    let key_paths = ROLES.map(|role| keys::path(key_folder, role));
    // Found out before the first key is made, so that a second try does not stumble over the first.
    for path in key_paths.iter().chain([&root_path]) {
        if path.exists() {
            return Err(Failure::file(path, "exists already, and will not be overwritten"));
        }
    }

    let mut listed = Map::new();
    let mut roles = Map::new();
    let mut root_key = None;
    for (role, path) in ROLES.iter().zip(&key_paths) {
        let key = SigningKey::generate(path)?;
        listed.insert(key.id().into(), key.public_object());
        roles.insert((*role).into(), json!({ "keyids": [key.id()], "threshold": 1 }));
        root_key.get_or_insert(key);
    }
    let signed = signing::signed_part(
        "root",
        1,
        expires,
        [
            ("consistent_snapshot", true.into()),
            ("keys", listed.into()),
            ("roles", roles.into()),
        ],
    );
    let root_key = root_key.ok_or_else(|| Failure::unusable("a feed needs a root key"))?;
    let root = signing::signed_file(&signed, &root_key)?;
    repository::write(&root_path, &root)?;
    Ok(signing::sha256(&root))
}

/// The feed's folder is put on the web, with all that is in it.
fn refuse_to_publish_keys(folder: &Path, key_folder: &Path) -> Result<(), Failure> {
    let real = |path: &Path| destination(path).map_err(|error| Failure::file(path, error));
    if real(key_folder)?.starts_with(real(folder)?) {
        return Err(Failure::file(
            key_folder,
            "lies in the feed's folder, which will be published; keep private keys elsewhere",
        ));
    }
    Ok(())
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
