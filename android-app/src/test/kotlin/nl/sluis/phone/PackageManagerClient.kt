package nl.sluis.phone

import android.content.ComponentName
import android.content.Intent
import android.content.pm.ApplicationInfo
import android.content.pm.PackageInfo
import android.content.pm.PackageInstaller
import android.content.pm.PackageManager
import android.content.pm.ResolveInfo
import android.os.UserHandle
import java.io.File

/**
 * What `context.packageManager` answers, to the agent and to the policy service alike. What concerns the agent's own
 * package and its resources is passed on to Robolectric, which has read them from the manifest.
 */
internal class PackageManagerClient(
    private val own: PackageManager,
    private val packages: Packages,
    private val infos: PackageInfos,
    private val installer: PackageInstaller,
    private val resolver: IntentResolver,
    private val faults: Faults
) : Answers {
    override fun answer(call: Call): Any? = when (call.name) {
        "getPackageInfo", "getPackageInfoAsUser" -> packageInfo(call)
        "getPackageArchiveInfo" -> packages.appIn(File(call.text(0)).readBytes())?.let(infos::archiveInfo)
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
        "resolveActivity", "resolveActivityAsUser" ->
            resolver.resolveActivity(call[0] as Intent, userOf(call), flags(call))
        "queryIntentActivities", "queryIntentActivitiesAsUser" -> query(call, ComponentKind.ACTIVITY)
        "queryIntentServices", "queryIntentServicesAsUser" -> query(call, ComponentKind.SERVICE)
        "queryBroadcastReceivers", "queryBroadcastReceiversAsUser" -> query(call, ComponentKind.RECEIVER)
        "getPermissionGroupInfo" -> throw absent(call.text(0)) // no app here declares any
        "hasSystemFeature" -> call[0] in FEATURES
        // Nobody here declares properties in a manifest; windows ask since Android 15.
        "queryApplicationProperty" -> emptyList<Any>()
        // Robolectric's own way to its shadow, which starts activities.
        "\$\$robo\$getData" -> call.method.passTo(own, call.arguments)
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

    private fun ownApplication(seen: ApplicationInfo?) = ApplicationInfo(own.getApplicationInfo(Phone.AGENT, 0)).apply {
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
        faults.failLookup(name)
        val info = infos.application(name, userOf(call), flags(call)) ?: throw absent(name)
        return if (name == Phone.AGENT) ownApplication(info) else info
    }

    private fun uid(call: Call): Int {
        val uid = packages.uid(call.text(0), userOf(call))
        return if (uid < 0) throw absent(call.text(0)) else uid
    }

    private fun label(call: Call): CharSequence {
        val info = call[0] as ApplicationInfo
        return packages.find(info.packageName, UserHandle.getUserId(info.uid))?.app?.label ?: info.packageName
    }

    private fun component(call: Call): Any? {
        val name = (call[0] as? ComponentName)?.packageName
        if (name != Phone.AGENT) throw absent("${call[0]}")
        return call.method.passTo(own, call.arguments)
    }

    private fun query(call: Call, kind: ComponentKind): List<ResolveInfo> =
        resolver.query(call[0] as Intent, kind, userOf(call), flags(call))

    private fun found(name: String, user: Int): Installed = packages.find(name, user) ?: throw absent(name)

    private fun absent(name: String) = PackageManager.NameNotFoundException(name)

    /** The user is named by a number after the flags, or is the caller's. */
    private fun userOf(call: Call): Int = when {
        call.name.endsWith("AsUser") || call.name.endsWith("ForUser") ->
            (call.arguments.last() as? UserHandle)?.identifier ?: call.arguments.last() as Int
        else -> UserHandle.getUserId(CallingIdentity.current)
    }

    /** A number, or since Android 13 an object that wraps one. */
    private fun flags(call: Call): Long {
        val isList = call.name.startsWith("getInstalled")
        val flags = call[if (isList) 0 else 1]
        return when (flags) {
            null -> 0
            is Number -> flags.toLong()
            else -> flags.javaClass.getMethod("getValue").invoke(flags) as Long
        }
    }

    private companion object {
        val FEATURES = setOf(PackageManager.FEATURE_DEVICE_ADMIN, PackageManager.FEATURE_MANAGED_USERS)
        val OF_A_COMPONENT = setOf(
            "getActivityInfo",
            "getReceiverInfo",
            "getServiceInfo",
            "getProviderInfo",
            "getComponentEnabledSetting",
            "setComponentEnabledSetting",
            "getActivityIcon",
            "getActivityLogo"
        )
        val OF_RESOURCES = setOf(
            "checkPermission",
            "getApplicationIcon",
            "getDefaultActivityIcon",
            "getDrawable",
            "getPermissionInfo",
            "getResourcesForApplication",
            "getResourcesForApplicationAsUser",
            "getText",
            "getUserBadgedLabel",
            "getXml",
            "isSafeMode",
            "loadItemIcon",
            "loadUnbadgedItemIcon"
        )
        val MANIFEST_PARTS = listOf(
            PackageManager.GET_ACTIVITIES,
            PackageManager.GET_SERVICES,
            PackageManager.GET_RECEIVERS,
            PackageManager.GET_PROVIDERS,
            PackageManager.GET_PERMISSIONS,
            PackageManager.GET_META_DATA
        ).sum().toLong()
    }
}
