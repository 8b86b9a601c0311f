//! From what policy asks of the phone itself to the switches that Android has for it.
//!
//! Most switches are `UserManager.DISALLOW_*` keys. The others have a name of ours and a call of
//! `DevicePolicyManager` of their own. What a version of Android has no switch for is not asked of it.

use std::collections::BTreeMap;

use sluis_policy::policy::{Forbidden, Installs};

use crate::policy::Device;

/// A switch of Android.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switch {
    /// A `UserManager.DISALLOW_*` key, or [`AUTOMATIC_TIME`], [`KEYBOARDS`] or [`BLOCKED_WEB`].
    pub name: &'static str,
    /// The first API level that has it.
    pub since_api: u32,
}

/// `setAutoTimeEnabled` (API 30), `setAutoTimeRequired` before.
pub const AUTOMATIC_TIME: &str = "automatic_time";
/// `setPermittedInputMethods`, with the packages of the keyboards.
pub const KEYBOARDS: &str = "keyboards";
/// `setApplicationRestrictions` of the browsers that read them, with the hosts.
pub const BLOCKED_WEB: &str = "blocked_web";
/// `UserManager.DISALLOW_INSTALL_APPS`. It stops updates, too.
pub const NO_INSTALLS: &str = "no_install_apps";

/// The lowest API level that Sluis runs on: what it has, every phone has.
pub const LOWEST_API: u32 = 26;

const fn switch(name: &'static str, since_api: u32) -> Switch {
    Switch { name, since_api }
}

/// Holds on every phone with a policy: an app from outside the store is judged like any other, but the door that most
/// malware comes through stays shut.
const ALWAYS: [Switch; 1] = [switch("no_install_unknown_sources", 18)];
/// People could otherwise set the time from which rules begin and end.
const WITH_AUTOMATIC_TIME: [Switch; 2] = [switch(AUTOMATIC_TIME, 21), switch("no_config_date_time", 28)];

/// The switches for what policy forbids.
pub fn switches(forbidden: Forbidden) -> &'static [Switch] {
    const UNKNOWN_SOURCES: [Switch; 1] = [switch("no_install_unknown_sources_globally", 29)];
    const DEBUGGING: [Switch; 1] = [switch("no_debugging_features", 21)];
    const USERS: [Switch; 2] = [switch("no_add_user", 21), switch("no_user_switch", 28)];
    const PROFILES: [Switch; 2] = [
        switch("no_add_managed_profile", 26),
        switch("no_add_clone_profile", 34),
    ];
    const PRIVATE_SPACE: [Switch; 1] = [switch("no_add_private_profile", 35)];
    const SAFE_BOOT: [Switch; 1] = [switch("no_safe_boot", 23)];
    const FACTORY_RESET: [Switch; 1] = [switch("no_factory_reset", 21)];
    const EXTERNAL_MEDIA: [Switch; 1] = [switch("no_physical_media", 21)];
    const USB_FILE_TRANSFER: [Switch; 1] = [switch("no_usb_file_transfer", 21)];
    match forbidden {
        Forbidden::UnknownSources => &UNKNOWN_SOURCES,
        Forbidden::Debugging => &DEBUGGING,
        Forbidden::Users => &USERS,
        Forbidden::Profiles => &PROFILES,
        Forbidden::PrivateSpace => &PRIVATE_SPACE,
        Forbidden::SafeBoot => &SAFE_BOOT,
        Forbidden::FactoryReset => &FACTORY_RESET,
        Forbidden::ExternalMedia => &EXTERNAL_MEDIA,
        Forbidden::UsbFileTransfer => &USB_FILE_TRANSFER,
    }
}

/// The switches that are to be on, on a phone of that API level, each with its values where it has some.
pub fn wanted(device: &Device, api: u32) -> BTreeMap<&'static str, Vec<String>> {
    let forbidden = device.forbidden.iter().flat_map(|forbidden| switches(*forbidden));
    let time = WITH_AUTOMATIC_TIME.iter().filter(|_| device.automatic_time);
    let plain = ALWAYS.iter().chain(forbidden).chain(time);
    let mut wanted: BTreeMap<&str, Vec<String>> = plain
        .filter(|switch| switch.since_api <= api)
        .map(|switch| (switch.name, Vec::new()))
        .collect();
    if device.installs == Installs::Closed {
        wanted.insert(NO_INSTALLS, Vec::new());
    }
    if let Some(keyboards) = &device.keyboards {
        wanted.insert(KEYBOARDS, keyboards.iter().cloned().collect());
    }
    if !device.blocked_web.is_empty() {
        let hosts = device.blocked_web.iter().map(ToString::to_string);
        wanted.insert(BLOCKED_WEB, hosts.collect());
    }
    wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(device: &Device, api: u32) -> Vec<&'static str> {
        wanted(device, api).into_keys().collect()
    }

    #[test]
    fn a_phone_whose_policies_ask_nothing_of_it_closes_unknown_sources() {
        assert_eq!(names(&Device::default(), 26), ["no_install_unknown_sources"]);
    }

    #[test]
    fn what_a_version_of_android_has_no_switch_for_is_not_asked_of_it() {
        let device = Device {
            forbidden: [Forbidden::Users, Forbidden::Profiles, Forbidden::PrivateSpace].into(),
            automatic_time: true,
            ..Device::default()
        };
        let oldest = [
            "automatic_time",
            "no_add_managed_profile",
            "no_add_user",
            "no_install_unknown_sources",
        ];
        assert_eq!(names(&device, 26), oldest);
        let newest = [
            "automatic_time",
            "no_add_clone_profile",
            "no_add_managed_profile",
            "no_add_private_profile",
            "no_add_user",
            "no_config_date_time",
            "no_install_unknown_sources",
            "no_user_switch",
        ];
        assert_eq!(names(&device, 35), newest);
    }

    #[test]
    fn lists_go_with_their_switch_and_an_empty_list_of_keyboards_is_one() {
        let device = Device {
            installs: Installs::Closed,
            keyboards: Some(Default::default()),
            ..Device::default()
        };
        assert_eq!(wanted(&device, 26).get(KEYBOARDS), Some(&Vec::new()));
        assert!(names(&device, 26).contains(&NO_INSTALLS));
    }
}
