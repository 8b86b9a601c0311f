//! `sluis schema` as an editor's owner runs it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn it_prints_the_schemas_that_are_published_with_the_source() {
    for document in ["policy", "catalogue"] {
        let output = Command::new(env!("CARGO_BIN_EXE_sluis"))
            .args(["schema", document])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0));
        let committed = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .unwrap()
            .join(format!("policy-schema/schemas/sluis.{document}.1.schema.json"));
        assert_eq!(output.stdout, fs::read(committed).unwrap());
    }
}
