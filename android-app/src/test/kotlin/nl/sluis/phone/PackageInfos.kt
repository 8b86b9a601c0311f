package nl.sluis.phone

import android.content.pm.ActivityInfo
import android.content.pm.ApplicationInfo
import android.content.pm.ComponentInfo
import android.content.pm.InstallSourceInfo
import android.content.pm.PackageInfo
import android.content.pm.PackageManager
import android.content.pm.ProviderInfo
import android.content.pm.ServiceInfo
import android.content.pm.Signature
import android.content.pm.SigningInfo
import android.os.Bundle
import android.os.TransactionTooLargeException
import android.util.ArraySet
import org.robolectric.util.ReflectionHelpers
import org.robolectric.util.ReflectionHelpers.ClassParameter

/** Describes packages in the framework's own types, as far as the caller's flags ask for it. */
internal class PackageInfos(private val packages: Packages) {
    fun application(name: String?, user: Int, flags: Long): ApplicationInfo? {
        val found = visible(name, user, flags) ?: return null
        val app = found.app
        return ApplicationInfo().apply {
            packageName = app.name
            processName = app.name
            uid = packages.uid(app.name, user)
            nonLocalizedLabel = app.label
            enabled = app.enabled
            targetSdkVersion = Packages.api
            this.flags = ApplicationInfo.FLAG_INSTALLED or ApplicationInfo.FLAG_HAS_CODE or
                flag(app.system, ApplicationInfo.FLAG_SYSTEM) or
                flag(app.updatedSystem, ApplicationInfo.FLAG_UPDATED_SYSTEM_APP) or
                flag(app.persistent, ApplicationInfo.FLAG_PERSISTENT) or
                flag(found.suspended, ApplicationInfo.FLAG_SUSPENDED)
            if (found.hidden) privateFlags = privateFlags or ApplicationInfo.PRIVATE_FLAG_HIDDEN
            // Without any, Android leaves it out.
            if (flags has PackageManager.GET_META_DATA && app.metaData.isNotEmpty()) {
                metaData = Bundle().apply { app.metaData.forEach(::putString) }
            }
        }
    }

    fun packageInfo(name: String?, user: Int, flags: Long): PackageInfo? {
        val found = visible(name, user, flags) ?: return null
        val app = found.app
        return PackageInfo().apply {
            packageName = app.name
            versionName = app.versionName
            lastUpdateTime = found.updated
            if (Packages.api >= 28) longVersionCode = app.versionCode else setOldVersionCode(app.versionCode)
            applicationInfo = application(name, user, flags)
            if (Packages.api >= 29) isApex = app.apex
            if (flags has PackageManager.GET_PERMISSIONS) {
                requestedPermissions = app.permissions.toTypedArray().ifEmpty { null }
            }
            if (flags has PackageManager.GET_ACTIVITIES) activities = components(app.activities, ::ActivityInfo)
            if (flags has PackageManager.GET_RECEIVERS) receivers = components(app.receivers, ::ActivityInfo)
            if (flags has PackageManager.GET_SERVICES) services = components(app.services, ::ServiceInfo)
            if (flags has PackageManager.GET_PROVIDERS) providers = components(app.providers, ::ProviderInfo)
            if (flags has PackageManager.GET_SIGNATURES) signatures = oldSignatures(app)
            if (Packages.api >= 28 && flags has PackageManager.GET_SIGNING_CERTIFICATES) signingInfo = signing(app)
        }
    }

    /** What is in a package that is not installed. */
    fun archiveInfo(app: App) = PackageInfo().apply {
        packageName = app.name
        versionName = app.versionName
        if (Packages.api >= 28) longVersionCode = app.versionCode else setOldVersionCode(app.versionCode)
    }

    fun installSource(name: String, user: Int): InstallSourceInfo? {
        val installer = (packages.find(name, user) ?: return null).installer
        return ReflectionHelpers.callConstructor(
            InstallSourceInfo::class.java,
            ClassParameter.from(String::class.java, installer),
            ClassParameter.from(SigningInfo::class.java, null),
            ClassParameter.from(String::class.java, null),
            ClassParameter.from(String::class.java, installer)
        )
    }

    /** A hidden package is there only for those who ask for uninstalled ones too; an APEX for those who ask for it. */
    private fun visible(name: String?, user: Int, flags: Long): Installed? {
        val found = packages.find(name, user) ?: return null
        if (found.hidden && !(flags has PackageManager.MATCH_UNINSTALLED_PACKAGES)) return null
        if (found.app.apex && !(flags has PackageManager.MATCH_APEX)) return null
        return found
    }

    /** Of a kind that an app does not have, Android gives no array at all; too many do not fit into one answer. */
    private inline fun <reified T : ComponentInfo> components(classes: List<String>, make: () -> T): Array<T>? {
        if (classes.size > FIT_INTO_AN_ANSWER) throw RuntimeException(TransactionTooLargeException())
        return classes.map { make().apply { name = it } }.toTypedArray().ifEmpty { null }
    }

    private fun <T> Array<T>.ifEmpty(none: () -> Array<T>?): Array<T>? = if (isEmpty()) none() else this

    @Suppress("DEPRECATION")
    private fun PackageInfo.setOldVersionCode(code: Long) {
        versionCode = code.toInt()
    }

    /** What apps that know of no rotation are shown: the oldest certificate of the lineage. */
    private fun oldSignatures(app: App): Array<Signature> =
        (app.lineage.take(1).ifEmpty { app.signers }).map { Signature(it.der) }.toTypedArray()

    private fun signing(app: App): SigningInfo {
        val type = SigningInfo::class.java.constructors.map { it.parameterTypes }
            .first { it.size == 1 && it[0].simpleName == "SigningDetails" }[0]
        val current = app.signers.map { Signature(it.der) }.toTypedArray()
        val past = if (app.lineage.isEmpty()) {
            null
        } else {
            (app.lineage + app.signers).map {
                Signature(it.der)
            }.toTypedArray()
        }
        val details: Any = ReflectionHelpers.callConstructor(
            type,
            ClassParameter.from(Array<Signature>::class.java, current),
            ClassParameter.from(Int::class.javaPrimitiveType, SCHEME_V3),
            ClassParameter.from(ArraySet::class.java, null),
            ClassParameter.from(Array<Signature>::class.java, past)
        )
        return SigningInfo::class.java.getConstructor(type).newInstance(details)
    }

    private infix fun Long.has(flag: Int) = this and flag.toLong() != 0L

    private fun flag(on: Boolean, flag: Int) = if (on) flag else 0

    private companion object {
        const val SCHEME_V3 = 3

        /** A binder transaction holds one megabyte (`TransactionTooLargeException`); a component takes some hundred bytes. */
        const val FIT_INTO_AN_ANSWER = 2_000
    }
}
