//! A simulation as a table for people.

use std::fmt::Display;

use sluis_core::policy::Device;
use sluis_policy::policy::{Effect, FORBIDDEN, Installs, Remedy};
use sluis_policy::values::Host;

use super::{Row, Simulation};
use crate::messages::Messages;

/// The table, what it leaves out, and what the inventory did not say.
pub(super) fn render(simulation: &Simulation, all: bool, messages: &Messages) -> String {
    let shown = |row: &&Row| all || row.effect != Effect::Allow;
    let mut lines: Vec<[String; 5]> = Vec::new();
    let headings = [
        "column_package",
        "column_effect",
        "column_layer",
        "column_rule",
        "column_reason",
    ];
    lines.push(headings.map(|id| messages.get(id)));
    for row in simulation.verdicts.iter().filter(shown) {
        lines.push(cells(row, messages));
    }
    let mut out = if lines.len() > 1 {
        aligned(&lines)
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
    let removes = |row: &Row| row.remedy == Some(Remedy::Remove);
    for (id, applies) in [
        ("simulate_removes", simulation.verdicts.iter().any(removes)),
        ("simulate_floor", simulation.verdicts.iter().any(denied)),
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
            out.push_str(line);
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
            let [package, effect, layer, rule, _] = cells(row, messages);
            out.push_str(&format!(
                "\n  {}: {package}: {effect} ({layer}, {rule})",
                app.name
            ));
        }
    }
    out
}

/// What is said, what is done now, and when more is done.
fn verdict(row: &Row, messages: &Messages) -> String {
    let effect = match row.effect {
        Effect::Deny => "effect_deny",
        Effect::Advise => "effect_advise",
        Effect::Allow => "effect_allow",
    };
    let mut parts = vec![messages.get(effect)];
    parts.extend(row.remedy.map(|remedy| messages.get(remedy_id(remedy))));
    parts.extend(
        row.deadline
            .as_ref()
            .map(|deadline| messages.with("simulate_deadline", &[deadline])),
    );
    parts.join(", ")
}

fn cells(row: &Row, messages: &Messages) -> [String; 5] {
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    [
        row.package.clone(),
        verdict(row, messages),
        or_dash(&row.layer),
        or_dash(&row.rule),
        row.reason.clone(),
    ]
}

fn remedy_id(remedy: Remedy) -> &'static str {
    match remedy {
        Remedy::Suspend => "remedy_suspend",
        Remedy::Hide => "remedy_hide",
        Remedy::Remove => "remedy_remove",
    }
}

/// Columns as wide as their widest cell; the last one runs free.
fn aligned(lines: &[[String; 5]]) -> String {
    let mut widths = [0; 5];
    for line in lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut out = String::new();
    for line in lines {
        let (last, cells) = line
            .split_last()
            .map_or(("", &[][..]), |(last, cells)| (last.as_str(), cells));
        for (width, cell) in widths.iter().zip(cells) {
            out.push_str(&format!("{cell:width$}  "));
        }
        out.push_str(last);
        out.push('\n');
    }
    out.push('\n');
    out
}
