//! A client of TUF repositories as the public conformance suite drives it (its CLIENT-CLI.md); `make conformance`
//! runs the suite.
//!
//! All that it adds to the product's client and store are HTTP and the files that the suite looks at.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;

use clap::{Parser, Subcommand};
use ring::digest::{SHA256, digest};
use sluis_core::agent::message::Time;
use sluis_core::feed::{Answer, FeedIdentity, Next, Outcome, TrustedState, Update, Wanted, hex, url};
use sluis_core::store::Store;

type Failure = Box<dyn Error>;

/// Beside the metadata; the suite takes every `*.json` there for trusted metadata.
const STORE: &str = "store.db";
const TRUSTED_ROOT: &str = "trusted-root";

#[derive(Parser)]
struct Arguments {
    #[arg(long)]
    metadata_dir: PathBuf,
    #[arg(long, default_value = "")]
    metadata_url: String,
    #[arg(long)]
    target_name: Vec<String>,
    #[arg(long, default_value = "")]
    target_base_url: String,
    #[arg(long, default_value = ".")]
    target_dir: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Init { trusted_root: PathBuf },
    Refresh,
    Download,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match &arguments.command {
        Command::Init { trusted_root } => init(&arguments.metadata_dir, trusted_root),
        Command::Refresh => update(&arguments, &[]),
        Command::Download => update(&arguments, &arguments.target_name),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn init(metadata_dir: &Path, trusted_root: &Path) -> Result<(), Failure> {
    fs::copy(trusted_root, metadata_dir.join(TRUSTED_ROOT))?;
    fs::copy(trusted_root, metadata_dir.join("root.json"))?;
    Ok(())
}

/// Brings the metadata up to date, and these target files, all of them or none.
fn update(arguments: &Arguments, targets: &[String]) -> Result<(), Failure> {
    let root = fs::read(arguments.metadata_dir.join(TRUSTED_ROOT))?;
    let feed = FeedIdentity {
        name: "conformance".into(),
        root_sha256: sha256(&root).as_slice().try_into()?,
    };
    let mut store = Store::open(&arguments.metadata_dir.join(STORE))?;
    let outcome = run(arguments, targets, &feed, &root, &mut store)?;
    show_metadata(&arguments.metadata_dir, &store.feed(&feed)?)?;
    if let Outcome::Failed(error) = outcome {
        return Err(error.into());
    }
    for name in targets {
        if let Some(bytes) = store.feed_file(&feed, name)? {
            show_target(&arguments.target_dir, name, &bytes)?;
        }
    }
    Ok(())
}

fn run(
    arguments: &Arguments,
    targets: &[String],
    feed: &FeedIdentity,
    root: &[u8],
    store: &mut Store,
) -> Result<Outcome, Failure> {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let time = Time {
        wall_ms: i64::try_from(since_1970.as_millis())?,
        elapsed_ms: 0,
        boot_count: 0,
    };
    let wanted = targets.iter().map(|name| Wanted {
        name: name.clone(),
        required: true,
        max_bytes: 1 << 20,
    });
    let mut update = Update::start_for(feed, store.feed(feed)?, time, wanted.collect());
    let mut steps = update.given_root(root);
    loop {
        for step in steps {
            store.commit_feed(feed, &step)?;
        }
        match update.next() {
            Next::Done(outcome) => return Ok(outcome),
            Next::Fetch { path, max_bytes } => {
                let address = address(arguments, &path);
                steps = match fetch(&address, max_bytes) {
                    Ok(Some(bytes)) => update.received(&Answer::Body(&bytes)),
                    Ok(None) => update.received(&Answer::Missing),
                    Err(error) => update.received(&Answer::Failed(error.to_string())),
                };
            }
        }
    }
}

/// The suite serves metadata and targets below addresses of their own.
fn address(arguments: &Arguments, path: &str) -> String {
    let encoded = url("", path);
    let (base, rest) = match encoded.strip_prefix("targets/") {
        Some(rest) => (&arguments.target_base_url, rest),
        None => (&arguments.metadata_url, encoded.as_str()),
    };
    format!("{}/{rest}", base.trim_end_matches('/'))
}

/// A file's bytes; `None` where the server has none of that name.
fn fetch(address: &str, max_bytes: u64) -> Result<Option<Vec<u8>>, ureq::Error> {
    let configuration = ureq::Agent::config_builder().http_status_as_error(false);
    let agent = ureq::Agent::new_with_config(configuration.build());
    let mut response = agent.get(address).call()?;
    match response.status().as_u16() {
        200 => response
            .body_mut()
            .with_config()
            .limit(max_bytes)
            .read_to_vec()
            .map(Some),
        403 | 404 => Ok(None),
        status => Err(ureq::Error::StatusCode(status)),
    }
}

/// Writes what is trusted where the suite looks for it, and nothing else.
fn show_metadata(folder: &Path, trusted: &TrustedState) -> Result<(), Failure> {
    // A first root that is not accepted stays what it is: what the suite asked to trust.
    if trusted.metadata().next().is_none() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            fs::remove_file(path)?;
        }
    }
    for (role, bytes) in trusted.metadata() {
        let name = url("", &role.name().replace('%', "%25").replace('/', "%2F"));
        fs::write(folder.join(format!("{name}.json")), bytes)?;
    }
    Ok(())
}

/// Writes a target file, unless it is there already.
fn show_target(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), Failure> {
    // Names may be anything; their digests are names of files everywhere.
    let path = folder.join(hex::encode(&sha256(name.as_bytes())));
    if fs::read(&path).ok().as_deref() != Some(bytes) {
        fs::write(path, bytes)?;
    }
    Ok(())
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}
