package nl.sluis.phone

import android.content.ComponentName
import android.content.Intent
import android.content.pm.ActivityInfo
import android.content.pm.ApplicationInfo
import android.content.pm.PackageManager
import android.content.pm.ParceledListSlice
import android.content.pm.ResolveInfo

/** The package manager as the policy service calls it: `IPackageManager`, and the system's local interface. */
internal class SystemPackageManager(
    private val own: PackageManager,
    private val packages: Packages,
    private val infos: PackageInfos
) : Answers {
    override fun answer(call: Call): Any? = when (call.name) {
        "setApplicationHiddenSettingAsUser" -> packages.hide(call.text(0), call[1] as Boolean, call.lastInt())
        "getApplicationHiddenSettingAsUser" -> packages.find(call.text(0), call.lastInt())?.hidden ?: true
        "setPackagesSuspendedAsUser" -> packages.suspend(call.first(), call.first(), call.lastInt())
        "setPackagesSuspendedByAdmin" -> packages.suspend(call.first(), call.first(), call.first())
        "isPackageSuspendedForUser" -> suspended(call)
        "setBlockUninstallForUser" -> blockUninstall(call)
        "getBlockUninstallForUser" -> call.text(0) in packages.user(call.lastInt()).uninstallBlocked
        "clearBlockUninstallForUser" -> packages.user(call[0] as Int).uninstallBlocked.clear()
        "getPackageUid" -> packages.uid(call.text(0), call.lastInt())
        "isPackageAvailable" -> packages.find(call.text(0), call.lastInt())?.hidden == false
        "getPackagesForUid" -> packages.namesOf(call[0] as Int).toTypedArray()
        "isSameApp" -> packages.uid(call.text(0), call.lastInt()) ==
            call.arguments.last { it is Int && it >= CallingIdentity.SYSTEM }
        "queryIntentServices" -> services(call)
        "getReceiverInfo" -> adminReceiver(call[0] as ComponentName, call.lastInt())
        "getApplicationInfo" -> infos.application(call.text(0), call.lastInt(), EVERYTHING)
        "getPackageInfo" -> infos.packageInfo(call.text(0), call.lastInt(), EVERYTHING)
        else -> Unanswered
    }

    private fun suspended(call: Call): Boolean {
        val found = packages.find(call.text(0), call.lastInt())
        return requireNotNull(found) { "Unknown target package: ${call[0]}" }.suspended
    }

    private fun blockUninstall(call: Call): Boolean {
        val blocked = packages.user(call.lastInt()).uninstallBlocked
        return if (call[1] as Boolean) blocked.add(call.text(0)) else blocked.remove(call.text(0))
    }

    /** The policy service looks for the owner's `DeviceAdminService`. */
    private fun services(call: Call): ParceledListSlice<ResolveInfo> {
        val intent = call.first<Intent>()
        val found = if (intent.`package` == Phone.AGENT) own.queryIntentServices(intent, 0) else emptyList()
        return ParceledListSlice(found)
    }

    private fun adminReceiver(component: ComponentName, user: Int): ActivityInfo? {
        if (component.packageName != Phone.AGENT || packages.find(Phone.AGENT, user) == null) return null
        return ActivityInfo(own.getReceiverInfo(component, PackageManager.GET_META_DATA)).apply {
            applicationInfo = ApplicationInfo(applicationInfo).apply { uid = packages.uid(Phone.AGENT, user) }
        }
    }

    private companion object {
        const val EVERYTHING = (PackageManager.MATCH_UNINSTALLED_PACKAGES or PackageManager.MATCH_APEX).toLong()
    }
}
