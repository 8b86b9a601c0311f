package nl.sluis.story

import java.io.File
import nl.sluis.phone.App
import nl.sluis.phone.Certificate
import nl.sluis.phone.Handles
import nl.sluis.phone.PhoneModel
import nl.sluis.phone.RoleHolders

/**
 * Phones made from the inventories of real ones. An inventory is a list of names; who holds which role on such a phone,
 * and what runs under a system uid, is modelled after what the maker ships.
 */
object RealPhones {
    private const val FIRST_APPLICATION_UID = 10_000
    private const val SYSTEM_UID = 1_000
    private const val RADIO_UID = 1_001

    private fun inventory(name: String): File {
        val project = checkNotNull(System.getProperty("sluis.project")) { "the property sluis.project is not set" }
        return File(project, "tests/inventories/$name")
    }

    /** What a civil servant installs. */
    object Installed {
        val tiktok = App("com.zhiliaoapp.musically", label = "TikTok", versionCode = 2_023_005_040)
        val aliExpress = App("com.alibaba.aliexpresshd", label = "AliExpress", versionCode = 1_480)
        val weChat = App("com.tencent.mm", label = "WeChat", versionCode = 2_400)
        val whatsApp = App("com.whatsapp", label = "WhatsApp", versionCode = 231_676_000)
        val travel = App("nl.ns.android.activity", label = "NS", versionCode = 6_210)
        val telegram = App("org.telegram.messenger", label = "Telegram", versionCode = 33_000)
        val all = listOf(tiktok, aliExpress, weChat, whatsApp, travel, telegram)
    }

    /** A Samsung Galaxy S10e with Android 11's packages. */
    fun samsung(): PhoneModel {
        val known = mapOf(
            "com.sec.android.app.launcher" to setOf(Handles.HOME),
            "com.android.settings" to setOf(Handles.SETTINGS, Handles.FALLBACK_HOME),
            "com.samsung.android.honeyboard" to setOf(Handles.KEYBOARD),
            "com.google.android.packageinstaller" to setOf(Handles.PACKAGE_INSTALLER),
            "com.google.android.permissioncontroller" to setOf(Handles.PERMISSION_CONTROLLER),
            "com.android.cellbroadcastreceiver" to setOf(Handles.CELL_BROADCAST)
        )
        val roles = RoleHolders(
            home = "com.sec.android.app.launcher",
            dialer = "com.samsung.android.dialer",
            systemDialer = "com.samsung.android.dialer",
            sms = "com.samsung.android.messaging",
            keyboard = "com.samsung.android.honeyboard",
            webView = "com.google.android.webview"
        )
        return phone("samsung-s10e-android11.txt", known, roles).labelled("com.facebook.katana", "Facebook") +
            Installed.all
    }

    /**
     * A vivo with its ROM for China: home screen, keyboards, emergency app and permission manager are the maker's own, so
     * a rule against everything controlled from there would leave a brick.
     */
    fun vivo(): PhoneModel {
        val known = mapOf(
            "com.bbk.launcher2" to setOf(Handles.HOME),
            "com.vivo.privacylauncher" to setOf(Handles.HOME),
            "com.android.settings" to setOf(Handles.SETTINGS, Handles.FALLBACK_HOME),
            "com.sohu.inputmethod.sogou.vivo" to setOf(Handles.KEYBOARD),
            "com.baidu.input_vivo" to setOf(Handles.KEYBOARD),
            "com.android.packageinstaller" to setOf(Handles.PACKAGE_INSTALLER),
            "com.vivo.permissionmanager" to setOf(Handles.PERMISSION_CONTROLLER),
            "com.android.permissioncontroller" to setOf(Handles.PERMISSION_CONTROLLER),
            "com.vivo.sos" to setOf(Handles.EMERGENCY_DIALER),
            "com.vivo.accessibility" to setOf(Handles.ACCESSIBILITY),
            "com.android.cellbroadcastreceiver" to setOf(Handles.CELL_BROADCAST)
        )
        val roles = RoleHolders(
            home = "com.bbk.launcher2",
            dialer = "com.android.contacts",
            systemDialer = "com.android.contacts",
            sms = "com.android.mms",
            keyboard = "com.sohu.inputmethod.sogou.vivo",
            enabledKeyboards = listOf("com.sohu.inputmethod.sogou.vivo", "com.baidu.input_vivo"),
            accessibility = listOf("com.vivo.accessibility"),
            webView = "com.google.android.webview"
        )
        val uids = mapOf("com.vivo.systemuiplugin" to SYSTEM_UID, "com.vivo.daemonService" to SYSTEM_UID)
        val system = phone("vivo-china-rom-system.txt", known, roles, uids)
        return system + PhoneModel.fromInventory(inventory("vivo-china-rom-user.txt"), isSystem = { false }).apps
    }

    private fun phone(
        file: String,
        handles: Map<String, Set<Handles>>,
        roles: RoleHolders,
        uids: Map<String, Int> = emptyMap()
    ): PhoneModel {
        val telephony = setOf("com.android.phone", "com.android.server.telecom")
        val core = setOf("android", "com.android.systemui", "com.android.settings", "com.android.providers.settings")
        val model = PhoneModel.fromInventory(inventory(file), roles = roles)
        return model.copy(
            apps = model.apps.map { app ->
                val uid = uids[app.name] ?: when (app.name) {
                    in telephony -> RADIO_UID
                    in core -> SYSTEM_UID
                    else -> app.uid
                }
                app.copy(
                    uid = uid,
                    handles = handles[app.name].orEmpty(),
                    persistent = app.name == "com.android.systemui" || app.name == "com.android.phone",
                    signers = listOf(Certificate.of(if (isSystem(uid)) "platform" else app.name))
                )
            }
        )
    }

    private fun isSystem(uid: Int?) = uid != null && uid < FIRST_APPLICATION_UID

    private fun PhoneModel.labelled(name: String, label: String) =
        copy(apps = apps.map { if (it.name == name) it.copy(label = label) else it })
}
