//! What may happen to a file on its way.

use super::super::choices::Choices;

/// The file with one thing wrong.
pub(super) fn damaged(bytes: &[u8], choices: &mut Choices<'_>) -> Vec<u8> {
    let mut damaged = bytes.to_vec();
    if damaged.is_empty() {
        return damaged;
    }
    let at = (choices.below(256) * 256 + choices.below(256)) % damaged.len();
    match choices.below(4) {
        0 => damaged.truncate(at),
        1 => damaged[at] ^= choices.byte().max(1),
        2 => damaged.insert(at, choices.byte()),
        _ => {
            let piece = [&b"\"version\":9,"[..], b"1.5", b"null", b"\\u0000", b"[[[[[[[["][choices.below(5)];
            damaged.splice(at..at, piece.iter().copied());
        }
    }
    damaged
}
