//! `sluis grant sign`, `payload` and `attach`: signatures, by keys that are here or elsewhere.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use sluis_core::feed::hex;
use sluis_core::grant::verifies;
use sluis_policy::grant::{Signature, SignedGrant};

use super::document;
use super::policies::{self, Policies};
use crate::clock::Clock;
use crate::failure::Failure;
use crate::feed;
use crate::feed::grant_keys::{self, SigningKeys};
use crate::files;
use crate::output;

pub(super) const SIGN_HELP: &str = "\
Examples:
  sluis grant sign grant.json --keys /media/usb/grant-keys/grants.pem
  sluis grant sign grant.json --keys /media/usb/grant-keys --policy national.json

Signs with the keys at hand; with --policy, only with those that the policy names, and says whether a phone would take the \
grant then. Look at what you sign: `sluis grant inspect` shows it.

Exit codes: 0 signed, 1 nothing was signed and why, 2 a file can't be used.";

pub(super) const PAYLOAD_HELP: &str = "\
Example, with a key that never leaves its machine:
  sluis grant payload grant.json --output grant.payload
  openssl pkeyutl -sign -rawin -inkey alice.pem -in grant.payload -out grant.sig     # Ed25519
  openssl dgst -sha256 -sign bob.pem -out grant.sig grant.payload                    # P-256
  sluis grant attach grant.json --key alice.pub --signature grant.sig

Writes exactly the bytes that signatures are made over: canonical JSON, without a newline at the end.

Exit codes: 0 written, 2 a file can't be used.";

pub(super) const ATTACH_HELP: &str = "\
Example:
  sluis grant attach grant.json --key alice.pub --signature grant.sig

Takes a signature in that was made elsewhere over what `sluis grant payload` wrote: 64 bytes of Ed25519 or DER of P-256, as \
openssl writes them, or the same in hex. It is taken only if it is one by that key, over this grant.

Exit codes: 0 taken, 2 it is no such signature, or a file can't be used.";

#[derive(Debug, Args)]
pub(super) struct Sign {
    /// The grant.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    keys: SigningKeys,
    #[command(flatten)]
    policies: Policies,
    #[command(flatten)]
    clock: Clock,
}

pub(super) fn sign(arguments: &Sign) -> Result<(), Failure> {
    let path = &arguments.file;
    let mut grant = read(path)?;
    let ruleset = arguments.policies.compose()?;
    let wanted = ruleset.as_ref().map(|ruleset| policies::signers(ruleset, &grant));
    if let Some(ruleset) = &ruleset {
        let now_ms = arguments.clock.now()?.saturating_mul(1000);
        sluis_core::grant::admit_draft(&grant, ruleset, now_ms).map_err(|refusal| {
            Failure::findings(format!("nothing was signed: phones would refuse this: {refusal}"))
        })?;
    }
    let made = arguments.keys.sign(&grant.payload, wanted.as_deref())?;
    if made.is_empty() {
        return Err(Failure::findings(
            "nothing was signed: none of the keys at hand is one that the policy names for this layer",
        ));
    }
    let mut lines = Vec::new();
    for signature in made {
        lines.push(format!("Signed with {}.", signature.key));
        add(&mut grant, signature);
    }
    if let Some(ruleset) = &ruleset {
        let verdict = policies::admit(&grant, ruleset, None, arguments.clock.now()?);
        lines.push(match verdict {
            Ok(()) => format!("Phone {} takes it.", grant.grant.phone),
            Err(refusal) => format!("Phones still refuse it: {refusal}."),
        });
    }
    document::write(path, &grant)?;
    output::print(&lines.join("\n"))
}

/// How the canonical form of what is signed begins: its keys are in order.
const PAYLOAD: &[u8] = b"{\"format\":\"sluis.grant/1\"";

#[derive(Debug, Args)]
pub(super) struct Payload {
    /// The grant.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Where to write it; standard output if absent.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn payload(arguments: &Payload) -> Result<(), Failure> {
    let payload = read(&arguments.file)?.payload;
    match &arguments.output {
        Some(path) => feed::replace(path, &payload, "payload", |old| old.starts_with(PAYLOAD)),
        None => {
            let mut out = io::stdout();
            let written = out.write_all(&payload).and_then(|()| out.flush());
            written.map_err(|error| Failure::unusable(error.to_string()))
        }
    }
}

/// More than any signature has, also in hex.
const MAX_SIGNATURE_BYTES: u64 = 4096;

#[derive(Debug, Args)]
pub(super) struct Attach {
    /// The grant.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The key that made the signature: its public half in PEM, or as policies write it.
    #[arg(long, value_name = "KEY")]
    key: String,
    /// The signature.
    #[arg(long, value_name = "FILE")]
    signature: PathBuf,
}

pub(super) fn attach(arguments: &Attach) -> Result<(), Failure> {
    let mut grant = read(&arguments.file)?;
    let key = grant_keys::named(&arguments.key)?;
    let path = &arguments.signature;
    let bytes = files::read_given(path, MAX_SIGNATURE_BYTES)?;
    let as_hex = std::str::from_utf8(&bytes)
        .ok()
        .and_then(|text| hex::decode(text.trim()));
    let mut candidates = as_hex.into_iter().chain([bytes]);
    let Some(bytes) = candidates.find(|bytes| verifies(&key, &grant.payload, bytes)) else {
        let problem = format!(
            "this is no signature by {key} over this grant; `sluis grant payload` writes what has to be signed"
        );
        return Err(Failure::file(path, problem));
    };
    let said = format!("Signature by {key} was taken.");
    add(&mut grant, Signature { key, bytes });
    document::write(&arguments.file, &grant)?;
    output::print(&said)
}

/// What is signed is written back, so it has to be a file.
fn read(path: &Path) -> Result<SignedGrant, Failure> {
    let name = path
        .to_str()
        .ok_or_else(|| Failure::file(path, "the name is not UTF-8"))?;
    if name == "-" {
        return Err(Failure::unusable(
            "a grant is signed in its file; give the file's name",
        ));
    }
    document::read(name)
}

/// In place of one by the same key; in the order of the keys, so that it matters not who signed first.
fn add(grant: &mut SignedGrant, signature: Signature) {
    grant.signatures.retain(|there| there.key != signature.key);
    grant.signatures.push(signature);
    grant
        .signatures
        .sort_by_key(|signature| signature.key.to_string());
}
