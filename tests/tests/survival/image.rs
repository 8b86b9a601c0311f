//! What a disk holds after the power failed: all that was synced, and of the rest what the disk happened to write.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::disk::Op;

/// What becomes of what was not synced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unsynced {
    /// None of it was written.
    Lost,
    /// All of it was, as when only the process is killed.
    Kept,
    /// Some of it was, in any order, and of the last write perhaps only some sectors. The number is the seed.
    Some(u64),
}

const SECTOR: usize = 512;

/// SplitMix64.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}

/// A file's bytes, and what waits to be written to them.
#[derive(Default, Clone)]
struct File {
    synced: Vec<u8>,
    waiting: Vec<Change>,
}

#[derive(Clone)]
enum Change {
    Write(u64, Vec<u8>),
    Truncate(u64),
}

/// A disk, and what waits to be written to it.
#[derive(Default, Clone)]
pub(crate) struct Disk {
    files: BTreeMap<u64, File>,
    names: BTreeMap<String, u64>,
    /// Entries of the folder change in the order in which they were changed, as file systems with a journal do it.
    waiting: Vec<Op>,
}

impl Disk {
    /// Takes in one operation.
    pub(crate) fn take(&mut self, op: &Op) {
        match op {
            Op::Create { .. } | Op::Rename { .. } | Op::Remove { .. } => self.waiting.push(op.clone()),
            Op::Write { file, offset, bytes } => self
                .file(*file)
                .waiting
                .push(Change::Write(*offset, bytes.clone())),
            Op::Truncate { file, length } => self.file(*file).waiting.push(Change::Truncate(*length)),
            Op::Sync { file } => {
                let file = self.file(*file);
                for change in std::mem::take(&mut file.waiting) {
                    apply(&mut file.synced, &change);
                }
            }
            Op::SyncFolder => {
                for op in std::mem::take(&mut self.waiting) {
                    change_names(&mut self.names, &op);
                }
            }
        }
    }

    /// Writes to `folder` what the disk would hold if the power failed now.
    pub(crate) fn fail_into(&self, folder: &Path, unsynced: Unsynced) {
        let mut random = Random(match unsynced {
            Unsynced::Some(seed) => seed,
            Unsynced::Lost | Unsynced::Kept => 0,
        });
        let mut names = self.names.clone();
        let kept = match unsynced {
            Unsynced::Lost => 0,
            Unsynced::Kept => self.waiting.len(),
            Unsynced::Some(_) => random.below(self.waiting.len() + 1),
        };
        for op in self.waiting.iter().take(kept) {
            change_names(&mut names, op);
        }
        for (name, file) in names {
            let file = self.files.get(&file).cloned().unwrap_or_default();
            let mut bytes = file.synced;
            for change in &file.waiting {
                match unsynced {
                    Unsynced::Lost => {}
                    Unsynced::Kept => apply(&mut bytes, change),
                    Unsynced::Some(_) => match random.below(3) {
                        0 => {}
                        1 => apply(&mut bytes, change),
                        _ => apply_torn(&mut bytes, change, &mut random),
                    },
                }
            }
            fs::write(folder.join(name), bytes).unwrap();
        }
    }

    /// The name under which a file was made.
    pub(crate) fn name_of(&self, file: u64) -> Option<&str> {
        let made = |op: &Op| matches!(op, Op::Create { file: other, .. } if *other == file);
        let waiting = self.waiting.iter().find(|op| made(op)).map(|op| match op {
            Op::Create { name, .. } => name.as_str(),
            _ => "",
        });
        let synced = self.names.iter().find(|(_, other)| **other == file);
        waiting.or(synced.map(|(name, _)| name.as_str()))
    }

    fn file(&mut self, file: u64) -> &mut File {
        self.files.entry(file).or_default()
    }
}

fn change_names(names: &mut BTreeMap<String, u64>, op: &Op) {
    match op {
        Op::Create { file, name } => drop(names.insert(name.clone(), *file)),
        Op::Remove { name } => drop(names.remove(name)),
        Op::Rename { from, to } => {
            if let Some(file) = names.remove(from) {
                names.insert(to.clone(), file);
            }
        }
        Op::Write { .. } | Op::Truncate { .. } | Op::Sync { .. } | Op::SyncFolder => {}
    }
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Truncate(length) => bytes.resize(*length as usize, 0),
        Change::Write(offset, written) => {
            let start = *offset as usize;
            let end = start + written.len();
            if bytes.len() < end {
                bytes.resize(end, 0);
            }
            bytes[start..end].copy_from_slice(written);
        }
    }
}

/// Some sectors of a write reach the disk; a file may have grown all the same.
fn apply_torn(bytes: &mut Vec<u8>, change: &Change, random: &mut Random) {
    let Change::Write(offset, written) = change else {
        return apply(bytes, change);
    };
    for (i, sector) in written.chunks(SECTOR).enumerate() {
        if random.below(2) == 0 {
            apply(
                bytes,
                &Change::Write(offset + (i * SECTOR) as u64, sector.to_vec()),
            );
        }
    }
}
