//! SubjectPublicKeyInfo (RFC 5280): which kind of key, and the key.

use super::RsaKey;
use super::der::{Input, SEQUENCE};

/// The content of the AlgorithmIdentifier of P-256: id-ecPublicKey, prime256v1 (RFC 5480).
const P256: [u8; 19] = [
    0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03,
    0x01, 0x07,
];
/// The content of the AlgorithmIdentifier of RSA: rsaEncryption, NULL (RFC 3279).
const RSA: [u8; 13] = [
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];
/// How SEC 1 begins a point that is not compressed.
const UNCOMPRESSED: u8 = 0x04;

/// The point of a P-256 key, uncompressed.
pub(super) fn p256_point(der: &[u8]) -> Option<[u8; 65]> {
    let point: [u8; 65] = key_of(&P256, der)?.try_into().ok()?;
    (point.first() == Some(&UNCOMPRESSED)).then_some(point)
}

/// The numbers of an RSA key.
pub(super) fn rsa(der: &[u8]) -> Option<RsaKey> {
    let mut outer = Input::new(key_of(&RSA, der)?);
    let mut numbers = Input::new(outer.element(SEQUENCE)?);
    let key = RsaKey {
        modulus: numbers.positive()?.to_vec(),
        exponent: numbers.positive()?.to_vec(),
    };
    (outer.is_empty() && numbers.is_empty()).then_some(key)
}

fn key_of<'a>(algorithm: &[u8], der: &'a [u8]) -> Option<&'a [u8]> {
    let mut outer = Input::new(der);
    let mut info = Input::new(outer.element(SEQUENCE)?);
    let found = info.element(SEQUENCE)?;
    let key = info.bytes_in_bits()?;
    (found == algorithm && outer.is_empty() && info.is_empty()).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::super::der::{BIT_STRING, INTEGER};
    use super::*;

    fn element(tag: u8, content: &[u8]) -> Vec<u8> {
        let header = match content.len() {
            length @ 0..=0x7f => vec![tag, length as u8],
            length => vec![tag, 0x82, (length >> 8) as u8, length as u8],
        };
        [header, content.to_vec()].concat()
    }

    fn info(algorithm: &[u8], bits: &[u8]) -> Vec<u8> {
        let content = [element(SEQUENCE, algorithm), element(BIT_STRING, bits)];
        element(SEQUENCE, &content.concat())
    }

    fn p256(point: &[u8]) -> Vec<u8> {
        info(&P256, &[&[0], point].concat())
    }

    fn with(mut bytes: Vec<u8>, place: usize, byte: u8) -> Vec<u8> {
        bytes[place] = byte;
        bytes
    }

    /// The last element of the outer sequence has a byte after it; the outer length says so.
    fn followed(mut bytes: Vec<u8>) -> Vec<u8> {
        bytes.push(0);
        bytes[1] += 1;
        bytes
    }

    #[test]
    fn a_p256_key_has_one_encoding() {
        let point: Vec<u8> = std::iter::once(UNCOMPRESSED).chain(1..=64).collect();
        let good = p256(&point);
        assert_eq!(p256_point(&good).map(Vec::from), Some(point.clone()));
        let compressed = [&[0x02], &point[1..33]].concat();
        for (wrong, why) in [
            (info(&RSA, &[&[0], point.as_slice()].concat()), "another kind"),
            (p256(&with(point.clone(), 0, 0x06)), "a hybrid point"),
            (p256(&compressed), "a compressed point"),
            (p256(&[point.as_slice(), &[0]].concat()), "a longer point"),
            (
                info(&P256, &[&[1], point.as_slice()].concat()),
                "bits that do not count",
            ),
            (followed(good.clone()), "something after the key"),
            ([good.as_slice(), &[0]].concat(), "something after the end"),
            (with(good.clone(), 0, 0x31), "a set"),
            (Vec::new(), "nothing"),
        ] {
            assert_eq!(p256_point(&wrong), None, "{why}");
        }
    }

    #[test]
    fn an_rsa_key_has_one_encoding() {
        let number = |bytes: &[u8]| element(INTEGER, bytes);
        let modulus: Vec<u8> = std::iter::once(0).chain([0xc1; 256]).collect();
        let numbers = [number(&modulus), number(&[1, 0, 1])].concat();
        let key = |numbers: &[u8]| info(&RSA, &[&[0], element(SEQUENCE, numbers).as_slice()].concat());
        let read = rsa(&key(&numbers)).unwrap();
        assert_eq!(
            (read.modulus.as_slice(), read.exponent.as_slice()),
            (&modulus[1..], [1, 0, 1].as_slice())
        );
        let inner = element(SEQUENCE, &numbers);
        for (wrong, why) in [
            (info(&P256, &[&[0], inner.as_slice()].concat()), "another kind"),
            (
                key(&[numbers.as_slice(), &number(&[3])].concat()),
                "a third number",
            ),
            (
                info(&RSA, &[&[0], inner.as_slice(), &[0]].concat()),
                "something after the numbers",
            ),
            (key(&number(&modulus)), "one number"),
            (
                key(&[number(&modulus[1..]), number(&[3])].concat()),
                "a negative modulus",
            ),
        ] {
            assert_eq!(rsa(&wrong), None, "{why}");
        }
    }
}
