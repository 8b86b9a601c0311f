//! Where a repository's files come from: a folder, a web server or a bundle.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use sluis_core::feed::bundle::{Bundle, MAX_BYTES};
use sluis_core::feed::{self, Answer, Role, limits, sha256};

use crate::failure::Failure;
use crate::http::{Http, Limits, Reply};
use crate::progress;

/// A repository that can be read.
#[derive(Debug)]
pub(crate) enum Source {
    /// The folder that a web server hands out.
    Folder(PathBuf),
    /// What a web server hands out at an address that ends in `/`.
    Web(String, Box<Http>),
}

impl Source {
    /// A folder, or an address with `://` in it.
    pub(crate) fn named(name: &str, ca: Option<&Path>) -> Self {
        if !name.contains("://") {
            return Self::Folder(name.into());
        }
        let slash = if name.ends_with('/') { "" } else { "/" };
        let http = Http::new(ca, Limits::default());
        Self::Web(format!("{name}{slash}"), Box::new(http))
    }

    /// SHA-256 of the first root that a folder has. Whoever can write there can be anybody: that is fine for one's own
    /// feed only, so a web server is not taken at its word.
    pub(crate) fn own_root(&self) -> Result<[u8; 32], Failure> {
        const FIRST: &str = "1.root.json";
        match self {
            Self::Web(..) => Err(Failure::unusable(
                "say with --root-sha256 which root phones trust: what a web server says of itself proves nothing",
            )),
            Self::Folder(folder) => match self.get(FIRST, limits::max_bytes(&Role::Root))? {
                Reply::Body(root) => Ok(sha256(&root)),
                _ => Err(Failure::file(
                    folder,
                    format!("there is no feed here (no {FIRST})"),
                )),
            },
        }
    }

    /// The file at a path below the repository's address.
    pub(crate) fn get(&self, path: &str, max_bytes: u64) -> Result<Reply, Failure> {
        progress::show(&format!("reading {path}"));
        match self {
            Self::Folder(folder) => read_bounded(&folder.join(path), max_bytes),
            Self::Web(base, http) => http.get(&feed::url(base, path), max_bytes),
        }
    }
}

/// What a bundle answers, in the words of a server.
pub(crate) fn in_bundle(bundle: &Bundle<'_>, path: &str, max_bytes: u64) -> Reply {
    match bundle.answer(path, max_bytes) {
        Answer::Body(bytes) => Reply::Body(bytes.to_vec()),
        Answer::Missing => Reply::Missing,
        Answer::TooLong => Reply::TooLong,
        Answer::Failed(why) => Reply::Failed(why),
    }
}

/// A bundle's bytes, and one more where it is too large to be one.
pub(crate) fn bundle_file(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes));
    read.map_err(|error| Failure::file(path, error))?;
    Ok(bytes)
}

fn read_bounded(path: &Path, max_bytes: u64) -> Result<Reply, Failure> {
    let mut bytes = Vec::new();
    let read = fs::metadata(path).and_then(|found| {
        if !found.is_file() {
            // A pipe would never end.
            return Err(io::Error::other("this is no plain file"));
        }
        let limit = max_bytes.saturating_add(1);
        File::open(path)?.take(limit).read_to_end(&mut bytes)
    });
    match read {
        Ok(_) if bytes.len() as u64 > max_bytes => Ok(Reply::TooLong),
        Ok(_) => Ok(Reply::Body(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Reply::Missing),
        Err(error) => Err(Failure::file(path, error)),
    }
}
