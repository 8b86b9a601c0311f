//! A refresh by `sigstore-tuf`: `sigstore-client URL ROOT STATE NAME…`.
//!
//! Metadata is kept in STATE and the files called NAME in STATE/targets, both by the crate's own store; a file that
//! is there and still right is not fetched again. Nothing is synced to the disk: the crate leaves that out.

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use jiff::Timestamp;
use sigstore_tuf::{FileStore, HttpRepository, Updater};

async fn refresh(url: &str, root: &Path, state: &Path, names: &[String]) -> Result<(), Box<dyn Error>> {
    let mut updater =
        Updater::new(HttpRepository::new(url)?, &fs::read(root)?)?.with_store(FileStore::new(state));
    updater.refresh(Timestamp::now()).await?;
    for name in names {
        updater.get_target(name, Timestamp::now()).await?;
    }
    Ok(())
}

fn run() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [url, root, state, names @ ..] = arguments.as_slice() else {
        return Err("usage: sigstore-client URL ROOT STATE NAME…".into());
    };
    // One thread is the quickest to start.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(refresh(url, root.as_ref(), state.as_ref(), names))
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    }
}
