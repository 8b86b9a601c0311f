use std::io::Read;

use flate2::read::GzDecoder;

use super::super::text;
use super::*;

/// A whole dump of a real box: Rockchip, Android 7.1.2.
const TV_BOX: &[u8] = include_bytes!("../../../../tests/inventories/dumpsys-package-tvbox-android7.txt.gz");

/// As Android 14 prints a phone with a work profile: an app that both have, one that only the profile has, one that was
/// uninstalled for both, and an updated system app with its factory version.
const WORK_PROFILE: &str = "\
Activity Resolver Table:
  Full MIME Types:
      text/plain:
        6bcdc8a com.both/.Main
Packages:
  Package [com.both] (1e0e763):
    appId=10076
    pkg=Package{5a36244 com.both}
    codePath=/data/app/~~H-4fKmtR1gLG8IXeIY7WSg==/com.both-yZOLSlAHADAyHKQiDyceWw==
    versionCode=26 minSdk=24 targetSdk=31
    versionName=3.5-beta01
    flags=[ HAS_CODE ALLOW_CLEAR_USER_DATA ALLOW_BACKUP ]
    privateFlags=[ PRIVATE_FLAG_ALLOW_NATIVE_HEAP_POINTER_TAGGING ]
    queriesIntents=[Intent { act=android.intent.action.SEND dat=content://*/... }]
    installerPackageName=com.android.vending
    installerPackageUid=1110028
    initiatingPackageName=org.fdroid.fdroid
    originatingPackageName=null
    signatures=PackageSignatures{319bf2d version:3, signatures:[936027fe], past signatures:[]}
    pkgFlags=[ HAS_CODE ALLOW_CLEAR_USER_DATA ALLOW_BACKUP ]
    requested permissions:
      android.permission.INTERNET
      android.permission.POST_NOTIFICATIONS: restricted=true
    install permissions:
      android.permission.INTERNET: granted=true
    User 0: ceDataInode=1 installed=true hidden=true suspended=false distractionFlags=0 stopped=false enabled=0 instant=false
      installReason=4
      runtime permissions:
        android.permission.CAMERA: granted=false
    User 10: ceDataInode=1 installed=true hidden=false suspended=true distractionFlags=0 stopped=false enabled=3 instant=false
      installReason=4
  Package [com.work] (cd4df60):
    appId=10217
    versionCode=1 minSdk=33 targetSdk=34
    installerPackageName=com.android.vending
    initiatingPackageName=null
    pkgFlags=[ HAS_CODE ]
    User 0: installed=false hidden=false suspended=false enabled=0
    User 10: installed=true hidden=false suspended=false enabled=1
  Package [com.gone] (cd4df61):
    appId=10218
    pkgFlags=[ HAS_CODE ]
    User 0: installed=false hidden=false suspended=false enabled=0
    User 10: installed=false hidden=false suspended=false enabled=0
  Package [com.android.vending] (70a7174):
    userId=10202 gids=[3003]
    versionCode=84000000 minSdk=21 targetSdk=34
    pkgFlags=[ SYSTEM HAS_CODE PERSISTENT UPDATED_SYSTEM_APP ]
    User 0: installed=true hidden=false suspended=false enabled=2
    User 10: installed=true hidden=false suspended=false enabled=0

Hidden system packages:
  Package [com.android.vending] (70a7175):
    userId=10202
    versionCode=82242510 minSdk=21 targetSdk=29
    pkgFlags=[ SYSTEM HAS_CODE ]
    User 0: installed=true hidden=false suspended=false enabled=0

Shared users:
  SharedUser [android.uid.system] (aaa):
    appId=1000
  Package [com.not.one] (aaa):
    User 0: installed=true hidden=false suspended=false enabled=0
";

fn devices(bytes: &[u8]) -> Result<Vec<Device>, UnreadableFile> {
    super::read("dump.txt".into(), text::of(bytes)).collect()
}

fn names(device: &Device) -> Vec<&str> {
    device
        .packages
        .iter()
        .map(|package| package.name.as_str())
        .collect()
}

fn facts<'d>(device: &'d Device, name: &str) -> &'d PackageFacts {
    device
        .packages
        .iter()
        .find(|package| package.name == name)
        .unwrap()
}

#[test]
fn a_whole_dump_of_a_real_box_is_read_without_a_complaint() {
    let mut text = Vec::new();
    GzDecoder::new(TV_BOX).read_to_end(&mut text).unwrap();
    let devices = devices(&text).unwrap();
    let [device] = &devices[..] else {
        panic!("{devices:?}")
    };
    assert_eq!((device.packages.len(), device.unreadable.count()), (84, 0));
    let count = |has: fn(&PackageFacts) -> bool| device.packages.iter().filter(|p| has(p)).count();
    assert_eq!(count(|p| p.system == Some(true)), 76);
    assert_eq!(count(|p| p.permissions.is_some()), 0, "this one leaves them out");
    assert_eq!(count(|p| p.version_code.is_some() && p.uid.is_some()), 84);
    assert_eq!(
        count(|p| p.signers.is_some()),
        0,
        "a hash of 32 bits is no certificate"
    );
    let ssh = facts(device, "berserker.android.apps.sshdroid");
    assert_eq!(
        ssh.installer.as_deref(),
        Some("com.google.android.packageinstaller")
    );
    assert_eq!(
        (ssh.system, ssh.version_code, ssh.uid),
        (Some(false), Some(44), Some(10_056))
    );
    assert_eq!(facts(device, "com.android.tv.settings").uid, Some(1000));
    assert_eq!(facts(device, "com.example.changeled").persistent, Some(true));
}

#[test]
fn each_user_has_the_packages_that_are_installed_for_it_with_its_own_state() {
    let devices = devices(WORK_PROFILE.as_bytes()).unwrap();
    let [phone, profile] = &devices[..] else {
        panic!("{devices:?}")
    };
    assert_eq!(
        (phone.name.as_str(), profile.name.as_str()),
        ("dump.txt", "dump.txt, user 10")
    );
    assert_eq!(names(phone), ["com.both", "com.android.vending"]);
    assert_eq!(names(profile), ["com.both", "com.work", "com.android.vending"]);
    let state = |facts: &PackageFacts| (facts.hidden, facts.suspended, facts.enabled, facts.uid);
    let [yes, no] = [Some(true), Some(false)];
    assert_eq!(state(facts(phone, "com.both")), (yes, no, None, Some(10_076)));
    assert_eq!(state(facts(profile, "com.both")), (no, yes, no, Some(1_010_076)));
    assert_eq!(state(facts(profile, "com.work")), (no, no, yes, Some(1_010_217)));
    assert_eq!(facts(phone, "com.android.vending").enabled, no);
    assert_eq!((phone.unreadable.count(), profile.unreadable.count()), (0, 0));
}

#[test]
fn who_initiated_an_install_counts_and_not_who_claims_it() {
    let devices = devices(WORK_PROFILE.as_bytes()).unwrap();
    let both = facts(&devices[0], "com.both");
    assert_eq!(both.installer.as_deref(), Some("org.fdroid.fdroid"));
    assert_eq!(facts(&devices[1], "com.work").installer, None);
}

#[test]
fn permissions_that_are_asked_for_are_taken_and_granted_ones_not_mistaken_for_them() {
    let devices = devices(WORK_PROFILE.as_bytes()).unwrap();
    let asked = facts(&devices[0], "com.both").permissions.as_deref().unwrap();
    assert_eq!(
        asked,
        [
            "android.permission.INTERNET",
            "android.permission.POST_NOTIFICATIONS"
        ]
    );
    let store = facts(&devices[0], "com.android.vending");
    assert_eq!(
        store.permissions, None,
        "a dump that names none may have left them out"
    );
}

#[test]
fn the_factory_version_of_an_updated_app_is_not_what_runs() {
    let devices = devices(WORK_PROFILE.as_bytes()).unwrap();
    let store = facts(&devices[0], "com.android.vending");
    assert_eq!(store.version_code, Some(84_000_000));
    assert_eq!(
        (store.system, store.updated_system, store.persistent),
        (Some(true), Some(true), Some(true))
    );
}

#[test]
fn a_dump_cut_off_anywhere_keeps_what_was_read_and_says_so() {
    let packages = WORK_PROFILE.find("Packages:\n").unwrap() + "Packages:\n".len();
    let first = WORK_PROFILE.find("    appId=10076").unwrap();
    for end in first..WORK_PROFILE.find("Hidden system").unwrap() {
        let read = devices(&WORK_PROFILE.as_bytes()[..end]);
        let shown = WORK_PROFILE.get(packages..end).unwrap();
        let titles = shown.matches("):\n").count();
        match read {
            Ok(devices) => {
                let known: HashSet<&str> = devices.iter().flat_map(names).collect();
                let unreadable: usize = devices.iter().map(|device| device.unreadable.count()).sum();
                // Installed for none of the users that are told; whatever else has a title is a package or a complaint.
                let entries = shown.split("  Package [").skip(1);
                let gone = entries
                    .filter(|entry| entry.contains("installed=false") && !entry.contains("installed=true"))
                    .count();
                assert!(
                    known.len() + unreadable + gone >= titles,
                    "cut at {end}: {known:?}"
                );
            }
            Err(error) => assert!(titles == 0, "cut at {end}: {error}"),
        }
    }
}

#[test]
fn what_cannot_be_read_is_told_with_its_line_and_the_package_kept() {
    let dump = "Packages:\n  Package [com.a] (1):\n    versionCode=x minSdk=1\n    pkgFlags=SYSTEM\n    \
                installerPackageName=9\n    User 0: installed=perhaps hidden=false\n    User zero: installed=true\n  \
                Package [9] (2):\n    User 0: installed=true\n  Package [com.b] (3):\n    User 0: installed=true \
                hidden=maybe\n  Package [com.a] (1):\n";
    let devices = devices(dump.as_bytes()).unwrap();
    assert_eq!(names(&devices[0]), ["com.a", "com.b"]);
    let told: Vec<(usize, &str)> = devices[0]
        .unreadable
        .first()
        .iter()
        .map(|line| (line.number, line.problem.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (3, "a number that cannot be read"),
            (4, "flags that are not within brackets"),
            (5, "an installer that is no package"),
            (6, "`installed=perhaps` is neither true nor false"),
            (7, "a number that cannot be read"),
            (2, "the dump ends before it says for whom this is installed"),
            (8, "no package name"),
            (11, "`hidden=maybe` is neither true nor false"),
            (10, "the dump ends before it says for whom this is installed"),
            (12, "a package that stands here twice"),
        ]
    );
}

#[test]
fn a_dump_without_packages_is_refused() {
    for dump in [
        "",
        "Permission Denial: can't dump\n",
        "Activity Resolver Table:\n",
        "Packages:\n",
    ] {
        assert!(devices(dump.as_bytes()).is_err(), "{dump}");
    }
}
