//! A radix tree of prefixes.
//!
//! Package names are made of 64 different characters, so which children a node has is one 64-bit word, and a child's
//! place is the number of bits below its own. A sieve of how prefixes begin spares nearly every name the walk.

use super::table::{Sieve, hash_word};
use super::{Span, to_u32};

/// Nodes in one flat array, a node's children side by side.
#[derive(Debug)]
pub(super) struct RadixTree {
    nodes: Vec<Node>,
    /// The characters of all edges.
    edges: Vec<u8>,
    /// How the prefixes begin: as many bytes as `start` has, eight at most.
    starts: Sieve,
    /// Masks a name's first eight bytes down to those that every prefix has.
    start: u64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Node {
    /// A bit for each character that a child begins with.
    letters: u64,
    /// The first child's place.
    children: u32,
    /// What leads here from the parent after its first character, which the parent knows: a run of `edges`.
    edge: Span,
    /// The postings of the prefix that ends here.
    postings: Span,
}

impl RadixTree {
    /// Of prefixes that are sorted, each there once.
    pub(super) fn of(prefixes: &[(&str, Span)]) -> Self {
        let shortest = prefixes
            .iter()
            .map(|(prefix, _)| prefix.len())
            .min()
            .unwrap_or(8)
            .min(8);
        let start = u64::MAX.checked_shr(64 - 8 * to_u32(shortest)).unwrap_or(0);
        let first = |prefix: &str| {
            prefix
                .bytes()
                .take(8)
                .rev()
                .fold(0, |word, byte| word << 8 | u64::from(byte))
        };
        let starts: Vec<u64> = prefixes
            .iter()
            .map(|(prefix, _)| hash_word(first(prefix) & start))
            .collect();
        let nodes = vec![Node::default()];
        let mut tree = Self {
            nodes,
            edges: Vec::new(),
            starts: Sieve::of(&starts),
            start,
        };
        tree.add_children(0, prefixes, 0);
        tree
    }

    /// Adds what stands below `parent`, whose `depth` characters all of `prefixes` have in common.
    fn add_children(&mut self, parent: usize, prefixes: &[(&str, Span)], depth: usize) {
        let letter = |p: &(&str, Span)| p.0.as_bytes().get(depth).and_then(|byte| bit(*byte));
        let mut groups: Vec<&[(&str, Span)]> = prefixes
            .chunk_by(|a, b| letter(a) == letter(b))
            .filter(|group| group.first().and_then(letter).is_some())
            .collect();
        groups.sort_by_key(|group| group.first().and_then(letter));
        let start = self.nodes.len();
        let mut letters = 0;
        let mut depths = Vec::with_capacity(groups.len());
        for group in &groups {
            let Some((first, last)) = group.first().zip(group.last()) else {
                continue;
            };
            letters |= letter(first).unwrap_or_default();
            let (first_name, last_name) = (first.0.as_bytes(), last.0.as_bytes());
            // Sorted, so what the first and the last share, all share.
            let shared = first_name
                .iter()
                .zip(last_name)
                .skip(depth)
                .take_while(|(a, b)| a == b)
                .count();
            let edge_start = to_u32(self.edges.len());
            self.edges
                .extend_from_slice(first_name.get(depth + 1..depth + shared).unwrap_or_default());
            let edge = Span {
                start: edge_start,
                end: to_u32(self.edges.len()),
            };
            let postings = if first_name.len() == depth + shared {
                first.1
            } else {
                Span::default()
            };
            self.nodes.push(Node {
                edge,
                postings,
                ..Node::default()
            });
            depths.push(depth + shared);
        }
        if let Some(node) = self.nodes.get_mut(parent) {
            (node.letters, node.children) = (letters, to_u32(start));
        }
        for ((child, group), depth) in (start..).zip(groups).zip(depths) {
            self.add_children(child, group, depth);
        }
    }

    /// Calls `found` with the postings of every prefix that `name` begins with, the shortest first.
    #[inline]
    pub(super) fn walk(&self, name: &[u8], found: impl FnMut(Span)) {
        if let Some(first) = name.first_chunk::<8>()
            && !self
                .starts
                .may_have(hash_word(u64::from_le_bytes(*first) & self.start))
        {
            return;
        }
        self.walk_from_root(name, found);
    }

    fn walk_from_root(&self, name: &[u8], mut found: impl FnMut(Span)) {
        let mut rest = name;
        let mut node = self.nodes.first();
        while let (Some(here), Some((first, tail))) = (node, rest.split_first()) {
            let Some(bit) = bit(*first).filter(|bit| here.letters & bit != 0) else {
                return;
            };
            let place = here.children + (here.letters & (bit - 1)).count_ones();
            let Some(child) = self.nodes.get(place as usize) else {
                return;
            };
            rest = tail;
            if child.edge.end > child.edge.start {
                let edge = self
                    .edges
                    .get(child.edge.start as usize..child.edge.end as usize)
                    .unwrap_or_default();
                let Some(below) = tail.strip_prefix(edge) else {
                    return;
                };
                rest = below;
            }
            if child.postings.end > child.postings.start {
                found(child.postings);
            }
            node = Some(child);
        }
    }
}

/// The character's own bit, if package names can have it.
#[inline]
fn bit(byte: u8) -> Option<u64> {
    match PLACES.get(byte as usize) {
        Some(place) if *place < 64 => Some(1 << *place),
        _ => None,
    }
}

const PLACES: [u8; 256] = {
    let alphabet = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._";
    let mut places = [u8::MAX; 256];
    let mut i = 0;
    while i < alphabet.len() {
        #[expect(
            clippy::indexing_slicing,
            reason = "both arrays are longer, and this runs when compiled"
        )]
        {
            places[alphabet[i] as usize] = i as u8;
        }
        i += 1;
    }
    places
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_prefix_of_a_name_is_found_and_no_other() {
        let mut prefixes = [
            "com.vivo.",
            "com.vivo.a",
            "com.v",
            "com.tencent.",
            "ru.vk.",
            "com.lemon.lv",
            "com.vivo.abc.d",
            "A_.",
            "a9.",
        ];
        prefixes.sort_unstable();
        let spans: Vec<(&str, Span)> = (0..)
            .zip(prefixes)
            .map(|(i, p)| (p, Span { start: i, end: i + 1 }))
            .collect();
        let tree = RadixTree::of(&spans);
        let names = "com.vivo.abc.def com.vivo.a com.vivo com.v com. c ru.vk.x ru.vkx com.lemon.lvoverseas com.tencent.mm x A_.b a9.x a-b é \
            bom.v ru.vk.something A_.long.name a9.long.name com.vxyz.abc";
        for name in names.split(' ').chain([""]) {
            let mut found: Vec<u32> = Vec::new();
            tree.walk(name.as_bytes(), |span| found.push(span.start));
            let expected = spans
                .iter()
                .filter(|(p, _)| name.starts_with(p))
                .map(|(_, s)| s.start);
            found.sort_unstable();
            assert_eq!(found, expected.collect::<Vec<_>>(), "{name}");
        }
    }

    #[test]
    fn a_tree_without_prefixes_finds_nothing() {
        RadixTree::of(&[]).walk(b"com.example", |_| panic!("found something"));
    }
}
