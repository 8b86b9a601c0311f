//! `sluis man`: a manual page for each command, made from what `--help` says.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use crate::failure::Failure;
use crate::output;

pub(crate) const HELP: &str = "\
Examples:
  sluis man /usr/local/share/man/man1
  sluis man pages

Exit codes: 0 written, 2 the folder can't be written.";

/// Where the pages go.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct Arguments {
    /// The folder; made if it is not there.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Writes a page for the tool and for each of its commands.
pub(crate) fn run(arguments: &Arguments, command: Command) -> Result<(), Failure> {
    let folder = &arguments.folder;
    let mut command = command.disable_help_subcommand(true);
    command.build();
    let written = fs::create_dir_all(folder).and_then(|()| write(&command, folder));
    let pages = written.map_err(|error| Failure::file(folder, error))?;
    output::print(&format!("{pages} pages were written to {}.", folder.display()))
}

/// The number of pages.
fn write(command: &Command, folder: &Path) -> io::Result<usize> {
    let page = Man::new(command.clone()).manual("Sluis");
    fs::write(folder.join(page.get_filename()), text(&page, command)?)?;
    let shown = command.get_subcommands().filter(|command| !command.is_hide_set());
    shown
        .map(|command| write(command, folder))
        .sum::<io::Result<usize>>()
        .map(|pages| pages + 1)
}

fn text(page: &Man, command: &Command) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    page.render_title(&mut text)?;
    page.render_name_section(&mut text)?;
    page.render_synopsis_section(&mut text)?;
    page.render_description_section(&mut text)?;
    page.render_options_section(&mut text)?;
    if command.has_subcommands() {
        page.render_subcommands_section(&mut text)?;
    }
    if let Some(more) = command.get_after_long_help().or_else(|| command.get_after_help()) {
        text.extend(sections(&more.to_string()).to_roff().into_bytes());
    }
    Ok(text)
}

/// What follows the options in `--help`: examples line by line, and the exit codes where a manual page has them.
fn sections(help: &str) -> Roff {
    let mut roff = Roff::new();
    let mut last = "";
    for paragraph in help.split("\n\n") {
        let heading = match paragraph {
            examples if examples.starts_with("Example") => "EXAMPLES",
            codes if codes.starts_with("Exit codes:") => "EXIT STATUS",
            _ => "NOTES",
        };
        match heading == last {
            true => roff.control("PP", []),
            false => roff.control("SH", [heading]),
        };
        last = heading;
        let mut verbatim = false;
        for line in paragraph
            .lines()
            .filter(|line| *line != "Examples:" && *line != "Example:")
        {
            let indented = line.starts_with("  ");
            if indented != verbatim {
                roff.control(if indented { "nf" } else { "fi" }, []);
                verbatim = indented;
            }
            roff.text([roman(line)]);
        }
        if verbatim {
            roff.control("fi", []);
        }
    }
    roff
}
