//! What a command says. Colours are left out where nobody sees them: in a pipe, and where `NO_COLOR` is set.

use std::fmt::Display;
use std::io::{ErrorKind, Write};

use anstyle::{AnsiColor, Style};

use crate::failure::Failure;
use crate::progress;

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
    progress::clear();
    let mut out = anstream::stdout();
    match writeln!(out, "{report}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::unusable(error.to_string())),
        _ => Ok(()),
    }
}

/// Tells on standard error why a command did not do what it was asked.
pub(crate) fn fail(message: &str) {
    let message = shown_lines(message);
    tell(&format!("{} {message}", styled(ERROR, "sluis:")));
}

/// Tells on standard error what is worth a look.
pub(crate) fn warn(message: impl Display) {
    let message = shown_lines(&message.to_string());
    tell(&format!("sluis: {} {message}", styled(WARNING, "warning:")));
}

/// Says on standard error what is for people only, where something else is on standard output.
pub(crate) fn tell(text: &str) {
    progress::clear();
    anstream::eprintln!("{text}");
}

/// A name out of a file, as it can be shown: characters that end a line, steer a terminal or turn the direction of
/// writing round would let whoever chose it forge or hide what stands beside it. They are written as `\u{…}`.
pub(crate) fn shown(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for character in name.chars() {
        match is_plain(character) {
            true => out.push(character),
            false => out.extend(character.escape_unicode()),
        }
    }
    out
}

/// As [`shown`], for a message of several lines.
pub(crate) fn shown_lines(message: &str) -> String {
    let lines: Vec<String> = message.split('\n').map(shown).collect();
    lines.join("\n")
}

/// Unicode's controls, its marks that turn the direction of writing round, and its other separators of lines.
pub(crate) fn is_plain(character: char) -> bool {
    !character.is_control()
        && !matches!(character, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
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
            out.push_str(cell);
            // By hand: a width of more than 65,535 makes `format!` panic.
            let missing = width.saturating_sub(cell.chars().count()) + 2;
            out.extend(std::iter::repeat_n(' ', missing));
        }
        out.push_str(last);
        out.truncate(out.trim_end_matches(' ').len());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_neither_end_a_line_nor_steer_a_terminal_nor_turn_the_writing_round() {
        for (name, plain) in [
            ("maps/eu é.json", "maps/eu é.json"),
            ("a\n- b", "a\\u{a}- b"),
            ("a\u{1b}[8mb", "a\\u{1b}[8mb"),
            ("a\u{9b}8mb\r\t", "a\\u{9b}8mb\\u{d}\\u{9}"),
            ("gpj.\u{202e}nosj", "gpj.\\u{202e}nosj"),
            ("\u{2066}a\u{2069}\u{200f}", "\\u{2066}a\\u{2069}\\u{200f}"),
            ("a\u{2028}b\u{200b}", "a\\u{2028}b\\u{200b}"),
        ] {
            assert_eq!(shown(name), plain);
        }
        assert_eq!(shown_lines("a\nb\u{1b}[2K"), "a\nb\\u{1b}[2K");
    }

    #[test]
    fn a_cell_may_be_wider_than_formatting_allows() {
        let wide = "x".repeat(70_000);
        let table = aligned(&[[wide.clone(), "a".into()], ["y".into(), "b".into()]]);
        assert_eq!(table, format!("{wide}  a\ny{}  b\n", " ".repeat(69_999)));
    }
}
