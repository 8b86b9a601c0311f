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

use sluis_policy::catalogue::Catalogue;

pub(crate) use command::{Arguments, run};
pub(crate) use device::Device;
use files::{File, Files};
pub(crate) use format::Format;

/// The phones of some files and folders, one after the other.
pub(crate) struct Inventories<'c> {
    files: Files,
    format: Option<Format>,
    catalogue: &'c Catalogue,
    current: Option<Devices<'c>>,
    failed: VecDeque<UnreadableFile>,
}

/// The phones of one file. An error is of the file as a whole: nothing follows it.
type Devices<'c> = Box<dyn Iterator<Item = Result<Device, UnreadableFile>> + 'c>;

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
        loop {
            if let Some(item) = self.current.as_mut().and_then(Iterator::next) {
                return Some(item);
            }
            if let Some(failed) = self.failed.pop_front() {
                return Some(Err(failed));
            }
            match self.files.next()? {
                Ok(file) => match self.devices(file) {
                    Ok(devices) => self.current = Some(devices),
                    Err(failed) => self.failed.push_back(failed),
                },
                Err(failed) => self.failed.push_back(failed),
            }
        }
    }
}

impl<'c> Inventories<'c> {
    fn devices(&self, file: File) -> Result<Devices<'c>, UnreadableFile> {
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
        Ok(match format {
            Format::PackageList => Box::new(std::iter::once_with(|| package_list::read(name, text))),
            Format::Dumpsys => Box::new(dumpsys::read(name, text)),
            Format::AndroidQf => Box::new(std::iter::once_with(|| android_qf::read(name, text))),
            Format::Intune => Box::new(intune::read(name, text, self.catalogue)),
            Format::JsonLines => Box::new(json_lines::read(name, text)),
        })
    }
}

#[cfg(test)]
mod tests;
