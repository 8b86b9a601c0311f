//! From a package's name or signer to the rules that may match it, in time that does not grow with their number.
//!
//! Nearly every package on a phone is matched by no rule at all, so what counts is how fast a look-up finds nothing:
//! one hash and one probe for the name, one for the signer, and a few steps in a radix tree for the prefixes.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use sluis_policy::values::Digest;

/// A rule that a name, prefix or signer leads to, with what is left to check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Posting {
    /// The rule's place in the rule set.
    pub(super) rule: u32,
    /// The match also reaches packages that came with the phone.
    pub(super) reaches_system: bool,
    /// The rule has further attributes, which must be checked.
    pub(super) verify: bool,
}

/// A run of postings.
#[derive(Debug, Clone, Copy, Default)]
struct Span {
    start: u32,
    end: u32,
}

/// Collects postings by key before they are laid out.
#[derive(Debug, Default)]
pub(super) struct IndexBuilder {
    names: HashMap<String, Vec<Posting>>,
    signers: HashMap<Digest, Vec<Posting>>,
    prefixes: HashMap<String, Vec<Posting>>,
}

impl IndexBuilder {
    pub(super) fn name(&mut self, name: &str, posting: Posting) {
        match self.names.get_mut(name) {
            Some(postings) => postings.push(posting),
            None => drop(self.names.insert(name.to_owned(), vec![posting])),
        }
    }

    pub(super) fn signer(&mut self, signer: Digest, posting: Posting) {
        self.signers.entry(signer).or_default().push(posting);
    }

    pub(super) fn prefix(&mut self, prefix: &str, posting: Posting) {
        match self.prefixes.get_mut(prefix) {
            Some(postings) => postings.push(posting),
            None => drop(self.prefixes.insert(prefix.to_owned(), vec![posting])),
        }
    }

    pub(super) fn build(self) -> Index {
        let mut postings = Vec::new();
        let mut lay_out = |mut list: Vec<Posting>| {
            list.sort_unstable();
            list.dedup();
            let start = to_u32(postings.len());
            postings.append(&mut list);
            Span {
                start,
                end: to_u32(postings.len()),
            }
        };
        let names = self
            .names
            .into_iter()
            .map(|(k, v)| (k.into_boxed_str(), lay_out(v)))
            .collect();
        let signers = self.signers.into_iter().map(|(k, v)| (k.0, lay_out(v))).collect();
        let mut prefixes: Vec<(String, Span)> =
            self.prefixes.into_iter().map(|(k, v)| (k, lay_out(v))).collect();
        prefixes.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        Index {
            postings,
            names,
            signers,
            prefixes: RadixTree::of(&prefixes),
        }
    }
}

/// The finished index.
#[derive(Debug)]
pub(super) struct Index {
    postings: Vec<Posting>,
    names: HashMap<Box<str>, Span, BuildHasherDefault<NameHasher>>,
    signers: HashMap<[u8; 32], Span, BuildHasherDefault<DigestHasher>>,
    prefixes: RadixTree,
}

impl Index {
    fn postings(&self, span: Span) -> &[Posting] {
        self.postings
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default()
    }

    /// Rules that name exactly this package.
    #[inline]
    pub(super) fn by_name(&self, name: &str) -> &[Posting] {
        self.names.get(name).map_or(&[], |span| self.postings(*span))
    }

    /// Rules that name this certificate.
    #[inline]
    pub(super) fn by_signer(&self, signer: &Digest) -> &[Posting] {
        self.signers
            .get(&signer.0)
            .map_or(&[], |span| self.postings(*span))
    }

    /// Calls `found` with the rules of every prefix that `name` begins with.
    #[inline]
    pub(super) fn by_prefix(&self, name: &str, mut found: impl FnMut(&[Posting])) {
        self.prefixes
            .walk(name.as_bytes(), |span| found(self.postings(span)));
    }
}

/// Eight bytes at a time. Keys come from signed policies, so nobody gains from making them collide.
#[derive(Debug, Default)]
struct NameHasher(u64);

const MIX: u64 = 0x9E37_79B9_7F4A_7C15;

impl NameHasher {
    #[inline]
    fn mix(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word).wrapping_mul(u128::from(MIX));
        // The halves of the product, folded: both must spread, since hash tables use high and low bits.
        self.0 = (product as u64) ^ ((product >> 64) as u64);
    }
}

impl Hasher for NameHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        if !rest.is_empty() {
            let mut last = [0; 8];
            last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            self.mix(u64::from_le_bytes(last) ^ (bytes.len() as u64) << 56);
        }
    }

    #[inline]
    fn write_u8(&mut self, byte: u8) {
        // `str` ends itself with a byte that no string holds; one key is one string here, so the length suffices.
        self.0 ^= u64::from(byte);
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}

/// A SHA-256 digest is spread already: its first eight bytes are its hash.
#[derive(Debug, Default)]
struct DigestHasher(u64);

impl Hasher for DigestHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk::<8>() {
            self.0 = u64::from_le_bytes(*first);
        }
    }

    #[inline]
    fn write_usize(&mut self, _length: usize) {}

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}

/// A radix tree in three flat arrays: a node's children stand together, their first letters in `letters`.
#[derive(Debug)]
struct RadixTree {
    nodes: Vec<RadixNode>,
    letters: Vec<u8>,
    edges: Vec<u8>,
}

#[derive(Debug, Clone, Copy, Default)]
struct RadixNode {
    /// The letters that lead here from the parent, in `edges`.
    edge: (u32, u32),
    /// The children, in `nodes` and `letters`.
    children: (u32, u32),
    /// What ends here.
    span: Span,
}

impl RadixTree {
    /// Of prefixes that are sorted, each there once.
    fn of(prefixes: &[(String, Span)]) -> Self {
        let mut tree = Self {
            nodes: vec![RadixNode::default()],
            letters: vec![0],
            edges: Vec::new(),
        };
        tree.add_children(0, prefixes, 0);
        tree
    }

    /// Adds what stands below `parent`, whose `depth` letters all of `prefixes` have in common.
    fn add_children(&mut self, parent: usize, prefixes: &[(String, Span)], depth: usize) {
        let letter = |p: &(String, Span)| p.0.as_bytes().get(depth).copied();
        let groups: Vec<&[(String, Span)]> = prefixes
            .chunk_by(|a, b| letter(a) == letter(b))
            .filter(|g| g.first().and_then(letter).is_some())
            .collect();
        let start = self.nodes.len();
        for group in &groups {
            let Some((first, last)) = group.first().zip(group.last()) else {
                continue;
            };
            let (first, last) = (first.0.as_bytes(), last.0.as_bytes());
            // Sorted, so what the first and the last share, all share.
            let shared = first
                .iter()
                .zip(last)
                .skip(depth)
                .take_while(|(a, b)| a == b)
                .count();
            let edge = first.get(depth..depth + shared).unwrap_or_default();
            let edge_start = self.edges.len();
            self.edges.extend_from_slice(edge);
            self.letters.push(edge.first().copied().unwrap_or_default());
            let span = group
                .first()
                .filter(|p| p.0.len() == depth + shared)
                .map(|p| p.1)
                .unwrap_or_default();
            let edge = (to_u32(edge_start), to_u32(self.edges.len()));
            self.nodes.push(RadixNode {
                edge,
                children: (0, 0),
                span,
            });
        }
        if let Some(node) = self.nodes.get_mut(parent) {
            node.children = (to_u32(start), to_u32(start + groups.len()));
        }
        for (i, group) in groups.into_iter().enumerate() {
            let edge = self.nodes.get(start + i).map(|n| n.edge).unwrap_or_default();
            let below = depth + (edge.1 - edge.0) as usize;
            self.add_children(start + i, group, below);
        }
    }

    #[inline]
    fn walk(&self, name: &[u8], mut found: impl FnMut(Span)) {
        let mut rest = name;
        let mut node = self.nodes.first();
        while let Some(&RadixNode {
            children: (start, end),
            ..
        }) = node
        {
            let Some(&letter) = rest.first() else { return };
            let letters = self.letters.get(start as usize..end as usize).unwrap_or_default();
            let Some(i) = letters.iter().position(|l| *l == letter) else {
                return;
            };
            let Some(child) = self.nodes.get(start as usize + i) else {
                return;
            };
            let edge = self
                .edges
                .get(child.edge.0 as usize..child.edge.1 as usize)
                .unwrap_or_default();
            let Some(below) = rest.strip_prefix(edge) else {
                return;
            };
            if child.span.end > child.span.start {
                found(child.span);
            }
            rest = below;
            node = Some(child);
        }
    }
}

/// Documents are bounded at 4 MiB, so nothing here comes near 2³².
fn to_u32(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posting(rule: u32) -> Posting {
        Posting {
            rule,
            reaches_system: false,
            verify: false,
        }
    }

    #[test]
    fn every_prefix_of_a_name_is_found_and_no_other() {
        let prefixes = [
            "com.vivo.",
            "com.vivo.a",
            "com.v",
            "com.tencent.",
            "ru.vk.",
            "com.lemon.lv",
            "com.vivo.abc.d",
        ];
        let mut builder = IndexBuilder::default();
        for (i, prefix) in prefixes.iter().enumerate() {
            builder.prefix(prefix, posting(i as u32));
        }
        let index = builder.build();
        let names = "com.vivo.abc.def com.vivo.a com.vivo com.v com. c ru.vk.x ru.vkx com.lemon.lvoverseas com.tencent.mm x";
        for name in names.split(' ').chain([""]) {
            let mut found: Vec<u32> = Vec::new();
            index.by_prefix(name, |postings| found.extend(postings.iter().map(|p| p.rule)));
            found.sort_unstable();
            let expected = prefixes
                .iter()
                .enumerate()
                .filter(|(_, p)| name.starts_with(**p))
                .map(|(i, _)| i as u32);
            assert_eq!(found, expected.collect::<Vec<_>>(), "{name}");
        }
    }

    #[test]
    fn names_and_signers_are_found_whole() {
        let mut builder = IndexBuilder::default();
        builder.name("com.tencent.mm", posting(1));
        builder.name("com.tencent.mm", posting(2));
        builder.name("com.tencent.mm", posting(1));
        builder.signer(Digest([7; 32]), posting(3));
        let index = builder.build();
        assert_eq!(index.by_name("com.tencent.mm"), [posting(1), posting(2)]);
        assert!(index.by_name("com.tencent.m").is_empty());
        assert!(index.by_name("com.tencent.mm2").is_empty());
        assert_eq!(index.by_signer(&Digest([7; 32])), [posting(3)]);
        let mut other = [7; 32];
        other[31] = 8;
        assert!(index.by_signer(&Digest(other)).is_empty());
    }
}
