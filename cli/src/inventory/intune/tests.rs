use super::super::text;
use super::*;

/// As the API writes report `AppInvRawData`, two phones and a laptop.
const RAW: &str = "\
ApplicationKey,ApplicationName,ApplicationPublisher,ApplicationShortVersion,ApplicationVersion,DeviceId,DeviceName,OSDescription,OSVersion,Platform,UserId,EmailAddress,UserName
4f5c,TikTok,TikTok Pte. Ltd.,,34.1.2,d1,\"Pixel, of Jan\",,14,AndroidWorkProfile,u1,jan@example.nl,Jan
4f5d,\"Notes, quick\",,,1.0,d1,\"Pixel, of Jan\",,14,AndroidWorkProfile,u1,jan@example.nl,Jan
4f5c,tiktok,TikTok Pte. Ltd.,,34.1.3,d2,Galaxy,,15,AndroidFullyManagedDedicated,u2,an@example.nl,An
4f5e,TikTok,TikTok Pte. Ltd.,,1.0,d3,Laptop,,11,Windows,u3,bo@example.nl,Bo
";

fn catalogue() -> Catalogue {
    let text = r#"{"format":"sluis.catalogue/1","vendors":[{"id":"bytedance","name":"ByteDance",
        "control_assessment":"clear","packages":[{"source":"s","confidence":"c",
        "apps":{"com.zhiliaoapp.musically":"TikTok","com.ss.android.ugc.trill":"TikTok"}}]}]}"#;
    Catalogue::parse("catalogue", text.as_bytes()).unwrap()
}

fn devices(bytes: &[u8]) -> Vec<Result<Device, UnreadableFile>> {
    let text = text::decoded(text::of(bytes)).unwrap();
    super::read("export.csv".into(), text, &catalogue()).collect()
}

fn clean(text: &str) -> Vec<Device> {
    let devices: Vec<Device> = devices(text.as_bytes()).into_iter().map(Result::unwrap).collect();
    assert!(
        devices.iter().all(|device| device.unreadable.count() == 0),
        "{devices:?}"
    );
    devices
}

fn apps(device: &Device) -> Vec<(&str, Option<&str>, usize)> {
    let app = |app: &'_ NamedApp| app.candidates.len();
    device
        .by_name
        .iter()
        .map(|a| (a.name.as_str(), a.version.as_deref(), app(a)))
        .collect()
}

#[test]
fn each_phone_has_the_apps_that_are_named_and_none_is_certain() {
    let devices = clean(RAW);
    let names: Vec<&str> = devices.iter().map(|device| device.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "export.csv, Pixel, of Jan",
            "export.csv, Galaxy",
            "export.csv, Laptop"
        ]
    );
    assert_eq!(
        apps(&devices[0]),
        [("TikTok", Some("34.1.2"), 2), ("Notes, quick", Some("1.0"), 0)]
    );
    assert_eq!(apps(&devices[1]), [("tiktok", Some("34.1.3"), 2)]);
    assert_eq!(apps(&devices[2]), [], "what runs on other systems is not ours");
    assert!(devices.iter().all(|device| device.packages.is_empty()));
}

#[test]
fn spreadsheets_and_the_portal_write_it_in_other_ways() {
    let expected: Vec<_> = clean(RAW)
        .iter()
        .map(|device| format!("{:?}", apps(device)))
        .collect();
    let semicolons = RAW
        .replace("\"Notes, quick\"", "Notes| quick")
        .replace("\"Pixel, of Jan\"", "Pixel")
        .replace(',', ";")
        .replace('|', ",");
    let portal = RAW
        .replace("ApplicationName", "Application name")
        .replace("ApplicationVersion", "\"Application Version\"");
    let utf16 = |text: &str| -> Vec<u8> {
        let units = "\u{FEFF}"
            .encode_utf16()
            .chain(text.encode_utf16())
            .collect::<Vec<_>>();
        units.into_iter().flat_map(u16::to_le_bytes).collect()
    };
    for bytes in [
        semicolons.clone().into_bytes(),
        semicolons.replace(';', "\t").into_bytes(),
        portal.into_bytes(),
        RAW.replace('\n', "\r\n").into_bytes(),
        format!("\u{FEFF}{RAW}").into_bytes(),
        utf16(RAW),
        utf16(&semicolons.replace(';', "\t")),
    ] {
        let read: Vec<_> = devices(&bytes)
            .into_iter()
            .map(|device| format!("{:?}", apps(&device.unwrap())))
            .collect();
        assert_eq!(read, expected, "{}", String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn an_export_of_the_whole_organisation_has_no_phones_and_is_read_as_one() {
    let devices =
        clean("ApplicationKey,ApplicationName,DeviceCount,Platform\n4f5c,TikTok,2,AndroidWorkProfile\n");
    assert_eq!(devices.len(), 1);
    assert_eq!(
        (devices[0].name.as_str(), apps(&devices[0])),
        ("export.csv", vec![("TikTok", None, 2)])
    );
}

#[test]
fn rows_that_cannot_be_read_are_told_with_their_lines() {
    let text = "ApplicationName,DeviceId,Platform\nTikTok,d1,Android\nTikTok,d1\n,d1,Android\nTikTok,d2,Android\nA,d1,Android\n";
    let devices = devices(text.as_bytes());
    let told: Vec<String> = devices
        .iter()
        .flat_map(|device| device.as_ref().unwrap().unreadable.first())
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        told,
        [
            "line 3: 2 fields where the header has 3: `TikTok,d1`",
            "line 4: no name of an app: `,d1,Android`",
            "line 6: the rows of this phone do not stand together; sort the export by device: `A,d1,Android`",
        ]
    );
}

#[test]
fn a_file_without_the_column_is_refused() {
    assert!(
        devices(b"a,b\n1,2\n")[0]
            .as_ref()
            .unwrap_err()
            .problem
            .contains("no column `ApplicationName`")
    );
    assert!(!is_header("package:com.a") && !is_header("name,version") && is_header(RAW));
}
