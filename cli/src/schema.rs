//! `sluis schema`: the JSON Schemas of the documents, for editors.

use clap::{Args, ValueEnum};
use sluis_policy::schema;

use crate::failure::Failure;
use crate::output;

/// Which schema to print.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    sluis schema policy > sluis.policy.schema.json\n  \
    sluis schema catalogue\n  \
    sluis schema grant\n\n\
    Give it to your editor: it completes and checks while you write, in JSON and in YAML. A schema cannot say all that \
    `sluis lint` finds.\n\n\
    Exit codes: 0 printed, 2 no such document.")]
pub(crate) struct Arguments {
    /// The document.
    #[arg(value_enum)]
    document: Document,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Document {
    /// What one organisation says about apps, sluis.policy/1.
    Policy,
    /// Who makes which apps, sluis.catalogue/1.
    Catalogue,
    /// Which phone an exemption is for, sluis.grant/1.
    Grant,
}

/// Does what the arguments ask.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let schema = match arguments.document {
        Document::Policy => schema::of_policy(),
        Document::Catalogue => schema::of_catalogue(),
        Document::Grant => schema::of_grant(),
    };
    let text = serde_json::to_string_pretty(&schema).map_err(|e| Failure::unusable(e.to_string()))?;
    output::print(&text)
}
