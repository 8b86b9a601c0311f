package nl.sluis.agent.inventory

import android.app.admin.DevicePolicyManager
import android.content.ComponentName
import android.content.Context
import android.content.pm.PackageInfo
import android.content.pm.PackageManager
import android.os.Build
import nl.sluis.agent.AdminReceiver
import org.json.JSONArray
import org.json.JSONObject

/**
 * Lists the packages of this user for the core, the disabled and hidden ones included, in the JSON shape of the core's
 * `policy::facts`. It judges nothing; what could not be read is left out, never guessed.
 */
class InventoryReader(private val context: Context) {
    private val packageManager: PackageManager = context.packageManager
    private val devicePolicy = context.getSystemService(DevicePolicyManager::class.java)
    private val admin = ComponentName(context, AdminReceiver::class.java)
    private val facts = PackageFactsReader(packageManager)
    private val manifests = ManifestReader(packageManager)
    private val roles = RoleReader(context)

    /** Whether packages are told with what is in their manifests: only where a policy goes by it. */
    var withManifests = false

    /** Every package and who holds which role. */
    fun inventory(): JSONObject {
        val all = packageManager.getInstalledPackages(LISTING or CERTIFICATES)
        // Whoever is listed without asking for uninstalled packages is not hidden: no need to ask for each.
        val visible = packageManager.getInstalledPackages(VISIBLE).mapTo(HashSet(), PackageInfo::packageName)
        val packages = all.mapNotNull { read(it, it.packageName in visible) }
        return JSONObject().put("packages", JSONArray(packages)).put("roles", roles())
    }

    /** One package, or null when it is not there for this user. */
    fun packageFacts(name: String): JSONObject? {
        val info = packageInfo(name, LISTING or CERTIFICATES) ?: return null
        return read(info, visible = packageInfo(name, VISIBLE) != null)
    }

    /** Role name → package names; a role that could not be read is absent. */
    fun roles(): JSONObject = JSONObject(roles.read().mapValues { JSONArray(it.value) } as Map<*, *>)

    private fun read(info: PackageInfo, visible: Boolean): JSONObject? {
        val hidden = if (visible) false else isHidden(info.packageName)
        if (!info.applicationInfo.isInstalled(hidden == true)) return null
        return facts.read(info, hidden).also { if (withManifests) manifests.read(info, it) }
    }

    private fun packageInfo(name: String, flags: Int): PackageInfo? = try {
        packageManager.getPackageInfo(name, flags)
    } catch (_: PackageManager.NameNotFoundException) {
        null
    }

    private fun isHidden(name: String): Boolean? = try {
        devicePolicy.isApplicationHidden(admin, name)
    } catch (_: SecurityException) {
        null // not (or no longer) the owner
    }

    internal companion object {
        private const val VISIBLE = PackageManager.MATCH_DISABLED_COMPONENTS or
            PackageManager.MATCH_DIRECT_BOOT_AWARE or PackageManager.MATCH_DIRECT_BOOT_UNAWARE

        /** The disabled and hidden ones included. */
        const val LISTING = VISIBLE or PackageManager.MATCH_UNINSTALLED_PACKAGES

        @Suppress("DEPRECATION")
        private val CERTIFICATES =
            if (Build.VERSION.SDK_INT >= 28) PackageManager.GET_SIGNING_CERTIFICATES else PackageManager.GET_SIGNATURES
    }
}
