//! The sentences that text and page have in common.

use super::report::{Decided, Half, Report};
use crate::messages::Messages;
use crate::output::shown;

/// What comes first: how much changes.
pub(super) fn summary(report: &Report, messages: &Messages) -> String {
    let (phones, apps) = (
        messages.with("diff_count_phones", &[&report.phones]),
        messages.with("diff_count_apps", &[&report.packages]),
    );
    match report.is_empty() {
        true => messages.with("diff_nothing", &[&phones, &apps]),
        false => messages.with(
            "diff_summary",
            &[&report.changed_phones, &phones, &report.changed_packages, &apps],
        ),
    }
}

/// Whether phones would go on obeying the policies before.
pub(super) fn brake(report: &Report, messages: &Messages) -> String {
    let brake = &report.brake;
    match (brake.phones, brake.max_changes) {
        (_, None) => messages.get("diff_not_braked"),
        (0, Some(most)) => messages.with("diff_brake_none", &[&most]),
        (phones, Some(most)) => {
            let apps = messages.with("diff_count_apps", &[&most]);
            messages.with("diff_brake", &[&phones, &apps])
        }
    }
}

/// What else is to be known, that costs data or makes the counts less certain.
pub(super) fn notes(report: &Report, messages: &Messages) -> Vec<String> {
    let mut notes = Vec::new();
    let mut note = |applies: bool, sentence: &dyn Fn() -> String| {
        if applies {
            notes.push(sentence());
        }
    };
    let removals = &report.removals;
    note(removals.packages > 0, &|| {
        messages.with("diff_removals", &[&removals.packages, &removals.phones])
    });
    let protected = &report.protected;
    note(protected.packages > 0, &|| {
        messages.with("diff_protected", &[&protected.packages, &protected.phones])
    });
    let unreadable = (report.unreadable_lines, report.unreadable_files);
    note(unreadable != (0, 0), &|| {
        let lines = messages.with("diff_count_lines", &[&unreadable.0]);
        let files = messages.with("diff_count_files", &[&unreadable.1]);
        messages.with("diff_unreadable", &[&lines, &files])
    });
    note(report.by_name > 0, &|| {
        messages.with("diff_by_name", &[&report.by_name])
    });
    note(report.rollout, &|| messages.get("diff_rollout"));
    note(report.apps_left_out > 0, &|| {
        messages.with("diff_apps_left_out", &[&report.apps_left_out])
    });
    note(!report.is_empty(), &|| messages.get("diff_first"));
    notes
}

/// A layer and its rule, or that nothing approves.
pub(super) fn decided(decided: &Decided, messages: &Messages) -> String {
    let Some(layer) = &decided.layer else {
        return messages.get("reason_open_stance");
    };
    match &decided.rule {
        _ if decided.not_approved => messages.with("diff_not_approved", &[layer]),
        Some(rule) if decided.exempted => messages.with("diff_exempted", &[&format!("{layer}/{rule}")]),
        Some(rule) => format!("{layer}/{rule}"),
        None => layer.clone(),
    }
}

/// What is said on one side.
pub(super) fn half(half: &Half, messages: &Messages) -> String {
    let mut parts = vec![messages.get(messages.effect(half.effect))];
    parts.extend(half.remedy.map(|remedy| messages.get(messages.remedy(remedy))));
    parts.extend(
        half.deadline
            .as_ref()
            .map(|deadline| messages.with("simulate_deadline", &[deadline])),
    );
    shown(&format!(
        "{} ({})",
        parts.join(", "),
        decided(&half.decided, messages)
    ))
}

/// How many newly denied apps a bar stands for.
pub(super) fn span(from: u64, to: Option<u64>) -> String {
    match to {
        Some(to) if to == from => from.to_string(),
        Some(to) => format!("{from}–{to}"),
        None => format!("{from}+"),
    }
}
