//! What a command says. Colours are left out where nobody sees them: in a pipe, and where `NO_COLOR` is set.

use std::fmt::Display;
use std::io::{ErrorKind, Write};

use anstyle::{AnsiColor, Style};

use crate::failure::Failure;

/// What stands out as wrong.
pub(crate) const ERROR: Style = AnsiColor::Red.on_default().bold();
/// What stands out as worth a look.
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// What stands back.
pub(crate) const ASIDE: Style = Style::new().dimmed();

/// Text in a style.
pub(crate) fn styled(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// Prints a report. A reader that has seen enough of it (`| head`) is no failure.
pub(crate) fn print(report: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout();
    match writeln!(out, "{report}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::unusable(error.to_string())),
        _ => Ok(()),
    }
}

/// Tells on standard error why a command did not do what it was asked.
pub(crate) fn fail(message: &str) {
    anstream::eprintln!("{} {message}", styled(ERROR, "sluis:"));
}

/// Tells on standard error what is worth a look.
pub(crate) fn warn(message: impl Display) {
    anstream::eprintln!("sluis: {} {message}", styled(WARNING, "warning:"));
}
