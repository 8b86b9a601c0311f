//! Draws measured points as lines. The picture brings its own background, and follows the reader's light or dark.

use std::fmt::Write as _;

/// One picture beside the others. Across goes by powers of ten, upward is nanoseconds a package, from nothing on.
pub(crate) struct Panel {
    pub(crate) title: &'static str,
    /// What goes across.
    pub(crate) x: &'static str,
    pub(crate) series: Vec<Series>,
}

/// Points that belong together.
pub(crate) struct Series {
    name: &'static str,
    points: Vec<(f64, f64)>,
}

impl Series {
    pub(crate) fn new(name: &'static str, points: Vec<(f64, f64)>) -> Self {
        Self { name, points }
    }
}

const STYLE: &str = "\
.back{fill:#ffffff;stroke:#d0d7de}text{fill:#1f2328;font:13px system-ui,sans-serif}.title{font-weight:600}\
.small{fill:#59636e;font-size:12px}.grid{stroke:#d0d7de}.s0{stroke:#0969da;fill:#0969da}.s1{stroke:#bc4c00;fill:#bc4c00}\
path.line{fill:none;stroke-width:2}text.s0,text.s1{stroke:none}\
@media (prefers-color-scheme:dark){.back{fill:#0d1117;stroke:#3d444d}text{fill:#f0f6fc}.small{fill:#9198a1}\
.grid{stroke:#3d444d}.s0{stroke:#4493f8;fill:#4493f8}.s1{stroke:#f0883e;fill:#f0883e}}";

/// Of a panel, and of the part of it in which lines are drawn.
const WIDTH: f64 = 400.0;
const HEIGHT: f64 = 320.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = 380.0;
const TOP: f64 = 64.0;
const BOTTOM: f64 = 262.0;

/// The picture as SVG, its panels side by side.
pub(crate) fn draw(panels: &[Panel]) -> String {
    let width = WIDTH * panels.len() as f64;
    let highest = panels
        .iter()
        .flat_map(|panel| &panel.series)
        .flat_map(|series| &series.points)
        .fold(0.0_f64, |highest, (_, y)| highest.max(*y));
    let step = step(highest);
    let top = (highest / step).ceil() * step;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {HEIGHT}\" role=\"img\">\n\
         <title>Nanoseconds that Sluis takes for a package</title>\n<style>{STYLE}</style>\n\
         <rect class=\"back\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"8\"/>\n",
        width - 1.0,
        HEIGHT - 1.0
    );
    for (i, panel) in panels.iter().enumerate() {
        let _ = writeln!(svg, "<g transform=\"translate({} 0)\">", i as f64 * WIDTH);
        axes(&mut svg, panel, top, step);
        lines(&mut svg, panel, top);
        svg.push_str("</g>\n");
    }
    svg.push_str("</svg>\n");
    svg
}

/// Between the lines of the grid: of 1, 2 and 5 and their tens, the one that gives at most six.
fn step(highest: f64) -> f64 {
    let candidates = (0..6).flat_map(|tens| [1.0, 2.0, 5.0].map(|digit| digit * 10_f64.powi(tens)));
    candidates
        .into_iter()
        .find(|step| highest / step <= 6.0)
        .unwrap_or(highest)
}

fn axes(svg: &mut String, panel: &Panel, top: f64, step: f64) {
    let _ = writeln!(
        svg,
        "<text class=\"title\" x=\"16\" y=\"26\">{}</text>",
        panel.title
    );
    let mut value = 0.0;
    while value <= top {
        let y = up(value, top);
        let _ = writeln!(
            svg,
            "<path class=\"grid\" d=\"M{LEFT} {y:.1}H{RIGHT}\"/>\
             <text class=\"small\" x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{value}</text>",
            LEFT - 8.0,
            y + 4.0
        );
        value += step;
    }
    for (x, _) in panel.series.first().map_or(&[][..], |series| &series.points) {
        let _ = writeln!(
            svg,
            "<text class=\"small\" x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            across(*x, panel),
            BOTTOM + 20.0,
            with_commas(*x)
        );
    }
    let _ = writeln!(
        svg,
        "<text class=\"small\" x=\"{RIGHT}\" y=\"{}\" text-anchor=\"end\">{}</text>\
         <text class=\"small\" x=\"16\" y=\"{}\">ns a package</text>",
        BOTTOM + 42.0,
        panel.x,
        TOP - 18.0
    );
}

fn lines(svg: &mut String, panel: &Panel, top: f64) {
    for (number, series) in panel.series.iter().enumerate() {
        let places: Vec<(f64, f64)> = series
            .points
            .iter()
            .map(|(x, y)| (across(*x, panel), up(*y, top)))
            .collect();
        let path: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
        let _ = writeln!(svg, "<path class=\"line s{number}\" d=\"M{}\"/>", path.join("L"));
        for (x, y) in &places {
            // Not told apart by their colour alone.
            let _ = match number {
                0 => writeln!(
                    svg,
                    "<circle class=\"s{number}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"/>"
                ),
                _ => writeln!(
                    svg,
                    "<rect class=\"s{number}\" x=\"{:.1}\" y=\"{:.1}\" width=\"7\" height=\"7\"/>",
                    x - 3.5,
                    y - 3.5
                ),
            };
        }
        if panel.series.len() > 1 {
            let mark = if number == 0 { "●" } else { "■" };
            let _ = writeln!(
                svg,
                "<text class=\"s{number}\" x=\"{}\" y=\"{}\">{mark} {}</text>",
                LEFT + 12.0,
                TOP + 16.0 + 20.0 * number as f64,
                series.name
            );
        }
    }
}

fn across(x: f64, panel: &Panel) -> f64 {
    let all = panel.series.iter().flat_map(|series| &series.points);
    let (least, most) = all.fold((f64::MAX, f64::MIN), |(least, most), (x, _)| {
        (least.min(*x), most.max(*x))
    });
    let share = (x / least).ln() / (most / least).ln();
    LEFT + 24.0 + share * (RIGHT - LEFT - 48.0)
}

fn up(y: f64, top: f64) -> f64 {
    BOTTOM - y / top * (BOTTOM - TOP)
}

fn with_commas(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
