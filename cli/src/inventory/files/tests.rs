use std::io::{Cursor, Read, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

fn archive(files: &[(&str, Vec<u8>)], method: zip::CompressionMethod) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let options = SimpleFileOptions::default().compression_method(method);
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn folder(files: &[(&str, Vec<u8>)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

/// Each file's name below the folder, and its text or what is wrong with it.
fn read(folder: &TempDir, path: &str) -> Vec<(String, Result<String, String>)> {
    let root = format!("{}/", folder.path().display());
    let mut files = Files::new(&[folder.path().join(path)]);
    let mut read = Vec::new();
    while let Some(file) = files.next() {
        let below = |name: String| name.replace(&root, "");
        read.push(match file {
            Ok(mut file) => {
                let mut text = String::new();
                let all = file.bytes.read_to_string(&mut text);
                (below(file.name), all.map(|_| text).map_err(|e| e.to_string()))
            }
            Err(UnreadableFile { file, problem }) => (below(file), Err(problem)),
        });
    }
    read
}

fn texts(read: &[(String, Result<String, String>)]) -> Vec<(&str, &str)> {
    read.iter()
        .map(|(name, text)| (name.as_str(), text.as_ref().unwrap().as_str()))
        .collect()
}

#[test]
fn a_file_reads_the_same_however_it_is_compressed() {
    let plain = "package:com.a\n".repeat(20_000).into_bytes();
    let twice = |compress: fn(&[u8]) -> Vec<u8>| {
        let (first, second) = plain.split_at(plain.len() / 2);
        [compress(first), compress(second)].concat()
    };
    let entry = |method| archive(&[("in/phone.txt", plain.clone())], method);
    let folder = folder(&[
        ("plain", plain.clone()),
        ("gzip", gzip(&plain)),
        ("gzip-of-two-parts", twice(gzip)),
        ("zstd", zstd(&plain)),
        ("zstd-of-two-frames", twice(zstd)),
        ("zip", entry(zip::CompressionMethod::Deflated)),
        ("zip-stored", entry(zip::CompressionMethod::Stored)),
        (
            "zip-of-gzip",
            archive(&[("phone.txt.gz", gzip(&plain))], zip::CompressionMethod::Stored),
        ),
    ]);
    for file in fs::read_dir(folder.path()).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let read = read(&folder, &name);
        assert_eq!(read.len(), 1, "{name}");
        assert!(read[0].1.as_ref().unwrap().as_bytes() == plain, "{name}");
    }
}

#[test]
fn folders_and_archives_are_gone_through_in_the_order_of_their_names() {
    let zip = archive(
        &[("z", b"3".to_vec()), ("a/y", b"2".to_vec())],
        zip::CompressionMethod::Deflated,
    );
    let folder = folder(&[
        ("b/2.zip", zip),
        ("b/1", b"1".to_vec()),
        ("c", b"4".to_vec()),
        ("empty/x", vec![]),
    ]);
    let read = read(&folder, "");
    let expected = [
        ("b/1", "1"),
        ("b/2.zip/a/y", "2"),
        ("b/2.zip/z", "3"),
        ("c", "4"),
        ("empty/x", ""),
    ];
    assert_eq!(texts(&read), expected);
}

#[test]
fn of_a_forensic_acquisition_only_the_list_of_packages_is_read() {
    let files = [
        ("one/acquisition.json", b"{}".to_vec()),
        ("one/packages.json", b"[1]".to_vec()),
        ("one/dumpsys.txt", b"Packages:".to_vec()),
        ("two/packages.txt", b"package:com.a".to_vec()),
    ];
    let zip = archive(&files, zip::CompressionMethod::Deflated);
    let folder = folder(&[&files[..], &[("zipped.zip", zip)]].concat());
    let read = read(&folder, "");
    let names: Vec<&str> = read.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "one/packages.json",
            "two/packages.txt",
            "zipped.zip/one/packages.json",
            "zipped.zip/two/packages.txt"
        ]
    );
}

#[test]
fn what_is_damaged_or_cut_off_is_told_and_never_read_as_less() {
    let plain = "package:com.a\n".repeat(1000).into_bytes();
    let good = archive(&[("phone", plain.clone())], zip::CompressionMethod::Stored);
    let mut damaged = good.clone();
    let place = damaged.windows(8).position(|w| w == b"package:").unwrap();
    damaged[place] ^= 1;
    let cut = |bytes: Vec<u8>| bytes[..bytes.len() - 9].to_vec();
    let folder = folder(&[
        ("cut.gz", cut(gzip(&plain))),
        ("cut.zst", cut(zstd(&plain))),
        ("cut.zip", cut(good.clone())),
        ("damaged.zip", damaged),
        (
            "nested.zip",
            archive(&[("in.zip", good)], zip::CompressionMethod::Stored),
        ),
    ]);
    for name in [
        "cut.gz",
        "cut.zst",
        "cut.zip",
        "damaged.zip",
        "nested.zip",
        "absent",
    ] {
        let read = read(&folder, name);
        assert!(matches!(&read[..], [(_, Err(_))]), "{name}: {read:?}");
    }
}

#[test]
fn a_link_that_leads_in_a_circle_is_not_followed() {
    let folder = folder(&[("a/phone", b"1".to_vec())]);
    std::os::unix::fs::symlink(folder.path(), folder.path().join("a/round")).unwrap();
    assert_eq!(texts(&read(&folder, "")), [("a/phone", "1")]);
}
