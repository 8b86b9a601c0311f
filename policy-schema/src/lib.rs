//! The documents of Sluis: policy, catalogue and grant, parsed strictly, with errors that say where and why.
#![forbid(unsafe_code)]

pub mod canonical;
pub mod catalogue;
pub mod decode;
pub mod grant;
pub mod json;
pub mod lint;
pub mod policy;
pub mod rfc3339;
pub mod schema;
pub mod shape;
pub mod text;
pub mod values;
