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
