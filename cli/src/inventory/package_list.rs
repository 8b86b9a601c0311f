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

use sluis_core::policy::facts::{PackageFacts, Roles};
use sluis_policy::values::is_package;

use super::UnreadableFile;
use super::device::{Device, Gathering, Unreadables, beginning};
use super::files::Bytes;
use super::lines::Lines;

/// Longer than any line of a list of packages, with the longest path and name.
const LONGEST: usize = 64 << 10;

/// Whether a line tells that this is a list of packages.
pub(super) fn tells(line: &str) -> bool {
    matches!(read_line(line), Ok(Some(_)))
}

/// The phone whose packages are listed.
pub(super) fn read(name: String, text: Bytes) -> Result<Device, UnreadableFile> {
    read_all(&name, text).map_err(|problem| UnreadableFile { file: name, problem })
}

fn read_all(name: &str, text: Bytes) -> Result<Device, String> {
    let (mut packages, mut unreadable) = (Gathering::default(), Unreadables::default());
    let mut lines = Lines::with_longest(text, LONGEST);
    while let Some(raw) = lines.next().map_err(|e| e.to_string())? {
        let mut report = |problem: String| unreadable.report(raw.number, raw.bytes, problem);
        if raw.cut {
            report("longer than any line of such a list".into());
            continue;
        }
        let line = match std::str::from_utf8(raw.bytes).map(read_line) {
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
        if !packages.add(line.facts) {
            report("contradicts what an earlier line says of this package".into());
        }
    }
    if packages.is_empty() {
        let found = "no package found; expected the output of `pm list packages`";
        return Err(match unreadable.first().first() {
            Some(first) => format!("{found} ({} unreadable, first {first})", unreadable.count()),
            None => found.to_owned(),
        });
    }
    Ok(Device {
        name: name.to_owned(),
        packages: packages.into_packages(),
        roles: Roles::new(),
        by_name: Vec::new(),
        unreadable,
    })
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

#[cfg(test)]
mod tests;
