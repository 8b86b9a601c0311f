//! A feed's folder: where its files are, and how they are replaced.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use sluis_core::feed::metadata::{Root, Snapshot, Targets, Timestamp, Unverified, Verified};
use sluis_core::feed::{Reason, metadata};

use super::signing;
use crate::failure::Failure;

/// What a feed says now.
pub(super) struct Current {
    pub(super) root: Verified<Root>,
    /// SHA-256 of the first root, by which phones know the feed.
    pub(super) pin: String,
    /// `None` before the first publication.
    pub(super) published: Option<Published>,
}

/// The publication that is in force.
pub(super) struct Published {
    pub(super) timestamp: Verified<Timestamp>,
    pub(super) snapshot: Verified<Snapshot>,
    pub(super) targets: Verified<Targets>,
}

/// Where a version of the root stands.
pub(super) fn root_path(folder: &Path, version: u64) -> PathBuf {
    folder.join(format!("{version}.root.json"))
}

/// Says how to make a feed where there is none.
pub(super) fn must_exist(folder: &Path) -> Result<(), Failure> {
    if root_path(folder, 1).exists() {
        return Ok(());
    }
    Err(Failure::file(
        folder,
        "there is no feed here (no 1.root.json); make one with `sluis feed init`",
    ))
}

/// Reads a feed from its folder. Its signatures must hold, its dates may have passed.
pub(super) fn read(folder: &Path) -> Result<Current, Failure> {
    let first_path = root_path(folder, 1);
    let first = read_required(&first_path)?;
    let mut root = in_file(
        &first_path,
        Unverified::parse(&first).and_then(Unverified::verify_self),
    )?;
    loop {
        let path = root_path(folder, root.version() + 1);
        let Some(bytes) = read_optional(&path)? else { break };
        root = in_file(
            &path,
            Unverified::parse(&bytes).and_then(|next| next.verify_successor(&root)),
        )?;
    }
    Ok(Current {
        published: read_published(folder, root.content())?,
        pin: signing::sha256(&first),
        root,
    })
}

fn read_published(folder: &Path, root: &Root) -> Result<Option<Published>, Failure> {
    let path = folder.join("timestamp.json");
    let Some(bytes) = read_optional(&path)? else {
        return match earlier_publication(folder)? {
            None => Ok(None),
            Some(earlier) => Err(Failure::file(
                &path,
                format!(
                    "is missing, but {earlier} shows that this feed was published before: phones refuse a feed that counts from 1 \
                     again. Put timestamp.json back from a copy; only if no phone ever saw a version of this feed, remove \
                     all *.targets.json and *.snapshot.json instead"
                ),
            )),
        };
    };
    let timestamp: Verified<Timestamp> = verified(&path, &bytes, &root.timestamp)?;
    let path = folder.join(format!("{}.snapshot.json", timestamp.content().snapshot.version));
    let snapshot: Verified<Snapshot> = verified(&path, &read_required(&path)?, &root.snapshot)?;
    let path = folder.join(format!("{}.targets.json", snapshot.content().targets.version));
    let targets = verified(&path, &read_required(&path)?, &root.targets)?;
    Ok(Some(Published {
        timestamp,
        snapshot,
        targets,
    }))
}

/// A file that only a publication leaves behind.
fn earlier_publication(folder: &Path) -> Result<Option<String>, Failure> {
    let entries = fs::read_dir(folder).map_err(|error| Failure::file(folder, error))?;
    for entry in entries {
        let entry = entry.map_err(|error| Failure::file(folder, error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".targets.json") || name.ends_with(".snapshot.json") {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

fn verified<T: metadata::Content>(
    path: &Path,
    bytes: &[u8],
    authority: &metadata::Authority,
) -> Result<Verified<T>, Failure> {
    in_file(
        path,
        Unverified::parse(bytes).and_then(|metadata| metadata.verify(authority)),
    )
}

fn in_file<T>(path: &Path, result: Result<T, Reason>) -> Result<T, Failure> {
    result.map_err(|reason| Failure::file(path, format!("this file {reason}")))
}

/// A file's bytes, or `None` where there is no such file.
pub(super) fn read_optional(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::file(path, error)),
    }
}

fn read_required(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| Failure::file(path, error))
}

/// Puts a file in its place in one step: who reads meanwhile sees the old one, or none, or the new one.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let mut temporary = path.as_os_str().to_owned();
    // Of this process alone.
    temporary.push(format!(".{}.new", std::process::id()));
    let temporary = PathBuf::from(temporary);
    let write = || {
        fs::create_dir_all(folder)?;
        let mut file = File::create(&temporary)?;
        file.write_all(bytes)?;
        // On the disk before it has its name, or a power cut could leave the name with nothing in it.
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        File::open(folder)?.sync_all()
    };
    write().map_err(|error: std::io::Error| {
        // The error that matters is the one that is reported.
        let _ = fs::remove_file(&temporary);
        Failure::file(path, error)
    })
}
