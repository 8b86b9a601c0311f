//! Reads lists of installed packages, as `pm list packages` prints them and as people keep them in notes.
//!
//! A line is one of these; blanks at its end, CRLF and a byte-order mark do not matter, nor does UTF-16, in which
//! PowerShell saves what `adb` prints:
//! - `package:NAME`, with what `-f`, `-U`, `-i` and `--show-versioncode` add to it;
//! - a bare `NAME` with a dot in it (or `android`), perhaps after `# ` or `--user 0 ` and before ` # a remark`, as in
//!   lists of packages to remove;
//! - a comment (`#` and anything that is no package), a code fence or nothing: not a package, and skipped.
//!
//! Any other line is reported with its number, so that no package is lost unnoticed.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use sluis_core::policy::facts::PackageFacts;
use sluis_policy::values::is_package;

/// What was read.
#[derive(Debug, Default)]
pub(crate) struct InventoryList {
    /// Each package once, in the order of the list. What a list does not say is unknown.
    pub(crate) packages: Vec<PackageFacts>,
    /// The lines that could not be read, or not wholly.
    pub(crate) unreadable: Vec<UnreadableLine>,
}

/// A line that could not be read, or not wholly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnreadableLine {
    /// Its number, from 1.
    pub(crate) number: usize,
    /// How it begins.
    pub(crate) text: String,
    /// What is wrong with it.
    pub(crate) problem: String,
}

impl fmt::Display for UnreadableLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}: `{}`", self.number, self.problem, self.text)
    }
}

/// The input names no package at all.
#[derive(Debug)]
pub(crate) struct NoPackages {
    /// The lines that could not be read.
    pub(crate) unreadable: Vec<UnreadableLine>,
}

impl fmt::Display for NoPackages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no package found; expected the output of `pm list packages`")?;
        match self.unreadable.first() {
            Some(first) => write!(f, " ({} unreadable, first {first})", self.unreadable.len()),
            None => Ok(()),
        }
    }
}

impl std::error::Error for NoPackages {}

/// Reads a list.
///
/// # Errors
/// [`NoPackages`] where nothing in it is a package.
pub(crate) fn read(bytes: &[u8]) -> Result<InventoryList, NoPackages> {
    let bytes = utf8(bytes);
    let mut list = InventoryList::default();
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (index, raw) in bytes.split(|b| *b == b'\n').enumerate() {
        let mut report = |problem: String| {
            list.unreadable.push(UnreadableLine {
                number: index + 1,
                text: beginning(raw),
                problem,
            });
        };
        let line = match std::str::from_utf8(raw).map(read_line) {
            Ok(Ok(Some(line))) => line,
            Ok(Ok(None)) => continue,
            Ok(Err(problem)) => {
                report(problem);
                continue;
            }
            Err(_) => {
                report("not text".into());
                continue;
            }
        };
        line.problems.into_iter().for_each(&mut report);
        match seen
            .get(&line.facts.name)
            .and_then(|at| list.packages.get_mut(*at))
        {
            Some(first) => {
                if !merge(first, line.facts) {
                    report("contradicts what an earlier line says of this package".into());
                }
            }
            None => {
                seen.insert(line.facts.name.clone(), list.packages.len());
                list.packages.push(line.facts);
            }
        }
    }
    if list.packages.is_empty() {
        return Err(NoPackages {
            unreadable: list.unreadable,
        });
    }
    Ok(list)
}

struct Line {
    facts: PackageFacts,
    problems: Vec<String>,
}

/// A package, nothing to read, or what is wrong.
fn read_line(line: &str) -> Result<Option<Line>, String> {
    let line = line.trim();
    if line.is_empty() || line.starts_with("```") {
        return Ok(None);
    }
    if let Some(printed) = line.strip_prefix("package:") {
        return read_printed(printed).map(Some);
    }
    let (commented, rest) = match line.strip_prefix('#') {
        Some(rest) => (true, rest.trim_start()),
        None => (false, line),
    };
    let name = without_remark(without_user(rest));
    match is_package(name) && (name.contains('.') || name == "android") {
        true => Ok(Some(Line {
            facts: named(name),
            problems: Vec::new(),
        })),
        false if commented => Ok(None),
        false => Err("neither a package nor a comment".into()),
    }
}

fn without_user(text: &str) -> &str {
    let Some(rest) = text.strip_prefix("--user ") else {
        return text;
    };
    rest.trim_start()
        .trim_start_matches(|c: char| c.is_ascii_digit())
        .trim_start()
}

fn without_remark(text: &str) -> &str {
    text.split_once(" #").map_or(text, |(name, _)| name).trim_end()
}

/// What stands behind `package:`. The path of `-f` may itself contain `=`.
fn read_printed(printed: &str) -> Result<Line, String> {
    let mut words = printed.split_ascii_whitespace();
    let first = words.next().unwrap_or_default();
    let (path, name) = match first.rsplit_once('=') {
        Some((path, name)) => (Some(path), name),
        None => (None, first),
    };
    if !is_package(name) {
        return Err("no package name after `package:`".into());
    }
    let mut line = Line {
        facts: named(name),
        problems: Vec::new(),
    };
    line.facts.system = path.and_then(system_by_path);
    for word in words.take_while(|word| !word.starts_with('#')) {
        if let Some(problem) = read_field(word, &mut line.facts) {
            line.problems.push(problem);
        }
    }
    Ok(line)
}

/// A file on a partition that only the maker writes came with the phone. One under `/data` says nothing: updates of
/// system apps live there too.
fn system_by_path(path: &str) -> Option<bool> {
    let partitions = [
        "/system/",
        "/system_ext/",
        "/product/",
        "/vendor/",
        "/odm/",
        "/oem/",
        "/apex/",
    ];
    partitions.iter().any(|p| path.starts_with(p)).then_some(true)
}

/// Takes a field over; otherwise says what is wrong with it.
fn read_field(word: &str, facts: &mut PackageFacts) -> Option<String> {
    let wrong = |what: &str| Some(format!("`{}` is no {what}", beginning(word.as_bytes())));
    if let Some(number) = word.strip_prefix("versionCode:") {
        facts.version_code = number.parse().ok();
        return facts
            .version_code
            .is_none()
            .then(|| wrong("version code"))
            .flatten();
    }
    if let Some(numbers) = word.strip_prefix("uid:") {
        // One per user; the first is the main user's.
        facts.uid = numbers.split(',').next().and_then(|uid| uid.parse().ok());
        return facts.uid.is_none().then(|| wrong("uid")).flatten();
    }
    if let Some(installer) = word.strip_prefix("installer=") {
        facts.installer = is_package(installer)
            .then(|| installer.to_owned())
            .filter(|i| i != "null");
        return (!is_package(installer)).then(|| wrong("installer")).flatten();
    }
    if word.starts_with("stopped=") {
        return None;
    }
    wrong("field that is known")
}

fn named(name: &str) -> PackageFacts {
    PackageFacts {
        name: name.to_owned(),
        ..PackageFacts::default()
    }
}

/// Fills what the first line did not say; false if the two say different things.
fn merge(first: &mut PackageFacts, second: PackageFacts) -> bool {
    fn fill<T: PartialEq>(first: &mut Option<T>, second: Option<T>) -> bool {
        if first.is_none() {
            *first = second;
            return true;
        }
        second.is_none() || *first == second
    }
    let agreed = [
        fill(&mut first.version_code, second.version_code),
        fill(&mut first.uid, second.uid),
        fill(&mut first.installer, second.installer),
        fill(&mut first.system, second.system),
    ];
    agreed.iter().all(|a| *a)
}

/// The bytes as UTF-8, without a byte-order mark.
fn utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    let wide = |rest: &[u8], from: fn([u8; 2]) -> u16| {
        let units = rest.chunks(2).map(|pair| match pair {
            [a, b] => from([*a, *b]),
            _ => u16::from(b'?'),
        });
        let text: String = char::decode_utf16(units)
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect();
        Cow::Owned(text.into_bytes())
    };
    match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => Cow::Borrowed(rest),
        [0xFF, 0xFE, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => Cow::Borrowed(bytes),
    }
}

/// As much of a line as helps to find it, without what could disturb a terminal.
fn beginning(line: &[u8]) -> String {
    const MOST: usize = 60;
    let start = String::from_utf8_lossy(line.get(..MOST * 4).unwrap_or(line)).into_owned();
    let mut shown: String = start
        .trim_end()
        .chars()
        .take(MOST)
        .map(|c| if c.is_control() { '\u{FFFD}' } else { c })
        .collect();
    if shown.len() < line.trim_ascii_end().len() && shown.chars().count() == MOST {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests;
