//! What is being done just now, on one line of a terminal that the next one takes the place of: else waiting looks like
//! hanging. In a pipe or a file nothing of it is written.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::output::shown;

/// A longer line would be wrapped, and then not be taken away whole.
const COLUMNS: usize = 78;
/// To the first column, and away with what is there.
const CLEAR: &str = "\r\u{1b}[K";

/// Whether there is a line to be taken away.
static IS_SHOWN: AtomicBool = AtomicBool::new(false);

/// Says what is being done now.
pub(crate) fn show(what: &str) {
    static HAS_TERMINAL: OnceLock<bool> = OnceLock::new();
    let is_dumb = || env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
    if *HAS_TERMINAL.get_or_init(|| io::stderr().is_terminal() && !is_dumb()) {
        IS_SHOWN.store(true, Ordering::Relaxed);
        write(&line(what));
    }
}

/// Takes the line away, before anything else is said or asked.
pub(crate) fn clear() {
    if IS_SHOWN.swap(false, Ordering::Relaxed) {
        write(CLEAR);
    }
}

fn line(what: &str) -> String {
    let what = shown(what);
    match what.char_indices().nth(COLUMNS) {
        None => format!("{CLEAR}{what}…"),
        Some((end, _)) => format!("{CLEAR}{}…", what.get(..end).unwrap_or_default()),
    }
}

fn write(text: &str) {
    let mut terminal = io::stderr();
    // Who does not see it misses nothing.
    let _ = terminal
        .write_all(text.as_bytes())
        .and_then(|()| terminal.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_fits_a_terminal_and_nothing_in_it_steers_one() {
        assert_eq!(line("fetching a"), "\r\u{1b}[Kfetching a…");
        assert_eq!(line("a\n\u{1b}[8m"), "\r\u{1b}[Ka\\u{a}\\u{1b}[8m…");
        let long = line(&"é".repeat(200));
        assert_eq!(long.trim_start_matches(CLEAR).chars().count(), COLUMNS + 1);
    }
}
