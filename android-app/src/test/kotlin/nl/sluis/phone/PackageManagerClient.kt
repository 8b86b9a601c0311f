package nl.sluis.phone

import android.content.ComponentName
import android.content.Intent
import android.content.pm.ActivityInfo
import android.content.pm.ComponentInfo
import android.content.pm.PackageInfo
import android.content.pm.PackageInstaller
import android.content.pm.PackageManager
import android.content.pm.ResolveInfo
import android.content.pm.ServiceInfo
import android.os.UserHandle

/**
 * What `context.packageManager` answers, to the agent and to the policy service alike. What concerns the agent's own
 * package and its resources is passed on to Robolectric, which has read them from the manifest.
 */
internal class PackageManagerClient(
    private val own: PackageManager,
    private val packages: Packages,
    private val infos: PackageInfos,
    private val installer: PackageInstaller,
    private val home: () -> String?,
) : Answers {
    override fun answer(call: Call): Any? = when (call.name) {
        "getPackageInfo", "getPackageInfoAsUser" -> packageInfo(call)
        "getInstalledPackages", "getInstalledPackagesAsUser" -> installed(call)
        "getApplicationInfo", "getApplicationInfoAsUser" -> applicationInfo(call)
        "getInstalledApplications", "getInstalledApplicationsAsUser" ->
            installed(call).mapNotNull(PackageInfo::applicationInfo)
        "getPackageUid", "getPackageUidAsUser" -> uid(call)
        "getPackagesForUid" -> packages.namesOf(call[0] as Int).toTypedArray().ifEmpty { null }
        "getApplicationLabel" -> label(call)
        "getInstallerPackageName" -> found(call.text(0), userOf(call)).installer
        "getInstallSourceInfo" -> infos.installSource(call.text(0), userOf(call)) ?: throw absent(call.text(0))
        "isPackageSuspended", "isPackageSuspendedForUser" -> found(call.text(0), userOf(call)).suspended
        "getPackageInstaller" -> installer
        "resolveActivity", "resolveActivityAsUser" -> resolve(call)
        "queryIntentActivities", "queryIntentActivitiesAsUser" -> query(call, ComponentKind.ACTIVITY)
        "queryIntentServices", "queryIntentServicesAsUser" -> query(call, ComponentKind.SERVICE)
        "queryBroadcastReceivers", "queryBroadcastReceiversAsUser" -> query(call, ComponentKind.RECEIVER)
        "hasSystemFeature" -> call[0] in FEATURES
        in OF_A_COMPONENT -> component(call)
        in OF_RESOURCES -> call.method.passTo(own, call.arguments)
        else -> Unanswered
    }

    private fun packageInfo(call: Call): PackageInfo {
        val name = call.text(0)
        val flags = flags(call)
        val info = infos.packageInfo(name, userOf(call), flags) ?: throw absent(name)
        if (name == Phone.AGENT) ownManifest(info, flags)
        return info
    }

    /** The components and permissions that the agent's manifest declares. */
    private fun ownManifest(info: PackageInfo, flags: Long) {
        val declared = own.getPackageInfo(Phone.AGENT, (flags and MANIFEST_PARTS).toInt())
        info.activities = declared.activities
        info.services = declared.services
        info.receivers = declared.receivers
        info.providers = declared.providers
        info.permissions = declared.permissions
        info.requestedPermissions = declared.requestedPermissions
        info.applicationInfo = ownApplication(info.applicationInfo)
    }

    private fun ownApplication(seen: android.content.pm.ApplicationInfo?) =
        android.content.pm.ApplicationInfo(own.getApplicationInfo(Phone.AGENT, 0)).apply {
            seen?.let {
                uid = it.uid
                flags = flags or it.flags
            }
        }

    private fun installed(call: Call): List<PackageInfo> {
        val flags = flags(call)
        val user = userOf(call)
        return packages.user(user).installed.keys.mapNotNull { infos.packageInfo(it, user, flags) }
    }

    private fun applicationInfo(call: Call): Any {
        val name = call.text(0)
        val info = infos.application(name, userOf(call), flags(call)) ?: throw absent(name)
        return if (name == Phone.AGENT) ownApplication(info) else info
    }

    private fun uid(call: Call): Int {
        val uid = packages.uid(call.text(0), userOf(call))
        return if (uid < 0) throw absent(call.text(0)) else uid
    }

    private fun label(call: Call): CharSequence {
        val info = call[0] as android.content.pm.ApplicationInfo
        return packages.find(info.packageName, UserHandle.getUserId(info.uid))?.app?.label ?: info.packageName
    }

    private fun component(call: Call): Any? {
        val name = (call[0] as? ComponentName)?.packageName
        if (name != Phone.AGENT) throw absent("${call[0]}")
        return call.method.passTo(own, call.arguments)
    }

    private fun resolve(call: Call): ResolveInfo? {
        val intent = call[0] as Intent
        val all = query(call, ComponentKind.ACTIVITY)
        if (intent.hasCategory(Intent.CATEGORY_HOME)) all.find { it.activityInfo.packageName == home() }?.let { return it }
        return if (all.size > 1) chooser() else all.firstOrNull()
    }

    /** With several candidates and none preferred, Android resolves to its own chooser. */
    private fun chooser() = ResolveInfo().apply {
        activityInfo = ActivityInfo().apply {
            packageName = Packages.PLATFORM
            name = "com.android.internal.app.ResolverActivity"
        }
    }

    private fun query(call: Call, kind: ComponentKind): List<ResolveInfo> {
        val intent = call[0] as Intent
        val user = userOf(call)
        val target = intent.component?.packageName ?: intent.`package`
        if (target == Phone.AGENT && packages.find(target, user) != null) return ofAgent(intent, kind)
        val flags = flags(call)
        return packages.user(user).installed.values
            .filter { target == null || it.app.name == target }
            .filter { it.app.system || flags and PackageManager.MATCH_SYSTEM_ONLY.toLong() == 0L }
            .filter { infos.application(it.app.name, user, flags)?.let { info -> info.enabled || wantsDisabled(flags) } ?: false }
            .flatMap { installed -> installed.app.handles.filter { it.kind == kind && it.takes(intent) }.map { installed to it } }
            .map { (installed, handles) -> resolved(installed, handles, user, flags) }
            .sortedByDescending(ResolveInfo::priority)
    }

    private fun ofAgent(intent: Intent, kind: ComponentKind): List<ResolveInfo> = when (kind) {
        ComponentKind.ACTIVITY -> own.queryIntentActivities(intent, PackageManager.GET_META_DATA)
        ComponentKind.SERVICE -> own.queryIntentServices(intent, PackageManager.GET_META_DATA)
        ComponentKind.RECEIVER -> own.queryBroadcastReceivers(intent, PackageManager.GET_META_DATA)
    }

    private fun resolved(installed: Installed, handles: Handles, user: Int, flags: Long) = ResolveInfo().apply {
        if (handles == Handles.FALLBACK_HOME) priority = FALLBACK_PRIORITY
        nonLocalizedLabel = installed.app.label
        val application = infos.application(installed.app.name, user, flags)
        fun <T : ComponentInfo> T.filled() = apply {
            packageName = installed.app.name
            name = "${installed.app.name}.${handles.name.split('_').joinToString("") { it.lowercase().replaceFirstChar(Char::uppercase) }}"
            applicationInfo = application
            exported = true
        }
        when (handles.kind) {
            ComponentKind.SERVICE -> serviceInfo = ServiceInfo().filled().apply { permission = handles.permission }
            else -> activityInfo = ActivityInfo().filled().apply { permission = handles.permission }
        }
    }

    private fun found(name: String, user: Int): Installed = packages.find(name, user) ?: throw absent(name)

    private fun absent(name: String) = PackageManager.NameNotFoundException(name)

    private fun wantsDisabled(flags: Long) = flags and PackageManager.MATCH_DISABLED_COMPONENTS.toLong() != 0L

    /** The user is named by a number after the flags, or is the caller's. */
    private fun userOf(call: Call): Int = when {
        call.name.endsWith("AsUser") || call.name.endsWith("ForUser") ->
            (call.arguments.last() as? UserHandle)?.identifier ?: call.arguments.last() as Int
        else -> UserHandle.getUserId(CallingIdentity.current)
    }

    /** A number, or since Android 13 an object that wraps one. */
    private fun flags(call: Call): Long {
        val flags = call.arguments.drop(if (call[0] is Int) 0 else if (call.name.startsWith("getInstalled")) 0 else 1).firstOrNull()
        return when (flags) {
            null -> 0
            is Number -> flags.toLong()
            else -> flags.javaClass.getMethod("getValue").invoke(flags) as Long
        }
    }

    private companion object {
        /** Below every home screen that a person would choose; this is how Settings declares its fallback. */
        const val FALLBACK_PRIORITY = -1000

        val FEATURES = setOf(PackageManager.FEATURE_DEVICE_ADMIN, PackageManager.FEATURE_MANAGED_USERS)
        val OF_A_COMPONENT = setOf(
            "getActivityInfo", "getReceiverInfo", "getServiceInfo", "getProviderInfo", "getComponentEnabledSetting",
            "setComponentEnabledSetting", "getActivityIcon", "getActivityLogo",
        )
        val OF_RESOURCES = setOf(
            "getText", "getDrawable", "getXml", "getResourcesForApplication", "getResourcesForApplicationAsUser",
            "getDefaultActivityIcon", "getApplicationIcon", "getUserBadgedLabel", "loadItemIcon", "loadUnbadgedItemIcon",
            "checkPermission", "getPermissionInfo", "getNameForUid", "getInstantAppCookieMaxBytes", "isInstantApp",
            "isSafeMode",
        )
        const val MANIFEST_PARTS = (
            PackageManager.GET_ACTIVITIES or PackageManager.GET_SERVICES or PackageManager.GET_RECEIVERS or
                PackageManager.GET_PROVIDERS or PackageManager.GET_PERMISSIONS or PackageManager.GET_META_DATA
            ).toLong()
    }
}
