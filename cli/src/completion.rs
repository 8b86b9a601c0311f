//! `sluis completion`: what a shell needs to complete commands and options.

use clap::{Args, Command};
use clap_complete::{Shell, generate};

use crate::failure::Failure;
use crate::output;

pub(crate) const HELP: &str = "\
Examples:
  sluis completion bash > /usr/share/bash-completion/completions/sluis
  sluis completion zsh > /usr/share/zsh/site-functions/_sluis
  sluis completion fish > ~/.config/fish/completions/sluis.fish

Exit codes: 0 written, 2 no such shell.";

/// For which shell.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct Arguments {
    /// The shell.
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

/// Prints the script for that shell.
pub(crate) fn run(arguments: &Arguments, mut command: Command) -> Result<(), Failure> {
    let mut script = Vec::new();
    generate(arguments.shell, &mut command, "sluis", &mut script);
    output::print(String::from_utf8_lossy(&script).trim_end())
}
