//! The report for a terminal.

use super::report::{ChangeCount, Report};
use super::words;
use crate::messages::Messages;
use crate::output::{aligned, shown};

/// The report.
pub(super) fn render(report: &Report, messages: &Messages) -> String {
    let mut out = words::summary(report, messages);
    let mut section = |heading: &str, rows: Vec<Vec<String>>| {
        if rows.len() > 1 {
            out.push_str(&format!(
                "\n\n{}\n{}",
                messages.get(heading),
                aligned(&rows).trim_end()
            ));
        }
    };
    section("diff_by_change", changes(report, messages));
    section("diff_by_rule", rules(report, messages));
    section("diff_by_app", apps(report, messages));
    section("diff_most", most(report, messages));
    section("diff_samples", samples(report, messages));
    out.push_str("\n\n");
    out.push_str(&words::brake(report, messages));
    for note in words::notes(report, messages) {
        out.push('\n');
        out.push_str(&note);
    }
    out
}

fn headings(ids: &[&str], messages: &Messages) -> Vec<String> {
    ids.iter().map(|id| messages.get(id)).collect()
}

fn changes(report: &Report, messages: &Messages) -> Vec<Vec<String>> {
    let ids = ["column_change", "column_phones", "column_apps"];
    let mut rows = vec![headings(&ids, messages)];
    rows.extend(report.changes.iter().map(|ChangeCount { change, count }| {
        vec![
            messages.get(change.message()),
            count.phones.to_string(),
            count.packages.to_string(),
        ]
    }));
    rows
}

fn rules(report: &Report, messages: &Messages) -> Vec<Vec<String>> {
    let ids = [
        "column_rule",
        "column_change",
        "column_phones",
        "column_apps",
        "column_reason",
    ];
    let mut rows = vec![headings(&ids, messages)];
    for rule in &report.rules {
        for ChangeCount { change, count } in &rule.changes {
            rows.push(vec![
                words::decided(&rule.decided, messages),
                messages.get(change.message()),
                count.phones.to_string(),
                count.packages.to_string(),
                rule.decided.reason.clone().unwrap_or_default(),
            ]);
        }
    }
    rows
}

fn apps(report: &Report, messages: &Messages) -> Vec<Vec<String>> {
    let ids = ["column_package", "column_change", "column_phones", "column_rule"];
    let mut rows = vec![headings(&ids, messages)];
    rows.extend(report.apps.iter().map(|app| {
        vec![
            shown(&app.package),
            messages.get(app.change.message()),
            app.phones.to_string(),
            words::decided(&app.decided, messages),
        ]
    }));
    rows
}

fn most(report: &Report, messages: &Messages) -> Vec<Vec<String>> {
    let mut rows = vec![headings(&["column_phone", "column_apps"], messages)];
    let most = report.brake.most.iter();
    rows.extend(most.map(|phone| vec![shown(&phone.phone), phone.packages.to_string()]));
    rows
}

fn samples(report: &Report, messages: &Messages) -> Vec<Vec<String>> {
    let ids = [
        "column_change",
        "column_phone",
        "column_package",
        "column_before",
        "column_after",
    ];
    let mut rows = vec![headings(&ids, messages)];
    rows.extend(report.samples.iter().map(|sample| {
        vec![
            messages.get(sample.change.message()),
            shown(&sample.phone),
            shown(&sample.package),
            words::half(&sample.before, messages),
            words::half(&sample.after, messages),
        ]
    }));
    rows
}
