package nl.sluis.agent.inventory

import android.content.pm.ApplicationInfo
import android.content.pm.PackageInfo
import android.content.pm.PackageManager
import android.os.Build
import java.util.Locale
import java.util.concurrent.ConcurrentHashMap
import org.json.JSONObject

/** Turns what the package manager says of one package into the core's `PackageFacts`. */
internal class PackageFactsReader(private val packageManager: PackageManager) {
    private class Label(val text: String, val updated: Long, val language: Locale)

    /** Reading a label opens the app's resources, by far the slowest part of a listing; it changes with updates only. */
    private val labels = ConcurrentHashMap<String, Label>()

    fun read(info: PackageInfo, hidden: Boolean?): JSONObject {
        val facts = JSONObject()
            .put("name", info.packageName)
            .putOpt("version_code", versionCode(info))
            .putOpt("version_name", info.versionName)
            .putOpt("signers", Signers.of(info))
            .putOpt("hidden", hidden)
        if (Build.VERSION.SDK_INT >= 29) facts.put("apex", info.isApex)
        val app = info.applicationInfo ?: return facts
        return facts
            .putOpt("label", label(info, app))
            .putOpt("installer", installer(app))
            .put("system", app has ApplicationInfo.FLAG_SYSTEM)
            .put("updated_system", app has ApplicationInfo.FLAG_UPDATED_SYSTEM_APP)
            .put("persistent", app has ApplicationInfo.FLAG_PERSISTENT)
            .put("uid", app.uid)
            .put("enabled", app.enabled)
            .put("suspended", app has ApplicationInfo.FLAG_SUSPENDED)
    }

    @Suppress("DEPRECATION")
    private fun versionCode(info: PackageInfo): Long? {
        val code = if (Build.VERSION.SDK_INT >= 28) info.longVersionCode else info.versionCode.toLong()
        return code.takeIf { it >= 0 } // the core counts from zero; a negative one is nothing it could compare
    }

    private fun label(info: PackageInfo, app: ApplicationInfo): String? {
        val language = Locale.getDefault()
        labels[info.packageName]?.let {
            if (it.updated == info.lastUpdateTime &&
                it.language == language
            ) {
                return it.text
            }
        }
        val text = packageManager.getApplicationLabel(app).toString()
        // Without its resources (a hidden app's, say) Android gives the package name instead.
        if (text == info.packageName) return null
        labels[info.packageName] = Label(text, info.lastUpdateTime, language)
        return text
    }

    /** Nobody installed what came with the phone and was never updated; asking costs a call each. */
    private fun installer(app: ApplicationInfo): String? {
        if (app has ApplicationInfo.FLAG_SYSTEM && !(app has ApplicationInfo.FLAG_UPDATED_SYSTEM_APP)) return null
        return try {
            if (Build.VERSION.SDK_INT >= 30) {
                packageManager.getInstallSourceInfo(app.packageName).initiatingPackageName
            } else {
                @Suppress("DEPRECATION")
                packageManager.getInstallerPackageName(app.packageName)
            }
        } catch (_: PackageManager.NameNotFoundException) {
            null // gone, or hidden from us, since it was listed
        } catch (_: IllegalArgumentException) {
            null // how Android 8 to 10 say the same
        }
    }

    private infix fun ApplicationInfo.has(flag: Int): Boolean = flags and flag != 0
}
