//! What the fuzzers once found worth keeping is played in every test run.

use std::fs;

use sluis_tests::fuzz::{TARGETS, corpus};

#[test]
fn every_input_that_the_fuzzers_keep_is_borne() {
    for (name, target) in TARGETS {
        let mut inputs = 0;
        for entry in fs::read_dir(corpus(name)).unwrap() {
            target(&fs::read(entry.unwrap().path()).unwrap());
            inputs += 1;
        }
        assert!(inputs > 0, "no corpus for {name}");
    }
}
