package nl.sluis.agent.inventory

import android.content.pm.ComponentInfo
import android.content.pm.PackageInfo
import android.content.pm.PackageManager
import android.util.Log
import java.util.concurrent.ConcurrentHashMap
import org.json.JSONArray
import org.json.JSONObject

/**
 * Reads what a package's manifest declares: the permissions that it asks for, its components, the address of a web app.
 * One package at a time, since all of them together are more than one answer of the package manager can hold.
 */
internal class ManifestReader(private val packageManager: PackageManager) {
    private class Manifest(
        val updated: Long,
        val permissions: List<String>?,
        val components: List<String>?,
        val webOrigin: String?
    )

    /** Several calls for each package; it changes with updates only. */
    private val manifests = ConcurrentHashMap<String, Manifest>()

    /** Adds to [facts] what could be read of the package that [info] describes. */
    fun read(info: PackageInfo, facts: JSONObject) {
        val manifest = manifests[info.packageName]?.takeIf { it.updated == info.lastUpdateTime } ?: read(info)
        facts
            .putOpt("permissions", manifest.permissions?.let(::JSONArray))
            .putOpt("components", manifest.components?.let(::JSONArray))
            .putOpt("web_origin", manifest.webOrigin)
    }

    private fun read(info: PackageInfo): Manifest {
        val name = info.packageName
        val permissions = part(name, PackageManager.GET_PERMISSIONS) { it.requestedPermissions.orEmpty().toList() }
        val components = COMPONENTS.map { (flag, declared) ->
            part(name, flag) { part -> declared(part).orEmpty().map(ComponentInfo::name) }
        }
        val manifest = Manifest(
            info.lastUpdateTime,
            permissions,
            // Of some kinds only, it would pass for all.
            if (components.all { it != null }) components.filterNotNull().flatten().distinct() else null,
            if (name.startsWith(WEB_APP)) part(name, PackageManager.GET_META_DATA, ::startUrl) else null
        )
        // What failed may work the next time.
        if (permissions != null && manifest.components != null) manifests[name] = manifest
        return manifest
    }

    private fun <T : Any> part(name: String, flag: Int, read: (PackageInfo) -> T?): T? = try {
        read(packageManager.getPackageInfo(name, InventoryReader.LISTING or flag))
    } catch (_: PackageManager.NameNotFoundException) {
        null // gone since it was listed
    } catch (e: RuntimeException) {
        // An app with thousands of components is more than one answer holds.
        Log.w(TAG, "a part of the manifest of $name could not be read", e)
        null
    }

    private fun startUrl(info: PackageInfo): String? = info.applicationInfo?.metaData?.getString(START_URL)

    private companion object {
        const val TAG = "Sluis"

        /** Chrome names the apps that it makes of websites so, and tells their address. */
        const val WEB_APP = "org.chromium.webapk."
        const val START_URL = "org.chromium.webapk.shell_apk.startUrl"

        val COMPONENTS: List<Pair<Int, (PackageInfo) -> Array<out ComponentInfo>?>> = listOf(
            PackageManager.GET_ACTIVITIES to { it.activities },
            PackageManager.GET_SERVICES to { it.services },
            PackageManager.GET_RECEIVERS to { it.receivers },
            PackageManager.GET_PROVIDERS to { it.providers }
        )
    }
}
