//! The last version under the former name.

use cel_interpreter as library;
type Context = library::Context<'static>;
const PACKAGE: &str = "cel-interpreter";

#[path = "expression.rs"]
mod expression;
pub use expression::Cel;
