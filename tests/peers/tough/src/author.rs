//! A repository made by `tough`: `tough-author FOLDER FILES KEY…`.
//!
//! Publishes the files that lie in FILES: `policy.json` through a delegated role, the rest directly. Every role, the
//! delegated one too, is signed by all the keys (PKCS#8: DER for Ed25519 and P-256, PEM for RSA), and all are needed.

use std::collections::HashMap;
use std::env;
use std::error::Error;
use std::fs;
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jiff::{SignedDuration, Timestamp};
use tough::editor::RepositoryEditor;
use tough::editor::signed::{PathExists, SignedRole};
use tough::key_source::{KeySource, LocalKeySource};
use tough::schema::decoded::{Decoded, Hex};
use tough::schema::key::Key;
use tough::schema::{KeyHolder, PathPattern, PathSet, RoleKeys, RoleType, Root};

const DELEGATED: &str = "policies";

fn sources(paths: &[PathBuf]) -> Vec<Box<dyn KeySource>> {
    let source = |path: &PathBuf| Box::new(LocalKeySource { path: path.clone() }) as Box<dyn KeySource>;
    paths.iter().map(source).collect()
}

async fn public_keys(sources: &[Box<dyn KeySource>]) -> Result<HashMap<Decoded<Hex>, Key>, Box<dyn Error>> {
    let mut keys = HashMap::new();
    for source in sources {
        let signer = source.as_sign().await.map_err(|error| error.to_string())?;
        let key = signer.tuf_key();
        keys.insert(key.key_id()?, key);
    }
    Ok(keys)
}

async fn root(
    keys: &[Box<dyn KeySource>],
    threshold: NonZeroU64,
    expires: Timestamp,
) -> Result<SignedRole<Root>, Box<dyn Error>> {
    let listed = public_keys(keys).await?;
    let role = |role| {
        let keyids = listed.keys().cloned().collect();
        (
            role,
            RoleKeys {
                keyids,
                threshold,
                _extra: HashMap::new(),
            },
        )
    };
    let roles = [
        RoleType::Root,
        RoleType::Targets,
        RoleType::Snapshot,
        RoleType::Timestamp,
    ];
    let root = Root {
        spec_version: "1.0.0".into(),
        consistent_snapshot: true,
        version: NonZeroU64::MIN,
        expires,
        roles: roles.map(role).into(),
        keys: listed,
        _extra: HashMap::new(),
    };
    let holder = KeyHolder::Root(root.clone());
    let random = aws_lc_rs::rand::SystemRandom::new();
    Ok(SignedRole::new(root, &holder, keys, &random).await?)
}

async fn publish(folder: &Path, files: &Path, paths: &[PathBuf]) -> Result<(), Box<dyn Error>> {
    let keys = sources(paths);
    let threshold = NonZeroU64::try_from(keys.len() as u64)?;
    let expires = Timestamp::now() + SignedDuration::from_hours(24);
    root(&keys, threshold, expires).await?.write(folder, true).await?;

    let mut editor = RepositoryEditor::new(folder.join("1.root.json")).await?;
    editor
        .targets_version(NonZeroU64::MIN)?
        .targets_expires(expires)?
        .snapshot_version(NonZeroU64::MIN)
        .snapshot_expires(expires)
        .timestamp_version(NonZeroU64::MIN)
        .timestamp_expires(expires);
    for entry in fs::read_dir(files)? {
        let path = entry?.path();
        if !path.ends_with("policy.json") {
            editor.add_target_path(&path).await?;
        }
    }
    let paths = PathSet::Paths(vec![PathPattern::new("policy*")?]);
    editor
        .delegate_role(DELEGATED, &keys, paths, true, threshold, expires, NonZeroU64::MIN)
        .await?
        .sign_targets_editor(&keys)
        .await?
        .change_delegated_targets(DELEGATED)?
        .add_target_path(files.join("policy.json"))
        .await?
        .targets_version(NonZeroU64::MIN)?
        .targets_expires(expires)?
        .sign_targets_editor(&keys)
        .await?;
    let signed = editor.sign(&keys).await?;
    signed.write(folder).await?;
    let targets = folder.join("targets");
    fs::create_dir_all(&targets)?;
    signed.copy_targets(files, &targets, PathExists::Fail).await?;
    Ok(())
}

fn run() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let [folder, files, keys @ ..] = arguments.as_slice() else {
        return Err("usage: tough-author FOLDER FILES KEY…".into());
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(publish(folder, files, keys))
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
