//! A world to measure in: policies, and phones to judge by them, all from a fixed seed.
//!
//! 400 packages against 6,700 match values (5,000 names, 500 signers, 200 prefixes, 1,000 allowed names) in 220 rules of
//! two layers, one of them closed. Each kind of answer occurs: denied by name, denied by signer, not approved, advised
//! against, allowed. So who leaves out one kind of rule says something else of some package.

use sluis_core::policy::facts::{PackageFacts, Signers};
use sluis_policy::values::Digest;

const NAMES: usize = 5_000;
const SIGNERS: usize = 500;
const PREFIXES: usize = 200;
const ALLOWS: usize = 1_000;
/// Of the allowed names those that a prefix advises against: of an app that is not approved no advice is heard.
const ALLOWED_AGAINST_ADVICE: usize = 50;
/// What a phone usually has.
const PACKAGES: usize = 400;
pub(crate) const PHONES: usize = 16;

/// SplitMix64: small, known, and the same on every machine.
struct Seeded(u64);

impl Seeded {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn digest(&mut self) -> Digest {
        let mut bytes = [0; 32];
        bytes
            .chunks_mut(8)
            .for_each(|chunk| chunk.copy_from_slice(&self.next().to_le_bytes()));
        Digest(bytes)
    }

    fn word(&mut self) -> String {
        let length = 3 + self.below(8);
        (0..length)
            .map(|_| char::from(b'a' + self.below(26) as u8))
            .collect()
    }

    fn name(&mut self) -> String {
        let first = ["com", "com", "com", "com", "nl", "org", "net", "ru", "cn"][self.below(9)];
        let parts = 2 + self.below(3);
        (0..parts).fold(first.to_owned(), |name, _| format!("{name}.{}", self.word()))
    }
}

pub(crate) struct World {
    /// Two policies, the open one first.
    pub(crate) policies: Vec<String>,
    pub(crate) phones: Vec<Vec<PackageFacts>>,
}

/// The world that all benchmarks have in common.
pub(crate) fn world() -> World {
    World::new(20_230_321, PACKAGES)
}

impl World {
    /// A world by its seed, with so many packages on each phone.
    pub(crate) fn new(seed: u64, packages: usize) -> Self {
        let mut random = Seeded(seed);
        let names: Vec<String> = (0..NAMES).map(|_| random.name()).collect();
        let signers: Vec<Digest> = (0..SIGNERS).map(|_| random.digest()).collect();
        let prefixes: Vec<String> = (0..PREFIXES)
            .map(|_| format!("com.{}.{}.", random.word(), random.word()))
            .collect();
        let advised: Vec<String> = (0..ALLOWED_AGAINST_ADVICE)
            .map(|_| format!("{}{}", prefixes[random.below(PREFIXES)], random.word()))
            .collect();
        let mut allows: Vec<String> = (advised.len()..ALLOWS).map(|_| random.name()).collect();
        allows.extend_from_slice(&advised);
        let quoted = |values: &[String]| {
            values
                .iter()
                .map(|v| format!("\"{v}\""))
                .collect::<Vec<_>>()
                .join(",")
        };
        let mut rules = Vec::new();
        for (i, chunk) in names.chunks(NAMES / 100).enumerate() {
            rules.push(rule(&format!("names-{i}"), "deny", "packages", &quoted(chunk)));
        }
        let digests: Vec<String> = signers.iter().map(ToString::to_string).collect();
        for (i, chunk) in digests.chunks(SIGNERS / 50).enumerate() {
            rules.push(rule(&format!("signers-{i}"), "deny", "signers", &quoted(chunk)));
        }
        let patterns: Vec<String> = prefixes.iter().map(|p| format!("{p}*")).collect();
        for (i, chunk) in patterns.chunks(PREFIXES / 50).enumerate() {
            rules.push(rule(
                &format!("prefixes-{i}"),
                "advise",
                "packages",
                &quoted(chunk),
            ));
        }
        let approved: Vec<String> = allows
            .chunks(ALLOWS / 20)
            .enumerate()
            .map(|(i, c)| rule(&format!("allows-{i}"), "allow", "packages", &quoted(c)))
            .collect();
        assert!(rules.len() + approved.len() >= 200);
        let known = Known {
            names: &names,
            signers: &signers,
            prefixes: &prefixes,
            advised: &advised,
            allows: &allows,
        };
        let phones = (0..PHONES)
            .map(|_| phone(&mut random, packages, &known))
            .collect();
        Self {
            policies: vec![
                policy("state", "open", &rules),
                policy("town", "closed", &approved),
            ],
            phones,
        }
    }
}

fn rule(id: &str, effect: &str, attribute: &str, values: &str) -> String {
    format!(
        r#"{{"id":"{id}","effect":"{effect}","match":{{"{attribute}":[{values}]}},
            "reason":{{"nl":"Deze app mag niet.","en":"This app is not allowed."}}}}"#
    )
}

fn policy(layer: &str, stance: &str, rules: &[String]) -> String {
    let rules = rules.join(",");
    format!(
        r#"{{"format":"sluis.policy/1","layer":"{layer}","organisation":{{"name":{{"en":"{layer}"}}}},
            "stance":"{stance}","rules":[{rules}]}}"#
    )
}

/// What the policies speak of.
struct Known<'w> {
    names: &'w [String],
    signers: &'w [Digest],
    prefixes: &'w [String],
    /// Allowed and advised against.
    advised: &'w [String],
    allows: &'w [String],
}

/// Three quarters came with the phone; of the rest some are forbidden by name or signer, some advised against by a
/// prefix and half of those approved, and most are approved.
fn phone(random: &mut Seeded, packages: usize, known: &Known<'_>) -> Vec<PackageFacts> {
    let package = |random: &mut Seeded, i: usize| {
        let system = !i.is_multiple_of(4);
        let one_of = |random: &mut Seeded, names: &[String]| names[random.below(names.len())].clone();
        let name = match random.below(40) {
            0 => one_of(random, known.names),
            1 if random.below(2) == 0 => one_of(random, known.advised),
            1 => format!("{}{}", one_of(random, known.prefixes), random.word()),
            2..10 if !system => one_of(random, known.allows),
            _ => random.name(),
        };
        let signer = if random.below(50) == 0 {
            known.signers[random.below(known.signers.len())]
        } else {
            random.digest()
        };
        let signers = Some(Signers {
            current: vec![signer],
            lineage: vec![],
        });
        PackageFacts {
            name,
            system: Some(system),
            signers,
            ..PackageFacts::default()
        }
    };
    (0..packages).map(|i| package(random, i)).collect()
}
