//! The files to read: named ones, those of folders and archives, standard input; decompressed.

use std::collections::VecDeque;
use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::archive::Archive;
use super::decompress::{self, Container};
use super::{UnreadableFile, text};

/// What is read of a file.
pub(super) type Bytes = Box<dyn BufRead + Send>;

/// One file, open.
pub(super) struct File {
    /// Its path; `archive.zip/file` within an archive.
    pub(super) name: String,
    pub(super) bytes: Bytes,
}

/// Files one after the other, folders and archives gone through in the order of their names.
pub(super) struct Files {
    paths: VecDeque<PathBuf>,
    archive: Option<Archive>,
    bytes_read: Arc<AtomicU64>,
}

/// How large files are, those of folders too; `None` where that cannot be told, as of standard input.
pub(crate) fn size(paths: &[PathBuf]) -> Option<u64> {
    paths.iter().try_fold(0_u64, |sum, path| {
        let metadata = fs::metadata(path).ok()?;
        let size = match metadata.is_dir() {
            false => metadata.is_file().then_some(metadata.len())?,
            true => {
                let entries = fs::read_dir(path).ok()?.collect::<io::Result<Vec<_>>>().ok()?;
                let paths = entries.into_iter().map(|entry| entry.path());
                let paths: Vec<PathBuf> = paths.filter(|path| !path.is_symlink()).collect();
                size(&paths)?
            }
        };
        Some(sum.saturating_add(size))
    })
}

/// Counts what is read.
struct Counted {
    file: fs::File,
    bytes_read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(out)?;
        self.bytes_read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

impl Files {
    pub(super) fn new(paths: &[PathBuf]) -> Self {
        Self {
            paths: paths.iter().cloned().collect(),
            archive: None,
            bytes_read: Arc::default(),
        }
    }

    pub(super) fn bytes_read(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.bytes_read)
    }

    pub(super) fn next(&mut self) -> Option<Result<File, UnreadableFile>> {
        loop {
            if let Some(archive) = &mut self.archive {
                match archive.next() {
                    Some(file) => return Some(file.and_then(opened)),
                    None => self.archive = None,
                }
            }
            let path = self.paths.pop_front()?;
            match self.open(&path) {
                Ok(Some(file)) => return Some(Ok(file)),
                Ok(None) => {}
                Err(error) => {
                    let (file, problem) = (path.display().to_string(), error.to_string());
                    return Some(Err(UnreadableFile { file, problem }));
                }
            }
        }
    }

    /// The file; `None` for a folder or an archive, whose files come next.
    fn open(&mut self, path: &Path) -> io::Result<Option<File>> {
        let name = path.display().to_string();
        if path.as_os_str() == "-" {
            let bytes: Bytes = Box::new(BufReader::with_capacity(text::HEAD, io::stdin()));
            return match decompress::open(bytes)? {
                Container::File(bytes) => {
                    let name = "standard input".to_owned();
                    Ok(Some(File { name, bytes }))
                }
                Container::Zip => Err(io::Error::other(
                    "a zip archive can't be read from standard input; save it as a file and name that",
                )),
            };
        }
        if fs::metadata(path)?.is_dir() {
            self.go_into(path)?;
            return Ok(None);
        }
        let file = Counted {
            file: fs::File::open(path)?,
            bytes_read: self.bytes_read(),
        };
        let bytes: Bytes = Box::new(BufReader::with_capacity(text::HEAD, file));
        match decompress::open(bytes)? {
            Container::File(bytes) => Ok(Some(File { name, bytes })),
            Container::Zip => {
                self.archive = Some(Archive::open(name, path)?);
                Ok(None)
            }
        }
    }

    /// The files of a folder come before what was still to be read. A link to a folder is not followed: it could lead
    /// in a circle.
    fn go_into(&mut self, folder: &Path) -> io::Result<()> {
        let entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
        let mut paths: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
        paths.retain(|path| !(path.is_symlink() && path.is_dir()));
        paths.sort();
        let names = |path: &PathBuf| path.file_name().is_some_and(|name| name == "acquisition.json");
        if paths.iter().any(names) {
            paths.retain(|path| of_acquisition(&path.to_string_lossy()));
        }
        for path in paths.into_iter().rev() {
            self.paths.push_front(path);
        }
        Ok(())
    }
}

/// Whether a file of an AndroidQF acquisition holds the list of its packages. Its others describe the same phone in other
/// ways, and would count it again.
pub(super) fn of_acquisition(path: &str) -> bool {
    path.rsplit(['/', '\\']).next() == Some("packages.json")
}

/// A file of an archive can be compressed once more.
fn opened(file: File) -> Result<File, UnreadableFile> {
    let File { name, bytes } = file;
    let failed = |problem: String| UnreadableFile {
        file: name.clone(),
        problem,
    };
    match decompress::open(bytes).map_err(|e| failed(e.to_string()))? {
        Container::File(bytes) => Ok(File { name, bytes }),
        Container::Zip => Err(failed("an archive within an archive; unpack it first".into())),
    }
}

#[cfg(test)]
mod tests;
