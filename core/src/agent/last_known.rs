//! What was last known of an app on record: a fact that cannot be read any more must not loosen its verdict.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::error::AgentError;
use crate::policy::facts::{PackageFacts, Signers};
use crate::store::agent::App;

/// The facts that decide whether a rule reaches an app, as they were when they could last be read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LastKnown {
    signers: Option<Signers>,
    system: Option<bool>,
}

impl LastKnown {
    /// What the record says.
    pub(super) fn of(app: &App) -> Result<Self, AgentError> {
        match &app.last_known {
            Some(json) => Ok(serde_json::from_str(json)?),
            None => Ok(Self::default()),
        }
    }

    /// What the record has to say from now on.
    pub(super) fn json(package: &PackageFacts) -> Result<String, AgentError> {
        let PackageFacts { signers, system, .. } = package;
        Ok(serde_json::to_string(&Self {
            signers: signers.clone(),
            system: *system,
        })?)
    }

    /// The package with what could not be read filled in from the record.
    pub(super) fn fill(self, package: &PackageFacts) -> Cow<'_, PackageFacts> {
        if package.signers.is_some() && package.system.is_some() {
            return Cow::Borrowed(package);
        }
        let mut package = package.clone();
        package.signers = package.signers.or(self.signers);
        package.system = package.system.or(self.system);
        Cow::Owned(package)
    }

    /// An app of that name as far as the record knows it.
    pub(super) fn facts(self, name: &str) -> PackageFacts {
        PackageFacts {
            name: name.to_owned(),
            signers: self.signers,
            system: self.system,
            ..PackageFacts::default()
        }
    }
}
