//! How much memory the core adds to its process: the store is opened, two policies with 6,700 match values and the
//! catalogue are read and compiled, and a phone with 400 packages is planned. See `world`.
//!
//! It is the highest resident size of a process that does this and nothing else, less what it had before; SQLite and the
//! code that is read in count. Linux says both.
#![allow(
    missing_docs,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "not shipped: a bench may panic"
)]

mod phone;
mod world;

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::Command;

use sluis_core::agent::message::Event;
use sluis_core::policy::facts::{Inventory, Roles};

use phone::{copy, enrolled, open, tell};
use world::{World, world};

const ROUNDS: usize = 9;
/// In the environment of the processes that are measured: the folder of their store, with their inventory beside it.
const STORE: &str = "SLUIS_BENCH_STORE";
const INVENTORY: &str = "inventory.json";

fn main() {
    if let Some(folder) = std::env::var_os(STORE) {
        return measured(Path::new(&folder));
    }
    // As a test it is only compiled.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let World { policies, phones } = world();
    let store = enrolled(&policies);
    let inventory = Inventory {
        packages: phones[0].clone(),
        roles: Roles::new(),
    };
    let inventory = serde_json::to_vec(&inventory).unwrap();
    let mut found: Vec<[u64; 3]> = (0..ROUNDS)
        .map(|_| {
            let folder = copy(&store);
            fs::write(folder.path().join(INVENTORY), &inventory).unwrap();
            let program = std::env::current_exe().unwrap();
            let output = Command::new(program).env(STORE, folder.path()).output().unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            let numbers: Vec<u64> = text.split_whitespace().map(|n| n.parse().unwrap()).collect();
            numbers.try_into().unwrap()
        })
        .collect();
    found.sort_unstable();
    let [opened, planned, kept] = found[ROUNDS / 2];
    println!(
        "memory added by the core, KiB: at most {opened} until both policies are compiled, at most {planned} until \
         400 packages are planned, {kept} kept after that"
    );
}

/// Prints KiB more than before: the peak when the agent is open, the peak when the phone is planned, and what is left.
fn measured(folder: &Path) {
    let inventory = fs::read(folder.join(INVENTORY)).unwrap();
    let before = kib("VmRSS");
    let mut agent = open(folder);
    let opened = kib("VmHWM") - before;
    let inventory: Inventory = serde_json::from_slice(&inventory).unwrap();
    let event = Event::Inventory { inventory, api: None };
    let directives = tell(&mut agent, event, None);
    assert!(!directives.actions.is_empty());
    let planned = kib("VmHWM") - before;
    println!("{opened} {planned} {}", kib("VmRSS") - before);
    black_box(agent);
}

/// A line of what Linux says of this process.
fn kib(field: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
    line.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap()
}
