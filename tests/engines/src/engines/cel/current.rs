//! The newest version.

use cel as library;
type Context = library::Context<'static, 'static>;
const PACKAGE: &str = "cel";

#[path = "expression.rs"]
mod expression;
pub use expression::Cel;
