package nl.sluis.phone

import android.accessibilityservice.AccessibilityServiceInfo
import android.app.Application
import android.content.pm.ResolveInfo
import android.content.pm.ServiceInfo
import android.net.ConnectivityManager
import android.net.NetworkCapabilities
import android.os.Build
import android.provider.Settings
import android.telecom.TelecomManager
import android.view.accessibility.AccessibilityManager
import android.view.inputmethod.InputMethodManager
import org.robolectric.Shadows.shadowOf
import org.robolectric.shadows.ShadowNetwork
import org.robolectric.shadows.ShadowNetworkCapabilities
import org.robolectric.shadows.ShadowTelephony
import org.robolectric.shadows.ShadowWebView

/** Tells the framework's services who holds which role. */
internal object RoleSettings {
    fun apply(app: Application, roles: RoleHolders, infos: PackageInfos) {
        val telecom = shadowOf(app.getSystemService(TelecomManager::class.java))
        telecom.setDefaultDialerPackage(roles.dialer)
        telecom.setSystemDialerPackage(roles.systemDialer)
        ShadowTelephony.ShadowSms.setDefaultSmsPackage(roles.sms)
        val keyboard = roles.keyboard?.let { "$it/.Keyboard" }
        Settings.Secure.putString(app.contentResolver, Settings.Secure.DEFAULT_INPUT_METHOD, keyboard)
        shadowOf(app.getSystemService(InputMethodManager::class.java))
            .setEnabledInputMethodInfoList(InputMethods.of(roles))
        val accessibility = roles.accessibility.joinToString(":") { "$it/.Accessibility" }
        val setting = Settings.Secure.ENABLED_ACCESSIBILITY_SERVICES
        Settings.Secure.putString(app.contentResolver, setting, accessibility)
        shadowOf(app.getSystemService(AccessibilityManager::class.java))
            .setEnabledAccessibilityServiceList(roles.boundAccessibility.map(::accessibilityService))
        vpn(app, roles.vpnIsUp)
        ShadowWebView.setCurrentWebViewPackage(roles.webView?.let { infos.packageInfo(it, 0, 0) })
    }

    private fun accessibilityService(packageName: String) = AccessibilityServiceInfo().apply {
        val resolved = ResolveInfo().apply {
            serviceInfo = ServiceInfo().apply {
                this.packageName = packageName
                name = "$packageName.Accessibility"
            }
        }
        AccessibilityServiceInfo::class.java.getDeclaredField("mResolveInfo").apply {
            isAccessible = true
        }.set(this, resolved)
    }

    private fun vpn(app: Application, isUp: Boolean) {
        val connectivity = shadowOf(app.getSystemService(ConnectivityManager::class.java))
        val network = ShadowNetwork.newInstance(VPN_NETWORK)
        val capabilities = ShadowNetworkCapabilities.newInstance()
        if (isUp) shadowOf(capabilities).addTransportType(NetworkCapabilities.TRANSPORT_VPN)
        @Suppress("DEPRECATION")
        connectivity.addNetwork(network, connectivityInfo())
        connectivity.setNetworkCapabilities(network, capabilities)
    }

    @Suppress("DEPRECATION")
    private fun connectivityInfo() = org.robolectric.shadows.ShadowNetworkInfo.newInstance(
        android.net.NetworkInfo.DetailedState.CONNECTED,
        ConnectivityManager.TYPE_VPN,
        0,
        true,
        android.net.NetworkInfo.State.CONNECTED
    )

    private const val VPN_NETWORK = 1700
}
