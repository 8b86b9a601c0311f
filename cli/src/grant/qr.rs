//! `sluis grant qr`: a grant as a QR code, on the terminal or as a picture.

use std::io::{self, IsTerminal};
use std::path::PathBuf;

use clap::Args;
use qrcodegen::{QrCode, QrCodeEcc};
use sluis_core::grant::link;

use super::document;
use crate::failure::Failure;
use crate::feed;
use crate::output;

pub(super) const HELP: &str = "\
Examples:
  sluis grant qr grant.json
  sluis grant qr grant.json --png grant.png
  sluis grant qr grant.json --link

The phone's camera app reads the code and opens it with Sluis, where the phone's maker lets it. A grant is of use to the \
phone that it names only; show it to nobody else all the same, since it says what that phone is for.

Exit codes: 0 shown, 1 nobody has signed it, 2 a file can't be used.";

/// The light margin that the standard asks for, in modules.
const MARGIN: i32 = 4;
/// How a picture of this kind begins.
const PNG: &[u8] = b"\x89PNG\r\n";
/// The side of a module in a picture, in pixels.
const SCALE: i32 = 8;

#[derive(Debug, Args)]
pub(super) struct Qr {
    /// The grant: a file, a link, or `-` for standard input.
    #[arg(value_name = "GRANT")]
    grant: String,
    /// Write a picture to this file, instead of showing the code.
    #[arg(long, value_name = "FILE", conflicts_with = "link")]
    png: Option<PathBuf>,
    /// Print the link that the code holds, instead of the code.
    #[arg(long)]
    link: bool,
    /// For a terminal with dark letters on a light ground, where colours are off.
    #[arg(long)]
    light: bool,
}

pub(super) fn run(arguments: &Qr) -> Result<(), Failure> {
    let signed = document::read(&arguments.grant)?;
    if signed.signatures.is_empty() {
        return Err(Failure::findings(
            "nobody has signed this grant: no phone would take it",
        ));
    }
    let link = link(&document::bytes(&signed)?);
    if arguments.link {
        return output::print(&link);
    }
    let code = QrCode::encode_text(&link, QrCodeEcc::Low)
        .map_err(|_| Failure::unusable("the grant is too long for a QR code"))?;
    match &arguments.png {
        Some(path) => feed::replace(path, &png(&code)?, "picture", |old| old.starts_with(PNG)),
        None => {
            let coloured = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
            output::print(&text(&code, coloured, arguments.light))
        }
    }
}

/// Two modules to a character, one above the other.
fn text(code: &QrCode, coloured: bool, light_ground: bool) -> String {
    // The letters' colour is that of light modules, unless the ground is light already.
    let lit = |x, y| code.get_module(x, y) == (light_ground && !coloured);
    let (begin, end) = if coloured {
        ("\x1b[97;40m", "\x1b[0m")
    } else {
        ("", "")
    };
    let mut lines = Vec::new();
    for y in (-MARGIN..code.size() + MARGIN).step_by(2) {
        let characters = (-MARGIN..code.size() + MARGIN).map(|x| match (lit(x, y), lit(x, y + 1)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        });
        lines.push(format!("{begin}{}{end}", characters.collect::<String>()));
    }
    lines.join("\n")
}

/// A picture in black and white, one bit a pixel.
fn png(code: &QrCode) -> Result<Vec<u8>, Failure> {
    let cannot =
        |error: png::EncodingError| Failure::unusable(format!("the picture cannot be made: {error}"));
    let side = (code.size() + 2 * MARGIN) * SCALE;
    let mut rows = Vec::new();
    for y in 0..side {
        let light = |x: i32| !code.get_module(x.div_euclid(SCALE) - MARGIN, y.div_euclid(SCALE) - MARGIN);
        let byte = |first: i32| (0..8).fold(0_u8, |bits, bit| bits << 1 | u8::from(light(first + bit)));
        rows.extend((0..side).step_by(8).map(byte));
    }
    let mut bytes = Vec::new();
    let side = u32::try_from(side).unwrap_or_default();
    let mut encoder = png::Encoder::new(&mut bytes, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header().map_err(cannot)?;
    writer.write_image_data(&rows).map_err(cannot)?;
    writer.finish().map_err(cannot)?;
    Ok(bytes)
}
