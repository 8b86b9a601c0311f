//! A hash table that is best at finding nothing.
//!
//! Nearly every look-up misses. What costs time then is not work but doubt: a branch that a processor cannot foresee
//! costs as much as fifty instructions. So a [`Sieve`] stands in front, which says "not here" for nearly all of them,
//! always by the same branch; and hashing a name takes the same steps whatever its length. Keys live with the caller,
//! who compares them by number.

/// Numbers from 0 on, found by the hash of their key.
#[derive(Debug, Clone)]
pub(super) struct Table {
    /// The highest sixteen bits of the hash, never 0; 0 is an empty place. A power of two of them.
    prints: Vec<u16>,
    /// The number that stands at each place.
    numbers: Vec<u32>,
    /// Each number's hash.
    hashes: Vec<u64>,
}

impl Default for Table {
    fn default() -> Self {
        Self {
            prints: vec![0; 16],
            numbers: vec![0; 16],
            hashes: Vec::new(),
        }
    }
}

impl Table {
    /// The number whose key has this hash and for which `is_key` holds.
    #[inline]
    pub(super) fn find(&self, hash: u64, is_key: impl Fn(u32) -> bool) -> Option<u32> {
        let print = print_of(hash);
        let mask = self.prints.len().wrapping_sub(1);
        let mut place = hash as usize & mask;
        loop {
            let found = *self.prints.get(place)?;
            if found == 0 {
                return None;
            }
            if found == print {
                let number = *self.numbers.get(place)?;
                if is_key(number) {
                    return Some(number);
                }
            }
            place = (place + 1) & mask;
        }
    }

    /// The number of that key; a key that is new gets the next one.
    pub(super) fn number(&mut self, hash: u64, is_key: impl Fn(u32) -> bool) -> u32 {
        if let Some(number) = self.find(hash, is_key) {
            return number;
        }
        let number = u32::try_from(self.hashes.len()).unwrap_or(u32::MAX);
        self.hashes.push(hash);
        if self.hashes.len() * 2 > self.prints.len() {
            self.grow();
        } else {
            self.place(hash, number);
        }
        number
    }

    /// How many numbers have been given.
    pub(super) fn len(&self) -> usize {
        self.hashes.len()
    }

    /// What stands in front of it once it is complete.
    pub(super) fn sieve(&self) -> Sieve {
        Sieve::of(&self.hashes)
    }

    fn grow(&mut self) {
        let places = self.prints.len() * 2;
        self.prints = vec![0; places];
        self.numbers = vec![0; places];
        let hashes = std::mem::take(&mut self.hashes);
        (0..)
            .zip(&hashes)
            .for_each(|(number, hash)| self.place(*hash, number));
        self.hashes = hashes;
    }

    fn place(&mut self, hash: u64, number: u32) {
        let mask = self.prints.len().wrapping_sub(1);
        let mut place = hash as usize & mask;
        while self.prints.get(place).is_some_and(|print| *print != 0) {
            place = (place + 1) & mask;
        }
        if let (Some(print), Some(at)) = (self.prints.get_mut(place), self.numbers.get_mut(place)) {
            (*print, *at) = (print_of(hash), number);
        }
    }
}

#[inline]
fn print_of(hash: u64) -> u16 {
    ((hash >> 48) as u16).max(1)
}

/// A set of hashes that may say yes where it should say no, one time in sixteen at most, and never the other way.
#[derive(Debug, Clone)]
pub(super) struct Sieve {
    /// A power of two of words, at least sixteen bits for each hash.
    words: Vec<u64>,
}

impl Sieve {
    pub(super) fn of(hashes: &[u64]) -> Self {
        let words = (hashes.len() * 16).div_ceil(64).next_power_of_two();
        let mut sieve = Self {
            words: vec![0; words],
        };
        for hash in hashes {
            let place = sieve.place(*hash);
            if let Some(word) = sieve.words.get_mut(place) {
                *word |= 1 << (hash >> 58);
            }
        }
        sieve
    }

    #[inline]
    pub(super) fn may_have(&self, hash: u64) -> bool {
        self.words
            .get(self.place(hash))
            .is_some_and(|word| word >> (hash >> 58) & 1 == 1)
    }

    #[inline]
    fn place(&self, hash: u64) -> usize {
        (hash >> 20) as usize & self.words.len().wrapping_sub(1)
    }
}

const MIX: [u64; 4] = [
    0x9E37_79B9_7F4A_7C15,
    0xBF58_476D_1CE4_E5B9,
    0x94D0_49BB_1331_11EB,
    0xD6E8_FEB8_6659_FD93,
];

/// The halves of the product, folded: both ends of the result are spread.
#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a).wrapping_mul(u128::from(b));
    (product as u64) ^ ((product >> 64) as u64)
}

/// The hash of one word.
#[inline]
pub(super) fn hash_word(word: u64) -> u64 {
    fold(word ^ MIX[0], MIX[1])
}

/// The hash of a name: of its length, its first and its last sixteen bytes, which may overlap. Names that differ only
/// in between share a hash and are told apart by comparing them. Keys come from signed policies, so nobody gains from
/// making them collide.
#[inline]
pub(super) fn hash_name(name: &[u8]) -> u64 {
    let (Some(first), Some(last)) = (name.first_chunk::<16>(), name.last_chunk::<16>()) else {
        let mut padded = [0; 16];
        padded.iter_mut().zip(name).for_each(|(to, from)| *to = *from);
        return hash_ends(&padded, &padded, name.len());
    };
    hash_ends(first, last, name.len())
}

#[inline]
fn hash_ends(first: &[u8; 16], last: &[u8; 16], length: usize) -> u64 {
    let halves = |bytes: &[u8; 16]| {
        let both = u128::from_le_bytes(*bytes);
        (both as u64, (both >> 64) as u64)
    };
    let ((a, b), (c, d)) = (halves(first), halves(last));
    let left = fold(a ^ MIX[0], b ^ MIX[1]);
    let right = fold(c ^ MIX[2], d ^ MIX[3] ^ length as u64);
    fold(left ^ MIX[3], right ^ MIX[0])
}

/// A SHA-256 digest is spread already: its first eight bytes are its hash.
#[inline]
pub(super) fn hash_digest(digest: &[u8; 32]) -> u64 {
    digest
        .first_chunk::<8>()
        .map_or(0, |first| u64::from_le_bytes(*first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_found_and_nothing_else() {
        let keys: Vec<String> = (0..5_000).map(|i| format!("com.example.app{i}")).collect();
        let mut table = Table::default();
        for (i, key) in (0..).zip(&keys) {
            let number = table.number(hash_name(key.as_bytes()), |n| keys[n as usize] == *key);
            assert_eq!(number, i);
        }
        for (i, key) in (0..).zip(&keys) {
            assert_eq!(
                table.find(hash_name(key.as_bytes()), |n| keys[n as usize] == *key),
                Some(i)
            );
            let other = format!("{key}x");
            assert_eq!(
                table.find(hash_name(other.as_bytes()), |n| keys[n as usize] == other),
                None
            );
        }
        assert_eq!(table.len(), keys.len());
    }

    #[test]
    fn keys_of_the_same_hash_are_told_apart() {
        let mut table = Table::default();
        for key in 0..100 {
            assert_eq!(table.number(42, |n| n == key), key);
        }
        assert_eq!(table.find(42, |n| n == 99), Some(99));
        assert_eq!(table.find(42, |_| false), None);
    }

    #[test]
    fn a_sieve_never_loses_and_rarely_errs() {
        let hash = |i: u64| hash_name(format!("com.example.app{i}").as_bytes());
        let sieve = Sieve::of(&(0..5_000).map(hash).collect::<Vec<_>>());
        assert!((0..5_000).all(|i| sieve.may_have(hash(i))));
        let wrong = (5_000..105_000).filter(|i| sieve.may_have(hash(*i))).count();
        assert!(wrong < 100_000 / 14, "{wrong}");
        assert!(!Sieve::of(&[]).may_have(hash(1)));
    }

    #[test]
    fn names_of_every_length_spread() {
        let name = "com.example.application.with.a.long.name";
        let mut hashes: Vec<u64> = (0..=name.len())
            .map(|n| hash_name(&name.as_bytes()[..n]))
            .collect();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), name.len() + 1);
        assert_ne!(hash_name(b"a"), hash_name(b"a\0"));
    }
}
