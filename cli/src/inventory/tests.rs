use proptest::prelude::*;

use super::*;

const SAMSUNG: &str = include_str!("../../../tests/inventories/samsung-s10e-android11.txt");
const FORMATS: [Format; 5] = [
    Format::PackageList,
    Format::Dumpsys,
    Format::AndroidQf,
    Format::Intune,
    Format::JsonLines,
];

fn read(bytes: &[u8], format: Option<Format>) -> Vec<Result<Device, UnreadableFile>> {
    let catalogue = Catalogue::default();
    let inventories = open(&[], format, &catalogue);
    let (name, bytes) = ("file".to_owned(), text::of(bytes));
    match inventories.phones(File { name, bytes }) {
        Ok(phones) => phones.map(|phone| phone.map(Phone::read)).collect(),
        Err(failed) => vec![Err(failed)],
    }
}

fn detected(text: &str) -> Result<Format, String> {
    format::detect(&mut text::of(text.as_bytes()))
}

#[test]
fn each_format_is_told_by_how_a_file_begins() {
    for (text, format) in [
        (SAMSUNG, Format::PackageList),
        ("\n\npackage:com.a versionCode:1\n", Format::PackageList),
        ("* daemon started\ncom.a\n", Format::PackageList),
        ("Database versions:\n  Internal:\n", Format::Dumpsys),
        ("Packages:\n  Package [com.a] (1):\n", Format::Dumpsys),
        ("  Package [com.a] (1):\n", Format::Dumpsys),
        ("== dumpstate\nDUMP OF SERVICE package:\n", Format::Dumpsys),
        (
            "[\n {\n  \"name\": \"com.a\",\n  \"files\": []",
            Format::AndroidQf,
        ),
        (
            "{\"format\": \"sluis.inventory/1\", \"packages\": []}",
            Format::JsonLines,
        ),
        ("ApplicationName,DeviceName\n", Format::Intune),
        ("\"App name\";\"App version\"\n", Format::Intune),
    ] {
        assert_eq!(detected(text), Ok(format), "{text}");
    }
}

#[test]
fn what_is_no_inventory_is_refused_with_what_would_be_one() {
    for text in [
        "",
        " \n",
        "<html><body>Log in</body></html>",
        "{\"a\": 1}",
        "[1, 2]",
        "hello world\n",
    ] {
        let error = detected(text).unwrap_err();
        assert!(
            error.contains("no package found") && error.contains("`dumpsys package`"),
            "{text}: {error}"
        );
    }
}

#[test]
fn an_inventory_of_each_format_changed_anywhere_never_panics_and_never_loses_a_line() {
    // Each line of this list is a package: whatever is done to one, the others are still there.
    let lines: Vec<&str> = SAMSUNG.lines().skip(2).take(50).collect();
    for (at, broken) in
        (0..lines.len()).flat_map(|at| ["", "\0", "package:", "package:\u{FFFD}"].map(|b| (at, b)))
    {
        let mut changed = lines.clone();
        changed[at] = broken;
        let devices = read(changed.join("\n").as_bytes(), None);
        let device = devices[0].as_ref().unwrap();
        let blank = usize::from(broken.is_empty());
        assert_eq!(
            device.packages.len() + device.unreadable.count() + blank,
            lines.len(),
            "{at}: {broken:?}"
        );
    }
}

proptest! {
    #[test]
    fn noise_is_read_in_every_format_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        for format in FORMATS.map(Some).into_iter().chain([None]) {
            for item in read(&bytes, format) {
                let told = match item {
                    Ok(device) => device.unreadable.first().iter().map(ToString::to_string).collect(),
                    Err(file) => vec![file.to_string()],
                };
                prop_assert!(told.iter().all(|line| !line.contains(char::is_control)), "{told:?}");
            }
        }
    }

    #[test]
    fn words_of_inventories_in_any_order_are_read_without_a_panic(
        words in proptest::collection::vec(proptest::sample::select(WORDS), 0..60),
    ) {
        for format in FORMATS {
            read(words.concat().as_bytes(), Some(format)).into_iter().for_each(drop);
        }
    }

    #[test]
    fn a_list_of_packages_keeps_every_line_as_a_package_or_a_complaint(
        lines in proptest::collection::vec("(package:)?[a-z.=0-9 :/-]{1,30}", 1..40),
    ) {
        let text = lines.join("\n");
        let packages: std::collections::HashSet<String> = match &read(text.as_bytes(), Some(Format::PackageList))[..] {
            [Ok(device)] => {
                let mut kept: std::collections::HashSet<String> = device.packages.iter().map(|p| p.name.clone()).collect();
                kept.extend(device.unreadable.first().iter().map(|line| lines[line.number - 1].clone()));
                kept
            }
            _ => return Ok(()),
        };
        for line in &lines {
            let told = packages.iter().any(|kept| line.contains(kept.as_str()));
            prop_assert!(told || line.trim().is_empty(), "{line:?} of {packages:?}");
        }
    }
}

const WORDS: &[&str] = &[
    "\n",
    "\n",
    "\n",
    " ",
    "    ",
    "  Package [",
    "com.a",
    "] (1):",
    "Packages:",
    "User 0: ",
    "installed=true",
    "=",
    "versionCode",
    "pkgFlags=[",
    "]",
    "[",
    "{",
    "}",
    "\"",
    "\"name\"",
    ":",
    ",",
    ";",
    "\"files\"",
    "package:",
    "uid:",
    "installer=",
    "ApplicationName",
    "DeviceId",
    "\r",
    "\u{FEFF}",
    "é",
    "4294967296",
    "appId=",
    "-1",
    "requested permissions:",
];
