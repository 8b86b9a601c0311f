//! Hexadecimal, as digests, key ids and signatures are written.

/// Lower-case hex digits.
pub fn encode(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes
        .iter()
        .flat_map(|b| [digit(b >> 4), digit(b & 0xf)])
        .collect()
}

/// The bytes, if these are hex digits in pairs; either case.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty()
        .then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

/// As [`decode`], for a known number of bytes.
pub fn decode_exact<const N: usize>(text: &str) -> Option<[u8; N]> {
    decode(text)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_survives_the_way_there_and_back() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(decode(&encode(&all)), Some(all));
        assert_eq!(decode("C0ffEE"), Some(vec![0xc0, 0xff, 0xee]));
    }

    #[test]
    fn what_is_not_hex_is_refused() {
        assert_eq!(decode("abc"), None);
        assert_eq!(decode("0x"), None);
        assert_eq!(decode("é0"), None);
        assert_eq!(decode_exact::<2>("00"), None);
    }
}
