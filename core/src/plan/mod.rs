//! From what policy wants and what the phone is to what has to be done: desired − observed = steps.

pub mod device;
pub mod floor;

use serde::{Deserialize, Serialize};
use sluis_policy::policy::Remedy;

use crate::agent::message::Step;
use crate::policy::Verdict;
use crate::policy::facts::PackageFacts;

/// What a package should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Desired {
    /// In use, as far as Sluis is concerned.
    Free,
    /// Kept from use in this way.
    Kept(Remedy),
}

impl Hold {
    /// Whether Sluis keeps the package from use.
    pub fn keeps_from_use(self) -> bool {
        self.suspended || self.hidden
    }

    /// Whether Sluis did anything to it that is not undone.
    pub fn any(self) -> bool {
        self != Self::default()
    }

    /// With what the package shows. What policy wants and is so already would be Sluis's own doing in a moment; after the
    /// loss of the record, that it was done before makes no difference.
    pub fn claimed(self, package: &PackageFacts) -> Self {
        Self {
            suspended: self.suspended || package.suspended == Some(true),
            hidden: self.hidden || package.hidden == Some(true),
            ..self
        }
    }

    /// What is left of it, as far as the package shows: what somebody else undid is not ours to undo again.
    pub fn on(self, package: &PackageFacts) -> Self {
        // Whether a hidden app is suspended does not show everywhere.
        let shows = package.hidden == Some(false);
        Self {
            suspended: self.suspended && !(shows && package.suspended == Some(false)),
            hidden: self.hidden && package.hidden != Some(false),
            ..self
        }
    }
}

impl Desired {
    /// What a verdict asks for.
    pub fn of(verdict: Verdict) -> Self {
        verdict.remedy.map_or(Self::Free, Self::Kept)
    }
}

/// What Sluis itself did to a package and has not undone. Only that does it release.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Sluis suspended it.
    pub suspended: bool,
    /// Sluis hid it.
    pub hidden: bool,
    /// Sluis tried to uninstall it and it was still there.
    pub uninstall_failed: bool,
}

/// The steps that bring one package from what it is to what it should be, in the order to take them.
///
/// A package that has to go is suspended first, so that it is out of use at once whatever the uninstaller does. What
/// came with the phone cannot be uninstalled (an update of it can, which brings the factory version back), so it is
/// hidden; so is an app that the uninstaller did not get rid of.
pub fn steps(desired: Desired, package: &PackageFacts, hold: Hold) -> Vec<Step> {
    let name = || package.name.clone();
    // What cannot be read is as Sluis left it.
    let suspended = package.suspended.unwrap_or(hold.suspended);
    let hidden = package.hidden.unwrap_or(hold.hidden);
    let mut steps = Vec::new();
    match desired {
        Desired::Free => {
            if hold.hidden && hidden {
                steps.push(Step::Unhide { package: name() });
            }
            if hold.suspended && suspended {
                steps.push(Step::Unsuspend { package: name() });
            }
        }
        Desired::Kept(remedy) => {
            let removable = package.system != Some(true) && !hold.uninstall_failed;
            let hide = remedy == Remedy::Hide || remedy == Remedy::Remove && !removable;
            // A hidden app cannot be used either, and on most versions it cannot be suspended.
            let hides_at_once = hide && package.system == Some(true);
            if !(suspended || hidden || hides_at_once) {
                steps.push(Step::Suspend { package: name() });
            }
            if remedy == Remedy::Remove && removable {
                steps.push(Step::Uninstall { package: name() });
            } else if hide && !hidden {
                steps.push(Step::Hide { package: name() });
            } else if remedy == Remedy::Suspend && hold.hidden && hidden {
                // Policy became milder; the hide is ours to undo.
                steps.push(Step::Unhide { package: name() });
                if !suspended {
                    steps.push(Step::Suspend { package: name() });
                }
            }
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use Remedy::{Hide, Remove, Suspend};

    const UNTOUCHED: Hold = Hold {
        suspended: false,
        hidden: false,
        uninstall_failed: false,
    };

    fn app(system: bool, suspended: bool, hidden: bool) -> PackageFacts {
        let (system, suspended, hidden) = (Some(system), Some(suspended), Some(hidden));
        PackageFacts {
            name: "a.b".into(),
            system,
            suspended,
            hidden,
            ..PackageFacts::default()
        }
    }

    fn planned(desired: Desired, package: &PackageFacts, hold: Hold) -> String {
        let words = steps(desired, package, hold).into_iter().map(|step| match step {
            Step::Suspend { .. } => "suspend",
            Step::Unsuspend { .. } => "unsuspend",
            Step::Uninstall { .. } => "uninstall",
            Step::Hide { .. } => "hide",
            Step::Unhide { .. } => "unhide",
            Step::Restrict { .. } | Step::Unrestrict { .. } => "restriction",
            Step::UpdateAgent { .. } => "update of the agent",
        });
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn an_app_that_must_go_is_suspended_before_it_is_uninstalled() {
        assert_eq!(
            planned(Desired::Kept(Remove), &app(false, false, false), UNTOUCHED),
            "suspend uninstall"
        );
        assert_eq!(
            planned(Desired::Kept(Remove), &app(false, true, false), UNTOUCHED),
            "uninstall"
        );
    }

    #[test]
    fn what_cannot_be_uninstalled_is_hidden() {
        assert_eq!(
            planned(Desired::Kept(Remove), &app(true, false, false), UNTOUCHED),
            "hide"
        );
        let failed = Hold {
            suspended: true,
            uninstall_failed: true,
            ..UNTOUCHED
        };
        assert_eq!(
            planned(Desired::Kept(Remove), &app(false, true, false), failed),
            "hide"
        );
        assert_eq!(
            planned(Desired::Kept(Remove), &app(false, false, true), failed),
            ""
        );
    }

    #[test]
    fn an_app_of_unknown_origin_counts_as_installed_by_the_user() {
        let unknown = PackageFacts {
            system: None,
            ..app(false, false, false)
        };
        assert_eq!(
            planned(Desired::Kept(Remove), &unknown, UNTOUCHED),
            "suspend uninstall"
        );
    }

    #[test]
    fn what_is_as_it_should_be_is_left_alone() {
        assert_eq!(planned(Desired::Free, &app(false, false, false), UNTOUCHED), "");
        assert_eq!(
            planned(Desired::Kept(Hide), &app(false, true, true), UNTOUCHED),
            ""
        );
        assert_eq!(
            planned(Desired::Kept(Hide), &app(true, false, true), UNTOUCHED),
            ""
        );
        assert_eq!(
            planned(Desired::Kept(Suspend), &app(false, true, false), UNTOUCHED),
            ""
        );
    }

    #[test]
    fn only_what_sluis_did_does_sluis_undo() {
        assert_eq!(planned(Desired::Free, &app(false, true, true), UNTOUCHED), "");
        let ours = Hold {
            suspended: true,
            hidden: true,
            ..UNTOUCHED
        };
        assert_eq!(
            planned(Desired::Free, &app(false, true, true), ours),
            "unhide unsuspend"
        );
        assert_eq!(planned(Desired::Free, &app(false, false, false), ours), "");
    }

    #[test]
    fn a_milder_policy_makes_a_hidden_app_visible_but_not_usable() {
        let ours = Hold {
            hidden: true,
            ..UNTOUCHED
        };
        assert_eq!(
            planned(Desired::Kept(Suspend), &app(false, false, true), ours),
            "unhide suspend"
        );
        assert_eq!(
            planned(Desired::Kept(Suspend), &app(false, false, true), UNTOUCHED),
            "",
            "hidden by somebody else"
        );
    }
}
