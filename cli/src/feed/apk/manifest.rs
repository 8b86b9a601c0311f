//! The manifest of an Android package: XML in the binary form that Android's tools write (`ResourceTypes.h`).
//!
//! Of all that is in it four attributes are read. Numbers are little-endian; each chunk begins with its type, the length
//! of its header and its own.

use sluis_core::feed::Release;

const XML: u16 = 0x0003;
const STRING_POOL: u16 = 0x0001;
const RESOURCE_MAP: u16 = 0x0180;
const START_ELEMENT: u16 = 0x0102;
/// The flag of a pool whose strings are UTF-8, and not UTF-16.
const UTF8: u32 = 1 << 8;

/// Attributes are known by number; what they are called is up to who wrote the file.
const VERSION_CODE: u32 = 0x0101_021b;
const VERSION_CODE_MAJOR: u32 = 0x0101_0576;
const MIN_SDK_VERSION: u32 = 0x0101_020c;
const NONE: u32 = u32::MAX;
/// Types of values: a whole number, written in decimals or in hex.
const INTEGERS: [u8; 2] = [0x10, 0x11];

/// What the manifest says; `None` where it is none, or says no version.
pub(super) fn read(bytes: &[u8]) -> Option<Release> {
    let (kind, header, whole) = chunk(bytes)?;
    if kind != XML {
        return None;
    }
    let mut rest = whole.get(header..)?;
    let (mut strings, mut numbers) = (&[][..], &[][..]);
    let (mut package, mut version, mut major) = (None, None, 0);
    // An app that does not say so runs on the first Android.
    let mut min_sdk = 1;
    while !rest.is_empty() {
        let (kind, header, whole) = chunk(rest)?;
        match kind {
            STRING_POOL => strings = whole,
            RESOURCE_MAP => numbers = whole.get(header..)?,
            START_ELEMENT => {
                let body = whole.get(header..)?;
                let element = string(strings, u32_at(body, 4)?)?;
                for attribute in attributes(body)? {
                    let number = attribute.number(numbers);
                    match (element.as_str(), number) {
                        ("manifest", Some(VERSION_CODE)) => version = Some(attribute.integer()?),
                        ("manifest", Some(VERSION_CODE_MAJOR)) => major = attribute.integer()?,
                        ("uses-sdk", Some(MIN_SDK_VERSION)) => min_sdk = attribute.integer()?,
                        ("manifest", None) if attribute.is_called(strings, "package") => {
                            package = Some(string(strings, attribute.text)?);
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
        rest = rest.get(whole.len()..)?;
    }
    Some(Release {
        package: package?,
        version_code: u64::from(major) << 32 | u64::from(version?),
        min_sdk: u64::from(min_sdk),
    })
}

/// The first chunk: its type, the length of its header, and the whole of it.
fn chunk(bytes: &[u8]) -> Option<(u16, usize, &[u8])> {
    let header = usize::from(u16_at(bytes, 2)?);
    let length = usize::try_from(u32_at(bytes, 4)?).ok()?;
    // A chunk of no length would never end.
    (header >= 8 && header <= length).then_some(())?;
    Some((u16_at(bytes, 0)?, header, bytes.get(..length)?))
}

struct Attribute {
    namespace: u32,
    name: u32,
    text: u32,
    kind: u8,
    data: u32,
}

impl Attribute {
    /// Its number, if it is one of Android's own.
    fn number(&self, numbers: &[u8]) -> Option<u32> {
        let place = usize::try_from(self.name).ok()?.checked_mul(4)?;
        (self.namespace != NONE).then(|| u32_at(numbers, place))?
    }

    fn is_called(&self, strings: &[u8], name: &str) -> bool {
        self.namespace == NONE && string(strings, self.name).as_deref() == Some(name)
    }

    fn integer(&self) -> Option<u32> {
        INTEGERS.contains(&self.kind).then_some(self.data)
    }
}

/// The attributes of an element, whose body this is.
fn attributes(body: &[u8]) -> Option<Vec<Attribute>> {
    let start = usize::from(u16_at(body, 8)?);
    let size = usize::from(u16_at(body, 10)?);
    let count = usize::from(u16_at(body, 12)?);
    let attribute = |place: usize| {
        let bytes = body.get(start.checked_add(place.checked_mul(size)?)?..)?;
        Some(Attribute {
            namespace: u32_at(bytes, 0)?,
            name: u32_at(bytes, 4)?,
            text: u32_at(bytes, 8)?,
            kind: *bytes.get(15)?,
            data: u32_at(bytes, 16)?,
        })
    };
    (0..count).map(attribute).collect()
}

/// A string of a pool.
fn string(pool: &[u8], index: u32) -> Option<String> {
    (index < u32_at(pool, 8)?).then_some(())?;
    let (_, header, _) = chunk(pool)?;
    let place = usize::try_from(index).ok()?.checked_mul(4)?.checked_add(header)?;
    let start = u32_at(pool, 20)?.checked_add(u32_at(pool, place)?)?;
    let bytes = pool.get(usize::try_from(start).ok()?..)?;
    match u32_at(pool, 16)? & UTF8 {
        0 => {
            let (length, bytes) = length_16(bytes)?;
            let units = bytes.get(..length.checked_mul(2)?)?;
            let units = units.chunks_exact(2).filter_map(|unit| u16_at(unit, 0));
            String::from_utf16(&units.collect::<Vec<_>>()).ok()
        }
        _ => {
            // How many characters, then how many bytes.
            let (_, bytes) = length_8(bytes)?;
            let (length, bytes) = length_8(bytes)?;
            String::from_utf8(bytes.get(..length)?.to_vec()).ok()
        }
    }
}

/// A length of one or two units of 16 bits, and what follows.
fn length_16(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let first = usize::from(u16_at(bytes, 0)?);
    match first & 0x8000 {
        0 => Some((first, bytes.get(2..)?)),
        _ => Some((
            (first & 0x7fff) << 16 | usize::from(u16_at(bytes, 2)?),
            bytes.get(4..)?,
        )),
    }
}

/// A length of one or two bytes, and what follows.
fn length_8(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let first = usize::from(*bytes.first()?);
    match first & 0x80 {
        0 => Some((first, bytes.get(1..)?)),
        _ => Some(((first & 0x7f) << 8 | usize::from(*bytes.get(1)?), bytes.get(2..)?)),
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(two.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(four.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use super::*;

    fn manifest(apk: &[u8]) -> Vec<u8> {
        let mut zip = zip::ZipArchive::new(Cursor::new(apk)).unwrap();
        let mut bytes = Vec::new();
        zip.by_name("AndroidManifest.xml")
            .unwrap()
            .read_to_end(&mut bytes)
            .unwrap();
        bytes
    }

    #[test]
    fn what_androids_own_tool_wrote_is_read() {
        let agent = manifest(include_bytes!("../../../tests/feed/apk/agent-7.apk"));
        let expected = Release {
            package: "nl.sluis.agent".into(),
            version_code: 7,
            min_sdk: 26,
        };
        assert_eq!(read(&agent), Some(expected));
        let other = manifest(include_bytes!("../../../tests/feed/apk/other.apk"));
        let expected = Release {
            package: "org.example.other".into(),
            version_code: 2 << 32 | 8,
            min_sdk: 26,
        };
        assert_eq!(read(&other), Some(expected));
    }

    #[test]
    fn no_damage_of_a_byte_or_of_the_length_is_more_than_an_unreadable_manifest() {
        let agent = manifest(include_bytes!("../../../tests/feed/apk/agent-7.apk"));
        for at in 0..agent.len() {
            for value in [0, 1, 0x7f, 0x80, 0xff] {
                let mut damaged = agent.clone();
                damaged[at] = value;
                let _ = read(&damaged);
            }
            assert_eq!(read(&agent[..at]), None);
        }
    }
}
