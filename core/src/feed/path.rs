//! Where a repository's files stand below its address, and how that is written in a URL.

use super::error::Reason;

/// The folder of target files; all metadata stands beside it.
const TARGETS: &str = "targets/";

/// The path of a version of a role's metadata (TUF 5.6.1, 6.2). A role's name may be anything: what would lead out of
/// the folder, or be no character of a file's name, is written as `%` and two hex digits, and so is `%` itself.
pub(super) fn of_metadata(role: &str, version: u64, consistent_snapshot: bool) -> String {
    let mut path = match consistent_snapshot {
        true => format!("{version}."),
        false => String::new(),
    };
    for character in role.chars() {
        match character {
            '/' | '\\' | '%' | '\0'..='\x1f' | '\x7f' => escape(character as u8, &mut path),
            _ => path.push(character),
        }
    }
    path.push_str(".json");
    path
}

/// The path of a target file (TUF 5.7.3, 6.2). `hash` stands before its name where snapshots are consistent.
pub(super) fn of_target(name: &str, hash: Option<&str>) -> String {
    let (folder, file) = match name.rsplit_once('/') {
        Some((folder, file)) => (Some(folder), file),
        None => (None, name),
    };
    let folder = folder.map(|folder| format!("{folder}/")).unwrap_or_default();
    let hash = hash.map(|hash| format!("{hash}.")).unwrap_or_default();
    format!("{TARGETS}{folder}{hash}{file}")
}

/// Refuses the names of target files that mean something else to a file system or a server: they could lead out of
/// the repository, or end a line of a request.
pub(super) fn check_target(name: &str) -> Result<(), Reason> {
    let bad_character = name.chars().any(|c| c == '\\' || c.is_control());
    let bad_step = name.split('/').any(|step| matches!(step, "" | "." | ".."));
    match bad_character || bad_step {
        true => Err(Reason::UnsafeName),
        false => Ok(()),
    }
}

/// The URL of a file that an update asks for. `base` is the repository's address, ending in `/`; `path` is that of
/// [`Next::Fetch`](super::Next::Fetch).
///
/// Every byte that RFC 3986 does not call unreserved is written as `%` and two hex digits, but `/` between the steps of
/// a target's path, and `%` in metadata's, where it is an escape already.
pub fn url(base: &str, path: &str) -> String {
    let kept = if path.starts_with(TARGETS) { b'/' } else { b'%' };
    let mut url = base.to_owned();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => url.push(char::from(byte)),
            _ if byte == kept => url.push(char::from(byte)),
            _ => escape(byte, &mut url),
        }
    }
    url
}

fn escape(byte: u8, out: &mut String) {
    let digit = |nibble: u8| {
        char::from_digit(u32::from(nibble), 16)
            .unwrap_or('0')
            .to_ascii_uppercase()
    };
    out.extend(['%', digit(byte >> 4), digit(byte & 0xf)]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_never_leaves_its_folder_whatever_a_role_is_called() {
        for (role, path, in_url) in [
            ("province", "7.province.json", "7.province.json"),
            ("../up", "7...%2Fup.json", "7...%2Fup.json"),
            ("/root", "7.%2Froot.json", "7.%2Froot.json"),
            ("a\\b", "7.a%5Cb.json", "7.a%5Cb.json"),
            ("a\r\nb\0", "7.a%0D%0Ab%00.json", "7.a%0D%0Ab%00.json"),
            ("50%", "7.50%25.json", "7.50%25.json"),
            ("a%2Fb", "7.a%252Fb.json", "7.a%252Fb.json"),
            ("?", "7.?.json", "7.%3F.json"),
            ("#", "7.#.json", "7.%23.json"),
            ("gemeente é", "7.gemeente é.json", "7.gemeente%20%C3%A9.json"),
        ] {
            assert_eq!(of_metadata(role, 7, true), path);
            assert_eq!(
                url("https://feeds.example/", path),
                format!("https://feeds.example/{in_url}")
            );
        }
        assert_eq!(of_metadata("..", 7, false), "...json");
        // Else it could pose as a target file.
        assert_eq!(of_metadata("targets/x", 7, false), "targets%2Fx.json");
    }

    #[test]
    fn the_hash_stands_before_the_files_name_and_not_before_its_folders() {
        assert_eq!(of_target("policy.json", Some("ab")), "targets/ab.policy.json");
        assert_eq!(of_target("a/b/c.json", Some("ab")), "targets/a/b/ab.c.json");
        assert_eq!(of_target("a/b/c.json", None), "targets/a/b/c.json");
    }

    #[test]
    fn target_files_are_asked_for_in_characters_that_every_server_takes() {
        assert_eq!(
            url("https://feeds.example/a/", "targets/é/50% + ?#.json"),
            "https://feeds.example/a/targets/%C3%A9/50%25%20%2B%20%3F%23.json"
        );
    }

    #[test]
    fn names_that_are_more_than_names_are_refused() {
        for name in [
            "",
            "/",
            "/etc/passwd",
            "a//b",
            "a/",
            "..",
            "../a",
            "a/../b",
            "./a",
            "a/.",
            "a\\b",
            "a\r\nHost: b",
            "a\0b",
            "a\u{85}b",
        ] {
            assert_eq!(check_target(name), Err(Reason::UnsafeName), "{name:?}");
        }
        for name in ["policy.json", "a/b/c", "...", "a..b", "é", "a b", "%2e%2e/a"] {
            assert_eq!(check_target(name), Ok(()), "{name:?}");
        }
    }
}
