//! The safety floor: what no policy can touch, because a phone without it is no phone any more.
//!
//! Each clause is one row of [`CLAUSES`]. It goes by who holds a role on this phone now, not by "signed with the
//! platform key": makers sign their bloat with it too. The few names below stand in where a role cannot be asked for.

use crate::policy::facts::{PackageFacts, Roles};

/// One clause of the floor.
#[derive(Debug, Clone, Copy)]
pub struct Clause {
    /// Its name in messages and in the log.
    pub id: &'static str,
    /// What it protects.
    protects: Protects,
}

#[derive(Debug, Clone, Copy)]
enum Protects {
    /// These packages, on every phone.
    Names(&'static [&'static str]),
    /// Whoever holds one of these roles.
    Holders(&'static [&'static str]),
    /// The holder of `role`, or while nobody holds it any of `candidates`, unless one of the candidates remains that policy
    /// leaves alone.
    Last {
        role: &'static str,
        candidates: &'static str,
    },
    /// What a package is by itself.
    Nature(fn(&PackageFacts) -> bool),
}

/// The first application's user id; below it are the system's own (`android.os.Process.FIRST_APPLICATION_UID`).
const FIRST_APPLICATION_UID: u32 = 10_000;
/// User ids repeat in every user of the phone (`android.os.UserHandle.PER_USER_RANGE`).
const PER_USER_RANGE: u32 = 100_000;

/// Every clause, in the order in which they are reported.
pub const CLAUSES: &[Clause] = &[
    Clause {
        id: "agent",
        protects: Protects::Names(&["nl.sluis.agent"]),
    },
    Clause {
        id: "play",
        protects: Protects::Names(&[
            "com.google.android.gms",
            "com.google.android.gsf",
            "com.android.vending",
        ]),
    },
    Clause {
        id: "apex",
        protects: Protects::Nature(|p| p.apex == Some(true)),
    },
    Clause {
        id: "persistent",
        protects: Protects::Nature(|p| p.persistent == Some(true)),
    },
    Clause {
        id: "system_uid",
        protects: Protects::Nature(|p| {
            p.uid
                .is_some_and(|uid| uid % PER_USER_RANGE < FIRST_APPLICATION_UID)
        }),
    },
    Clause {
        id: "emergency",
        protects: Protects::Holders(&["emergency"]),
    },
    Clause {
        id: "dialer",
        protects: Protects::Holders(&["dialer"]),
    },
    Clause {
        id: "telephony",
        protects: Protects::Holders(&["telephony"]),
    },
    Clause {
        id: "sms",
        protects: Protects::Holders(&["sms"]),
    },
    Clause {
        id: "esim",
        protects: Protects::Holders(&["esim"]),
    },
    Clause {
        id: "cell_broadcast",
        protects: Protects::Holders(&["cell_broadcast"]),
    },
    Clause {
        id: "last_launcher",
        protects: Protects::Last {
            role: "home",
            candidates: "home_candidates",
        },
    },
    Clause {
        id: "last_keyboard",
        protects: Protects::Last {
            role: "keyboard",
            candidates: "keyboard_candidates",
        },
    },
    Clause {
        id: "accessibility",
        protects: Protects::Holders(&["accessibility"]),
    },
    Clause {
        id: "vpn",
        protects: Protects::Holders(&["vpn"]),
    },
    Clause {
        id: "device_admin",
        protects: Protects::Holders(&["device_admin"]),
    },
    Clause {
        id: "webview",
        protects: Protects::Holders(&["webview"]),
    },
    Clause {
        id: "permission_controller",
        protects: Protects::Holders(&["permission_controller"]),
    },
    Clause {
        id: "package_installer",
        protects: Protects::Holders(&["package_installer"]),
    },
    Clause {
        id: "settings",
        protects: Protects::Holders(&["settings"]),
    },
];

/// The floor of one phone at one moment.
pub struct Floor<'a, F> {
    roles: &'a Roles,
    /// Whether policy would keep that package from use.
    denied: F,
}

impl<'a, F: Fn(&str) -> bool> Floor<'a, F> {
    /// The floor of a phone where `roles` are held so and policy would deny the packages for which `denied` holds.
    pub fn new(roles: &'a Roles, denied: F) -> Self {
        Self { roles, denied }
    }

    /// The first clause that protects this package.
    pub fn clause(&self, package: &PackageFacts) -> Option<&'static Clause> {
        CLAUSES.iter().find(|clause| self.protects(clause, package))
    }

    /// Whether this clause protects the package.
    pub fn protects(&self, clause: &Clause, package: &PackageFacts) -> bool {
        match clause.protects {
            Protects::Names(names) => names.contains(&package.name.as_str()),
            Protects::Holders(roles) => roles
                .iter()
                .any(|role| self.holders(role).contains(&package.name)),
            Protects::Last { role, candidates } => {
                let stays = |name: &String| *name != package.name && !(self.denied)(name);
                let candidates = self.holders(candidates);
                // Where nobody was chosen, or it cannot be told who, any of them may be the one.
                let holders = match self.holders(role) {
                    [] => candidates,
                    holders => holders,
                };
                holders.contains(&package.name) && !candidates.iter().any(stays)
            }
            Protects::Nature(is) => is(package),
        }
    }

    fn holders(&self, role: &str) -> &[String] {
        self.roles.get(role).map(Vec::as_slice).unwrap_or_default()
    }
}
