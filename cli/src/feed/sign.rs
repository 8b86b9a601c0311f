//! `sluis feed sign`, `payload`, `attach` and `discard`: what is staged and waits for signatures.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use sluis_core::feed::hex;

use super::desk::Desk;
use super::keys::PublicKey;
use super::metadata::{self, Draft};
use super::options::Keys;
use super::staging::Staging;
use super::waiting::{self, Waiting};
use super::{report, writing};
use crate::failure::Failure;
use crate::files;
use crate::output::{self, shown};

pub(super) const SIGN_HELP: &str = "\
Examples:
  sluis feed sign /srv/feed --keys /media/alice/keys
  sluis feed sign feed root --keys alice.pem

Signs what is staged with the keys at hand, as far as they are asked for, and publishes nothing. What is going to be signed \
is shown before, with all that it changes: look at it, for whoever staged it may have been anybody. --dry-run stops there.

Exit codes: 0 signed, 1 nothing to sign for these keys, 2 the feed or a key can't be used.";

pub(super) const PAYLOAD_HELP: &str = "\
Example, with a key that never leaves its machine:
  sluis feed payload /srv/feed root --output root.payload
  openssl pkeyutl -sign -rawin -inkey alice.pem -in root.payload -out root.sig     # Ed25519
  openssl dgst -sha256 -sign bob.pem -out root.sig root.payload                    # P-256
  sluis feed attach /srv/feed root --signature root.sig

Writes exactly the bytes that signatures of a staged role are made over: canonical JSON, without a newline at the end. What \
they change is shown on standard error: look at it before you sign.

Exit codes: 0 written, 2 the role is not staged, or the feed can't be used.";

pub(super) const ATTACH_HELP: &str = "\
Example:
  sluis feed attach /srv/feed root --signature root.sig

Takes a signature in that was made elsewhere over what `sluis feed payload` wrote: 64 bytes of Ed25519 or DER of P-256, as \
openssl writes them, or the same in hex. It is taken only if it is a signature by a key of that role, over what is staged now.

Exit codes: 0 taken in, 2 not taken in.";

pub(super) const DISCARD_HELP: &str = "\
Example:
  sluis feed discard /srv/feed

Throws away all that is staged, signatures included. What is published stays as it is; a publication that was cut short is \
finished first if that can be done. What sluis did not put there is left alone.

Exit codes: 0 thrown away, 2 the feed can't be used.";

/// Far more than a signature has in hex.
const MAX_SIGNATURE_BYTES: u64 = 16 * 1024;

#[derive(Debug, Args)]
pub(super) struct Sign {
    /// The feed's folder.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Sign for these roles only.
    #[arg(value_name = "ROLE")]
    roles: Vec<String>,
    /// Show what would be signed, and stop.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    keys: Keys,
}

pub(super) fn sign(arguments: &Sign) -> Result<(), Failure> {
    let mut desk = Desk::open(&arguments.folder)?;
    for role in &arguments.roles {
        staged(&desk, role)?;
    }
    let mut ring = arguments.keys.ring()?;
    let asked = |role: &&str| arguments.roles.is_empty() || arguments.roles.iter().any(|asked| asked == role);
    let roles: Vec<&str> = desk.staged().map(Draft::role).filter(asked).collect();
    waiting::refuse_nameless_keys(&desk, &roles)?;
    let plan = report::plan_of(&desk, Some(&ring), &roles)?;
    if !plan.is_empty() {
        output::print(&plan.join("\n"))?;
    }
    if arguments.dry_run {
        return output::print("Nothing was signed.");
    }
    let mut signed = waiting::sign_all(&mut desk, &mut ring, &arguments.roles)?;
    signed.extend(waiting::sign_online(&mut desk, &mut ring, &arguments.roles)?);
    if signed.is_empty() {
        return Err(Failure::findings(
            "nothing was signed: nothing is staged that these keys are asked for and have not signed yet",
        ));
    }
    desk.save()?;
    output::print(&format!("Signed: {}.", shown(&signed.join(", "))))?;
    tell_what_is_missing(&desk)
}

fn tell_what_is_missing(desk: &Desk) -> Result<(), Failure> {
    let waiting = Waiting::all(desk)?;
    let folder = desk.folder.display();
    output::print(&match waiting.is_empty() {
        true => format!("All who must have signed: `sluis feed publish {folder} --keys KEYS` publishes it."),
        false => report::waiting(&waiting, &desk.folder),
    })
}

#[derive(Debug, Args)]
pub(super) struct Payload {
    /// The feed's folder.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The staged role.
    #[arg(value_name = "ROLE")]
    role: String,
    /// Where to write it; standard output if absent. An older payload there is replaced, no other file.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn payload(arguments: &Payload) -> Result<(), Failure> {
    let desk = Desk::open(&arguments.folder)?;
    let role = arguments.role.as_str();
    staged(&desk, role)?;
    waiting::refuse_nameless_keys(&desk, &[role])?;
    output::tell(&report::plan_of(&desk, None, &[role])?.join("\n"));
    let payload = desk.get_staged(role).map(|draft| draft.payload()).transpose()?;
    let payload = payload.unwrap_or_default();
    match &arguments.output {
        Some(path) => writing::replace(path, &payload, "payload", metadata::is_payload),
        None => {
            let mut out = io::stdout();
            let written = out.write_all(&payload).and_then(|()| out.flush());
            written.map_err(|error| Failure::unusable(error.to_string()))
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct Attach {
    /// The feed's folder.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The staged role.
    #[arg(value_name = "ROLE")]
    role: String,
    /// The signature.
    #[arg(long, value_name = "FILE")]
    signature: PathBuf,
}

pub(super) fn attach(arguments: &Attach) -> Result<(), Failure> {
    let (role, path) = (arguments.role.as_str(), &arguments.signature);
    let mut desk = Desk::open(&arguments.folder)?;
    staged(&desk, role)?;
    waiting::refuse_nameless_keys(&desk, &[role])?;
    output::print(&report::plan_of(&desk, None, &[role])?.join("\n"))?;
    let bytes = files::read_given(path, MAX_SIGNATURE_BYTES)?;
    let as_hex = std::str::from_utf8(&bytes)
        .ok()
        .and_then(|text| hex::decode(text.trim()));
    let candidates: Vec<Vec<u8>> = as_hex.into_iter().chain([bytes]).collect();
    let keys = waiting::useful_keys(&desk, &desk.view()?, role)?;
    for draft in desk.staged_mut().filter(|draft| draft.role() == role) {
        let payload = draft.payload()?;
        let mut made = candidates
            .iter()
            .flat_map(|signature| keys.iter().map(move |key| (key, signature)));
        let Some((key, signature)) = made.find(|(key, signature)| key.verifies(&payload, signature)) else {
            let ids: Vec<String> = keys.iter().map(PublicKey::name).collect();
            let problem = format!(
                "this is no signature over {role} as it is staged now by any of its keys ({}); `sluis feed payload` writes what \
                 has to be signed",
                ids.join(", ")
            );
            return Err(Failure::file(path, problem));
        };
        draft.attach(key.id(), hex::encode(signature));
        output::print(&format!("Signature by key {} on {role} was taken.", key.name()))?;
    }
    desk.save()?;
    tell_what_is_missing(&desk)
}

#[derive(Debug, Args)]
pub(super) struct Discard {
    /// The feed's folder.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(super) fn discard(arguments: &Discard) -> Result<(), Failure> {
    super::desk::must_exist(&arguments.folder)?;
    // However it stands with what is staged.
    let (staging, _) = Staging::take(&arguments.folder)?;
    for left in staging.discard()? {
        output::warn(format_args!(
            "{} is nothing that sluis put there, and was left alone",
            shown(&left.display().to_string())
        ));
    }
    output::print("What was staged was thrown away.")
}

/// Says what is staged when what was asked for is not.
fn staged(desk: &Desk, role: &str) -> Result<(), Failure> {
    if desk.get_staged(role).is_some() {
        return Ok(());
    }
    let roles: Vec<String> = desk.staged().map(|draft| shown(draft.role())).collect();
    let staged = if roles.is_empty() {
        "nothing".to_owned()
    } else {
        roles.join(", ")
    };
    Err(Failure::unusable(format!("{role} is not staged; {staged} is")))
}
