//! What a command says.

use std::io::{self, ErrorKind, Write};

use crate::failure::Failure;

/// Prints a report. A reader that has seen enough of it (`| head`) is no failure.
pub(crate) fn print(report: &str) -> Result<(), Failure> {
    let mut out = io::stdout();
    match writeln!(out, "{report}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::unusable(error.to_string())),
        _ => Ok(()),
    }
}
