//! A repository made by `tough`: `tough-author FOLDER FILES KIND…`.
//!
//! Publishes the files that lie in FILES: `policy.json` through a delegated role, the rest directly. Every role, the
//! delegated one too, is signed by one new key of each KIND (`ed25519`, `p256`, `rsa`), and all are needed.

use std::collections::HashMap;
use std::env;
use std::error::Error;
use std::fs;
use std::num::NonZeroU64;
use std::path::Path;
use std::process::ExitCode;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use jiff::{SignedDuration, Timestamp, Unit};
use tough::async_trait;
use tough::editor::RepositoryEditor;
use tough::editor::signed::{PathExists, SignedRole};
use tough::key_source::KeySource;
use tough::schema::decoded::{Decoded, Hex};
use tough::schema::key::Key;
use tough::schema::{KeyHolder, PathPattern, PathSet, RoleKeys, RoleType, Root};
use tough::sign::{Sign, parse_keypair};

const DELEGATED: &str = "policies";

/// A key that is gone when the repository is made, in the form that `tough` reads.
#[derive(Debug)]
struct NewKey(Vec<u8>);

impl NewKey {
    fn generate(kind: &str) -> Result<Self, Box<dyn Error>> {
        let random = SystemRandom::new();
        let form = match kind {
            "ed25519" => Ed25519KeyPair::generate_pkcs8(&random)?.as_ref().to_vec(),
            "p256" => EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random)?
                .as_ref()
                .to_vec(),
            "rsa" => {
                let key: Pkcs8V1Der<'_> = RsaKeyPair::generate(KeySize::Rsa2048)?.as_der()?;
                pem::encode(&pem::Pem::new("PRIVATE KEY", key.as_ref())).into_bytes()
            }
            _ => return Err(format!("{kind}: no kind of key").into()),
        };
        Ok(Self(form))
    }
}

#[async_trait]
impl KeySource for NewKey {
    async fn as_sign(&self) -> Result<Box<dyn Sign>, Box<dyn Error + Send + Sync>> {
        Ok(Box::new(parse_keypair(&self.0)?))
    }

    async fn write(&self, _: &str, _: &str) -> Result<(), Box<dyn Error + Send + Sync>> {
        Err("this key is not kept".into())
    }
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
    let random = SystemRandom::new();
    Ok(SignedRole::new(root, &holder, keys, &random).await?)
}

async fn publish(folder: &Path, files: &Path, keys: &[Box<dyn KeySource>]) -> Result<(), Box<dyn Error>> {
    let threshold = NonZeroU64::try_from(keys.len() as u64)?;
    // Whole seconds, as the specification writes a moment.
    let expires = Timestamp::now().round(Unit::Second)? + SignedDuration::from_hours(24);
    root(keys, threshold, expires).await?.write(folder, true).await?;

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
        .delegate_role(DELEGATED, keys, paths, true, threshold, expires, NonZeroU64::MIN)
        .await?
        .sign_targets_editor(keys)
        .await?
        .change_delegated_targets(DELEGATED)?
        .add_target_path(files.join("policy.json"))
        .await?
        .targets_version(NonZeroU64::MIN)?
        .targets_expires(expires)?
        .sign_targets_editor(keys)
        .await?;
    let signed = editor.sign(keys).await?;
    signed.write(folder).await?;
    let targets = folder.join("targets");
    fs::create_dir_all(&targets)?;
    signed.copy_targets(files, &targets, PathExists::Fail).await?;
    Ok(())
}

fn run() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [folder, files, kinds @ ..] = arguments.as_slice() else {
        return Err("usage: tough-author FOLDER FILES KIND…".into());
    };
    let key = |kind: &String| Ok(Box::new(NewKey::generate(kind)?) as Box<dyn KeySource>);
    let keys: Vec<_> = kinds.iter().map(key).collect::<Result<_, Box<dyn Error>>>()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(publish(folder.as_ref(), files.as_ref(), &keys))
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
