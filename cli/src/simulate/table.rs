//! A simulation as a table for people.

use std::fmt::Display;

use sluis_core::policy::Device;
use sluis_policy::policy::{Effect, FORBIDDEN, Installs};
use sluis_policy::values::Host;

use super::Simulation;
use crate::messages::Messages;
use crate::output::{aligned, shown};
use crate::verdict::{Row, done, said};

/// The table, what it leaves out, and what the inventory did not say.
pub(super) fn render(simulation: &Simulation, all: bool, messages: &Messages) -> String {
    let listed = |row: &&Row| all || row.effect != Effect::Allow;
    let mut lines: Vec<[String; 6]> = Vec::new();
    let headings = [
        "column_package",
        "column_effect",
        "column_actions",
        "column_layer",
        "column_rule",
        "column_reason",
    ];
    lines.push(headings.map(|id| messages.get(id)));
    for row in simulation.verdicts.iter().filter(listed) {
        lines.push(cells(row, messages));
    }
    let mut out = if lines.len() > 1 {
        aligned(&lines) + "\n"
    } else {
        String::new()
    };
    let count = |effect: Effect| {
        simulation
            .verdicts
            .iter()
            .filter(|row| row.effect == effect)
            .count()
    };
    let counts = [Effect::Deny, Effect::Advise, Effect::Allow].map(count);
    out.push_str(&messages.with(
        "simulate_summary",
        &[&simulation.verdicts.len(), &counts[0], &counts[1], &counts[2]],
    ));
    let denied = |row: &Row| row.effect == Effect::Deny;
    let removes = |row: &Row| row.destroys_data;
    for (id, applies) in [
        ("simulate_removes", simulation.verdicts.iter().any(removes)),
        (
            "simulate_floor",
            simulation.roles_unknown && simulation.verdicts.iter().any(denied),
        ),
    ] {
        if applies {
            out.push('\n');
            out.push_str(&messages.get(id));
        }
    }
    if let Some(asked) = asked(&simulation.device) {
        out.push('\n');
        out.push_str(&messages.with("simulate_device", &[&asked]));
    }
    for braked in &simulation.braked {
        out.push('\n');
        let args: [&dyn Display; 3] = [&braked.layer, &braked.denied, &braked.max_changes];
        out.push_str(&messages.with("simulate_brake", &args));
    }
    for fact in ["system", "signers"] {
        let without = simulation
            .verdicts
            .iter()
            .filter(|row| row.unknown.contains(&fact))
            .count();
        if without > 0 {
            let id = if fact == "system" {
                "simulate_unknown_system"
            } else {
                "simulate_unknown_signers"
            };
            out.push('\n');
            out.push_str(&messages.with(id, &[&without]));
        }
    }
    if !simulation.unreadable.is_empty() {
        out.push('\n');
        out.push_str(&messages.with("simulate_unreadable", &[&simulation.unreadable_lines]));
        for line in &simulation.unreadable {
            out.push_str("\n  ");
            out.push_str(&shown(line));
        }
    }
    out.push_str(&by_name(simulation, messages));
    out
}

/// What is asked of the phone itself, in the words of policies; nothing if nothing is.
fn asked(device: &Device) -> Option<String> {
    let mut asked = Vec::new();
    let forbidden = FORBIDDEN
        .iter()
        .filter(|(_, forbidden)| device.forbidden.contains(forbidden));
    let forbidden: Vec<&str> = forbidden.map(|(word, _)| *word).collect();
    if !forbidden.is_empty() {
        asked.push(format!("forbid {}", forbidden.join(", ")));
    }
    if device.installs == Installs::Closed {
        asked.push("installs closed".to_owned());
    }
    if device.automatic_time {
        asked.push("automatic_time".to_owned());
    }
    if let Some(keyboards) = &device.keyboards {
        let names: Vec<&str> = keyboards.iter().map(String::as_str).collect();
        asked.push(format!("keyboards [{}]", names.join(", ")));
    }
    if !device.blocked_web.is_empty() {
        let hosts: Vec<&str> = device.blocked_web.iter().map(Host::as_str).collect();
        asked.push(format!("blocked_web {}", hosts.join(", ")));
    }
    (!asked.is_empty()).then(|| asked.join("; "))
}

/// The apps that are known by name only, and what those might get that are of concern.
fn by_name(simulation: &Simulation, messages: &Messages) -> String {
    let mut out = String::new();
    if simulation.by_name.is_empty() {
        return out;
    }
    out.push('\n');
    out.push_str(&messages.with("simulate_by_name", &[&simulation.by_name.len()]));
    for app in &simulation.by_name {
        for row in app.candidates.iter().filter(|row| row.effect != Effect::Allow) {
            let [package, effect, _, layer, rule, _] = cells(row, messages);
            out.push_str(&format!(
                "\n  {}: {package}: {effect} ({layer}, {rule})",
                shown(&app.name)
            ));
        }
    }
    out
}

fn cells(row: &Row, messages: &Messages) -> [String; 6] {
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    [
        shown(&row.package),
        said(row, messages),
        done(row, messages),
        or_dash(&row.layer),
        or_dash(&row.rule),
        row.reason.clone(),
    ]
}
