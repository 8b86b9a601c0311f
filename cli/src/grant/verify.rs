//! `sluis grant verify`: whether a phone would take a grant.

use clap::Args;
use sluis_policy::grant::Grant;
use sluis_policy::values::Digest;

use super::document;
use super::new::digest;
use super::policies::{self, Policies};
use crate::clock::Clock;
use crate::failure::Failure;
use crate::output;

pub(super) const HELP: &str = "\
Examples:
  sluis grant verify grant.json --policy national.json --policy city.json --phone 8370e732…
  sluis grant verify grant.json --policy national.json

Does what a phone does that obeys these policies, by the same code. Without --phone, any phone is the right one.

Exit codes: 0 the phone takes it, 1 it refuses it and why, 2 a file can't be used.";

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The grant: a file, a link, or `-` for standard input.
    #[arg(value_name = "GRANT")]
    grant: String,
    #[command(flatten)]
    policies: Policies,
    /// The phone's id.
    #[arg(long, value_name = "ID", value_parser = digest)]
    phone: Option<Digest>,
    #[command(flatten)]
    clock: Clock,
}

pub(super) fn run(arguments: &Verify) -> Result<(), Failure> {
    let signed = document::read(&arguments.grant)?;
    let Some(ruleset) = arguments.policies.compose()? else {
        return Err(Failure::unusable(
            "say with --policy which policies the phone obeys",
        ));
    };
    let now = arguments.clock.now()?;
    policies::admit(&signed, &ruleset, arguments.phone, now)
        .map_err(|refusal| Failure::findings(format!("a phone refuses this: {refusal}")))?;
    let Grant {
        layer,
        phone,
        groups,
        until,
        ..
    } = &signed.grant;
    let groups: Vec<&str> = groups.iter().map(|group| group.as_str()).collect();
    output::print(&format!(
        "Phone {phone} takes this: it is in {} of {layer} until {until}.",
        groups.join(", ")
    ))
}
