//! A chart of bars, as SVG within a page. Its numbers stand beside the bars, so that it can be read without colours.

use super::html::Page;

/// One bar.
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) value: u64,
}

/// In units of the picture.
const ROW: u64 = 30;
const LABELS: u64 = 250;
const LONGEST: u64 = 380;
const WIDTH: u64 = LABELS + LONGEST + 110;

/// Draws bars one below the other, the longest as long as there is room.
pub(super) fn draw(page: &mut Page, title: &str, bars: &[Bar]) {
    let most = bars.iter().map(|bar| bar.value).max().unwrap_or(0).max(1);
    let height = ROW * bars.len() as u64;
    page.raw("<svg role=\"img\" viewBox=\"0 0 ")
        .number(WIDTH)
        .raw(" ")
        .number(height);
    page.raw("\">\n<title>").text(title).raw("</title>\n<desc>");
    for bar in bars {
        page.text(&bar.label).raw(": ").number(bar.value).raw(". ");
    }
    page.raw("</desc>\n");
    for (place, bar) in (0..).zip(bars) {
        let top = ROW * place;
        // A bar that stands for something is seen.
        let length = (u128::from(LONGEST) * u128::from(bar.value)).div_ceil(u128::from(most));
        let length = u64::try_from(length).unwrap_or(LONGEST);
        let at = |page: &mut Page, tag: &'static str, x: u64| {
            page.raw(tag).raw(" x=\"").number(x);
            page.raw("\" y=\"").number(top + 20).raw("\"");
        };
        at(page, "<text class=\"label\"", LABELS - 10);
        page.raw(">").text(&bar.label).raw("</text>");
        page.raw("<rect x=\"")
            .number(LABELS)
            .raw("\" y=\"")
            .number(top + 5);
        page.raw("\" width=\"").number(length).raw("\" height=\"20\"/>");
        at(page, "<text", LABELS + length + 8);
        page.raw(">").number(bar.value).raw("</text>\n");
    }
    page.raw("</svg>\n");
}
