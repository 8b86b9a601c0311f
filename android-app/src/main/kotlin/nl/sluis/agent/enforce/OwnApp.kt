package nl.sluis.agent.enforce

import android.app.admin.DevicePolicyManager
import android.content.Context
import android.content.pm.PackageInfo
import android.os.Build
import org.json.JSONObject

/** This app, as the phone has it. */
internal class OwnApp(context: Context) {
    private val packages = context.packageManager
    private val policy = context.getSystemService(DevicePolicyManager::class.java)

    /** Its package. */
    val name: String = context.packageName

    /** Whether the phone lets it install a new version of itself without asking anybody. */
    val installsSilently: Boolean get() = policy.isDeviceOwnerApp(name)

    /** As the core's message contract has it. */
    fun installed(): JSONObject = JSONObject()
        .put("package", name)
        .put("version_code", versionCode(packages.getPackageInfo(name, 0)))
        .put("sdk", Build.VERSION.SDK_INT)
        .put("installs_silently", installsSilently)
}

internal fun versionCode(info: PackageInfo): Long = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) {
    info.longVersionCode
} else {
    @Suppress("DEPRECATION") // The longer one exists from API 28 on.
    info.versionCode.toLong()
}
