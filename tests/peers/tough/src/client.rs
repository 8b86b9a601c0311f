//! A refresh by `tough`: `tough-client URL ROOT STATE NAME…`.
//!
//! Metadata is kept in STATE and the files called NAME in STATE/targets. The crate keeps no target files itself, so a
//! file that is there and has the listed hash is left as it is here, as the other clients do. By default the crate
//! waits 100 ms before each request, the first try included; that wait is set to nothing here, so that what is
//! timed is work. Nothing is synced to the disk: the crate leaves that out.

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use tough::schema::Target;
use tough::{HttpTransportBuilder, Prefix, RepositoryLoader, TargetName};
use url::Url;

async fn refresh(url: &str, root: &Path, state: &Path, names: &[String]) -> Result<(), Box<dyn Error>> {
    let base = Url::parse(&format!("{url}/"))?;
    let folder = state.join("targets");
    fs::create_dir_all(&folder)?;
    let repository = RepositoryLoader::new(&fs::read(root)?, base.clone(), base.join("targets/")?)
        .transport(
            HttpTransportBuilder::new()
                .initial_backoff(Duration::ZERO)
                .build(),
        )
        .datastore(state)
        .load()
        .await?;
    for name in names {
        let kept = folder.join(name);
        let name = TargetName::new(name)?;
        let listed = repository.targets().signed.find_target(&name, false)?;
        if kept.exists() && Target::from_path(&kept).await?.hashes == listed.hashes {
            continue;
        }
        repository.save_target(&name, &folder, Prefix::None).await?;
    }
    Ok(())
}

fn run() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [url, root, state, names @ ..] = arguments.as_slice() else {
        return Err("usage: tough-client URL ROOT STATE NAME…".into());
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
