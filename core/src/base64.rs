//! Base64 (RFC 4648), as keys and configuration carry bytes in text.

/// The bytes. Space between the digits does not matter; what comes after the padding must be nothing, and the bits
/// that fill up the last digit must be zero, so that bytes have one spelling.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let (quads, []) = digits.as_chunks::<4>() else {
        return None;
    };
    let mut bytes = Vec::with_capacity(quads.len() * 3);
    for (i, quad) in quads.iter().enumerate() {
        let padding = match quad {
            [.., b'=', b'='] => 2,
            [.., b'='] => 1,
            _ => 0,
        };
        if padding > 0 && i + 1 < quads.len() {
            return None;
        }
        let mut bits = 0;
        for digit in quad.iter().take(4 - padding) {
            bits = bits << 6 | value(*digit)?;
        }
        bits <<= 6 * padding;
        let [_, whole @ ..] = bits.to_be_bytes();
        let (kept, filling) = whole.split_at_checked(3 - padding)?;
        if filling.iter().any(|b| *b != 0) {
            return None;
        }
        bytes.extend_from_slice(kept);
    }
    Some(bytes)
}

fn value(digit: u8) -> Option<u32> {
    let value = match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_vectors_of_the_rfc_are_read() {
        for (text, bytes) in [
            ("", ""),
            ("Zg==", "f"),
            ("Zm8=", "fo"),
            ("Zm9v", "foo"),
            ("Zm9vYg==", "foob"),
            ("Zm9vYmE=", "fooba"),
            ("Zm9v\nYmFy", "foobar"),
        ] {
            assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()), "{text}");
        }
        assert_eq!(decode("+/+/"), Some(vec![0xfb, 0xff, 0xbf]));
    }

    #[test]
    fn what_has_another_spelling_is_refused() {
        for wrong in [
            "Zg=", "Zg", "Zh==", "Zm9=", "Z===", "====", "Zg==Zm9v", "Z=9v", "Zm-v", "Zm9vé",
        ] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
    }
}
