//! `sluis feed add` and `remove`: which files the next publication has.

use std::path::{Path, PathBuf};

use clap::Args;
use sluis_core::feed::POLICY;

use super::desk::Desk;
use super::document::{self, Sources};
use super::metadata::TARGETS;
use super::options::{self, Clock};
use super::target;
use crate::failure::Failure;
use crate::output::{self, shown};
use crate::policy_file::is_yaml;

pub(super) const ADD_HELP: &str = "\
Examples:
  sluis feed add /srv/feed policy.json
  sluis feed add /srv/feed policy.yaml
  sluis feed add /srv/feed europe.json --name maps/eu.json --role maps
  sluis feed add /srv/feed sluis-7.apk --name agent.apk

Stages the file for the next publication; it needs no key. The name policy.json is the policy that phones obey, \
catalogue.json the catalogue that it refers to, agent.apk a new version of Sluis itself, which phones with an older one \
install; other files are carried along. A policy in YAML is published as JSON, without its comments. What a phone could \
not read is refused.

Exit codes: 0 staged, 2 the file or the feed can't be used.";

pub(super) const REMOVE_HELP: &str = "\
Example:
  sluis feed remove /srv/feed catalogue.json

Stages the removal for the next publication. The file itself stays in the folder, for readers in the middle of an update.

Exit codes: 0 staged, 2 it is not listed, or the feed can't be used.";

#[derive(Debug, Args)]
pub(super) struct Add {
    /// The feed's folder.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Its name in the feed, if not that of the file: a path like maps/eu.json.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The role that lists it.
    #[arg(long, value_name = "ROLE", default_value = TARGETS)]
    role: String,
    /// Days until the role's list of files expires, if not as before.
    #[arg(long, value_name = "DAYS", value_parser = options::days)]
    expires: Option<i64>,
    /// Also take an agent that is no newer than the one that the feed has.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    clock: Clock,
}

pub(super) fn add(arguments: &Add) -> Result<(), Failure> {
    let now = arguments.clock.now()?;
    let mut desk = Desk::open(&arguments.folder)?;
    let name = arguments
        .name
        .clone()
        .unwrap_or_else(|| own_name(&arguments.file));
    let expires = desk.expiry(&arguments.role, arguments.expires, now)?;
    document::add(
        &mut desk,
        &arguments.role,
        &name,
        &arguments.file,
        expires,
        arguments.force,
    )?;
    let sources = Sources::from([(name.clone(), arguments.file.clone())]);
    for faulty in document::faulty(&desk, &sources)? {
        for error in faulty.errors {
            output::warn(error);
        }
    }
    desk.save()?;
    staged(&desk, &format!("{name} was added to {}", arguments.role))
}

/// A file's own name in a feed. What phones obey is JSON, also of a policy that is written in YAML.
fn own_name(file: &Path) -> String {
    match file.file_stem() {
        Some(stem) if is_yaml(file) && stem == "policy" => POLICY.to_owned(),
        _ => file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
    }
}

#[derive(Debug, Args)]
pub(super) struct Remove {
    /// The feed's folder.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// The file's name in the feed.
    #[arg(value_name = "NAME")]
    name: String,
    /// The role that lists it.
    #[arg(long, value_name = "ROLE", default_value = TARGETS)]
    role: String,
    #[command(flatten)]
    clock: Clock,
}

pub(super) fn remove(arguments: &Remove) -> Result<(), Failure> {
    let (name, role) = (&arguments.name, &arguments.role);
    let now = arguments.clock.now()?;
    let mut desk = Desk::open(&arguments.folder)?;
    let listed = desk.get(role).map(target::listed).unwrap_or_default();
    if !listed.iter().any(|file| file.name == *name) {
        let names: Vec<String> = listed.iter().map(|file| shown(&file.name)).collect();
        return Err(Failure::unusable(format!(
            "{role} lists no {name}; it lists {}",
            names.join(", ")
        )));
    }
    let expires = desk.expiry(role, None, now)?;
    let targets = desk.edit(role, expires)?;
    let mut files = targets.object("targets");
    files.remove(name);
    targets.set("targets", files.into());
    desk.save()?;
    staged(&desk, &format!("{name} was removed from {role}"))
}

fn staged(desk: &Desk, what: &str) -> Result<(), Failure> {
    let folder = desk.folder.display();
    output::print(&format!(
        "{what}, staged for the next publication: `sluis feed publish {folder} --keys KEYS`"
    ))
}
