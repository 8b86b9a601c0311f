//! The Common Expression Language: one expression over maps, evaluated for each package. The interpreter was renamed:
//! the last version under the name `cel-interpreter` and the newest under the name `cel` both run.

pub mod current;
pub mod former;
