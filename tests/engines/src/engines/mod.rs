//! The engines, each with rules and phones in the form that suits it best.

mod cedar;
mod cel;
mod rego;
pub mod sluis;
mod tables;

use sluis_core::policy::facts::PackageFacts;

use crate::work::{Answer, Work};

/// An engine in the race.
pub trait Contender {
    /// The package that it is.
    fn package(&self) -> &'static str;

    /// In what form it has the rules.
    fn form(&self) -> &'static str;

    /// Reads and compiles the rules from their text. This is timed.
    fn load(&mut self);

    /// Puts phones into its own form. This is not timed.
    fn prepare(&mut self, phones: &[Vec<PackageFacts>]);

    /// Judges all packages of one phone, with reasons. This is timed.
    fn judge(&mut self, phone: usize);

    /// What it said of the phone that it judged last.
    fn answers(&self) -> Vec<Answer>;
}

/// All of them, Sluis first. Nothing is loaded yet.
pub fn all(work: &Work) -> Vec<Box<dyn Contender>> {
    vec![
        Box::new(sluis::Sluis::new(work)),
        Box::new(cel::current::Cel::new(work)),
        Box::new(cel::former::Cel::new(work)),
        Box::new(rego::Interpreted::new(work)),
        Box::new(rego::Machine::new(work)),
        Box::new(cedar::Cedar::groups(work)),
        Box::new(cedar::Cedar::sets(work)),
    ]
}
