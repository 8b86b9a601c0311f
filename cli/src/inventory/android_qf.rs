//! `packages.json` of an AndroidQF acquisition (mvt-project/androidqf): an array with an object for each package.

use serde::Deserialize;
use serde_json::Value;
use sluis_core::policy::facts::{PackageFacts, Roles, Signers};
use sluis_policy::values::{Digest, is_package};

use super::UnreadableFile;
use super::device::{Device, Gathering, Unreadables};
use super::files::Bytes;
use super::text;

/// The most that one acquisition's list may weigh.
const MOST: u64 = 256 << 20;

/// A package as AndroidQF has it; of what it says more, nothing is needed here.
#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    #[serde(default)]
    files: Option<Vec<File>>,
    #[serde(default)]
    installer: String,
    #[serde(default)]
    uid: Option<i64>,
    #[serde(default)]
    disabled: bool,
    #[serde(default)]
    system: bool,
    #[serde(default)]
    third_party: bool,
}

#[derive(Debug, Deserialize)]
struct File {
    #[serde(default)]
    path: String,
    #[serde(default)]
    verified_certificate: bool,
    #[serde(default)]
    certificate: Option<Certificate>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Certificate {
    #[serde(default)]
    sha256: String,
}

/// The phone of that file.
pub(super) fn read(name: String, text: Bytes) -> Result<Device, UnreadableFile> {
    read_all(&name, text).map_err(|problem| UnreadableFile { file: name, problem })
}

fn read_all(name: &str, text: Bytes) -> Result<Device, String> {
    let bytes = text::whole(text, MOST).map_err(|e| e.to_string())?;
    let entries: Vec<Value> = serde_json::from_slice(&bytes).map_err(|e| e.to_string())?;
    let (mut packages, mut unreadable) = (Gathering::default(), Unreadables::default());
    for (number, entry) in (1..).zip(entries) {
        let shown = entry
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        let mut report = |problem: String| unreadable.report(number, shown.as_bytes(), problem);
        match serde_json::from_value::<Package>(entry) {
            Ok(package) if is_package(&package.name) => {
                let facts = package.facts(&mut report);
                if !packages.add(facts) {
                    report("contradicts what an earlier entry says of this package".into());
                }
            }
            Ok(_) => report("no package name".into()),
            Err(error) => report(error.to_string()),
        }
    }
    match packages.is_empty() {
        true => Err("no package found; expected AndroidQF's packages.json".into()),
        false => Ok(Device {
            name: name.to_owned(),
            packages: packages.into_packages(),
            roles: Roles::new(),
            by_name: Vec::new(),
            unreadable,
        }),
    }
}

impl Package {
    fn facts(self, report: &mut impl FnMut(String)) -> PackageFacts {
        let files = self.files.unwrap_or_default();
        let installer = Some(self.installer).filter(|installer| !matches!(installer.as_str(), "" | "null"));
        if installer
            .as_deref()
            .is_some_and(|installer| !is_package(installer))
        {
            report("an installer that is no package".into());
        }
        // Each of the three is false also where AndroidQF could not ask the phone, so only `true` says something.
        let system = match (self.system, self.third_party) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
            (true, true) => {
                report("both a system app and not".into());
                None
            }
        };
        PackageFacts {
            signers: signers(&files, report),
            installer: installer.filter(|installer| is_package(installer)),
            system,
            uid: self.uid.and_then(|uid| u32::try_from(uid).ok()),
            enabled: self.disabled.then_some(false),
            name: self.name,
            ..PackageFacts::default()
        }
    }
}

/// The certificate of its files, if each was verified and all have the same. AndroidQF names one even of a package that
/// several certificates sign, and no older ones.
fn signers(files: &[File], report: &mut impl FnMut(String)) -> Option<Signers> {
    let mut certificates = Vec::new();
    for file in files {
        let sha256 = file
            .certificate
            .as_ref()
            .map(|certificate| certificate.sha256.as_str());
        let sha256 = sha256.filter(|sha256| file.verified_certificate && !sha256.is_empty())?;
        let Some(digest) = Digest::parse(sha256) else {
            report(format!("the certificate of {} is no SHA-256", file.path));
            return None;
        };
        certificates.push(digest);
    }
    certificates.sort();
    certificates.dedup();
    match certificates.as_slice() {
        [] => None,
        [_] => Some(Signers {
            current: certificates,
            lineage: Vec::new(),
        }),
        _ => {
            report("files signed with different certificates".into());
            None
        }
    }
}

#[cfg(test)]
mod tests;
