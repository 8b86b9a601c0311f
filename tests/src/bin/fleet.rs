//! A fleet that does not exist, to measure `sluis diff` on: the same one for the same seed, on every machine.
//!
//! `fleet phones` writes a phone per line, as `sluis inventory --json` does, as fast as they are read; `fleet policies`
//! writes the policies before and after a change. Phones are of twenty models, each with its own system apps; what
//! people installed is drawn from three thousand apps, a few of which nearly everybody has.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use clap::{Parser, Subcommand};
use serde_json::{Value, json};

const MODELS: u64 = 20;
const APPS: u64 = 3_000;
const VERSIONS: u64 = 5;

#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write phones to standard output.
    Phones {
        /// How many.
        #[arg(long, default_value_t = 100_000)]
        phones: u64,
        /// How many packages each has.
        #[arg(long, default_value_t = 400)]
        packages: usize,
        /// Other numbers give other phones.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Say each package's user id, too: then hardly any two phones say the same of an app.
        #[arg(long)]
        uid: bool,
    },
    /// Write `before.json` and `after.json` into a folder.
    Policies {
        /// The folder.
        folder: PathBuf,
    },
}

fn main() -> io::Result<()> {
    match Arguments::parse().command {
        Command::Phones {
            phones,
            packages,
            seed,
            uid,
        } => match write_phones(phones, packages, seed, uid) {
            // Whoever reads has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            done => done,
        },
        Command::Policies { folder } => {
            for (name, changed) in [("before.json", false), ("after.json", true)] {
                fs::write(folder.join(name), policy(changed).to_string())?;
            }
            Ok(())
        }
    }
}

/// SplitMix64: small, and the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.roll() % bound
    }

    /// Small numbers much more often than large ones.
    fn skewed(&mut self, bound: u64) -> u64 {
        let (a, b) = (self.below(bound), self.below(bound));
        a * b / bound
    }
}

fn name_of(app: u64) -> String {
    const MAKERS: [&str; 8] = [
        "com.tencent",
        "com.alibaba",
        "ru.yandex",
        "com.google.android",
        "org.mozilla",
        "nl.overheid",
        "com.example.games",
        "com.bytedance",
    ];
    let maker = MAKERS.get((app % 8) as usize).unwrap_or(&"com.example");
    format!("{maker}.app{app}")
}

fn digest_of(what: &str, number: u64) -> String {
    let bytes = ring::digest::digest(&ring::digest::SHA256, format!("{what} {number}").as_bytes());
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What an inventory says of a package, without the brace that ends it.
fn facts(name: &str, version: u64, signer: &str, system: bool) -> String {
    let installer = if system {
        ""
    } else {
        ",\"installer\":\"com.android.vending\""
    };
    format!(
        "{{\"name\":\"{name}\",\"version_code\":{},\"signers\":{{\"current\":[\"{signer}\"],\"lineage\":[]}}{installer},\
         \"system\":{system},\"enabled\":true",
        10_000 + version
    )
}

fn write_phones(phones: u64, packages: usize, seed: u64, uid: bool) -> io::Result<()> {
    let versions = |name: String, signer: String, system: bool| -> Vec<String> {
        (0..VERSIONS)
            .map(|version| facts(&name, version, &signer, system))
            .collect()
    };
    let apps: Vec<Vec<String>> = (0..APPS)
        .map(|app| versions(name_of(app), digest_of("signer", app / 3), false))
        .collect();
    let of_system = packages * 5 / 8;
    let models: Vec<Vec<Vec<String>>> = (0..MODELS)
        .map(|model| {
            let part = |part: usize| {
                // Half of a phone's system is everybody's.
                let whose = if part.is_multiple_of(2) {
                    "android".to_owned()
                } else {
                    format!("maker{model}")
                };
                versions(
                    format!("com.{whose}.part{part}"),
                    digest_of("platform", model),
                    true,
                )
            };
            (0..of_system).map(part).collect()
        })
        .collect();
    let mut out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    let mut dice = Dice(seed);
    let mut taken = vec![u64::MAX; apps.len()];
    for phone in 0..phones {
        write!(
            out,
            "{{\"format\":\"sluis.inventory/1\",\"device\":\"phone-{phone:06}\",\"packages\":["
        )?;
        let mut written = 0;
        let mut write = |versions: &[String], release: u64| -> io::Result<()> {
            let comma = if written == 0 { "" } else { "," };
            let said = versions.get(release as usize).map_or("", String::as_str);
            match uid {
                true => write!(
                    out,
                    "{comma}{said},\"uid\":{}}}",
                    10_000 + (phone * 7 + written) % 50_000
                )?,
                false => write!(out, "{comma}{said}}}")?,
            }
            written += 1;
            Ok(())
        };
        let release = dice.below(VERSIONS);
        let model = models.get(dice.below(MODELS) as usize);
        for part in model.into_iter().flatten() {
            write(part, release)?;
        }
        let mut left = packages - of_system;
        while left > 0 {
            let app = dice.skewed(APPS) as usize;
            let Some(last) = taken.get_mut(app).filter(|last| **last != phone) else {
                continue;
            };
            *last = phone;
            if let Some(versions) = apps.get(app) {
                write(versions, dice.skewed(VERSIONS))?;
            }
            left -= 1;
        }
        writeln!(out, "]}}")?;
    }
    out.flush()
}

/// Two hundred rules with 6,700 values; the change bans a vendor's apps, spares some and is harder on others.
fn policy(changed: bool) -> Value {
    let mut rules = Vec::new();
    let names = |from: u64, count: u64| -> Vec<String> { (from..from + count).map(name_of).collect() };
    for number in 0..200 {
        let mut matches = json!({ "packages": names(2_500 + number * 25, 25) });
        if number % 2 == 0 {
            let signers: Vec<String> = (0..5).map(|key| digest_of("unseen", number * 5 + key)).collect();
            matches = json!({ "signers": signers });
        }
        let remedy = match (changed, number % 10) {
            (true, 1) => "hide",
            _ => "suspend",
        };
        rules.push(json!({
            "id": format!("rule-{number}"), "effect": "deny", "remedy": remedy, "match": matches,
            "reason": { "en": format!("Reason {number}."), "nl": format!("Reden {number}.") }
        }));
    }
    let prefixes: Vec<String> = (0..200).map(|number| format!("com.unwanted{number}.*")).collect();
    rules.push(json!({ "id": "prefixes", "effect": "deny", "match": { "packages": prefixes } }));
    rules.push(json!({ "id": "known", "effect": "allow", "match": { "packages": names(0, 1_000) } }));
    rules
        .push(json!({ "id": "countries", "effect": "advise", "match": { "controlled_from": ["CN", "RU"] } }));
    if changed {
        rules.push(json!({
            "id": "tencent", "effect": "deny", "remedy": "remove", "grace": "P14D",
            "match": { "packages": ["com.tencent.*"] },
            "reason": { "en": "Not on these phones.", "nl": "Niet op deze telefoons." }
        }));
        rules.retain(|rule| rule.get("id") != Some(&json!("rule-15")));
    }
    json!({
        "format": "sluis.policy/1", "layer": "fleet",
        "organisation": { "name": { "en": "A fleet", "nl": "Een vloot" } },
        "stance": "open", "rules": rules
    })
}
