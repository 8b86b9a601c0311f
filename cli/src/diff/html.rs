//! The report as one page that needs nothing else: no script, no picture or font from elsewhere.
//!
//! What policies and inventories say is hostile until it is escaped: every text goes through [`Page::text`].

use std::fmt::Write;

use super::chart::{self, Bar};
use super::report::{ChangeCount, Report};
use super::words;
use crate::messages::Messages;
use crate::output::shown;

/// Forbids everything but the style that stands in the page, should an escape be forgotten.
const NOTHING_ELSE: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// What made the page.
const GENERATOR: &str = "<meta name=\"generator\" content=\"sluis diff\">";

const BEGINNING: &str = "<!DOCTYPE html>\n<html lang=\"";

const STYLE: &str = include_str!("page.css");

/// Whether a file is such a page, so that a newer one may take its place.
pub(super) fn is_one(page: &[u8]) -> bool {
    page.starts_with(BEGINNING.as_bytes()) && memchr::memmem::find(page, GENERATOR.as_bytes()).is_some()
}

/// The page.
pub(super) fn render(report: &Report, messages: &Messages) -> String {
    let mut page = Page(String::new());
    let title = messages.get("diff_title");
    page.raw(BEGINNING).text(messages.tag());
    page.raw(
        "\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"",
    )
    .text(NOTHING_ELSE);
    page.raw("\">\n")
        .raw(GENERATOR)
        .raw("\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>")
        .text(&title);
    page.raw("</title>\n<style>\n")
        .raw(STYLE)
        .raw("</style>\n</head>\n<body>\n<main>\n");
    page.element("h1", &title);
    page.element("p", &messages.with("diff_judged_at", &[&report.at]));
    page.raw("<p class=\"summary\">")
        .text(&words::summary(report, messages))
        .raw("</p>\n");
    let brake = if report.brake.phones > 0 {
        "warning"
    } else {
        "fine"
    };
    page.raw("<p class=\"").raw(brake).raw("\">");
    page.text(&words::brake(report, messages)).raw("</p>\n");
    let notes = words::notes(report, messages);
    if !notes.is_empty() {
        page.raw("<ul>\n");
        notes.iter().for_each(|note| page.element("li", note));
        page.raw("</ul>\n");
    }
    charts(&mut page, report, messages);
    tables(&mut page, report, messages);
    page.raw("</main>\n</body>\n</html>\n");
    page.0
}

fn charts(page: &mut Page, report: &Report, messages: &Messages) {
    if report.is_empty() {
        return;
    }
    let bar = |ChangeCount { change, count }: &ChangeCount| Bar {
        label: messages.get(change.message()),
        value: count.phones,
    };
    let changes: Vec<Bar> = report.changes.iter().map(bar).collect();
    let phones = report.newly_denied.iter().map(|bar| Bar {
        label: words::span(bar.from, bar.to),
        value: bar.phones,
    });
    for (heading, bars) in [
        ("diff_chart_changes", changes),
        ("diff_chart_phones", phones.collect()),
    ] {
        let heading = messages.get(heading);
        page.element("h2", &heading);
        chart::draw(page, &heading, &bars);
    }
}

fn tables(page: &mut Page, report: &Report, messages: &Messages) {
    let counted = |ChangeCount { change, count }: &ChangeCount| {
        [
            messages.get(change.message()),
            count.phones.to_string(),
            count.packages.to_string(),
        ]
    };
    let rules = report.rules.iter().flat_map(|rule| {
        rule.changes.iter().map(move |change| {
            let [what, phones, apps] = counted(change);
            let reason = rule.decided.reason.clone().unwrap_or_default();
            vec![
                words::decided(&rule.decided, messages),
                what,
                phones,
                apps,
                reason,
            ]
        })
    });
    let apps = report.apps.iter().map(|app| {
        vec![
            shown(&app.package),
            messages.get(app.change.message()),
            app.phones.to_string(),
            words::decided(&app.decided, messages),
        ]
    });
    let most = report
        .brake
        .most
        .iter()
        .map(|phone| vec![shown(&phone.phone), phone.packages.to_string()]);
    let samples = report.samples.iter().map(|sample| {
        vec![
            messages.get(sample.change.message()),
            shown(&sample.phone),
            shown(&sample.package),
            words::half(&sample.before, messages),
            words::half(&sample.after, messages),
        ]
    });
    page.table(
        messages,
        "diff_by_rule",
        &[
            "column_rule",
            "column_change",
            "column_phones",
            "column_apps",
            "column_reason",
        ],
        rules,
    );
    page.table(
        messages,
        "diff_by_app",
        &["column_package", "column_change", "column_phones", "column_rule"],
        apps,
    );
    page.table(messages, "diff_most", &["column_phone", "column_apps"], most);
    page.table(
        messages,
        "diff_samples",
        &[
            "column_change",
            "column_phone",
            "column_package",
            "column_before",
            "column_after",
        ],
        samples,
    );
}

/// A page in the making.
pub(super) struct Page(String);

impl Page {
    /// Markup of ours.
    pub(super) fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Words of anybody, between tags or in an attribute.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                other => self.0.push(other),
            }
        }
        self
    }

    /// A number.
    pub(super) fn number(&mut self, number: u64) -> &mut Self {
        // Writing to a String cannot fail.
        let _ = write!(self.0, "{number}");
        self
    }

    fn element(&mut self, name: &'static str, text: &str) {
        self.raw("<").raw(name).raw(">").text(text);
        self.raw("</").raw(name).raw(">\n");
    }

    /// A heading and a table; nothing where there are no rows. Columns of numbers only are set to the right.
    fn table(
        &mut self,
        messages: &Messages,
        heading: &str,
        columns: &[&str],
        rows: impl Iterator<Item = Vec<String>>,
    ) {
        let mut rows = rows.peekable();
        if rows.peek().is_none() {
            return;
        }
        self.element("h2", &messages.get(heading));
        self.raw("<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"")
            .text(&messages.get(heading));
        self.raw("\">\n<table>\n<thead><tr>");
        for column in columns {
            self.raw("<th scope=\"col\">")
                .text(&messages.get(column))
                .raw("</th>");
        }
        self.raw("</tr></thead>\n<tbody>\n");
        for row in rows {
            self.raw("<tr>");
            for cell in row {
                let number = !cell.is_empty() && cell.bytes().all(|b| b.is_ascii_digit());
                self.raw(if number { "<td class=\"number\">" } else { "<td>" });
                self.text(&cell).raw("</td>");
            }
            self.raw("</tr>\n");
        }
        self.raw("</tbody>\n</table>\n</div>\n");
    }
}
