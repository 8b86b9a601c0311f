//! Text in the encodings in which editors, shells and spreadsheets save it, as UTF-8.

use std::io::{self, BufReader, Cursor, Read};

use super::files::Bytes;

/// How much of a file is looked at to tell what it is.
pub(super) const HEAD: usize = 64 << 10;

/// The text as UTF-8, without its byte-order mark. UTF-16, in which PowerShell and Excel save, is told by its mark.
pub(super) fn decoded(mut bytes: Bytes) -> io::Result<Bytes> {
    let mut mark = [0; 3];
    let read = read_up_to(&mut bytes, &mut mark)?;
    let mark = mark.get(..read).unwrap_or_default().to_vec();
    let wide = |rest: &[u8], unit: fn([u8; 2]) -> u16, bytes: Bytes| -> Bytes {
        let source = Cursor::new(rest.to_vec()).chain(bytes);
        Box::new(BufReader::with_capacity(
            HEAD,
            Utf16 {
                source,
                unit,
                text: Vec::new(),
                from: 0,
                half: None,
            },
        ))
    };
    Ok(match mark.as_slice() {
        [0xEF, 0xBB, 0xBF] => bytes,
        [0xFF, 0xFE, rest @ ..] => wide(rest, u16::from_le_bytes, bytes),
        [0xFE, 0xFF, rest @ ..] => wide(rest, u16::from_be_bytes, bytes),
        _ => Box::new(BufReader::with_capacity(HEAD, Cursor::new(mark).chain(bytes))),
    })
}

/// The beginning of a text, which stays to be read.
pub(super) fn head(text: &mut Bytes) -> io::Result<Vec<u8>> {
    let mut head = vec![0; HEAD];
    let read = read_up_to(text, &mut head)?;
    head.truncate(read);
    let rest = std::mem::replace(text, Box::new(io::empty()));
    *text = Box::new(BufReader::with_capacity(
        HEAD,
        Cursor::new(head.clone()).chain(rest),
    ));
    Ok(head)
}

fn read_up_to(bytes: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match bytes.read(rest) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Reads UTF-16 as UTF-8; what is no character becomes U+FFFD.
struct Utf16<R> {
    source: R,
    unit: fn([u8; 2]) -> u16,
    /// Decoded and not yet handed out from `from` on.
    text: Vec<u8>,
    from: usize,
    /// The first half of a surrogate pair whose second is still to come.
    half: Option<u16>,
}

impl<R: Read> Utf16<R> {
    fn decode_more(&mut self) -> io::Result<()> {
        let mut wide = [0; 8 << 10];
        let read = read_up_to(&mut self.source, &mut wide)?;
        let last = read < wide.len();
        let wide = wide.get(..read).unwrap_or_default();
        let units = wide.chunks(2).map(|pair| match pair {
            [a, b] => (self.unit)([*a, *b]),
            _ => u16::from(b'?'),
        });
        let mut units: Vec<u16> = self.half.take().into_iter().chain(units).collect();
        if !last {
            self.half = units.pop_if(|unit| (0xD800..0xDC00).contains(unit));
        }
        let text: String = char::decode_utf16(units)
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect();
        (self.text, self.from) = (text.into_bytes(), 0);
        Ok(())
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.from == self.text.len() {
            self.decode_more()?;
        }
        let rest = self.text.get(self.from..).unwrap_or_default();
        let read = (&mut &*rest).read(out)?;
        self.from += read;
        Ok(read)
    }
}

/// A text that is already in memory.
#[cfg(test)]
pub(super) fn of(bytes: &[u8]) -> Bytes {
    Box::new(Cursor::new(bytes.to_vec()))
}

/// All of a text.
pub(super) fn whole(text: Bytes, most: u64) -> io::Result<Vec<u8>> {
    let mut whole = Vec::new();
    let mut bounded = text.take(most + 1);
    bounded.read_to_end(&mut whole)?;
    match whole.len() as u64 > most {
        true => Err(io::Error::other(format!("longer than {} MiB", most >> 20))),
        false => Ok(whole),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_and_mark_gives_the_same_text() {
        let plain: String = "packageé\u{1F600}\r\n".repeat(5_000);
        let utf16 = |to: fn(u16) -> [u8; 2]| -> Vec<u8> {
            let mark = "\u{FEFF}".encode_utf16();
            mark.chain(plain.encode_utf16()).flat_map(to).collect()
        };
        for bytes in [
            plain.clone().into_bytes(),
            format!("\u{FEFF}{plain}").into_bytes(),
            utf16(u16::to_le_bytes),
            utf16(u16::to_be_bytes),
        ] {
            let mut text = decoded(of(&bytes)).unwrap();
            assert_eq!(head(&mut text).unwrap().len(), HEAD.min(plain.len()));
            assert_eq!(whole(text, 1 << 20).unwrap(), plain.as_bytes());
        }
    }

    #[test]
    fn half_a_character_is_a_replacement_and_the_rest_is_read() {
        let bytes = [0xFF, 0xFE, 0x3D, 0xD8, b'a', 0, b'b'];
        let text = whole(decoded(of(&bytes)).unwrap(), 100).unwrap();
        assert_eq!(String::from_utf8(text).unwrap(), "\u{FFFD}a?");
    }

    #[test]
    fn a_text_longer_than_allowed_is_refused() {
        assert!(whole(of(&[b'a'; 11]), 10).is_err());
        assert!(whole(of(&[b'a'; 10]), 10).is_ok());
    }
}
