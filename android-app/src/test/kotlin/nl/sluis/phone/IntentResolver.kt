package nl.sluis.phone

import android.content.Intent
import android.content.pm.ActivityInfo
import android.content.pm.ComponentInfo
import android.content.pm.PackageManager
import android.content.pm.ResolveInfo
import android.content.pm.ServiceInfo

/** Finds who handles an intent, by what the apps declare; for the agent's own package Robolectric has its manifest. */
internal class IntentResolver(
    private val own: PackageManager,
    private val packages: Packages,
    private val infos: PackageInfos,
    private val home: () -> String?,
    private val isUnlocked: () -> Boolean
) {
    fun resolveActivity(intent: Intent, user: Int, flags: Long): ResolveInfo? {
        val all = query(intent, ComponentKind.ACTIVITY, user, flags)
        if (intent.hasCategory(Intent.CATEGORY_HOME)) {
            all.find { it.activityInfo.packageName == home() }?.let { return it }
        }
        val first = all.firstOrNull() ?: return null
        return if (all.count { it.priority == first.priority } > 1) chooser() else first
    }

    fun query(intent: Intent, kind: ComponentKind, user: Int, flags: Long): List<ResolveInfo> {
        val target = intent.component?.packageName ?: intent.`package`
        if (target == Phone.AGENT && packages.find(target, user) != null) return ofAgent(intent, kind)
        val found = ArrayList<ResolveInfo>()
        for (app in packages.user(user).installed.values.map(Installed::app)) {
            if (target != null && app.name != target) continue
            val taking = app.handles.filter { it.kind == kind && it.takes(intent) && isReachable(it, flags) }
            if (taking.isNotEmpty() && isEligible(app, user, flags)) {
                taking.mapTo(found) { resolved(app, it, user, flags) }
            }
        }
        return found.sortedByDescending(ResolveInfo::priority)
    }

    /** With several candidates and none preferred, Android resolves to its own chooser. */
    private fun chooser() = ResolveInfo().apply {
        activityInfo = ActivityInfo().apply {
            packageName = Packages.PLATFORM
            name = "com.android.internal.app.ResolverActivity"
        }
    }

    private fun ofAgent(intent: Intent, kind: ComponentKind): List<ResolveInfo> = when (kind) {
        ComponentKind.ACTIVITY -> own.queryIntentActivities(intent, PackageManager.GET_META_DATA)
        ComponentKind.SERVICE -> own.queryIntentServices(intent, PackageManager.GET_META_DATA)
        ComponentKind.RECEIVER -> own.queryBroadcastReceivers(intent, PackageManager.GET_META_DATA)
    }

    private fun isEligible(app: App, user: Int, flags: Long): Boolean {
        val info = infos.application(app.name, user, flags) ?: return false
        if (!app.system && flags and PackageManager.MATCH_SYSTEM_ONLY.toLong() != 0L) return false
        return info.enabled || flags and PackageManager.MATCH_DISABLED_COMPONENTS.toLong() != 0L
    }

    /** Before the first unlock Android finds what can run then, unless it is asked for the rest as well. */
    private fun isReachable(handles: Handles, flags: Long): Boolean =
        isUnlocked() || handles.directBootAware || flags and PackageManager.MATCH_DIRECT_BOOT_UNAWARE.toLong() != 0L

    private fun resolved(app: App, handles: Handles, user: Int, flags: Long) = ResolveInfo().apply {
        if (handles == Handles.FALLBACK_HOME) priority = FALLBACK_PRIORITY
        nonLocalizedLabel = app.label
        fun fill(component: ComponentInfo) {
            component.packageName = app.name
            component.name = "${app.name}.${handles.componentName}"
            component.applicationInfo = infos.application(app.name, user, flags)
            component.exported = true
        }
        if (handles.kind == ComponentKind.SERVICE) {
            serviceInfo = ServiceInfo().also(::fill).apply { permission = handles.permission }
        } else {
            activityInfo = ActivityInfo().also(::fill).apply { permission = handles.permission }
        }
    }

    private companion object {
        /** Below every home screen that a person would choose; this is how Settings declares its fallback. */
        const val FALLBACK_PRIORITY = -1000
    }
}
