package nl.sluis.agent.inventory

import android.accessibilityservice.AccessibilityServiceInfo
import android.app.admin.DevicePolicyManager
import android.content.ComponentName
import android.content.Context
import android.content.Intent
import android.content.pm.PackageManager
import android.content.pm.ResolveInfo
import android.net.ConnectivityManager
import android.net.NetworkCapabilities
import android.net.Uri
import android.net.VpnService
import android.os.Build
import android.provider.Settings
import android.provider.Telephony
import android.telecom.TelecomManager
import android.util.Log
import android.view.accessibility.AccessibilityManager
import android.view.inputmethod.InputMethodInfo
import android.view.inputmethod.InputMethodManager
import android.webkit.WebView
import nl.sluis.agent.AdminReceiver

/** Who holds which role on this phone now, by the framework's public questions; what it means is the core's affair. */
internal class RoleReader(private val context: Context) {
    private val packageManager: PackageManager = context.packageManager
    private val devicePolicy = context.getSystemService(DevicePolicyManager::class.java)

    private val readers: Map<String, () -> Collection<String?>> = mapOf(
        "dialer" to ::dialer,
        "sms" to { listOf(Telephony.Sms.getDefaultSmsPackage(context)) },
        "home" to ::home,
        "home_candidates" to ::homeCandidates,
        "keyboard" to ::keyboard,
        "keyboard_candidates" to ::keyboardCandidates,
        "accessibility" to ::accessibility,
        "vpn" to ::vpn,
        "device_admin" to { devicePolicy.activeAdmins.orEmpty().map(ComponentName::getPackageName) },
        "webview" to { listOf(WebView.getCurrentWebViewPackage()?.packageName) },
        "permission_controller" to {
            activities(Intent("android.content.pm.action.REQUEST_PERMISSIONS")) +
                activities(Intent("android.intent.action.MANAGE_PERMISSIONS"))
        },
        "package_installer" to ::packageInstaller,
        "settings" to { activities(Intent(Settings.ACTION_SETTINGS)) },
        "emergency" to {
            activities(Intent("com.android.phone.EmergencyDialer.DIAL")) +
                activities(Intent("android.intent.action.DIAL_EMERGENCY"))
        },
        "cell_broadcast" to {
            receivers(Intent("android.provider.Telephony.SMS_CB_RECEIVED")) +
                receivers(Intent("android.provider.action.SMS_EMERGENCY_CB_RECEIVED"))
        },
        "esim" to { services(Intent("android.service.euicc.EuiccService"), PackageManager.MATCH_SYSTEM_ONLY) },
        "telephony" to { packageManager.getPackagesForUid(PHONE_UID).orEmpty().toList() }
    )

    /** Role name → package names, sorted; empty when nobody holds it, absent when that could not be read. */
    fun read(): Map<String, List<String>> = buildMap {
        for ((role, reader) in readers) {
            try {
                put(role, reader().filterNotNull().distinct().sorted())
            } catch (e: RuntimeException) {
                // Makers' services fail in their own ways; one of them must not cost us the whole list.
                Log.w(TAG, "the role $role could not be read", e)
            }
        }
    }

    private fun dialer(): List<String?> {
        val telecom = required(TelecomManager::class.java)
        val system = if (Build.VERSION.SDK_INT >= 29) telecom.systemDialerPackage else null
        return listOf(telecom.defaultDialerPackage, system)
    }

    /** Asked for in both boot states: before the first unlock Android would name Settings' stopgap otherwise. */
    private fun home(): List<String?> {
        val resolved = packageManager.resolveActivity(HOME, PackageManager.MATCH_DEFAULT_ONLY or BOOT_STATES)
        val candidates = homeCandidates()
        // With several and no choice made it is a chooser, Android's or the maker's: no home screen itself.
        return listOf(resolved?.takeIf { it.priority >= 0 }?.packageName?.takeIf { it in candidates })
    }

    /** All home screens but the one in Settings for the time before the first unlock, which ranks below every other. */
    private fun homeCandidates(): List<String?> =
        packageManager.queryIntentActivities(HOME, BOOT_STATES).filter { it.priority >= 0 }.map { it.packageName }

    private fun keyboard(): List<String?> {
        val id = Settings.Secure.getString(context.contentResolver, Settings.Secure.DEFAULT_INPUT_METHOD)
        return listOf(id?.let(ComponentName::unflattenFromString)?.packageName)
    }

    private fun keyboardCandidates(): List<String?> {
        val manager = required(InputMethodManager::class.java)
        return manager.enabledInputMethodList.filter { isKeyboard(manager, it) }.map { it.packageName }
    }

    /** Voice input is an input method, too, but nobody could type a password with it. */
    private fun isKeyboard(manager: InputMethodManager, method: InputMethodInfo): Boolean = method.subtypeCount == 0 ||
        manager.getEnabledInputMethodSubtypeList(method, true).any { it.mode == "keyboard" && !it.isAuxiliary }

    /** Those that are bound, and those that the setting names: right after a boot none is bound yet. */
    private fun accessibility(): List<String?> {
        val bound = required(AccessibilityManager::class.java)
            .getEnabledAccessibilityServiceList(AccessibilityServiceInfo.FEEDBACK_ALL_MASK)
            .map { it.resolveInfo?.packageName }
        val enabled = Settings.Secure.getString(
            context.contentResolver,
            Settings.Secure.ENABLED_ACCESSIBILITY_SERVICES
        )
        return bound + enabled.orEmpty().split(':').map { ComponentName.unflattenFromString(it)?.packageName }
    }

    /** Android does not tell whose VPN is up; so while one is, everybody counts who could provide it. */
    private fun vpn(): List<String?> {
        val alwaysOn = devicePolicy.getAlwaysOnVpnPackage(ComponentName(context, AdminReceiver::class.java))
        val providers = if (vpnIsUp()) services(Intent(VpnService.SERVICE_INTERFACE)) else emptyList()
        return providers + alwaysOn
    }

    private fun vpnIsUp(): Boolean {
        val connectivity = required(ConnectivityManager::class.java)
        @Suppress("DEPRECATION") // the only way to ask for those that are not ours
        return connectivity.allNetworks.any {
            connectivity.getNetworkCapabilities(it)?.hasTransport(NetworkCapabilities.TRANSPORT_VPN) == true
        }
    }

    @Suppress("DEPRECATION") // how the installer is recognised by the platform itself
    private fun packageInstaller(): List<String?> {
        val install = Intent(Intent.ACTION_INSTALL_PACKAGE)
            .setDataAndType(Uri.parse("content://example/app.apk"), "application/vnd.android.package-archive")
        val uninstall = Intent(Intent.ACTION_UNINSTALL_PACKAGE, Uri.fromParts("package", context.packageName, null))
        return activities(install) + activities(uninstall)
    }

    // Of the system only: an app must not be able to escape policy by declaring that it, too, can handle this.

    private fun activities(intent: Intent): List<String?> =
        packageManager.queryIntentActivities(intent, OF_SYSTEM).map { it.packageName }

    private fun receivers(intent: Intent): List<String?> =
        packageManager.queryBroadcastReceivers(intent, OF_SYSTEM).map { it.packageName }

    private fun services(intent: Intent, more: Int = 0): List<String?> =
        packageManager.queryIntentServices(intent, BOOT_STATES or more).map { it.packageName }

    private fun <T : Any> required(type: Class<T>): T =
        checkNotNull(context.getSystemService(type)) { "this phone has no ${type.simpleName}" }

    private val ResolveInfo.packageName: String?
        get() = (activityInfo ?: serviceInfo)?.packageName

    private companion object {
        const val TAG = "Sluis"

        /** `android.os.Process.PHONE_UID`: what shares the uid of the telephony process. */
        const val PHONE_UID = 1001
        const val BOOT_STATES = PackageManager.MATCH_DIRECT_BOOT_AWARE or PackageManager.MATCH_DIRECT_BOOT_UNAWARE
        const val OF_SYSTEM = BOOT_STATES or PackageManager.MATCH_SYSTEM_ONLY
        val HOME: Intent = Intent(Intent.ACTION_MAIN).addCategory(Intent.CATEGORY_HOME)
    }
}
