//! From a list of SDK signatures to the catalogue's components: what would blame the wrong vendor is left out with the
//! reason.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use sluis_policy::catalogue::{Component, Control, Vendor};
use sluis_policy::values::{Country, Id, PackagePattern};

/// An SDK as the list has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SourceSdk {
    #[serde(default)]
    id: Option<String>,
    name: String,
    vendor: String,
    country: String,
    code_prefixes: Vec<String>,
    #[serde(default)]
    components: Vec<String>,
    #[serde(default)]
    native_libs_regex: Vec<String>,
    network: Vec<String>,
    #[serde(default)]
    network_is_regex: bool,
    source: String,
    #[serde(default)]
    notes: String,
}

/// Who is meant by the list's vendors that the catalogue has under another name.
const VENDORS: [(&str, &str); 27] = [
    ("Alibaba (Alimama)", "alibaba"),
    ("Alibaba (AutoNavi)", "alibaba"),
    ("Alibaba (UC)", "alibaba"),
    ("Alibaba (Umeng)", "alibaba"),
    ("Alipay", "alibaba"),
    ("Aliyun", "alibaba"),
    ("Ant Group / Alibaba", "alibaba"),
    ("Umeng", "alibaba"),
    ("ByteDance", "bytedance"),
    ("Douyin", "bytedance"),
    ("Volcengine", "bytedance"),
    ("Cheetah Mobile", "cheetah"),
    ("DU Apps / DO Global (ex Baidu)", "du_apps"),
    ("JD", "jd"),
    ("快手", "kuaishou"),
    ("NetEase", "netease"),
    ("Netease", "netease"),
    ("OPPO", "oppo_oneplus_realme"),
    ("Sina Weibo", "sina_weibo"),
    ("Weibo", "sina_weibo"),
    ("Tencent (GDT ads)", "tencent"),
    ("UnionPay", "cn_state_apps"),
    ("银联", "cn_state_apps"),
    ("VK (Mail.ru MRGS)", "vk"),
    ("VK (OK.ru)", "vk"),
    ("VK (RuStore)", "vk"),
    ("VK (myTarget)", "vk"),
];

/// Ids of SDKs whose names have too few Latin letters to make one of.
const IDS: [(&str, &str); 37] = [
    ("人脸核身 SDK", "tencent-face-verification"),
    ("U-Share 社会化分享", "umeng-share"),
    ("mPaaS 扫一扫", "mpaas-scan"),
    ("mPaaS 社交分享", "mpaas-share"),
    ("个推", "getui-push"),
    ("华为帐号服务", "huawei-account"),
    ("友盟推送", "umeng-push"),
    ("实人认证 SDK", "alibaba-identity-verification"),
    ("小米应用检查更新 SDK", "xiaomi-app-update"),
    ("小米账号开放平台", "xiaomi-account"),
    ("开普勒 SDK", "jd-kepler"),
    ("微博 SDK", "weibo-sdk"),
    ("快手广告 SDK", "kuaishou-ads"),
    ("抖音 SDK", "douyin-sdk"),
    ("支付宝 SDK", "alipay-app-pay"),
    ("智能小程序", "baidu-smart-program"),
    ("极光推送", "jiguang-push"),
    ("极光联盟", "jiguang-union"),
    ("百川电商 SDK - 唤醒手淘", "baichuan-smartlink"),
    ("百川电商 SDK - 授权", "baichuan-auth"),
    ("百度云推送", "baidu-cloud-push"),
    ("百度人脸识别", "baidu-face-recognition"),
    ("移动应用推广 SDK", "baidu-app-promotion"),
    ("米大师", "tencent-midas"),
    ("网易云通信 SDK", "netease-im"),
    ("腾讯云通信 SDK", "tencent-im"),
    ("腾讯地图 SDK", "tencent-map-location"),
    ("腾讯广告 SDK", "tencent-ads"),
    ("腾讯开放平台", "tencent-open-platform"),
    ("腾讯浏览服务（TBS）", "tencent-browsing-service"),
    ("腾讯移动分析", "tencent-mobile-analytics"),
    ("腾讯移动推送", "tencent-push"),
    ("银联 SDK", "unionpay-pay"),
    ("防水墙", "tencent-captcha"),
    ("阿里移动推送", "aliyun-mobile-push"),
    ("阿里聚安全", "alibaba-security-guard"),
    ("高德地图 SDK", "amap-sdk"),
];

/// Hosts of others that lists name because an SDK fetches something from there.
const HOSTS_OF_OTHERS: [(&str, &str); 1] = [("google\\.cn", "Google's")];

/// The catalogue's components by id, and one line for each thing that was left out.
///
/// # Errors
/// Says which SDK cannot be used and why.
pub(super) fn convert(
    list: Vec<SourceSdk>,
    vendors: &[Vendor],
) -> Result<(Vec<Component>, Vec<String>), String> {
    let mut components: BTreeMap<Id, Component> = BTreeMap::new();
    let mut notices = Vec::new();
    for sdk in list {
        if sdk.vendor.starts_with("(aggregate") {
            notices.push(format!(
                "{}: left out whole, since it names many vendors at once and can blame none",
                sdk.name
            ));
            continue;
        }
        let component = component(sdk, vendors, &mut notices)?;
        match components.get_mut(&component.id) {
            Some(first) => merge(first, component)?,
            None => {
                components.insert(component.id.clone(), component);
            }
        }
    }
    Ok((components.into_values().collect(), notices))
}

fn component(sdk: SourceSdk, vendors: &[Vendor], notices: &mut Vec<String>) -> Result<Component, String> {
    let name = sdk.name.trim().to_owned();
    let id = id(&name, sdk.id.as_deref())?;
    let country_of_control = Country::parse(&sdk.country).ok_or_else(|| {
        format!(
            "{id}: found the country `{}`; expected {}",
            sdk.country,
            Country::EXPECTED
        )
    })?;
    let vendor = vendor_of(&sdk.vendor, vendors);
    let mut left_out = Vec::new();
    let classes = classes(&sdk.code_prefixes, &mut left_out);
    let manifest = manifest(sdk.components, vendor.as_ref(), vendors, &mut left_out);
    let network = network(sdk.network, sdk.network_is_regex, &mut left_out);
    notices.extend(left_out.iter().map(|what| format!("{id}: left out {what}")));
    let notes = Some(sdk.notes.trim().to_owned()).filter(|notes| !notes.is_empty());
    let contested = notes
        .as_deref()
        .is_some_and(|notes| notes.starts_with("contested"));
    let remarks = left_out.iter().map(|what| format!("Left out: {what}."));
    let notes: Vec<String> = notes.into_iter().chain(remarks).collect();
    Ok(Component {
        id,
        name,
        made_by: sdk.vendor,
        vendor,
        country_of_control,
        control_assessment: if contested {
            Control::Contested
        } else {
            Control::Clear
        },
        classes,
        manifest,
        libraries: rejoined(sdk.native_libs_regex),
        network,
        sources: vec![sdk.source],
        notes: (!notes.is_empty()).then(|| notes.join(" ")),
    })
}

/// The id that the list gives, one of ours, or one made of the name.
fn id(name: &str, given: Option<&str>) -> Result<Id, String> {
    let ours = IDS.iter().find(|(known, _)| *known == name).map(|(_, id)| *id);
    if let Some(id) = given.or(ours) {
        return Id::parse(id).ok_or_else(|| format!("{name}: `{id}` is no id; expected {}", Id::EXPECTED));
    }
    let words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let made = words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("-");
    match Id::parse(&made.to_ascii_lowercase()) {
        Some(id) if name.is_ascii() => Ok(id),
        _ => Err(format!(
            "{name}: no id can be made of this name; add the field `id`"
        )),
    }
}

fn vendor_of(made_by: &str, vendors: &[Vendor]) -> Option<Id> {
    let known = VENDORS
        .iter()
        .find(|(name, _)| *name == made_by)
        .map(|(_, id)| *id);
    let id = Id::parse(known.unwrap_or(&made_by.to_ascii_lowercase()))?;
    vendors.iter().any(|vendor| vendor.id == id).then_some(id)
}

/// Java packages without the dot at their end.
fn classes(written: &[String], left_out: &mut Vec<String>) -> Vec<String> {
    let mut kept = BTreeSet::new();
    for prefix in written {
        let space = prefix.trim_end_matches('.');
        let plain = space.split('.').count() > 1 && space.split('.').all(|part| !part.is_empty());
        if plain {
            kept.insert(space.to_owned());
        } else {
            left_out.push(format!("the classes `{prefix}`, since they can be anybody's"));
        }
    }
    kept.into_iter().collect()
}

/// The classes that do not stand in another vendor's namespace: an SDK that forwards to other vendors' push services
/// names theirs, too.
fn manifest(
    written: Vec<String>,
    own: Option<&Id>,
    vendors: &[Vendor],
    left_out: &mut Vec<String>,
) -> Vec<String> {
    let begins = |class: &str, vendor: &Vendor| {
        vendor
            .prefixes
            .iter()
            .any(|p| matches!(p, PackagePattern::Prefix(prefix) if class.starts_with(prefix)))
    };
    let mut kept = BTreeSet::new();
    for class in written {
        let others = vendors
            .iter()
            .find(|vendor| begins(&class, vendor) && Some(&vendor.id) != own);
        match others {
            Some(other) => left_out.push(format!(
                "the class {class}, since its name is one of {}",
                other.id
            )),
            None => {
                kept.insert(class);
            }
        }
    }
    kept.into_iter().collect()
}

fn network(written: Vec<String>, regex: bool, left_out: &mut Vec<String>) -> Vec<String> {
    let mut kept = BTreeSet::new();
    for host in written {
        match HOSTS_OF_OTHERS.iter().find(|(end, _)| host.ends_with(end)) {
            Some((_, whose)) => left_out.push(format!("the host `{host}`, since it is {whose}")),
            None => {
                kept.insert(if regex { host } else { host.replace('.', "\\.") });
            }
        }
    }
    kept.into_iter().collect()
}

/// The list has some patterns cut at the `|` within their brackets.
fn rejoined(pieces: Vec<String>) -> Vec<String> {
    let mut whole: Vec<String> = Vec::new();
    let open = |text: &str| text.matches('(').count() > text.matches(')').count();
    for piece in pieces {
        match whole.last_mut().filter(|last| open(last)) {
            Some(last) => {
                last.push('|');
                last.push_str(&piece);
            }
            None => whole.push(piece),
        }
    }
    whole.sort();
    whole.dedup();
    whole
}

/// An SDK that two sources know is one, with what both say.
fn merge(first: &mut Component, second: Component) -> Result<(), String> {
    if (&first.made_by, first.country_of_control) != (&second.made_by, second.country_of_control) {
        return Err(format!(
            "two SDKs are called {}, one made by {} and one by {}; add the field `id`",
            first.id, first.made_by, second.made_by
        ));
    }
    for (ours, more) in [
        (&mut first.classes, second.classes),
        (&mut first.manifest, second.manifest),
        (&mut first.libraries, second.libraries),
        (&mut first.network, second.network),
        (&mut first.sources, second.sources),
    ] {
        ours.extend(more);
        ours.sort();
        ours.dedup();
    }
    let notes: Vec<String> = first.notes.take().into_iter().chain(second.notes).collect();
    first.notes = (!notes.is_empty()).then(|| notes.join(" "));
    Ok(())
}

#[cfg(test)]
mod tests;
