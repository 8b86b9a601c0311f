//! From a package's name or signer to the rules that may match it, in time that does not grow with their number. Only
//! the rules that go by neither are tried on every package.

mod radix;
mod table;

use std::collections::HashMap;

use sluis_policy::values::Digest;

use super::facts::PackageFacts;
use super::web;
use radix::RadixTree;
use table::{Sieve, Table, hash_digest, hash_name};

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

/// A run of something that lies elsewhere.
#[derive(Debug, Clone, Copy, Default)]
struct Span {
    start: u32,
    end: u32,
}

/// Collects postings by key before they are laid out.
#[derive(Debug, Default)]
pub(super) struct IndexBuilder<'p> {
    names: Keyed<&'p str>,
    prefixes: Keyed<&'p str>,
    signers: Keyed<Digest>,
    hosts: Keyed<&'p str>,
    every: Vec<Posting>,
}

/// Keys, each with a number, and the postings of each.
#[derive(Debug)]
struct Keyed<K> {
    table: Table,
    keys: Vec<K>,
    postings: Vec<(u32, Posting)>,
}

impl<K> Default for Keyed<K> {
    fn default() -> Self {
        Self {
            table: Table::default(),
            keys: Vec::new(),
            postings: Vec::new(),
        }
    }
}

impl<K: Copy + Eq> Keyed<K> {
    fn add(&mut self, hash: u64, key: K, posting: Posting) {
        let Self {
            table,
            keys,
            postings,
        } = self;
        let number = table.number(hash, |n| keys.get(n as usize) == Some(&key));
        if number as usize == keys.len() {
            keys.push(key);
        }
        postings.push((number, posting));
    }

    /// Appends the postings to `all`, key by key, and returns where each key's stand.
    fn lay_out(mut self, all: &mut Vec<Posting>) -> (Table, Vec<K>, Vec<Span>) {
        self.postings.sort_unstable();
        self.postings.dedup();
        let mut spans = vec![Span::default(); self.table.len()];
        for run in self.postings.chunk_by(|a, b| a.0 == b.0) {
            let start = to_u32(all.len());
            all.extend(run.iter().map(|(_, posting)| *posting));
            if let Some(span) = run
                .first()
                .and_then(|(number, _)| spans.get_mut(*number as usize))
            {
                *span = Span {
                    start,
                    end: to_u32(all.len()),
                };
            }
        }
        (self.table, self.keys, spans)
    }
}

impl<'p> IndexBuilder<'p> {
    pub(super) fn name(&mut self, name: &'p str, posting: Posting) {
        self.names.add(hash_name(name.as_bytes()), name, posting);
    }

    pub(super) fn prefix(&mut self, prefix: &'p str, posting: Posting) {
        self.prefixes.add(hash_name(prefix.as_bytes()), prefix, posting);
    }

    pub(super) fn signer(&mut self, signer: Digest, posting: Posting) {
        self.signers.add(hash_digest(&signer.0), signer, posting);
    }

    pub(super) fn host(&mut self, host: &'p str, posting: Posting) {
        self.hosts.add(hash_name(host.as_bytes()), host, posting);
    }

    /// No name and no signer leads to it: it is tried on every package.
    pub(super) fn every(&mut self, posting: Posting) {
        self.every.push(posting);
    }

    pub(super) fn build(self) -> Index {
        let mut postings = Vec::new();
        let (names, name_keys, name_spans) = self.names.lay_out(&mut postings);
        let (signers, signer_keys, signer_spans) = self.signers.lay_out(&mut postings);
        let (_, host_keys, host_spans) = self.hosts.lay_out(&mut postings);
        let (_, prefix_keys, prefix_spans) = self.prefixes.lay_out(&mut postings);
        let mut prefixes: Vec<(&str, Span)> = prefix_keys.into_iter().zip(prefix_spans).collect();
        prefixes.sort_unstable_by_key(|(prefix, _)| *prefix);
        let mut letters = String::with_capacity(name_keys.iter().map(|key| key.len()).sum());
        let mut name_of = |key: &str| {
            let start = to_u32(letters.len());
            letters.push_str(key);
            Span {
                start,
                end: to_u32(letters.len()),
            }
        };
        let name_keys = name_keys.into_iter().map(&mut name_of).zip(name_spans).collect();
        let signer_keys = signer_keys.into_iter().zip(signer_spans).collect();
        Index {
            postings,
            letters,
            name_sieve: names.sieve(),
            names,
            name_keys,
            signer_sieve: signers.sieve(),
            signers,
            signer_keys,
            prefixes: RadixTree::of(&prefixes),
            hosts: host_keys
                .into_iter()
                .map(ToOwned::to_owned)
                .zip(host_spans)
                .collect(),
            every: self.every,
        }
    }
}

/// The finished index.
#[derive(Debug)]
pub(super) struct Index {
    postings: Vec<Posting>,
    /// All names, one after the other.
    letters: String,
    names: Table,
    name_sieve: Sieve,
    /// Of each name: where it stands in `letters`, and its postings.
    name_keys: Vec<(Span, Span)>,
    signers: Table,
    signer_sieve: Sieve,
    signer_keys: Vec<(Digest, Span)>,
    prefixes: RadixTree,
    /// Few packages are web apps.
    hosts: HashMap<String, Span>,
    /// What is tried on every package.
    every: Vec<Posting>,
}

impl Index {
    /// Calls `found` with the postings of everything that this package's name and signers lead to.
    #[inline]
    pub(super) fn look_up(&self, package: &PackageFacts, mut found: impl FnMut(&[Posting])) {
        let name = package.name.as_str();
        let hash = hash_name(name.as_bytes());
        let is_name = |n: u32| {
            self.name_keys
                .get(n as usize)
                .and_then(|(at, _)| self.letters(*at))
                == Some(name)
        };
        if self.name_sieve.may_have(hash)
            && let Some(number) = self.names.find(hash, is_name)
        {
            found(self.postings(self.name_keys.get(number as usize).map(|(_, span)| *span)));
        }
        self.prefixes
            .walk(name.as_bytes(), |span| found(self.postings(Some(span))));
        if !self.every.is_empty() {
            found(&self.every);
        }
        if !self.hosts.is_empty()
            && let Some(address) = &package.web_origin
        {
            web::hosts(address, |host| {
                if let Some(span) = self.hosts.get(host) {
                    found(self.postings(Some(*span)));
                }
            });
        }
        let Some(signers) = &package.signers else { return };
        let mut signed = |signer: &Digest, hash: u64| {
            let is_signer = |n: u32| {
                self.signer_keys
                    .get(n as usize)
                    .is_some_and(|(key, _)| key == signer)
            };
            if self.signer_sieve.may_have(hash)
                && let Some(number) = self.signers.find(hash, is_signer)
            {
                found(self.postings(self.signer_keys.get(number as usize).map(|(_, span)| *span)));
            }
        };
        let Some((first, more)) = signers.current.split_first() else {
            return signers
                .lineage
                .iter()
                .for_each(|signer| signed(signer, hash_digest(&signer.0)));
        };
        signed(first, hash_digest(&first.0));
        // Nearly every package has one signer and no lineage.
        if !more.is_empty() || !signers.lineage.is_empty() {
            more.iter()
                .chain(&signers.lineage)
                .for_each(|signer| signed(signer, hash_digest(&signer.0)));
        }
    }

    fn letters(&self, at: Span) -> Option<&str> {
        self.letters.get(at.start as usize..at.end as usize)
    }

    fn postings(&self, span: Option<Span>) -> &[Posting] {
        span.and_then(|span| self.postings.get(span.start as usize..span.end as usize))
            .unwrap_or_default()
    }
}

/// Documents are bounded at 4 MiB, so nothing here comes near 2³².
fn to_u32(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::facts::Signers;
    use super::*;

    fn posting(rule: u32) -> Posting {
        Posting {
            rule,
            reaches_system: false,
            verify: false,
        }
    }

    fn found(index: &Index, name: &str, signers: Option<Signers>) -> Vec<u32> {
        let package = PackageFacts {
            name: name.into(),
            signers,
            ..PackageFacts::default()
        };
        let mut rules = Vec::new();
        index.look_up(&package, |postings| rules.extend(postings.iter().map(|p| p.rule)));
        rules
    }

    #[test]
    fn names_prefixes_and_signers_are_found_whole_and_once() {
        let mut builder = IndexBuilder::default();
        builder.name("com.tencent.mm", posting(1));
        builder.name("com.tencent.mm", posting(2));
        builder.name("com.tencent.mm", posting(1));
        builder.prefix("com.tencent.", posting(3));
        builder.signer(Digest([7; 32]), posting(4));
        builder.signer(Digest([8; 32]), posting(5));
        let index = builder.build();
        assert_eq!(found(&index, "com.tencent.mm", None), [1, 2, 3]);
        assert_eq!(found(&index, "com.tencent.m", None), [3]);
        assert!(found(&index, "com.tencent", None).is_empty());
        let signers = |current: &[u8], lineage: &[u8]| {
            let digests = |bytes: &[u8]| bytes.iter().map(|b| Digest([*b; 32])).collect();
            Some(Signers {
                current: digests(current),
                lineage: digests(lineage),
            })
        };
        assert_eq!(found(&index, "a.b", signers(&[7], &[])), [4]);
        assert_eq!(found(&index, "a.b", signers(&[1, 7], &[8])), [4, 5]);
        assert_eq!(found(&index, "a.b", signers(&[], &[8])), [5]);
        let mut nearly = [7; 32];
        nearly[31] = 6;
        let nearly = Signers {
            current: vec![Digest(nearly)],
            lineage: vec![],
        };
        assert!(found(&index, "a.b", Some(nearly)).is_empty());
    }
}
