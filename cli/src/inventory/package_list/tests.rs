use super::super::text;
use super::*;

const SAMSUNG: &[u8] = include_bytes!("../../../../tests/inventories/samsung-s10e-android11.txt");
const VIVO_SYSTEM: &[u8] = include_bytes!("../../../../tests/inventories/vivo-china-rom-system.txt");
const VIVO_USER: &[u8] = include_bytes!("../../../../tests/inventories/vivo-china-rom-user.txt");

fn read(bytes: &[u8]) -> Result<Device, UnreadableFile> {
    super::read("list.txt".into(), text::decoded(text::of(bytes)).unwrap())
}

fn names(list: &Device) -> Vec<&str> {
    list.packages.iter().map(|p| p.name.as_str()).collect()
}

fn clean(text: &str) -> Device {
    let list = read(text.as_bytes()).unwrap();
    assert_eq!(list.unreadable.first(), [], "{text}");
    list
}

#[test]
fn the_inventories_of_real_phones_are_read_whole() {
    for (bytes, count) in [(SAMSUNG, 429), (VIVO_SYSTEM, 374), (VIVO_USER, 29)] {
        let list = read(bytes).unwrap();
        assert_eq!((list.packages.len(), list.unreadable.count()), (count, 0));
        let unknown = |p: &PackageFacts| *p == named(&p.name);
        assert!(
            list.packages.iter().all(unknown),
            "a list of names says nothing but names"
        );
    }
}

#[test]
fn what_each_flag_of_pm_list_packages_adds_is_taken() {
    let list = clean(
        "package:com.a\n\
         package:/data/app/~~Zk1==/com.b-Q==/base.apk=com.b\n\
         package:/system/priv-app/C/C.apk=com.c uid:1000\n\
         package:com.d  installer=com.android.vending\n\
         package:com.e  installer=null\n\
         package:com.f versionCode:4294967296 uid:10123,1010123\n\
         package:/product/app/G.apk=com.g versionCode:7 stopped=true  installer=com.h uid:10001 # remark\n",
    );
    let facts = |name: &str| list.packages.iter().find(|p| p.name == name).unwrap().clone();
    assert_eq!(facts("com.a"), named("com.a"));
    assert_eq!(
        facts("com.b"),
        named("com.b"),
        "a path under /data says nothing of the system flag"
    );
    assert_eq!(
        (facts("com.c").system, facts("com.c").uid),
        (Some(true), Some(1000))
    );
    assert_eq!(facts("com.d").installer.as_deref(), Some("com.android.vending"));
    assert_eq!(facts("com.e").installer, None);
    assert_eq!(
        (facts("com.f").version_code, facts("com.f").uid),
        (Some(1 << 32), Some(10123))
    );
    let g = facts("com.g");
    assert_eq!(
        (g.system, g.version_code, g.uid),
        (Some(true), Some(7), Some(10001))
    );
    assert_eq!(g.installer.as_deref(), Some("com.h"));
}

#[test]
fn notes_with_users_remarks_and_fences_are_read_and_prose_is_reported() {
    let list = read(
        "# pm list packages -s | wc -l\n\
         374\n\
         ```\n\
         pm list packages -s | sort | cut -d':' -f2\n\
         ```\n\
         Packages that support manual uninstallation but are restricted via ADB.  \n\
         # com.vivo.email # 电子邮件；可手动删除\n\
         ```\n\
         # --user 0 android # Android 系统\n\
         --user 0 android.ext.services # Android Services Library；x\n\
         com.vivo.email # 电子邮件；可手动删除\n\
         com.vivo.gallery\n\
         ```\n"
            .as_bytes(),
    )
    .unwrap();
    assert_eq!(
        names(&list),
        [
            "com.vivo.email",
            "android",
            "android.ext.services",
            "com.vivo.gallery"
        ]
    );
    let numbers: Vec<usize> = list.unreadable.first().iter().map(|line| line.number).collect();
    assert_eq!(numbers, [2, 4, 6]);
}

#[test]
fn the_ways_in_which_editors_and_shells_save_text_do_not_matter() {
    let plain = "package:com.a  \r\n\r\npackage:com.b\t\r\n# a comment\r\npackage:com.c";
    let utf16 = |to: fn(u16) -> [u8; 2]| -> Vec<u8> {
        "\u{FEFF}"
            .encode_utf16()
            .chain(plain.encode_utf16())
            .flat_map(to)
            .collect()
    };
    for bytes in [
        plain.as_bytes().to_vec(),
        format!("\u{FEFF}{plain}").into_bytes(),
        utf16(u16::to_le_bytes),
        utf16(u16::to_be_bytes),
    ] {
        let list = read(&bytes).unwrap();
        assert_eq!(names(&list), ["com.a", "com.b", "com.c"]);
        assert_eq!(list.unreadable.first(), []);
    }
}

#[test]
fn a_package_named_twice_is_one_package_with_what_both_lines_say() {
    let list = clean("package:com.a uid:1\npackage:com.b\npackage:com.a versionCode:2\n");
    assert_eq!(names(&list), ["com.a", "com.b"]);
    assert_eq!(
        (list.packages[0].uid, list.packages[0].version_code),
        (Some(1), Some(2))
    );
}

#[test]
fn lines_that_contradict_each_other_are_reported() {
    let list = read(b"package:com.a uid:1\npackage:com.a uid:2\n").unwrap();
    assert_eq!(list.packages[0].uid, Some(1));
    assert_eq!(
        list.unreadable.first()[0].to_string(),
        "line 2: contradicts what an earlier line says of this package: `package:com.a uid:2`"
    );
}

#[test]
fn a_package_with_a_field_that_cannot_be_read_is_kept_and_reported() {
    let list = read(b"package:com.a uid:many versionCode:-1 installer=9 colour:red\n").unwrap();
    assert_eq!(list.packages, [named("com.a")]);
    let problems: Vec<&str> = list
        .unreadable
        .first()
        .iter()
        .map(|line| line.problem.as_str())
        .collect();
    assert_eq!(
        problems,
        [
            "`uid:many` is no uid",
            "`versionCode:-1` is no version code",
            "`installer=9` is no installer",
            "`colour:red` is no field that is known"
        ]
    );
}

#[test]
fn lines_that_are_no_packages_are_counted_with_their_numbers() {
    let list = read(b"* daemon started successfully\npackage:com.a\npackage:\npackage:9.x\nword\n\xFF\xFE\n")
        .unwrap();
    assert_eq!(names(&list), ["com.a"]);
    let lines: Vec<String> = list.unreadable.first().iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "line 1: neither a package nor a comment: `* daemon started successfully`",
            "line 3: no package name after `package:`: `package:`",
            "line 4: no package name after `package:`: `package:9.x`",
            "line 5: neither a package nor a comment: `word`",
            "line 6: not text: `\u{FFFD}\u{FFFD}`",
        ]
    );
}

#[test]
fn an_input_without_packages_is_unusable() {
    assert!(read(b"").is_err());
    assert!(read(b"\xEF\xBB\xBF\r\n# nothing here\n").is_err());
    let error = read(b"<html>captive portal</html>").unwrap_err();
    assert_eq!(
        error.to_string(),
        "list.txt: no package found; expected the output of `pm list packages` (1 unreadable, first line 1: neither a package \
         nor a comment: `<html>captive portal</html>`)"
    );
}

#[test]
fn a_binary_file_or_an_endless_line_is_refused_in_few_words() {
    let mut noise = Vec::new();
    let mut state = 1_u32;
    for _ in 0..100_000 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        noise.push((state >> 24) as u8);
    }
    for bytes in [
        noise,
        vec![b'a'; 10 << 20],
        b"package:".iter().copied().chain(vec![b'x'; 10 << 20]).collect(),
    ] {
        let error = read(&bytes).unwrap_err();
        assert!(error.to_string().chars().count() < 400);
        assert!(!error.to_string().contains(char::is_control));
    }
}
