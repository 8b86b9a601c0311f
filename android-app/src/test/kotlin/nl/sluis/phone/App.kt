package nl.sluis.phone

import android.content.Intent
import android.content.IntentFilter

/** One version of one app, as it comes from a factory or a store. */
data class App(
    val name: String,
    val label: String = name,
    val versionCode: Long = 1,
    val versionName: String = "1.0",
    /** The certificates that it is signed with now. */
    val signers: List<Certificate> = listOf(Certificate.of(name)),
    /** Older certificates that the current one was rotated from, oldest first. */
    val lineage: List<Certificate> = emptyList(),
    val system: Boolean = false,
    /** The version in the factory image, if this is an update of a system app: uninstalling brings it back. */
    val factory: App? = null,
    /** The package that installed it; whoever installs through [Phone.install] overrides it. */
    val installer: String? = null,
    val persistent: Boolean = false,
    val apex: Boolean = false,
    val enabled: Boolean = true,
    /** A system uid; ordinary apps get one when they are installed. */
    val uid: Int? = null,
    val handles: Set<Handles> = emptySet(),
    /** The permissions that its manifest asks for. */
    val permissions: List<String> = emptyList(),
    /** Classes of its manifest, beside those that [handles] stands for. */
    val activities: List<String> = emptyList(),
    val services: List<String> = emptyList(),
    val receivers: List<String> = emptyList(),
    val providers: List<String> = emptyList(),
    /** `<meta-data>` of the application. */
    val metaData: Map<String, String> = emptyMap()
) {
    /** Whether uninstalling it only brings the factory version back. */
    val updatedSystem: Boolean get() = factory != null
}

/** Kinds of components; each has its own queries in the package manager. */
enum class ComponentKind { ACTIVITY, SERVICE, RECEIVER }

/** One intent filter of a manifest. */
class Declared(
    private val action: String,
    private val category: String? = null,
    private val scheme: String? = null,
    private val type: String? = null
) {
    /** In the framework's own form, which does the matching. */
    val filter: IntentFilter
        get() = IntentFilter(action).apply {
            addCategory(Intent.CATEGORY_DEFAULT)
            category?.let(::addCategory)
            scheme?.let(::addDataScheme)
            type?.let(::addDataType)
        }
}

/** What an app declares in its manifest that it can do, by the intents that Android recognises it by. */
enum class Handles(val kind: ComponentKind, vararg val declared: Declared, val permission: String? = null) {
    LAUNCHER_ICON(ComponentKind.ACTIVITY, Declared(Intent.ACTION_MAIN, Intent.CATEGORY_LAUNCHER)),
    HOME(ComponentKind.ACTIVITY, Declared(Intent.ACTION_MAIN, Intent.CATEGORY_HOME)),

    /** What Settings declares so that there is always a home screen, even before the first unlock. */
    FALLBACK_HOME(ComponentKind.ACTIVITY, Declared(Intent.ACTION_MAIN, Intent.CATEGORY_HOME)),
    SETTINGS(ComponentKind.ACTIVITY, Declared("android.settings.SETTINGS")),
    EMERGENCY_DIALER(
        ComponentKind.ACTIVITY,
        Declared("com.android.phone.EmergencyDialer.DIAL"),
        Declared("android.intent.action.DIAL_EMERGENCY")
    ),
    PACKAGE_INSTALLER(
        ComponentKind.ACTIVITY,
        Declared(
            "android.intent.action.INSTALL_PACKAGE",
            scheme = "content",
            type = "application/vnd.android.package-archive"
        ),
        Declared("android.intent.action.UNINSTALL_PACKAGE", scheme = "package")
    ),
    PERMISSION_CONTROLLER(
        ComponentKind.ACTIVITY,
        Declared("android.content.pm.action.REQUEST_PERMISSIONS"),
        Declared("android.intent.action.MANAGE_PERMISSIONS")
    ),
    KEYBOARD(
        ComponentKind.SERVICE,
        Declared("android.view.InputMethod"),
        permission = "android.permission.BIND_INPUT_METHOD"
    ),
    ACCESSIBILITY(
        ComponentKind.SERVICE,
        Declared("android.accessibilityservice.AccessibilityService"),
        permission = "android.permission.BIND_ACCESSIBILITY_SERVICE"
    ),
    VPN(ComponentKind.SERVICE, Declared("android.net.VpnService"), permission = "android.permission.BIND_VPN_SERVICE"),
    ESIM(
        ComponentKind.SERVICE,
        Declared("android.service.euicc.EuiccService"),
        permission = "android.permission.BIND_EUICC_SERVICE"
    ),
    CELL_BROADCAST(
        ComponentKind.RECEIVER,
        Declared("android.provider.Telephony.SMS_CB_RECEIVED"),
        Declared("android.provider.action.SMS_EMERGENCY_CB_RECEIVED"),
        permission = "android.permission.BROADCAST_SMS"
    )
    ;

    /** Whether it runs before the first unlock; the home screens that people choose do not. */
    val directBootAware: Boolean
        get() = this != HOME

    /** The class that the manifest names. */
    val componentName: String
        get() = name.split('_').joinToString("") { it.lowercase().replaceFirstChar(Char::uppercase) }

    /** Whether Android would bring this intent to it. */
    fun takes(intent: Intent): Boolean = declared.any {
        it.filter.match(intent.action, intent.type, intent.scheme, intent.data, intent.categories, name) >= 0
    }
}
