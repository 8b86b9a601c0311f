//! Writes the files that are generated: those made of `core/messages/messages.json`, the attacks under
//! `tests/fixtures/feed`, and the page about them.
#![forbid(unsafe_code)]

use std::error::Error;
use std::path::Path;
use std::{fs, io};

use sluis_tests::attacks;
use sluis_tests::messages::{Source, generate, repository, source_text};

fn main() -> Result<(), Box<dyn Error>> {
    for (path, content) in generate(&Source::parse(&source_text()?)?) {
        write(&repository().join(path), content.as_bytes())?;
        println!("{path}");
    }
    let fixtures = attacks::folder();
    // A threat that has no scenario any more leaves nothing behind.
    if fixtures.exists() {
        fs::remove_dir_all(&fixtures)?;
    }
    for (path, bytes) in attacks::generate()? {
        write(&fixtures.join(path), &bytes)?;
    }
    println!("tests/fixtures/feed");
    write(
        &repository().join("docs/threats.md"),
        attacks::document().as_bytes(),
    )?;
    println!("docs/threats.md");
    Ok(())
}

fn write(file: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(directory) = file.parent() {
        fs::create_dir_all(directory)?;
    }
    fs::write(file, content)
}
