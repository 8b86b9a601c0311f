//! Writes the files that are generated from `core/messages/messages.json`.
#![forbid(unsafe_code)]

use std::error::Error;
use std::fs;

use sluis_tests::messages::{Source, generate, repository, source_text};

fn main() -> Result<(), Box<dyn Error>> {
    for (path, content) in generate(&Source::parse(&source_text()?)?) {
        let file = repository().join(path);
        if let Some(directory) = file.parent() {
            fs::create_dir_all(directory)?;
        }
        fs::write(file, content)?;
        println!("{path}");
    }
    Ok(())
}
