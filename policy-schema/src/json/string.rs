//! Strings and their escapes.

use super::reader::Reader;
use super::{SyntaxError, Text};

/// The lowest, and the highest bit of each byte of a word.
const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

impl Reader<'_> {
    pub(super) fn string(&mut self) -> Result<Text, SyntaxError> {
        self.offset += 1; // the quote that was peeked
        let from = self.offset;
        self.plain()?;
        if self.peek() == Some(b'"') {
            let text = Text::part(&self.shared, from, self.offset);
            self.offset += 1;
            return Ok(text);
        }
        let mut out = self.text.get(from..self.offset).unwrap_or_default().to_owned();
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.offset += 1;
                    return Ok(Text::from(out.as_str()));
                }
                Some(b'\\') => out.push(self.escape()?),
                _ => return Err(self.unexpected("an escape in its place, such as `\\n`")),
            }
            let from = self.offset;
            self.plain()?;
            out.push_str(self.text.get(from..self.offset).unwrap_or_default());
        }
    }

    /// Goes on to the next character that does not stand for itself.
    fn plain(&mut self) -> Result<(), SyntaxError> {
        let rest = self.text.as_bytes().get(self.offset..).unwrap_or_default();
        let plain = plain_bytes(rest);
        let passed = rest.get(..plain).unwrap_or_default();
        if !passed.is_ascii() {
            self.continued += passed.iter().filter(|byte| **byte & 0xc0 == 0x80).count();
        }
        self.offset += plain;
        match plain == rest.len() {
            false => Ok(()),
            true => Err(self.unexpected("a closing `\"`")),
        }
    }

    fn escape(&mut self) -> Result<char, SyntaxError> {
        self.offset += 1;
        let Some(kind) = self.peek() else {
            return Err(self.unexpected("an escape"));
        };
        let c = match kind {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                self.offset += 1;
                return self.unicode_escape();
            }
            _ => return Err(self.unexpected("one of `\"\\/bfnrtu` after `\\`")),
        };
        self.offset += 1;
        Ok(c)
    }

    fn unicode_escape(&mut self) -> Result<char, SyntaxError> {
        let first = self.hex4()?;
        let code = if (0xD800..0xDC00).contains(&first) && self.word("\\u") {
            let second = self.hex4()?;
            if (0xDC00..0xE000).contains(&second) {
                0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)
            } else {
                first
            }
        } else {
            first
        };
        char::from_u32(code).ok_or_else(|| self.error("half of a surrogate pair", "a whole character"))
    }

    fn hex4(&mut self) -> Result<u32, SyntaxError> {
        let digits = self
            .rest()
            .get(..4)
            .filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let code = digits.and_then(|d| u32::from_str_radix(d, 16).ok());
        let code = code.ok_or_else(|| self.unexpected("four hex digits"))?;
        self.offset += 4;
        Ok(code)
    }
}

/// How many bytes stand for themselves before a quote, a backslash or a control character. Most of a document is strings:
/// eight bytes are looked at together.
fn plain_bytes(bytes: &[u8]) -> usize {
    let mut before = 0;
    let mut rest = bytes;
    while let Some((eight, more)) = rest.split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*eight);
        // In each of these the first byte that has its highest bit is the first that is 0, or below 0x20: a difference
        // borrows from the bytes above it only.
        let is_zero = |word: u64| word.wrapping_sub(LOW) & !word & HIGH;
        let quote = is_zero(word ^ (LOW * b'"' as u64));
        let backslash = is_zero(word ^ (LOW * b'\\' as u64));
        let control = word.wrapping_sub(LOW * 0x20) & !word & HIGH;
        let ends = quote | backslash | control;
        if ends != 0 {
            return before + ends.trailing_zeros() as usize / 8;
        }
        before += 8;
        rest = more;
    }
    let last = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..0x20));
    before + last.unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::plain_bytes;

    #[test]
    fn the_end_of_a_string_is_found_wherever_it_stands_and_whatever_stands_around_it() {
        for length in 0..20 {
            for at in 0..length {
                for end in [b'"', b'\\', 0, 0x1f] {
                    for other in [b' ', b'!', b'#', b'[', b']', 0x7f, 0x80, 0xa2, 0xdc, 0xff] {
                        let mut bytes = vec![other; length];
                        assert_eq!(plain_bytes(&bytes), length);
                        bytes[at] = end;
                        assert_eq!(plain_bytes(&bytes), at, "{bytes:?}");
                        bytes[length - 1] = end;
                        assert_eq!(plain_bytes(&bytes), at, "{bytes:?}");
                    }
                }
            }
        }
    }
}
