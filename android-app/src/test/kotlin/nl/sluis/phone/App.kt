package nl.sluis.phone

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
) {
    /** Whether uninstalling it only brings the factory version back. */
    val updatedSystem: Boolean get() = factory != null
}

/** Kinds of components; each has its own queries in the package manager. */
enum class ComponentKind { ACTIVITY, SERVICE, RECEIVER }

/** What an app declares in its manifest that it can do, by the intents that Android recognises it by. */
enum class Handles(
    val kind: ComponentKind,
    val actions: List<String>,
    val category: String? = null,
    val scheme: String? = null,
    val permission: String? = null,
) {
    LAUNCHER_ICON(ComponentKind.ACTIVITY, listOf("android.intent.action.MAIN"), "android.intent.category.LAUNCHER"),
    HOME(ComponentKind.ACTIVITY, listOf("android.intent.action.MAIN"), "android.intent.category.HOME"),

    /** What Settings declares so that there is always a home screen, even before the first unlock. */
    FALLBACK_HOME(ComponentKind.ACTIVITY, listOf("android.intent.action.MAIN"), "android.intent.category.HOME"),
    SETTINGS(ComponentKind.ACTIVITY, listOf("android.settings.SETTINGS")),
    EMERGENCY_DIALER(
        ComponentKind.ACTIVITY,
        listOf("com.android.phone.EmergencyDialer.DIAL", "android.intent.action.DIAL_EMERGENCY"),
    ),
    PACKAGE_INSTALLER(
        ComponentKind.ACTIVITY,
        listOf("android.intent.action.INSTALL_PACKAGE", "android.intent.action.UNINSTALL_PACKAGE"),
    ),
    PERMISSION_CONTROLLER(
        ComponentKind.ACTIVITY,
        listOf("android.content.pm.action.REQUEST_PERMISSIONS", "android.intent.action.MANAGE_PERMISSIONS"),
    ),
    KEYBOARD(
        ComponentKind.SERVICE,
        listOf("android.view.InputMethod"),
        permission = "android.permission.BIND_INPUT_METHOD",
    ),
    ACCESSIBILITY(
        ComponentKind.SERVICE,
        listOf("android.accessibilityservice.AccessibilityService"),
        permission = "android.permission.BIND_ACCESSIBILITY_SERVICE",
    ),
    VPN(ComponentKind.SERVICE, listOf("android.net.VpnService"), permission = "android.permission.BIND_VPN_SERVICE"),
    ESIM(
        ComponentKind.SERVICE,
        listOf("android.service.euicc.EuiccService"),
        permission = "android.permission.BIND_EUICC_SERVICE",
    ),
    CELL_BROADCAST(
        ComponentKind.RECEIVER,
        listOf(
            "android.provider.Telephony.SMS_CB_RECEIVED",
            "android.provider.action.SMS_EMERGENCY_CB_RECEIVED",
        ),
        permission = "android.permission.BROADCAST_SMS",
    ),
}
