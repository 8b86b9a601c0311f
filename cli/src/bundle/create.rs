//! `sluis bundle create`.

use std::collections::BTreeMap;

use sluis_core::feed::bundle::{Bundle, write};
use sluis_core::feed::rfc3339;
use sluis_policy::values::Digest;

use super::Create;
use crate::failure::Failure;
use crate::feed::replace;
use crate::http::Reply;
use crate::output;
use crate::source::{Source, in_bundle};
use crate::visit::{Memory, Visit, visit};

/// Writes what a phone asks for that has never seen the feed: all roots, today's metadata, the files. A phone that has
/// seen some of it asks for nothing else.
pub(super) fn create(arguments: &Create, now: i64) -> Result<(), Failure> {
    let source = Source::named(&arguments.feed, arguments.ca.as_deref());
    let root_sha256 = match &arguments.root_sha256 {
        Some(Digest(sha256)) => *sha256,
        None => source.own_root()?,
    };
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let visit = new_phone(&arguments.feed, root_sha256, now, |path, max_bytes| {
        let reply = source.get(path, max_bytes)?;
        if let Reply::Body(bytes) = &reply {
            files.insert(path.to_owned(), bytes.clone());
        }
        Ok(reply)
    })?;
    let cannot = |error| Failure::findings(format!("{}: {error}", arguments.feed));
    let bytes = write(&files).map_err(cannot)?;
    // What was packed, not what was fetched.
    let bundle = Bundle::read(&bytes).map_err(cannot)?;
    new_phone(&arguments.feed, root_sha256, now, |path, max_bytes| {
        Ok(in_bundle(&bundle, path, max_bytes))
    })?;
    replace(&arguments.output, &bytes, "bundle", |old| {
        Bundle::read(old).is_ok()
    })?;
    let until = visit.trusted.current_until();
    let until = until.map(rfc3339::format).unwrap_or_default();
    output::print(&format!(
        "{} files, {} bytes were written to {}; phones take it until {until}.",
        files.len(),
        bytes.len(),
        arguments.output.display(),
    ))
}

/// What a phone that was just told of the feed makes of it, which must be something.
fn new_phone(
    name: &str,
    root_sha256: [u8; 32],
    now: i64,
    get: impl FnMut(&str, u64) -> Result<Reply, Failure>,
) -> Result<Visit, Failure> {
    let visit = visit(root_sha256, &mut Memory::New, now, get)?.reached()?;
    match &visit.refused {
        Some(why) => Err(Failure::findings(format!(
            "{name}: phones would refuse this, so nothing was written: {why}"
        ))),
        None => Ok(visit),
    }
}
