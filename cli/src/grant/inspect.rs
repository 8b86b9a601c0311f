//! `sluis grant inspect`: what a grant says, and who signed it.

use clap::{Args, ValueEnum};
use serde::Serialize;
use sluis_core::grant::{link, verifies};
use sluis_policy::grant::{Grant, SignedGrant};

use super::document;
use crate::failure::Failure;
use crate::output;

pub(super) const HELP: &str = "\
Examples:
  sluis grant inspect grant.json
  sluis grant inspect sluis:grant/eyJzaWdu…

Whether a signature is by the key that it names can be told here; whether that key may sign, only a policy can tell: \
`sluis grant verify`.

Exit codes: 0 shown, 1 a signature does not hold, 2 a file can't be used.";

#[derive(Debug, Args)]
pub(super) struct Inspect {
    /// The grant: a file, a link, or `-` for standard input.
    #[arg(value_name = "GRANT")]
    grant: String,
    /// How to show it.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// An object.
    Json,
}

#[derive(Serialize)]
struct Report<'a> {
    grant: &'a Grant,
    signatures: Vec<SignatureLine>,
    link: String,
}

#[derive(Serialize)]
struct SignatureLine {
    key: String,
    /// It is by that key, over this grant.
    holds: bool,
}

pub(super) fn run(arguments: &Inspect) -> Result<(), Failure> {
    let signed = document::read(&arguments.grant)?;
    let report = Report::of(&signed)?;
    output::print(&match arguments.format {
        Format::Text => report.text(),
        Format::Json => {
            serde_json::to_string_pretty(&report).map_err(|error| Failure::unusable(error.to_string()))?
        }
    })?;
    match report.signatures.iter().find(|signature| !signature.holds) {
        Some(signature) => Err(Failure::findings(format!(
            "this is no signature by {} over this grant: it was changed, or signed with another key",
            signature.key
        ))),
        None => Ok(()),
    }
}

impl<'a> Report<'a> {
    fn of(signed: &'a SignedGrant) -> Result<Self, Failure> {
        let lines = signed.signatures.iter().map(|signature| SignatureLine {
            key: signature.key.to_string(),
            holds: verifies(&signature.key, &signed.payload, &signature.bytes),
        });
        Ok(Self {
            grant: &signed.grant,
            signatures: lines.collect(),
            link: link(&document::bytes(signed)?),
        })
    }

    fn text(&self) -> String {
        let Grant {
            id,
            layer,
            phone,
            groups,
            issued,
            from,
            until,
        } = self.grant;
        let groups: Vec<&str> = groups.iter().map(|group| group.as_str()).collect();
        let mut lines = vec![
            format!("grant {id} of layer {layer}, issued {issued}"),
            format!("phone:  {phone}"),
            format!("groups: {}", groups.join(", ")),
        ];
        lines.extend(from.map(|from| format!("from:   {from}")));
        lines.push(format!("until:  {until}"));
        for SignatureLine { key, holds } in &self.signatures {
            let holds = if *holds { "signed by" } else { "NOT signed by" };
            lines.push(format!("{holds} {key}"));
        }
        if self.signatures.is_empty() {
            lines.push("nobody has signed it".into());
        }
        lines.join("\n")
    }
}
