//! The store's file: what it is made of, and what happens when it is not as it should be.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use sluis_core::store::{Store, StoreError};

fn schema(path: &Path) -> String {
    let connection = Connection::open(path).unwrap();
    let mut statement = connection
        .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
        .unwrap();
    let parts = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
    parts.map(|sql| sql.unwrap() + ";\n").collect()
}

fn in_folder<T>(test: impl FnOnce(&Path) -> T) -> T {
    let folder = tempfile::tempdir().unwrap();
    test(&folder.path().join("sluis.db"))
}

/// A released store is never changed but by a new migration: who edits an old one finds this test in the way. Run
/// with `SLUIS_BLESS=1` to take a new migration's schema over.
#[test]
fn the_schema_is_the_one_on_record() {
    in_folder(|path| {
        Store::open(path).unwrap();
        let record = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/store/schema.sql");
        if std::env::var_os("SLUIS_BLESS").is_some() {
            fs::write(&record, schema(path)).unwrap();
        }
        assert_eq!(schema(path), fs::read_to_string(record).unwrap());
    });
}

#[test]
fn a_store_that_was_just_made_is_whole_and_nothing_else_is_left_beside_it() {
    in_folder(|path| {
        Store::open(path).unwrap();
        let mut names: Vec<_> = fs::read_dir(path.parent().unwrap())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        assert_eq!(names, ["sluis.db", "sluis.db.copy-a"]);
        let connection = Connection::open(path).unwrap();
        let ask = |pragma| -> String {
            connection
                .pragma_query_value(None, pragma, |row| row.get(0))
                .unwrap()
        };
        assert_eq!(ask("integrity_check"), "ok");
        assert_eq!(ask("journal_mode"), "wal");
    });
}

/// SQLite would read such a log into the new store: both were written by the same program.
#[test]
fn the_log_of_a_store_that_somebody_removed_is_not_taken_for_the_new_ones() {
    in_folder(|path| {
        let log = path.with_file_name("sluis.db-wal");
        let mut store = Store::open(path).unwrap();
        store
            .transaction(|transaction| {
                let insert = "INSERT INTO feed (name, root_sha256) VALUES ('old', zeroblob(32))";
                Ok::<_, StoreError>(transaction.execute(insert, [])?)
            })
            .unwrap();
        let old = fs::read(&log).unwrap();
        assert!(!old.is_empty());
        drop(store);
        for suffix in ["", ".copy-a", ".copy-b"] {
            fs::remove_file(path.with_file_name(format!("sluis.db{suffix}"))).unwrap();
        }
        fs::write(&log, old).unwrap();
        Store::open(path).unwrap();
        let connection = Connection::open(path).unwrap();
        let feeds: i64 = connection
            .query_row("SELECT count(*) FROM feed", [], |row| row.get(0))
            .unwrap();
        assert_eq!(feeds, 0);
    });
}

/// What the first step of making one left behind must not keep a phone from its store for good.
#[test]
fn a_store_that_was_not_finished_is_made_again() {
    in_folder(|path| {
        fs::write(path.with_file_name("sluis.db.new"), "half of a sto").unwrap();
        fs::write(path, "").unwrap();
        assert!(Store::find(path).unwrap().is_none());
        Store::open(path).unwrap();
        assert!(Store::find(path).unwrap().is_some());
    });
}

#[test]
fn a_store_opens_again_as_it_was() {
    in_folder(|path| {
        Store::open(path).unwrap();
        let before = schema(path);
        Store::open(path).unwrap();
        assert_eq!(schema(path), before);
    });
}

#[test]
fn what_is_written_is_synced_references_hold_and_no_temporary_file_is_needed() {
    in_folder(|path| {
        let mut store = Store::open(path).unwrap();
        let (journal, synchronous, foreign_keys, temp_store) = store
            .transaction(|transaction| {
                let pragma = |name| transaction.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
                let journal: String =
                    transaction.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
                Ok::<_, StoreError>((
                    journal,
                    pragma("synchronous")?,
                    pragma("foreign_keys")?,
                    pragma("temp_store")?,
                ))
            })
            .unwrap();
        const FULL: i64 = 2;
        const MEMORY: i64 = 2;
        assert_eq!(
            (journal.as_str(), synchronous, foreign_keys, temp_store),
            ("wal", FULL, 1, MEMORY)
        );
    });
}

#[test]
fn a_transaction_that_fails_leaves_nothing_behind() {
    in_folder(|path| {
        let mut store = Store::open(path).unwrap();
        let insert = "INSERT INTO feed (name, root_sha256) VALUES ('national', zeroblob(32))";
        let failed: Result<(), StoreError> = store.transaction(|transaction| {
            transaction.execute(insert, [])?;
            transaction.execute(insert, [])?;
            Ok(())
        });
        assert!(failed.is_err());
        let count: i64 = store
            .transaction(|transaction| {
                let count = transaction.query_row("SELECT count(*) FROM feed", [], |row| row.get(0))?;
                Ok::<_, StoreError>(count)
            })
            .unwrap();
        assert_eq!(count, 0);
    });
}

#[test]
fn a_store_from_a_later_version_is_refused_and_left_alone() {
    in_folder(|path| {
        Store::open(path).unwrap();
        let connection = Connection::open(path).unwrap();
        connection.pragma_update(None, "user_version", 1_000).unwrap();
        drop(connection);
        let error = Store::open(path).unwrap_err();
        assert!(
            matches!(error, StoreError::FutureVersion { found: 1_000, .. }),
            "{error}"
        );
        assert!(error.to_string().contains("later version of Sluis"), "{error}");
        let connection = Connection::open(path).unwrap();
        let version: i64 = connection
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .unwrap();
        assert_eq!(version, 1_000);
    });
}

#[test]
fn a_file_that_is_no_store_is_refused_and_left_alone() {
    in_folder(|path| {
        let text = "This is a letter, and it is longer than a header of a database would be. ".repeat(20);
        fs::write(path, &text).unwrap();
        let error = Store::open(path).unwrap_err();
        assert!(matches!(error, StoreError::Corrupt(_)), "{error}");
        assert_eq!(fs::read_to_string(path).unwrap(), text);
    });
}

#[test]
fn a_damaged_page_is_an_error_and_no_empty_answer() {
    in_folder(|path| {
        Store::open(path).unwrap();
        let mut bytes = fs::read(path).unwrap();
        let half = bytes.len() / 2;
        bytes[100..half].fill(0xa5);
        fs::write(path, bytes).unwrap();
        let error = Store::open(path).unwrap_err();
        assert!(matches!(error, StoreError::Corrupt(_)), "{error}");
    });
}

#[test]
fn a_folder_that_is_not_there_is_named_as_what_it_is() {
    in_folder(|path| {
        let error = Store::open(&path.join("deeper")).unwrap_err();
        assert!(matches!(error, StoreError::CannotOpen(_)), "{error}");
    });
}
