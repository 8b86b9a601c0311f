//! Canonical JSON for a comparison with other makers': a document a line, in hexadecimal, answered by its canonical
//! form, in hexadecimal, or `refused` and why. Documents are read within the bounds of a feed's metadata.
#![forbid(unsafe_code)]

use std::io::{self, BufRead, Write};

use sluis_core::feed::canonical::canonical;
use sluis_core::feed::hex;
use sluis_policy::json::{Limits, parse};

const LIMITS: Limits = Limits {
    max_bytes: 1 << 20,
    max_depth: 16,
};

fn main() -> io::Result<()> {
    let mut answers = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let document = hex::decode(line?.trim_end())
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "a line that is not hexadecimal"))?;
        match parse(&document, LIMITS) {
            Ok(node) => writeln!(answers, "{}", hex::encode(&canonical(&node)))?,
            Err(error) => writeln!(answers, "refused {error:?}")?,
        }
        answers.flush()?;
    }
    Ok(())
}
