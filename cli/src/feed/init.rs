//! `sluis feed init`: keys and the first root.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Map, Value, json};
use sluis_core::feed::rfc3339;

use super::changes::changes;
use super::desk::{self, DAYS, Desk};
use super::keyholders::{self, Holders};
use super::keys::{KeyFolder, KeyKind, KeyRing, PassphraseOptions, Passphrases, PublicKey, SigningKey};
use super::metadata::{Draft, ROOT, SNAPSHOT, TARGETS, TIMESTAMP, TOP_LEVEL};
use super::online::Terms;
use super::options::{self, Clock};
use super::publication::{self, Progress};
use super::{report, sha256, staging, waiting, writing};
use crate::failure::Failure;
use crate::output;

pub(super) const HELP: &str = "\
Examples:
  sluis feed init /srv/feed --keys /media/usb/feed-keys --online-keys /etc/sluis/keys
  sluis feed init feed --keys keys --number root=3 --threshold root=2
  sluis feed init feed --keys keys --public-key root=alice.pub --public-key root=bob.pub --threshold root=2

Makes a key for each role, encrypted with a passphrase, and 1.root.json in the feed's folder. Keep the folder of --keys \
offline and backed up. With --online-keys, those of snapshot and timestamp are put there without a passphrase, for the \
machine that runs `sluis feed refresh`. It prints the root's SHA-256: phones get it with the feed's address, by \
provisioning or managed configuration, and trust nothing else. --dry-run makes nothing. Where others must sign the root first, it is printed when \
the root is published.

Exit codes: 0 made, 2 not made.";

#[derive(Debug, Args)]
pub(super) struct Init {
    /// The feed's folder, to be served by a web server.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The folder for the private keys.
    #[arg(long, value_name = "KEYDIR")]
    keys: PathBuf,
    /// A folder of their own for the private keys of snapshot and timestamp, unencrypted.
    #[arg(long, value_name = "KEYDIR")]
    online_keys: Option<PathBuf>,
    /// The kind of the keys.
    #[arg(long, value_enum, default_value_t = KeyKind::Ed25519)]
    key_kind: KeyKind,
    /// How many keys to make for a role; 1 where nothing is said, 0 where public keys are given.
    #[arg(long, value_name = "ROLE=N", value_parser = of_role)]
    number: Vec<(String, String)>,
    /// How many keys of a role must sign; 1 where nothing is said.
    #[arg(long, value_name = "ROLE=N", value_parser = of_role)]
    threshold: Vec<(String, String)>,
    /// A key of a role whose private half is elsewhere: a public key in PEM.
    #[arg(long, value_name = "ROLE=FILE", value_parser = of_role)]
    public_key: Vec<(String, String)>,
    /// Leave all private keys unencrypted.
    #[arg(long)]
    no_passphrase: bool,
    #[command(flatten)]
    passphrases: PassphraseOptions,
    /// Show what would be signed, and stop. No key is made: new ones are shown with ids of the moment.
    #[arg(long)]
    dry_run: bool,
    /// Days for which a root holds.
    #[arg(long, value_name = "DAYS", default_value_t = desk::default_days(ROOT), value_parser = options::days)]
    expires_root: i64,
    /// Days for which the list of files holds.
    #[arg(long, value_name = "DAYS", default_value_t = desk::default_days(TARGETS), value_parser = options::days)]
    expires_targets: i64,
    /// Days for which a snapshot holds.
    #[arg(long, value_name = "DAYS", default_value_t = desk::default_days(SNAPSHOT), value_parser = options::days)]
    expires_snapshot: i64,
    /// Days for which a timestamp holds: without news for longer, phones warn.
    #[arg(long, value_name = "DAYS", default_value_t = desk::default_days(TIMESTAMP), value_parser = options::days)]
    expires_timestamp: i64,
    #[command(flatten)]
    clock: Clock,
}

pub(super) fn run(arguments: &Init) -> Result<(), Failure> {
    let now = arguments.clock.now()?;
    let mut passphrases = Passphrases::new(&arguments.passphrases)?;
    let folder = &arguments.folder;
    // All that can be refused is refused before anything is made.
    KeyFolder::new(&arguments.keys, folder, None)?;
    let online_folder = arguments.online_keys.as_ref();
    let online = online_folder
        .map(|keys| KeyFolder::new(keys, folder, None))
        .transpose()?;
    refuse_to_overwrite(arguments)?;
    let plans = TOP_LEVEL.map(|role| Plan::of(arguments, role));
    let [root, targets, snapshot, timestamp] = plans;
    let plans = [root?, targets?, snapshot?, timestamp?];
    let is_online = |role: &str| online_folder.is_some() && [SNAPSHOT, TIMESTAMP].contains(&role);
    let makes_offline = plans.iter().any(|plan| plan.made > 0 && !is_online(plan.role));
    let encrypted = makes_offline && !arguments.no_passphrase && !arguments.dry_run;
    let passphrase = if encrypted {
        Some(passphrases.for_new_keys()?)
    } else {
        None
    };
    let offline = KeyFolder::new(&arguments.keys, folder, passphrase)?;

    let mut ring = KeyRing::open(&[], passphrases)?;
    let mut root = Draft::new(
        ROOT,
        now + arguments.expires_root * rfc3339::SECONDS_IN_DAY,
        [
            ("consistent_snapshot", true.into()),
            ("keys", json!({})),
            ("roles", json!({})),
            (DAYS, arguments.days()),
        ],
    );
    for plan in &plans {
        let keys = match &online {
            _ if arguments.dry_run => plan.keys_of_the_moment(arguments.key_kind)?,
            Some(online) if is_online(plan.role) => plan.keys(online, arguments.key_kind, &mut ring)?,
            _ => plan.keys(&offline, arguments.key_kind, &mut ring)?,
        };
        let holders = Holders {
            key_ids: keys.iter().map(|key| key.id().to_owned()).collect(),
            threshold: plan.threshold,
        };
        keyholders::set(&mut root, plan.role, &holders, &keys)?;
    }
    let signers = plans.iter().any(|plan| plan.role == ROOT && plan.made > 0);
    output::print(&summary(arguments, &root, signers))?;
    if arguments.dry_run {
        return output::print("Nothing was made or signed.");
    }
    writing::make_public_folder(folder)?;
    let mut desk = Desk::begin_new(folder)?;
    desk.stage(root);
    waiting::sign_all(&mut desk, &mut ring, &[])?;
    let terms = Terms::at(now);
    let progress = publication::publish(&mut desk, &mut ring, terms)?;
    output::print(&said(arguments, &desk, &progress)?)
}

/// What one role is to get.
struct Plan {
    role: &'static str,
    made: usize,
    given: Vec<PublicKey>,
    threshold: u64,
}

impl Plan {
    fn of(arguments: &Init, role: &'static str) -> Result<Self, Failure> {
        let number = |options: &[(String, String)], otherwise: u64| match last(options, role) {
            None => Ok(otherwise),
            Some(text) => text
                .parse()
                .ok()
                .filter(|number| *number <= 100)
                .ok_or_else(|| Failure::unusable(format!("{role}={text}: expected a number of keys"))),
        };
        let given = arguments.public_key.iter().filter(|(name, _)| name == role);
        let given = given.map(|(_, path)| PublicKey::load(Path::new(path)));
        let given: Vec<PublicKey> = given.collect::<Result<_, _>>()?;
        for (index, key) in given.iter().enumerate() {
            if given.iter().skip(index + 1).any(|other| other.is(key)) {
                return Err(Failure::unusable(format!(
                    "{role} would have key {} twice",
                    key.name()
                )));
            }
        }
        let made = number(&arguments.number, u64::from(given.is_empty()))?;
        let threshold = number(&arguments.threshold, 1)?;
        let keys = made + given.len() as u64;
        if threshold == 0 || threshold > keys {
            return Err(Failure::unusable(format!(
                "{role} would have {keys} keys, of which {threshold} must sign: --number and --public-key say how many there \
                 are, --threshold how many must sign"
            )));
        }
        Ok(Self {
            role,
            made: usize::try_from(made).unwrap_or_default(),
            given,
            threshold,
        })
    }

    fn keys(
        &self,
        folder: &KeyFolder<'_>,
        kind: KeyKind,
        ring: &mut KeyRing,
    ) -> Result<Vec<PublicKey>, Failure> {
        let mut keys = self.given.clone();
        for _ in 0..self.made {
            let (key, path) = folder.make(self.role, kind)?;
            keys.push(key.public().clone());
            ring.add(key, path);
        }
        Ok(keys)
    }

    /// As many as there would be.
    fn keys_of_the_moment(&self, kind: KeyKind) -> Result<Vec<PublicKey>, Failure> {
        let mut keys = self.given.clone();
        for _ in 0..self.made {
            keys.push(SigningKey::generate(kind)?.0.public().clone());
        }
        Ok(keys)
    }
}

/// What is going to be signed.
fn summary(arguments: &Init, root: &Draft, is_signed_here: bool) -> String {
    let signers = match is_signed_here {
        true => format!("signed with its new keys in {}", arguments.keys.display()),
        false => "to be signed by others".to_owned(),
    };
    let expires = rfc3339::format(root.expires());
    let mut lines = vec![format!("root version 1, until {expires}, {signers}")];
    lines.extend(changes(None, root));
    lines.join("\n")
}

impl Init {
    fn days(&self) -> Value {
        let days = [
            (ROOT, self.expires_root),
            (TARGETS, self.expires_targets),
            (SNAPSHOT, self.expires_snapshot),
            (TIMESTAMP, self.expires_timestamp),
        ];
        let days: Map<String, Value> = days
            .into_iter()
            .map(|(role, days)| (role.to_owned(), days.into()))
            .collect();
        days.into()
    }
}

fn refuse_to_overwrite(arguments: &Init) -> Result<(), Failure> {
    let staged = staging::folder_of(&arguments.folder);
    let roots = [&arguments.folder, &staged].map(|folder| folder.join("1.root.json"));
    if let Some(root) = roots.iter().find(|root| root.exists()) {
        let problem =
            "exists already, and will not be overwritten: there is a feed. `sluis feed status` shows it";
        return Err(Failure::file(root, problem));
    }
    let folders = [Some(&arguments.keys), arguments.online_keys.as_ref()];
    let mut keys = Vec::new();
    for folder in folders.into_iter().flatten() {
        for role in TOP_LEVEL {
            let key = folder.join(format!("{role}.pem"));
            if key.exists() {
                let public = key.with_extension("pub");
                keys.extend([key, public].into_iter().filter(|path| path.exists()));
            }
        }
    }
    let Some(first) = keys.first() else { return Ok(()) };
    let files: Vec<String> = keys.iter().map(|path| path.display().to_string()).collect();
    let problem = format!(
        "exists already, and will not be overwritten. If an init was cut short that made it, nothing needs it: remove {}, and \
         run this again. If another feed needs it, give this one another folder with --keys",
        files.join(", ")
    );
    Err(Failure::file(first, problem))
}

fn said(arguments: &Init, desk: &Desk, progress: &Progress) -> Result<String, Failure> {
    let mut lines = vec![format!("A feed was made in {}.", arguments.folder.display())];
    lines.push(format!(
        "Its private keys are in {}: keep them safe.",
        arguments.keys.display()
    ));
    if let Some(online) = &arguments.online_keys {
        let online = online.display();
        lines.push(format!(
            "Those of snapshot and timestamp are in {online}, without a passphrase."
        ));
    }
    let root = desk.root()?;
    lines.push(format!(
        "Its root expires at {}.",
        rfc3339::format(root.expires())
    ));
    match progress {
        Progress::Published(_) => {
            lines.push("Phones trust it by the SHA-256 of its root:".into());
            lines.push(sha256(&root.to_bytes()?));
        }
        Progress::Waiting(left) => {
            lines.push("Its root is not signed by all who must yet:".into());
            lines.push(report::left(left, &arguments.folder));
        }
    }
    Ok(lines.join("\n"))
}

fn last<'a>(options: &'a [(String, String)], role: &str) -> Option<&'a str> {
    let found = options.iter().rev().find(|(name, _)| name == role);
    found.map(|(_, value)| value.as_str())
}

fn of_role(text: &str) -> Result<(String, String), String> {
    let (role, value) = text.split_once('=').ok_or("expected ROLE=VALUE")?;
    if !TOP_LEVEL.contains(&role) {
        return Err(format!("expected one of {}", TOP_LEVEL.join(", ")));
    }
    Ok((role.to_owned(), value.to_owned()))
}
