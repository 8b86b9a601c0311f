use super::*;
use crate::catalogue::source::vendors;

fn sdk(fields: &str) -> SourceSdk {
    let rest = r#""vendor": "JD", "country": "CN", "network": [], "source": "s""#;
    let defaults = [("name", r#""An SDK""#), ("code_prefixes", "[]")];
    let defaults: String = defaults
        .iter()
        .filter(|(field, _)| !fields.contains(field))
        .map(|(field, value)| format!(r#""{field}": {value}, "#))
        .collect();
    serde_json::from_str(&format!("{{{defaults}{rest}{fields}}}")).unwrap()
}

fn known() -> Vec<Vendor> {
    let vendor = |id: &str, prefix: &str| {
        format!(
            r#"{{"id": "{id}", "name": "N", "country_of_control": "CN", "category": "app_vendor",
            "control_assessment": "clear", "package_prefixes": ["{prefix}"]}}"#
        )
    };
    let list = format!(
        "[{}, {}]",
        vendor("jd", "com.jingdong."),
        vendor("huawei", "com.huawei.")
    );
    vendors::convert(serde_json::from_str(&list).unwrap()).unwrap().0
}

fn one(fields: &str) -> (Component, Vec<String>) {
    let (mut components, notices) = convert(vec![sdk(fields)], &known()).unwrap();
    assert_eq!(components.len(), 1);
    (components.remove(0), notices)
}

#[test]
fn a_class_in_another_vendors_namespace_blames_nobody() {
    let (component, notices) = one(r#", "components": ["com.huawei.MessageService", "com.jingdong.Push"]"#);
    assert_eq!(component.manifest, ["com.jingdong.Push"]);
    assert_eq!(
        notices,
        ["an-sdk: left out the class com.huawei.MessageService, since its name is one of huawei"]
    );
    assert!(component.notes.unwrap().contains("com.huawei.MessageService"));
}

#[test]
fn classes_that_every_app_can_have_are_left_out() {
    let (component, notices) = one(r#", "code_prefixes": [".wxapi.", "com", "com.kepler."]"#);
    assert_eq!(component.classes, ["com.kepler"]);
    assert_eq!(notices.len(), 2);
}

#[test]
fn a_list_of_many_vendors_blames_none() {
    let aggregate = SourceSdk {
        vendor: "(aggregate, many vendors)".into(),
        ..sdk("")
    };
    let (components, notices) = convert(vec![aggregate], &known()).unwrap();
    assert_eq!(components, []);
    assert!(notices[0].contains("left out whole"));
}

#[test]
fn a_pattern_cut_at_its_bars_is_whole_again() {
    let (component, _) = one(r#", "native_libs_regex": ["lib(a", "b", "c)+\\.so", "libd\\.so"]"#);
    assert_eq!(component.libraries, [r"lib(a|b|c)+\.so", r"libd\.so"]);
}

#[test]
fn a_host_that_is_no_pattern_becomes_one_that_means_just_that_host() {
    let plain: SourceSdk = SourceSdk {
        network: vec!["a.example".into(), "mt.google\\.cn".into()],
        ..sdk("")
    };
    let (components, notices) = convert(vec![plain], &known()).unwrap();
    assert_eq!(components[0].network, ["a\\.example"]);
    assert!(notices[0].contains("Google"), "{notices:?}");
}

#[test]
fn a_maker_about_whom_sources_disagree_is_contested() {
    assert_eq!(one("").0.control_assessment, Control::Clear);
    let (component, _) = one(r#", "notes": "contested: German by its seat""#);
    assert_eq!(component.control_assessment, Control::Contested);
}

#[test]
fn an_sdk_of_two_sources_is_one_with_what_both_say() {
    let of = |source: &str, class: &str| SourceSdk {
        source: source.into(),
        code_prefixes: vec![class.into()],
        ..sdk("")
    };
    let (components, _) = convert(vec![of("one", "com.b."), of("two", "com.a.")], &known()).unwrap();
    let [component] = &components[..] else {
        panic!("{components:?}")
    };
    assert_eq!(component.classes, ["com.a", "com.b"]);
    assert_eq!(component.sources, ["one", "two"]);
}

#[test]
fn two_sdks_of_one_name_by_two_makers_are_refused() {
    let other = SourceSdk {
        vendor: "Somebody".into(),
        ..sdk("")
    };
    let error = convert(vec![sdk(""), other], &known()).unwrap_err();
    assert!(
        error.starts_with("two SDKs are called an-sdk, one made by JD"),
        "{error}"
    );
}

#[test]
fn a_name_without_latin_letters_needs_an_id() {
    let named = |fields: &str| convert(vec![sdk(fields)], &known());
    let error = named(r#", "name": "推送""#).unwrap_err();
    assert!(error.contains("add the field `id`"), "{error}");
    assert_eq!(one(r#", "name": "推送", "id": "push""#).0.id.as_str(), "push");
    assert_eq!(one(r#", "name": "个推""#).0.id.as_str(), "getui-push");
}
