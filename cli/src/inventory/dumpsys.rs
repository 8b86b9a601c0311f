//! What `dumpsys package` prints (AOSP's `com.android.server.pm.Settings`, `dumpPackagesLPr`), also within a bug report:
//! one section of many, `Packages:`, with an entry for each package and in it a line for each user.
//!
//! It shows a hash of 32 bits of each certificate, not its SHA-256, so signers stay unknown. Factory versions of updated
//! system apps stand in another section, `Hidden system packages:`, and are not what runs.

use std::collections::{BTreeMap, HashSet};
use std::io;

use sluis_core::policy::facts::{PackageFacts, Roles};
use sluis_policy::values::is_package;

use super::UnreadableFile;
use super::device::{Device, Gathering, Unreadables};
use super::files::Bytes;
use super::lines::Lines;

/// The section that lists the packages.
const SECTION: &str = "Packages:";

/// Whether a line tells that this is such a dump: one of the titles that stand at its beginning, in some version.
pub(super) fn tells(line: &str) -> bool {
    const TITLES: [&str; 9] = [
        SECTION,
        "Database versions:",
        "Activity Resolver Table:",
        "Receiver Resolver Table:",
        "Verifiers:",
        "Known Packages:",
        "Key Set Manager:",
        "Shared users:",
        "DUMP OF SERVICE package:",
    ];
    TITLES.contains(&line.trim_end()) || package_title(line).is_some()
}

/// The phone's users, each as a device of its own, since hidden, suspended and installed are facts of a user.
pub(super) fn read(name: String, text: Bytes) -> impl Iterator<Item = Result<Device, UnreadableFile>> {
    let devices = match read_all(&name, text) {
        Ok(devices) => devices.into_iter().map(Ok).collect(),
        Err(problem) => vec![Err(UnreadableFile { file: name, problem })],
    };
    devices.into_iter()
}

/// What one user's line says of a package.
struct OfUser {
    installed: bool,
    hidden: Option<bool>,
    suspended: Option<bool>,
    enabled: Option<bool>,
}

/// An entry that is being read.
struct Entry {
    line: usize,
    facts: PackageFacts,
    users: Vec<(u32, OfUser)>,
    /// The initiating package was told, if only as none: older versions know the installer alone.
    initiating: bool,
    /// What the indented lines below this one belong to.
    block: Block,
}

/// A part of an entry whose lines mean something of their own.
#[derive(PartialEq, Eq)]
enum Block {
    None,
    Requested,
}

fn read_all(name: &str, text: Bytes) -> Result<Vec<Device>, String> {
    let mut reading = Reading::default();
    let mut lines = Lines::new(text);
    let broken = |error: io::Error| error.to_string();
    let (mut inside, mut found) = (false, false);
    while let Some(line) = lines.next().map_err(broken)? {
        let Ok(text) = std::str::from_utf8(line.bytes) else {
            if inside {
                reading.unreadable.report(line.number, line.bytes, "not text");
            }
            continue;
        };
        let text = text.trim_end();
        if text.is_empty() {
            continue;
        }
        if !text.starts_with(' ') || text == SECTION {
            // `dumpsys package` within a bug report or with a title of its own stands at the left, too.
            inside = text == SECTION;
            found |= inside;
            reading.finish();
            continue;
        }
        if inside {
            reading.line(line.number, text);
        }
    }
    reading.finish();
    if !found {
        return Err(format!(
            "no section `{SECTION}`; expected the output of `dumpsys package`"
        ));
    }
    reading.into_devices(name)
}

#[derive(Default)]
struct Reading {
    entry: Option<Entry>,
    users: BTreeMap<u32, Gathering>,
    seen: HashSet<String>,
    unreadable: Unreadables,
}

impl Reading {
    fn line(&mut self, number: usize, text: &str) {
        if let Some(title) = package_title(text) {
            self.finish();
            if !is_package(title) {
                self.unreadable.report(number, text.as_bytes(), "no package name");
                return;
            }
            if !self.seen.insert(title.to_owned()) {
                self.unreadable
                    .report(number, text.as_bytes(), "a package that stands here twice");
                return;
            }
            self.entry = Some(Entry {
                line: number,
                facts: PackageFacts {
                    name: title.to_owned(),
                    ..PackageFacts::default()
                },
                users: Vec::new(),
                initiating: false,
                block: Block::None,
            });
            return;
        }
        if let Some(entry) = &mut self.entry
            && let Err(problem) = entry.line(text)
        {
            self.unreadable.report(number, text.as_bytes(), problem);
        }
    }

    /// An entry without a user's line was cut off: whether the package is installed is not known, so it counts.
    fn finish(&mut self) {
        let Some(Entry {
            line, facts, users, ..
        }) = self.entry.take()
        else {
            return;
        };
        if users.is_empty() {
            let problem = "the dump ends before it says for whom this is installed";
            self.unreadable.report(line, facts.name.as_bytes(), problem);
            self.users.entry(0).or_default().add(facts);
            return;
        }
        for (user, of_user) in users {
            let packages = self.users.entry(user).or_default();
            if of_user.installed {
                let OfUser {
                    hidden,
                    suspended,
                    enabled,
                    ..
                } = of_user;
                packages.add(PackageFacts {
                    hidden,
                    suspended,
                    enabled,
                    uid: facts.uid.map(|app| user * PER_USER + app % PER_USER),
                    ..facts.clone()
                });
            }
        }
    }

    fn into_devices(mut self, name: &str) -> Result<Vec<Device>, String> {
        if self.users.values().all(Gathering::is_empty) {
            return Err("the dump lists no package as installed".into());
        }
        let main = self.users.keys().next().copied();
        let devices = self.users.into_iter().map(|(user, packages)| Device {
            name: match Some(user) == main {
                true => name.to_owned(),
                false => format!("{name}, user {user}"),
            },
            packages: packages.into_packages(),
            roles: Roles::new(),
            by_name: Vec::new(),
            unreadable: match Some(user) == main {
                true => std::mem::take(&mut self.unreadable),
                false => Unreadables::default(),
            },
        });
        Ok(devices.collect())
    }
}

/// `UserHandle.PER_USER_RANGE`: an app's uid is this times the user, plus the app's own number.
const PER_USER: u32 = 100_000;

/// The name in `  Package [name] (hash):`.
fn package_title(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("  Package [")?;
    let (name, rest) = rest.split_once(']')?;
    (rest.trim_end().starts_with(" (") && rest.trim_end().ends_with("):")).then_some(name)
}

impl Entry {
    fn line(&mut self, text: &str) -> Result<(), String> {
        let indent = text.len() - text.trim_start().len();
        let line = text.trim();
        if indent == 4 {
            self.block = match line {
                "requested permissions:" => Block::Requested,
                _ => Block::None,
            };
            return self.field(line);
        }
        if indent == 6 && self.block == Block::Requested {
            // `: restricted=true` may stand behind it.
            let permission = line.split(':').next().unwrap_or_default();
            self.facts
                .permissions
                .get_or_insert_default()
                .push(permission.to_owned());
        }
        Ok(())
    }

    fn field(&mut self, line: &str) -> Result<(), String> {
        if let Some(rest) = line.strip_prefix("User ") {
            return self.user(rest);
        }
        let Some((key, value)) = line.split_once('=') else {
            return Ok(());
        };
        let facts = &mut self.facts;
        match key {
            // `userId` until Android 12, long ago with `gids` behind it.
            "appId" | "userId" => facts.uid = Some(number(first_word(value))?),
            // With `minSdk` and more behind it.
            "versionCode" => facts.version_code = Some(number(first_word(value))?),
            "versionName" if value != "null" => facts.version_name = Some(value.to_owned()),
            "pkgFlags" | "flags" => {
                let flags = flags(value)?;
                let has = |flag: &str| flags.contains(&flag);
                facts.system = Some(has("SYSTEM"));
                facts.updated_system = Some(has("UPDATED_SYSTEM_APP"));
                facts.persistent = Some(has("PERSISTENT"));
            }
            "initiatingPackageName" => {
                facts.installer = installer(value)?;
                self.initiating = true;
            }
            "installerPackageName" if !self.initiating => facts.installer = installer(value)?,
            _ => {}
        }
        Ok(())
    }

    /// `0: ceDataInode=1 installed=true hidden=false suspended=false … enabled=0 …`
    fn user(&mut self, rest: &str) -> Result<(), String> {
        let (user, fields) = rest.split_once(':').ok_or("a user without a number")?;
        let user = number(user)?;
        let field = |name: &str| {
            let mut words = fields.split_ascii_whitespace();
            words.find_map(|word| word.split_once('=').filter(|(key, _)| *key == name))
        };
        let truth = |name: &str| match field(name).map(|(_, value)| value) {
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => Err(format!("`{name}={other}` is neither true nor false")),
            None => Ok(None),
        };
        let enabled = match field("enabled").map(|(_, value)| value) {
            // PackageManager.COMPONENT_ENABLED_STATE_*: 0 is what the manifest says, which the dump does not.
            Some("0") | None => None,
            Some("1") => Some(true),
            Some("2" | "3" | "4") => Some(false),
            Some(other) => return Err(format!("`enabled={other}` is no state that is known")),
        };
        let of_user = OfUser {
            installed: truth("installed")?.ok_or("a user's line without `installed`")?,
            hidden: truth("hidden")?,
            suspended: truth("suspended")?,
            enabled,
        };
        self.users.push((user, of_user));
        Ok(())
    }
}

fn first_word(value: &str) -> &str {
    value.split_ascii_whitespace().next().unwrap_or_default()
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.trim()
        .parse()
        .map_err(|_| "a number that cannot be read".to_owned())
}

fn installer(value: &str) -> Result<Option<String>, String> {
    match value {
        "null" | "" => Ok(None),
        name if is_package(name) => Ok(Some(name.to_owned())),
        _ => Err("an installer that is no package".into()),
    }
}

/// `[ SYSTEM HAS_CODE ]`
fn flags(value: &str) -> Result<Vec<&str>, String> {
    let inside = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let inside = inside.ok_or("flags that are not within brackets")?;
    Ok(inside.split_ascii_whitespace().collect())
}

#[cfg(test)]
mod tests;
