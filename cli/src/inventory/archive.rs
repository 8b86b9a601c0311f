//! The files of a zip archive, each read as a stream.

use std::fs;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use flate2::bufread::DeflateDecoder;
use flate2::{Crc, CrcReader};
use zip::{CompressionMethod, ZipArchive};

use super::UnreadableFile;
use super::files::{Bytes, File, of_acquisition};
use super::text::HEAD;

/// An archive, one file after the other in the order of their names.
pub(super) struct Archive {
    name: String,
    path: PathBuf,
    zip: ZipArchive<fs::File>,
    /// Places in the archive, the next one last.
    left: Vec<usize>,
}

impl Archive {
    pub(super) fn open(name: String, path: &Path) -> io::Result<Self> {
        let mut zip = ZipArchive::new(fs::File::open(path)?)?;
        let mut files: Vec<(String, usize)> = Vec::new();
        for place in 0..zip.len() {
            let entry = zip.by_index_raw(place)?;
            if entry.is_file() {
                files.push((entry.name()?.into_owned(), place));
            }
        }
        let acquisitions: Vec<String> = files
            .iter()
            .filter_map(|(name, _)| name.strip_suffix("acquisition.json").map(ToOwned::to_owned))
            .collect();
        let wanted = |file: &str| match file.rsplit_once('/') {
            Some((folder, _)) => !acquisitions.contains(&format!("{folder}/")) || of_acquisition(file),
            None => !acquisitions.contains(&String::new()) || of_acquisition(file),
        };
        files.retain(|(file, _)| wanted(file));
        files.sort();
        let left = files.into_iter().rev().map(|(_, place)| place).collect();
        let path = path.to_owned();
        Ok(Self {
            name,
            path,
            zip,
            left,
        })
    }

    pub(super) fn next(&mut self) -> Option<Result<File, UnreadableFile>> {
        let place = self.left.pop()?;
        let mut file = format!("{}/entry {}", self.name, place + 1);
        let opened = self.entry(place, &mut file);
        Some(match opened {
            Ok(bytes) => Ok(File { name: file, bytes }),
            Err(error) => Err(UnreadableFile {
                file,
                problem: error.to_string(),
            }),
        })
    }

    /// The archive's reader lends its entries out; a stream of our own from the same place can be handed on.
    fn entry(&mut self, place: usize, name: &mut String) -> io::Result<Bytes> {
        let entry = self.zip.by_index_raw(place)?;
        *name = format!("{}/{}", self.name, entry.name()?);
        if entry.encrypted() {
            return Err(io::Error::other("encrypted"));
        }
        let start = entry
            .data_start()
            .ok_or_else(|| io::Error::other("its place in the archive is not known"))?;
        let mut data = fs::File::open(&self.path)?;
        data.seek(SeekFrom::Start(start))?;
        let data = BufReader::with_capacity(HEAD, data).take(entry.compressed_size());
        let plain: Box<dyn Read + Send> = match entry.compression() {
            CompressionMethod::Stored => Box::new(data),
            CompressionMethod::Deflated => Box::new(DeflateDecoder::new(data)),
            other => {
                return Err(io::Error::other(format!(
                    "compressed with {other}, which is not known here"
                )));
            }
        };
        let checked = Checked {
            plain: CrcReader::new(plain),
            sum: entry.crc32(),
        };
        Ok(Box::new(BufReader::with_capacity(HEAD, checked)))
    }
}

/// Fails at the end of a file that is not what went into the archive.
struct Checked {
    plain: CrcReader<Box<dyn Read + Send>>,
    sum: u32,
}

impl Read for Checked {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.plain.read(out)?;
        let sum: &Crc = self.plain.crc();
        match read == 0 && !out.is_empty() && sum.sum() != self.sum {
            true => Err(io::Error::other("damaged in the archive")),
            false => Ok(read),
        }
    }
}
