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

/// What stands in an inventory, without what could disturb a terminal or the order in which it is read.
pub(crate) fn plain(text: &str) -> String {
    let disturbs = |c: char| {
        c.is_control()
            || matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    text.chars()
        .map(|c| {
            if disturbs(c) {
                char::REPLACEMENT_CHARACTER
            } else {
                c
            }
        })
        .collect()
}

/// Columns as wide as their widest cell; the last one runs free.
pub(crate) fn aligned<L: AsRef<[String]>>(lines: &[L]) -> String {
    let mut widths: Vec<usize> = Vec::new();
    for line in lines {
        for (column, cell) in line.as_ref().iter().enumerate() {
            let width = cell.chars().count();
            match widths.get_mut(column) {
                Some(widest) => *widest = width.max(*widest),
                None => widths.push(width),
            }
        }
    }
    let mut out = String::new();
    for line in lines {
        let (last, cells) = line
            .as_ref()
            .split_last()
            .map_or(("", &[][..]), |(last, cells)| (last.as_str(), cells));
        for (width, cell) in widths.iter().zip(cells) {
            out.push_str(&format!("{cell:width$}  "));
        }
        out.push_str(last);
        out.truncate(out.trim_end_matches(' ').len());
        out.push('\n');
    }
    out
}
