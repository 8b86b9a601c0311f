//! What Sluis may do on a phone in each role that an app can have, and so what a phone would do.

use clap::ValueEnum;
use serde::Serialize;
use sluis_core::agent::message::Step;

/// The role of Sluis on a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// The phone is the organisation's, and Sluis manages all of it.
    DeviceOwner,
    /// Sluis manages the work profile.
    WorkProfile,
    /// Another management system has lent Sluis its powers over apps.
    Delegate,
    /// The phone is somebody's own.
    None,
}

/// What a phone does with an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    /// It stays visible and cannot be opened.
    Suspend,
    /// It disappears and keeps its data.
    Hide,
    /// It is uninstalled with its data.
    Uninstall,
    /// Somebody else hid it, or Sluis did before.
    Unhide,
    /// Sluis suspended it before.
    Unsuspend,
    /// Its user is asked to uninstall it.
    AskToUninstall,
    /// Its user is asked not to use it.
    Ask,
}

impl Role {
    /// What comes of the steps that a device owner would take.
    pub(crate) fn actions(self, steps: &[Step]) -> Vec<Action> {
        let mut actions: Vec<Action> = steps.iter().filter_map(|step| self.action(step)).collect();
        actions.dedup();
        actions
    }

    fn action(self, step: &Step) -> Option<Action> {
        Some(match (step, self) {
            (Step::Uninstall { .. }, Self::DeviceOwner) => Action::Uninstall,
            (Step::Uninstall { .. }, _) => Action::AskToUninstall,
            (Step::Suspend { .. } | Step::Hide { .. }, Self::None) => Action::Ask,
            (Step::Suspend { .. }, _) => Action::Suspend,
            (Step::Hide { .. }, _) => Action::Hide,
            (Step::Unhide { .. }, _) => Action::Unhide,
            (Step::Unsuspend { .. }, _) => Action::Unsuspend,
            _ => return None,
        })
    }
}

impl Action {
    /// The message that names it.
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::Suspend => "remedy_suspend",
            Self::Hide => "remedy_hide",
            Self::Uninstall => "simulate_uninstall",
            Self::Unhide => "simulate_unhide",
            Self::Unsuspend => "simulate_unsuspend",
            Self::AskToUninstall => "simulate_ask_to_uninstall",
            Self::Ask => "simulate_ask",
        }
    }
}
