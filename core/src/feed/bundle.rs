//! Offline bundles: a repository's files in one archive, for phones that no network reaches.
//!
//! A bundle is an uncompressed tar (POSIX.1-2001, `ustar` headers) in one form only. Files stand in the order of their
//! names, each once; every header is what [`write`] makes of a name and a length; the archive ends with two blocks of
//! zeros and nothing after them. So any tar program reads a bundle, no two readers can read one differently, and the
//! same files give the same bytes. Why: `docs/decisions/0009-bundles-are-tar-in-one-form.md`.
//!
//! Nothing in a bundle is trusted for being in it: what it holds goes through the same [`super::Update`] as what a
//! server sends.

use std::collections::BTreeMap;
use std::fmt;

use super::metadata::sha256;
use super::update::Answer;

/// The most bytes of a bundle. What a phone takes of a feed (policy, catalogue, metadata, a long chain of roots) is
/// less than 12 MiB at its largest; a phone's memory holds a bundle twice while it is read.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;
/// The most files in a bundle.
pub const MAX_FILES: usize = 4096;
/// The most bytes of a file's name, folders included.
pub const MAX_NAME_BYTES: usize = 512;

const BLOCK: usize = 512;
/// The field for a name in a header; a longer one stands in a record of its own before it.
const NAME_FIELD: usize = 100;
const FILE: u8 = b'0';
/// A record about the file that follows (POSIX.1-2001, "pax extended header").
const RECORD: u8 = b'x';
const RECORD_NAME: &str = "@long-name";
const FIRST_ROOT: &str = "1.root.json";

/// The files of a bundle, in place.
#[derive(Debug)]
pub struct Bundle<'a> {
    files: BTreeMap<&'a str, &'a [u8]>,
    root_sha256: [u8; 32],
}

/// Why a file is not a bundle, or files cannot become one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BundleError {
    /// There is nothing in it.
    Empty,
    /// More than [`MAX_BYTES`].
    TooLarge,
    /// More than [`MAX_FILES`].
    TooManyFiles,
    /// It ends in the middle of something; the length at which it does.
    Truncated(usize),
    /// At this byte stands what no tool of ours has written.
    Malformed {
        /// The byte, from 0.
        at: usize,
        /// What is wrong there.
        why: &'static str,
    },
    /// A name that a repository's file cannot have, shown without what could mislead.
    Name(String),
    /// This name comes twice, or after one that it should come before.
    Order(String),
    /// There is more after the end.
    Trailing(usize),
    /// Without `1.root.json` nobody can tell whose bundle it is.
    NoRoot,
}

impl fmt::Display for BundleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the file is empty"),
            Self::TooLarge => write!(f, "the bundle has more than {} MiB", MAX_BYTES >> 20),
            Self::TooManyFiles => write!(f, "the bundle has more than {MAX_FILES} files"),
            Self::Truncated(length) => write!(f, "the bundle is cut off after {length} bytes"),
            Self::Malformed { at, why } => write!(f, "this is not a bundle: {why} at byte {at}"),
            Self::Name(name) => write!(f, "no file of a repository can be named {name}"),
            Self::Order(name) => write!(
                f,
                "the file {name:?} comes twice in the bundle, or in the wrong place"
            ),
            Self::Trailing(at) => write!(f, "the bundle goes on after its end at byte {at}"),
            Self::NoRoot => write!(f, "the bundle has no {FIRST_ROOT}"),
        }
    }
}

impl std::error::Error for BundleError {}

impl<'a> Bundle<'a> {
    /// Finds the files of a bundle.
    ///
    /// # Errors
    /// [`BundleError`]: it is not what [`write`] would have made of these files.
    pub fn read(bytes: &'a [u8]) -> Result<Self, BundleError> {
        match bytes.len() {
            0 => return Err(BundleError::Empty),
            1..=MAX_BYTES => {}
            _ => return Err(BundleError::TooLarge),
        }
        let mut reader = Reader { bytes, at: 0 };
        let mut files = BTreeMap::new();
        while let Some((name, content)) = reader.file()? {
            match files.last_key_value() {
                Some((before, _)) if *before >= name => return Err(BundleError::Order(name.into())),
                _ if files.len() == MAX_FILES => return Err(BundleError::TooManyFiles),
                _ => files.insert(name, content),
            };
        }
        let root = files.get(FIRST_ROOT).ok_or(BundleError::NoRoot)?;
        let root_sha256 = sha256(root);
        Ok(Self { files, root_sha256 })
    }

    /// SHA-256 of the first root: the feed that this claims to be of.
    pub fn root_sha256(&self) -> [u8; 32] {
        self.root_sha256
    }

    /// The files with their contents, by name.
    pub fn files(&self) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        self.files.iter().map(|(name, content)| (*name, *content))
    }

    /// What a server with these files would answer.
    pub fn answer(&self, path: &str, max_bytes: u64) -> Answer<'a> {
        match self.files.get(path) {
            None => Answer::Missing,
            Some(content) if content.len() as u64 > max_bytes => Answer::TooLong,
            Some(content) => Answer::Body(content),
        }
    }
}

/// The bundle of these files, by name.
///
/// # Errors
/// [`BundleError`]: there are too many, they are too large, or one has a name that no phone would take.
pub fn write(files: &BTreeMap<String, Vec<u8>>) -> Result<Vec<u8>, BundleError> {
    if !files.contains_key(FIRST_ROOT) {
        return Err(BundleError::NoRoot);
    }
    if files.len() > MAX_FILES {
        return Err(BundleError::TooManyFiles);
    }
    let mut bytes = Vec::new();
    for (name, content) in files {
        check_name(name)?;
        if name.len() > NAME_FIELD {
            let record = long_name(name);
            bytes.extend(header(RECORD_NAME, RECORD, record.len()));
            extend_padded(&mut bytes, record.as_bytes());
        }
        bytes.extend(header(name, FILE, content.len()));
        extend_padded(&mut bytes, content);
        if bytes.len() > MAX_BYTES {
            return Err(BundleError::TooLarge);
        }
    }
    bytes.extend([0; 2 * BLOCK]);
    if bytes.len() > MAX_BYTES {
        return Err(BundleError::TooLarge);
    }
    Ok(bytes)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// The next file; `None` at the end.
    fn file(&mut self) -> Result<Option<(&'a str, &'a [u8])>, BundleError> {
        let begin = self.at;
        let block = self.take(BLOCK)?;
        if is_zero(block) {
            let second = self.at;
            if !is_zero(self.take(BLOCK)?) {
                return Err(malformed(second, "something other than the end"));
            }
            return match self.bytes.len() {
                end if end == self.at => Ok(None),
                _ => Err(BundleError::Trailing(self.at)),
            };
        }
        let (block, at, name) = match kind(block) {
            Some(RECORD) => {
                let record = self.content(block, begin, RECORD_NAME, RECORD)?;
                let name =
                    named_by(record).ok_or_else(|| malformed(begin, "a record that is not a long name"))?;
                let at = self.at;
                (self.take(BLOCK)?, at, name)
            }
            _ => (
                block,
                begin,
                name_in(block).ok_or_else(|| malformed(begin, "no name of a file"))?,
            ),
        };
        match kind(block) {
            Some(FILE) => {}
            Some(b'1'..=b'6') => return Err(malformed(at, "a link, a folder or a device")),
            _ => return Err(malformed(at, "no file")),
        }
        check_name(name)?;
        Ok(Some((name, self.content(block, at, name, FILE)?)))
    }

    /// The content after a header, which must be the one that [`write`] makes.
    fn content(&mut self, block: &[u8], at: usize, name: &str, kind: u8) -> Result<&'a [u8], BundleError> {
        let size = size(block).ok_or_else(|| malformed(at, "no length of a file"))?;
        if *block != *header(name, kind, size) {
            return Err(malformed(
                at,
                "a header that `sluis bundle create` does not write",
            ));
        }
        let content = self.take(size)?;
        let padding_at = self.at;
        match is_zero(self.take(padding(size))?) {
            true => Ok(content),
            false => Err(malformed(padding_at, "something between two files")),
        }
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], BundleError> {
        let end = self.at.saturating_add(count);
        let taken = self.bytes.get(self.at..end);
        let taken = taken.ok_or(BundleError::Truncated(self.bytes.len()))?;
        self.at = end;
        Ok(taken)
    }
}

fn malformed(at: usize, why: &'static str) -> BundleError {
    BundleError::Malformed { at, why }
}

fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

fn kind(block: &[u8]) -> Option<u8> {
    block.get(156).copied()
}

fn name_in(block: &[u8]) -> Option<&str> {
    let field = block.get(..NAME_FIELD)?;
    let name = field.split(|byte| *byte == 0).next()?;
    std::str::from_utf8(name).ok()
}

fn size(block: &[u8]) -> Option<usize> {
    let digits = std::str::from_utf8(block.get(124..135)?).ok()?;
    usize::from_str_radix(digits, 8).ok()
}

/// A file's header: readable by everybody, made by nobody at no time.
fn header(name: &str, kind: u8, size: usize) -> Vec<u8> {
    let fields = |checksum: &str| -> Vec<u8> {
        let mut block = Vec::with_capacity(BLOCK);
        let mut end = NAME_FIELD.min(name.len());
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        block.extend(name.as_bytes().iter().take(end));
        block.resize(NAME_FIELD, 0);
        block.extend(b"0000644\x000000000\x000000000\0");
        block.extend(format!("{size:011o}\x0000000000000\0{checksum}").as_bytes());
        block.push(kind);
        block.resize(257, 0);
        block.extend(b"ustar\x0000");
        block.resize(329, 0);
        block.extend(b"0000000\x000000000\0");
        block.resize(BLOCK, 0);
        block
    };
    let sum: u32 = fields("        ").iter().map(|byte| u32::from(*byte)).sum();
    fields(&format!("{sum:06o}\0 "))
}

/// `"<length of all of this> path=<name>\n"`.
fn long_name(name: &str) -> String {
    let rest = format!(" path={name}\n");
    let mut length = rest.len();
    while length != rest.len() + length.to_string().len() {
        length = rest.len() + length.to_string().len();
    }
    format!("{length}{rest}")
}

/// The name in a record, if the record says that alone and says it of a name that needs it.
fn named_by(record: &[u8]) -> Option<&str> {
    let record = std::str::from_utf8(record).ok()?;
    let (_, rest) = record.split_once(" path=")?;
    let name = rest.strip_suffix('\n')?;
    (name.len() > NAME_FIELD && long_name(name) == record).then_some(name)
}

/// A path below a repository's address.
fn check_name(name: &str) -> Result<(), BundleError> {
    let segment = |segment: &str| !matches!(segment, "" | "." | "..");
    let fits = name.len() <= MAX_NAME_BYTES
        && !name.contains(|c: char| c.is_control() || c == '\\')
        && name.split('/').all(segment);
    match fits {
        true => Ok(()),
        false => Err(BundleError::Name(
            name.escape_debug().take(MAX_NAME_BYTES).collect(),
        )),
    }
}

fn padding(size: usize) -> usize {
    size.wrapping_neg() % BLOCK
}

fn extend_padded(bytes: &mut Vec<u8>, content: &[u8]) {
    bytes.extend(content);
    bytes.resize(bytes.len() + padding(content.len()), 0);
}
