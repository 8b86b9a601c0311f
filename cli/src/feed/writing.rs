//! Writing files so that whoever looks, and whatever happens, there is a whole one: the old or the new.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
#[cfg(unix)]
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use sluis_core::feed::bundle;

use crate::failure::Failure;
use crate::files;

/// How the name of a file ends while it is being written. In a feed only who holds the lock writes, so any that is found
/// there was left behind by a process that was killed.
pub(super) const UNFINISHED: &str = ".unfinished";

/// Takes away what was left behind in a folder and those below.
pub(super) fn remove_unfinished(folder: &Path) -> Result<(), Failure> {
    for entry in files::entries(folder)? {
        let path = entry.path();
        let kind = entry.file_type().map_err(|error| Failure::file(&path, error))?;
        if kind.is_dir() {
            remove_unfinished(&path)?;
        } else if path.to_string_lossy().ends_with(UNFINISHED) {
            fs::remove_file(&path).map_err(|error| Failure::file(&path, error))?;
        }
    }
    Ok(())
}

/// The most that any file has which is made to be replaced.
const MAX_REPLACED_BYTES: u64 = bundle::MAX_BYTES as u64;

/// Who may read what is written, whatever the administrator's umask says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Readers {
    /// As the umask says.
    Usual,
    /// Everybody: a web server runs as somebody else.
    Everybody,
}

/// What has to happen in this order, or a power cut could leave half of it.
trait Disk {
    /// Waits until what was written to a file, or the names in a folder, would outlive a power cut.
    fn sync(&self, file: &File, path: &Path) -> io::Result<()>;
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
}

struct System;

impl Disk for System {
    fn sync(&self, file: &File, _path: &Path) -> io::Result<()> {
        file.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }
}

/// Puts a file in its place in one step: who reads meanwhile sees the old one, or none, or the new one.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    put(path, bytes, Readers::Usual)
}

/// Writes a file where somebody said, in place of an older one of its kind and of nothing else: a slip could name a
/// private key.
pub(crate) fn replace(
    path: &Path,
    bytes: &[u8],
    kind: &str,
    is_kind: impl Fn(&[u8]) -> bool,
) -> Result<(), Failure> {
    let is_free = match fs::metadata(path) {
        Err(error) => error.kind() == ErrorKind::NotFound,
        Ok(found) if !found.is_file() => false,
        Ok(found) if found.len() == 0 => true,
        Ok(_) => files::read_given(path, MAX_REPLACED_BYTES).is_ok_and(|old| is_kind(&old)),
    };
    if !is_free {
        let problem = format!(
            "exists already and is no {kind}, so it is not overwritten: name another file, or remove it"
        );
        return Err(Failure::file(path, problem));
    }
    write(path, bytes)
}

/// As [`write`](self::write), for what is served.
pub(super) fn publish(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    put(path, bytes, Readers::Everybody)
}

fn put(path: &Path, bytes: &[u8], readers: Readers) -> Result<(), Failure> {
    put_on(&System, path, bytes, readers)
}

fn put_on(disk: &impl Disk, path: &Path, bytes: &[u8], readers: Readers) -> Result<(), Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let mut temporary = path.as_os_str().to_owned();
    // Of this process alone.
    temporary.push(format!(".{}{UNFINISHED}", std::process::id()));
    let temporary = PathBuf::from(temporary);
    let write = || {
        make_folders(disk, folder, readers)?;
        // Never through a link that somebody put there.
        let mut file = File::create_new(&temporary)?;
        file.write_all(bytes)?;
        #[cfg(unix)]
        if readers == Readers::Everybody {
            file.set_permissions(PermissionsExt::from_mode(0o644))?;
        }
        // On the disk before it has its name, or a power cut could leave the name with nothing in it.
        disk.sync(&file, &temporary)?;
        disk.rename(&temporary, path)?;
        disk.sync(&File::open(folder)?, folder)
    };
    write().map_err(|error: io::Error| {
        // The error that matters is the one that is reported.
        let _ = fs::remove_file(&temporary);
        Failure::file(path, error)
    })
}

/// Makes a folder whose name is on the disk before anything in it counts as written.
pub(super) fn make_folder(folder: &Path) -> Result<(), Failure> {
    make_folders(&System, folder, Readers::Usual).map_err(|error| Failure::file(folder, error))
}

/// As [`make_folder`], for what is served.
pub(super) fn make_public_folder(folder: &Path) -> Result<(), Failure> {
    make_folders(&System, folder, Readers::Everybody).map_err(|error| Failure::file(folder, error))
}

fn make_folders(disk: &impl Disk, folder: &Path, readers: Readers) -> io::Result<()> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    let above = folder.parent().unwrap_or(Path::new(""));
    make_folders(disk, above, readers)?;
    fs::create_dir(folder)?;
    #[cfg(unix)]
    if readers == Readers::Everybody {
        fs::set_permissions(folder, PermissionsExt::from_mode(0o755))?;
    }
    let above = if above.as_os_str().is_empty() {
        Path::new(".")
    } else {
        above
    };
    disk.sync(&File::open(above)?, above)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// A disk that keeps what it was told.
    struct Recorder<'a> {
        above: &'a Path,
        told: RefCell<Vec<String>>,
    }

    impl Recorder<'_> {
        fn tell(&self, what: &str, path: &Path) {
            let path = path.strip_prefix(self.above).unwrap().display().to_string();
            let own = format!(".{}{UNFINISHED}", std::process::id());
            self.told
                .borrow_mut()
                .push(format!("{what} {}", path.replace(&own, "~")));
        }
    }

    impl Disk for Recorder<'_> {
        fn sync(&self, file: &File, path: &Path) -> io::Result<()> {
            // Of this very file, and of all of it.
            let (file, path_now) = (file.metadata()?, fs::metadata(path)?);
            assert_eq!((file.is_dir(), file.len()), (path_now.is_dir(), path_now.len()));
            self.tell("sync", path);
            System.sync(&File::open(path)?, path)
        }

        fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
            assert_eq!(fs::read(from)?, b"new");
            self.tell("rename to", to);
            System.rename(from, to)
        }
    }

    #[test]
    fn a_file_is_on_the_disk_before_its_name_and_its_name_before_anything_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Recorder {
            above: folder.path(),
            told: RefCell::default(),
        };
        for readers in [Readers::Everybody, Readers::Usual] {
            for path in ["feed/targets/maps/eu.json", "feed/timestamp.json"] {
                put_on(&disk, &folder.path().join(path), b"new", readers).unwrap();
            }
        }
        let first = ["sync ", "sync feed", "sync feed/targets"];
        let file = [
            "sync feed/targets/maps/eu.json~",
            "rename to feed/targets/maps/eu.json",
            "sync feed/targets/maps",
            "sync feed/timestamp.json~",
            "rename to feed/timestamp.json",
            "sync feed",
        ];
        assert_eq!(*disk.told.borrow(), [&first[..], &file, &file].concat());
    }
}
