//! A discovered-apps export of Microsoft Intune (reports `AppInvRawData`, `AppInvByDevice` and `AppInvAggregate`), CSV as
//! Intune or a spreadsheet writes it.
//!
//! It has the names that people see, not packages: what it says of a package is a guess by the catalogue's names, and
//! is kept apart from what is certain.

use std::collections::{HashMap, HashSet};

use csv::{ByteRecord, ReaderBuilder};
use sluis_core::policy::facts::Roles;
use sluis_policy::catalogue::Catalogue;

use super::UnreadableFile;
use super::device::{Device, NamedApp, Unreadables};
use super::files::Bytes;
use super::text;

/// The columns that are used, by their names without blanks and in small letters, as the API and the portal call them.
const NAME: &[&str] = &["applicationname", "appname", "displayname"];
const VERSION: &[&str] = &["applicationversion", "appversion", "applicationshortversion"];
const DEVICE_ID: &[&str] = &["deviceid"];
const DEVICE_NAME: &[&str] = &["devicename"];
const PLATFORM: &[&str] = &["platform", "osdescription"];

/// Whether a line is the header of such an export.
pub(super) fn is_header(line: &str) -> bool {
    let columns: Vec<String> = line.split(separator(line)).map(column).collect();
    let has = |names: &[&str]| columns.iter().any(|column| names.contains(&column.as_str()));
    has(NAME)
        && (has(VERSION) || has(DEVICE_ID) || has(DEVICE_NAME) || has(PLATFORM) || has(&["devicecount"]))
}

/// A comma; in countries where that is the decimal point, spreadsheets write a semicolon, and a tab in UTF-16.
fn separator(header: &str) -> char {
    let count = |separator: &char| header.matches(*separator).count();
    [',', ';', '\t'].into_iter().max_by_key(count).unwrap_or(',')
}

fn column(written: &str) -> String {
    let plain = written.trim().trim_matches('"').chars();
    plain
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Where the columns stand.
struct Columns {
    name: usize,
    version: Option<usize>,
    device: Option<usize>,
    device_name: Option<usize>,
    platform: Option<usize>,
}

/// The phones of an export, one at a time: its rows stand together by phone.
pub(super) fn read<'c>(
    name: String,
    mut text: Bytes,
    catalogue: &'c Catalogue,
) -> Box<dyn Iterator<Item = Result<Device, UnreadableFile>> + 'c> {
    let failed = |problem: String| UnreadableFile {
        file: name.clone(),
        problem,
    };
    let started = text::head(&mut text)
        .map_err(|e| failed(e.to_string()))
        .and_then(|head| {
            let head = String::from_utf8_lossy(&head).into_owned();
            let header = head.lines().next().unwrap_or_default();
            let separator = separator(header);
            let rows = ReaderBuilder::new()
                .delimiter(u8::try_from(separator).unwrap_or(b','))
                .has_headers(false)
                .flexible(true)
                .from_reader(text);
            Reading::new(name.clone(), rows, catalogue).map_err(failed)
        });
    match started {
        Ok(reading) => Box::new(reading),
        Err(failed) => Box::new(std::iter::once(Err(failed))),
    }
}

struct Reading {
    file: String,
    rows: csv::Reader<Bytes>,
    columns: Columns,
    width: usize,
    /// Packages by the names that people see, in small letters.
    by_name: HashMap<String, Vec<String>>,
    /// The first row of the next phone.
    ahead: Option<ByteRecord>,
    /// The phones that were read, so that one whose rows are scattered is noticed.
    seen: HashSet<Vec<u8>>,
    ended: bool,
}

impl Reading {
    fn new(file: String, mut rows: csv::Reader<Bytes>, catalogue: &Catalogue) -> Result<Self, String> {
        let mut header = ByteRecord::new();
        rows.read_byte_record(&mut header).map_err(|e| e.to_string())?;
        let names: Vec<String> = header
            .iter()
            .map(|name| column(&String::from_utf8_lossy(name)))
            .collect();
        let find = |wanted: &[&str]| {
            wanted
                .iter()
                .find_map(|name| names.iter().position(|n| n == name))
        };
        let columns = Columns {
            name: find(NAME)
                .ok_or("no column `ApplicationName`; expected a discovered-apps export of Intune")?,
            version: find(VERSION),
            device: find(DEVICE_ID).or_else(|| find(DEVICE_NAME)),
            device_name: find(DEVICE_NAME),
            platform: find(PLATFORM),
        };
        let mut by_name: HashMap<String, Vec<String>> = HashMap::new();
        for app in catalogue.vendors.iter().flat_map(|vendor| &vendor.packages) {
            if let Some(name) = &app.name {
                by_name
                    .entry(name.to_lowercase())
                    .or_default()
                    .push(app.package.clone());
            }
        }
        Ok(Self {
            file,
            rows,
            columns,
            width: header.len(),
            by_name,
            ahead: None,
            seen: HashSet::new(),
            ended: false,
        })
    }

    fn row(&mut self) -> Result<Option<ByteRecord>, UnreadableFile> {
        if let Some(ahead) = self.ahead.take() {
            return Ok(Some(ahead));
        }
        let mut row = ByteRecord::new();
        match self.rows.read_byte_record(&mut row) {
            Ok(true) => Ok(Some(row)),
            Ok(false) => Ok(None),
            Err(error) => Err(UnreadableFile {
                file: self.file.clone(),
                problem: error.to_string(),
            }),
        }
    }

    fn phone_of(&self, row: &ByteRecord) -> Vec<u8> {
        let phone = self.columns.device.and_then(|at| row.get(at));
        phone.unwrap_or_default().trim_ascii().to_vec()
    }

    /// The rows of one phone.
    fn device(&mut self) -> Result<Option<Device>, UnreadableFile> {
        let Some(first) = self.row()? else {
            return Ok(None);
        };
        let phone = self.phone_of(&first);
        let mut device = Device {
            name: self.name_of(&first),
            roles: Roles::new(),
            ..Device::default()
        };
        if !self.seen.insert(phone.clone()) {
            let problem = "the rows of this phone do not stand together; sort the export by device";
            report(&mut device.unreadable, &first, problem.into());
        }
        let mut row = first;
        loop {
            self.app(&row, &mut device);
            match self.row()? {
                Some(next) if self.phone_of(&next) == phone => row = next,
                next => {
                    self.ahead = next;
                    return Ok(Some(device));
                }
            }
        }
    }

    fn name_of(&self, row: &ByteRecord) -> String {
        let column = self.columns.device_name.or(self.columns.device);
        match column.and_then(|at| row.get(at)) {
            Some(name) => format!("{}, {}", self.file, super::device::beginning(name)),
            None => self.file.clone(),
        }
    }

    fn app(&self, row: &ByteRecord, device: &mut Device) {
        let field = |at: Option<usize>| {
            let field = std::str::from_utf8(row.get(at?)?).ok()?.trim();
            (!field.is_empty()).then(|| field.to_owned())
        };
        if row.len() != self.width {
            let problem = format!("{} fields where the header has {}", row.len(), self.width);
            report(&mut device.unreadable, row, problem);
            return;
        }
        if field(self.columns.platform).is_some_and(|platform| !platform.to_lowercase().contains("android")) {
            return;
        }
        let Some(name) = field(Some(self.columns.name)) else {
            report(&mut device.unreadable, row, "no name of an app".into());
            return;
        };
        let app = NamedApp {
            candidates: self
                .by_name
                .get(&name.to_lowercase())
                .cloned()
                .unwrap_or_default(),
            version: field(self.columns.version),
            name,
        };
        if !device.by_name.contains(&app) {
            device.by_name.push(app);
        }
    }
}

fn report(unreadable: &mut Unreadables, row: &ByteRecord, problem: String) {
    let line = row.position().map_or(0, |position| position.line());
    let text = row.iter().collect::<Vec<_>>().join(&b","[..]);
    unreadable.report(usize::try_from(line).unwrap_or(usize::MAX), &text, problem);
}

impl Iterator for Reading {
    type Item = Result<Device, UnreadableFile>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.device().transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

#[cfg(test)]
mod tests;
