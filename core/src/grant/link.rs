//! A grant as a link, for QR codes: `sluis:grant/` and the document in base64 for addresses (RFC 4648, section 5), without
//! padding.

use crate::base64;

/// How the link begins.
pub const PREFIX: &str = "sluis:grant/";

/// The most characters of a link: that of the longest document.
pub const MAX_BYTES: usize = PREFIX.len() + (sluis_policy::grant::LIMITS.max_bytes * 4).div_ceil(3);

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The link with that document.
pub fn link(document: &[u8]) -> String {
    let mut link = PREFIX.to_owned();
    for chunk in document.chunks(3) {
        let bits = chunk
            .iter()
            .fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        let bits = bits << (8 * (3 - chunk.len()));
        let digits = (0..=chunk.len()).map(|place| bits >> (18 - 6 * place) & 63);
        link.extend(
            digits
                .filter_map(|digit| DIGITS.get(digit))
                .map(|digit| char::from(*digit)),
        );
    }
    link
}

/// The document of a link; the outer `None`: it is no link, the inner one: it cannot be read.
pub(super) fn document(link: &[u8]) -> Option<Option<Vec<u8>>> {
    let digits = link.strip_prefix(PREFIX.as_bytes())?;
    Some(decode(digits).filter(|_| link.len() <= MAX_BYTES))
}

fn decode(digits: &[u8]) -> Option<Vec<u8>> {
    // The reader of the other alphabet skips space and minds the padding.
    if !digits.iter().all(|digit| DIGITS.contains(digit)) {
        return None;
    }
    let other = digits.iter().map(|digit| match digit {
        b'-' => '+',
        b'_' => '/',
        digit => char::from(*digit),
    });
    let padding = std::iter::repeat_n('=', digits.len().next_multiple_of(4) - digits.len());
    base64::decode(&other.chain(padding).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_document_has_one_link_and_that_leads_back_to_it() {
        for length in 0..70 {
            let document: Vec<u8> = (0..length).map(|i| (i * 89 + 251) as u8).collect();
            let link = link(&document);
            assert_eq!(super::document(link.as_bytes()), Some(Some(document)), "{link}");
        }
        assert_eq!(link(&[0xfb, 0xff, 0xbf, 0xfb]), "sluis:grant/-_-_-w");
    }

    #[test]
    fn the_longest_document_makes_the_longest_link() {
        let longest = vec![b' '; sluis_policy::grant::LIMITS.max_bytes];
        assert_eq!(link(&longest).len(), MAX_BYTES);
        // What the densest QR code holds (ISO/IEC 18004, version 40-L).
        const { assert!(MAX_BYTES <= 1_500) };
    }

    #[test]
    fn what_is_no_link_or_another_spelling_of_one_is_refused() {
        assert_eq!(document(b"sluis:phone/AAAA"), None);
        assert_eq!(document(b"SLUIS:grant/AAAA"), None);
        for wrong in [
            "A", "AB", "AAA=", "AA==", "AA AA", "AA\nA", "++++", "//", "AAA\u{0}", "AA%2D",
        ] {
            let link = format!("{PREFIX}{wrong}");
            assert_eq!(document(link.as_bytes()), Some(None), "{wrong}");
        }
        let long = format!("{PREFIX}{}", "A".repeat(MAX_BYTES));
        assert_eq!(document(long.as_bytes()), Some(None));
    }
}
