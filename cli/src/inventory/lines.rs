//! Text line by line, none of them longer than is reasonable.

use std::io::{self, BufRead};

/// The longest line that is looked at: a phone with thousands of packages, all facts of each, in one line of JSON.
pub(super) const LONGEST: usize = 16 << 20;

/// One line.
#[derive(Debug)]
pub(super) struct Line<'l> {
    /// From 1.
    pub(super) number: usize,
    /// Without its end; the beginning only if it is too long.
    pub(super) bytes: &'l [u8],
    /// It is longer than is looked at.
    pub(super) cut: bool,
}

/// The lines of a text; each is overwritten by the next.
pub(super) struct Lines<R> {
    text: R,
    longest: usize,
    number: usize,
    line: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(text: R) -> Self {
        Self::with_longest(text, LONGEST)
    }

    pub(super) fn with_longest(text: R, longest: usize) -> Self {
        Self {
            text,
            longest,
            number: 0,
            line: Vec::new(),
        }
    }

    /// The next line; the rest of one that is too long is read over.
    pub(super) fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.line.clear();
        let (mut any, mut cut) = (false, false);
        loop {
            let buffer = self.text.fill_buf()?;
            if buffer.is_empty() {
                break;
            }
            any = true;
            let end = memchr::memchr(b'\n', buffer);
            let part = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or_default();
            let room = self.longest - self.line.len();
            cut |= part.len() > room;
            self.line.extend_from_slice(part.get(..room).unwrap_or(part));
            let read = part.len() + usize::from(end.is_some());
            self.text.consume(read);
            if end.is_some() {
                break;
            }
        }
        self.number += 1;
        Ok(any.then_some(Line {
            number: self.number,
            bytes: &self.line,
            cut,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_its_number_and_an_endless_one_is_cut() {
        let mut lines = Lines::with_longest(&b"a\n\n0123456789\r\nb"[..], 8);
        let mut seen = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            seen.push((
                line.number,
                String::from_utf8_lossy(line.bytes).into_owned(),
                line.cut,
            ));
        }
        let expected = [
            (1, "a", false),
            (2, "", false),
            (3, "01234567", true),
            (4, "b", false),
        ];
        assert_eq!(seen, expected.map(|(n, text, cut)| (n, text.to_owned(), cut)));
    }
}
