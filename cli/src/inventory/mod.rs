//! Lists of installed apps, as people have them: what Android's tools print, what forensic and management tools export.
//!
//! Everything here is read as a stream, one phone at a time, so that the memory needed does not grow with the number of
//! phones. What cannot be read is counted and told with its place; nothing is dropped silently.

mod android_qf;
mod archive;
mod command;
mod decompress;
mod device;
mod dumpsys;
mod files;
mod format;
mod intune;
mod json_lines;
mod lines;
mod package_list;
mod text;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use sluis_policy::catalogue::Catalogue;

pub(crate) use command::{Arguments, run};
pub(crate) use device::Device;
pub(crate) use files::size;
use files::{File, Files};
pub(crate) use format::Format;
use json_lines::JsonLine;

/// The phones of some files and folders, one after the other.
pub(crate) struct Inventories<'c> {
    files: Files,
    format: Option<Format>,
    catalogue: &'c Catalogue,
    current: Option<Phones<'c>>,
    failed: VecDeque<UnreadableFile>,
}

/// The phones of one file. An error is of the file as a whole: nothing follows it.
type Phones<'c> = Box<dyn Iterator<Item = Result<Phone, UnreadableFile>> + 'c>;

/// A phone of an inventory, or the line that it is still to be read from.
#[derive(Debug)]
pub(crate) enum Phone {
    /// What was read of it.
    Read(Device),
    /// Its line of JSON.
    Line(JsonLine),
}

impl Phone {
    /// What is known of it.
    pub(crate) fn read(self) -> Device {
        match self {
            Self::Read(device) => device,
            Self::Line(line) => line.read(),
        }
    }
}

/// A file that is no inventory, or no further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnreadableFile {
    /// The file; `archive.zip/file` within an archive.
    pub(crate) file: String,
    /// What is wrong with it.
    pub(crate) problem: String,
}

impl std::fmt::Display for UnreadableFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.file, self.problem)
    }
}

/// Reads these files and folders (`-` is standard input), all in `format` if one is given. The catalogue finds packages
/// for apps that an inventory only names.
pub(crate) fn open<'c>(
    paths: &[PathBuf],
    format: Option<Format>,
    catalogue: &'c Catalogue,
) -> Inventories<'c> {
    Inventories {
        files: Files::new(paths),
        format,
        catalogue,
        current: None,
        failed: VecDeque::new(),
    }
}

impl Iterator for Inventories<'_> {
    type Item = Result<Device, UnreadableFile>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_phone().map(|phone| phone.map(Phone::read))
    }
}

impl<'c> Inventories<'c> {
    /// The next phone, not read yet where that can be left to somebody else.
    pub(crate) fn next_phone(&mut self) -> Option<Result<Phone, UnreadableFile>> {
        loop {
            if let Some(item) = self.current.as_mut().and_then(Iterator::next) {
                return Some(item);
            }
            if let Some(failed) = self.failed.pop_front() {
                return Some(Err(failed));
            }
            match self.files.next()? {
                Ok(file) => match self.phones(file) {
                    Ok(phones) => self.current = Some(phones),
                    Err(failed) => self.failed.push_back(failed),
                },
                Err(failed) => self.failed.push_back(failed),
            }
        }
    }

    /// How many bytes of files have been read, archives aside; it goes on counting.
    pub(crate) fn bytes_read(&self) -> Arc<AtomicU64> {
        self.files.bytes_read()
    }

    fn phones(&self, file: File) -> Result<Phones<'c>, UnreadableFile> {
        let File { name, bytes } = file;
        let failed = |problem: String| UnreadableFile {
            file: name.clone(),
            problem,
        };
        let mut text = text::decoded(bytes).map_err(|e| failed(e.to_string()))?;
        let format = match self.format {
            Some(format) => format,
            None => format::detect(&mut text).map_err(failed)?,
        };
        let read = |device: Result<Device, UnreadableFile>| device.map(Phone::Read);
        Ok(match format {
            Format::PackageList => {
                Box::new(std::iter::once_with(move || read(package_list::read(name, text))))
            }
            Format::Dumpsys => Box::new(dumpsys::read(name, text).map(read)),
            Format::AndroidQf => Box::new(std::iter::once_with(move || read(android_qf::read(name, text)))),
            Format::Intune => Box::new(intune::read(name, text, self.catalogue).map(read)),
            Format::JsonLines => Box::new(json_lines::read(name, text).map(|line| line.map(Phone::Line))),
        })
    }
}

#[cfg(test)]
mod tests;
