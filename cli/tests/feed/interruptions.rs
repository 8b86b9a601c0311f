//! Killed in the middle, run twice, two at once, files lost: each says what to do, and loses nothing.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use sluis_core::feed::{Outcome, TrustedState};

use crate::desk::{DAY_0, DAY_1, Desk, PUBLISH, Phone, policy, update};

#[test]
fn a_feed_whose_timestamp_was_lost_does_not_begin_anew() {
    let desk = Desk::new();
    desk.init();
    desk.publish(DAY_0);
    for broken in [None, Some("not a timestamp")] {
        match broken {
            None => fs::remove_file(desk.path("feed/timestamp.json")).unwrap(),
            Some(text) => desk.write("feed/timestamp.json", text),
        }
        let before = desk.files("feed");
        let (code, said) = desk.refused(PUBLISH);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("timestamp.json"), "{said}");
        assert_eq!(desk.files("feed"), before);
    }
}

#[test]
fn of_two_publications_at_once_one_is_refused_and_nothing_has_to_be_cleared_away() {
    let desk = Desk::new();
    desk.init();
    let before = desk.files("feed");
    let lock = fs::File::create(desk.path("feed.staged/lock")).unwrap();
    lock.lock().unwrap();
    for line in [
        PUBLISH,
        "feed refresh feed --keys keys",
        "feed add feed policy.json",
    ] {
        let (code, said) = desk.refused(line);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("lock") && said.contains("try again"), "{said}");
        assert_eq!(desk.files("feed"), before);
    }
    // The system lets go of it when its holder ends, and the file may stay. Here the holder is this process, which other
    // tests fork at any moment: until such a child has begun its own program it holds the file, too. So dropping ours
    // would not be enough.
    lock.unlock().unwrap();
    desk.publish(DAY_0);
    desk.publish(DAY_1);
}

#[test]
fn a_publication_that_was_cut_short_is_finished_by_whoever_comes_next() {
    for next in [
        "refresh feed --keys keys",
        "add feed policy.json",
        "publish feed --keys keys",
    ] {
        let desk = Desk::new();
        desk.init();
        desk.publish(DAY_0);
        let mut phone = Phone::following(&desk);
        assert_eq!(phone.refresh(DAY_0), Outcome::Updated);
        desk.write("policy.json", &policy("second"));
        // The snapshot cannot be written: what comes before it is, and what comes after is not.
        fs::create_dir_all(desk.path("feed/2.snapshot.json/in the way")).unwrap();
        let (code, said) = desk.refused(&format!("{PUBLISH} --now {DAY_1}"));
        assert_eq!(code, Some(2), "{said}");
        assert!(desk.path("feed/2.targets.json").exists());
        assert_eq!(
            phone.refresh(DAY_1),
            Outcome::Unchanged,
            "readers see the version before"
        );
        fs::remove_dir_all(desk.path("feed/2.snapshot.json")).unwrap();
        let (code, said) = desk.refused(&format!("feed status feed --now {DAY_1}"));
        assert_eq!(code, Some(1));
        assert!(said.contains("cut short"), "{said}");
        desk.run(&format!("feed {next} --now {DAY_1}"));
        assert_eq!(phone.refresh(DAY_1), Outcome::Updated);
    }
}

#[test]
fn whenever_a_publication_is_killed_readers_see_a_whole_feed_and_the_next_one_succeeds() {
    let desk = Desk::new();
    desk.init();
    desk.publish(DAY_0);
    let mut phone = Phone::following(&desk);
    phone.refresh(DAY_0);
    for round in 0..40u64 {
        desk.write("policy.json", &policy(&format!("rule-{round}")));
        let line = format!("{PUBLISH} --now {DAY_0}");
        let mut publisher = desk.command(&line.split(' ').collect::<Vec<_>>());
        let mut publisher = publisher
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_micros(round * 1_000));
        // It may have ended by itself.
        let _ = publisher.kill();
        publisher.wait().unwrap();
        assert!(!matches!(phone.refresh(DAY_0), Outcome::Failed(_)));
        assert!(!matches!(desk.new_phone(DAY_0), Outcome::Failed(_)));
    }
    desk.write("feed/targets/left-behind.json.unfinished", "half a fi");
    desk.run(&format!("{PUBLISH} --now {DAY_1}"));
    assert!(!matches!(phone.refresh(DAY_1), Outcome::Failed(_)));
    for (path, _) in desk.files("feed").into_iter().chain(desk.files("feed.staged")) {
        assert_eq!(path.extension().unwrap(), "json", "{}", path.display());
    }
}

#[test]
fn a_file_that_was_lost_or_damaged_is_named_with_the_remedy() {
    let desk = Desk::new();
    desk.init();
    desk.publish(DAY_0);
    let published = desk.files("feed");
    let find = |end: &str| {
        published
            .iter()
            .find(|(path, _)| path.to_string_lossy().ends_with(end))
            .unwrap()
    };
    for (end, remedy) in [
        ("1.targets.json", "put it back from a copy"),
        ("1.snapshot.json", "put it back from a copy"),
        (".catalogue.json", "add it again"),
    ] {
        let (path, bytes) = find(end);
        for damage in [None, Some(&bytes[..bytes.len() / 2])] {
            match damage {
                None => fs::remove_file(path).unwrap(),
                Some(half) => fs::write(path, half).unwrap(),
            }
            let before = desk.files("feed");
            let (code, said) = desk.refused(&format!("{PUBLISH} --now {DAY_1}"));
            assert_eq!(code, Some(2), "{said}");
            assert!(said.contains(end), "{said}");
            assert!(damage.is_some() || said.contains(remedy), "{said}");
            assert_eq!(desk.files("feed"), before);
        }
        fs::write(path, bytes).unwrap();
    }
    desk.run(&format!("{PUBLISH} --now {DAY_1}"));
}

#[test]
fn publications_at_the_same_time_never_share_a_version() {
    let desk = Desk::new();
    desk.init();
    let publish = || {
        desk.sluis(&PUBLISH.split(' ').collect::<Vec<_>>())
            .status
            .success()
    };
    let published = std::thread::scope(|scope| {
        let publishers: Vec<_> = (0..4).map(|_| scope.spawn(publish)).collect();
        let done = publishers.into_iter().map(|publisher| publisher.join().unwrap());
        done.filter(|done| *done).count()
    });
    let versions = desk.files("feed").into_iter();
    let versions = versions.filter(|(path, _)| path.to_string_lossy().ends_with(".targets.json"));
    assert_eq!(versions.count(), published);
}

#[test]
fn a_reader_between_any_two_writes_sees_the_feed_before_or_after() {
    let desk = Desk::new();
    let feed = desk.init();
    desk.publish(DAY_0);
    let before = desk.files("feed");
    desk.write("policy.json", &policy("second"));
    desk.publish(DAY_1);
    // Of all files, only the timestamp was there before and is another now; without it, the rest is not even looked at.
    for (path, bytes) in &before {
        let changed = fs::read(path).unwrap() != *bytes;
        assert_eq!(changed, path.ends_with("timestamp.json"), "{}", path.display());
    }
    let timestamp = desk.path("feed/timestamp.json");
    let (_, old) = before.iter().find(|(path, _)| *path == timestamp).unwrap();
    fs::write(&timestamp, old).unwrap();
    let (outcome, _) = update(&feed, &desk.path("feed"), TrustedState::default(), DAY_1);
    assert_eq!(outcome, Outcome::Updated);
    assert!(
        desk.files("feed")
            .iter()
            .all(|(path, _)| path.extension().is_some_and(|e| e == "json"))
    );
}
