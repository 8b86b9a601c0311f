package nl.sluis.agent.inventory

import android.os.Build
import nl.sluis.phone.App
import nl.sluis.phone.Handles
import nl.sluis.phone.Phone
import nl.sluis.phone.PhoneModel
import nl.sluis.phone.RoleHolders
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

/** That whoever keeps the phone a phone is named by role, whoever that is on this make. */
@RunWith(RobolectricTestRunner::class)
class RoleReaderTest {
    private val phone = Phone(
        PhoneModel(
            listOf(
                App("com.maker.phone", system = true, uid = 1001, handles = setOf(Handles.EMERGENCY_DIALER)),
                App("com.maker.settings", system = true, handles = setOf(Handles.SETTINGS, Handles.FALLBACK_HOME)),
                App("com.maker.launcher", system = true, handles = setOf(Handles.HOME)),
                App("com.maker.installer", system = true, handles = setOf(Handles.PACKAGE_INSTALLER)),
                App("com.maker.permissions", system = true, handles = setOf(Handles.PERMISSION_CONTROLLER)),
                App("com.maker.alert", system = true, handles = setOf(Handles.CELL_BROADCAST)),
                App("com.maker.esim", system = true, handles = setOf(Handles.ESIM)),
                App("com.maker.webview", system = true),
                App("com.nice.launcher", handles = setOf(Handles.HOME)),
                App("com.work.vpn", handles = setOf(Handles.VPN)),
                App("com.tik", handles = Handles.entries.toSet() - Handles.HOME - Handles.VPN - Handles.FALLBACK_HOME)
            ),
            RoleHolders(
                home = "com.maker.launcher",
                dialer = "com.nice.dialer",
                systemDialer = "com.maker.dialer",
                sms = "com.maker.sms",
                keyboard = "com.maker.keyboard",
                enabledKeyboards = listOf("com.maker.keyboard", "com.nice.keyboard"),
                accessibility = listOf("com.reader"),
                webView = "com.maker.webview"
            )
        )
    ).apply { becomeDeviceOwner() }

    @After
    fun switchOff() = phone.close()

    @Test
    fun `roles that people choose are read`() {
        val dialers = if (Build.VERSION.SDK_INT >=
            29
        ) {
            listOf("com.maker.dialer", "com.nice.dialer")
        } else {
            listOf("com.nice.dialer")
        }
        assertEquals(dialers, role("dialer"))
        assertEquals(listOf("com.maker.sms"), role("sms"))
        assertEquals(listOf("com.maker.launcher"), role("home"))
        assertEquals(listOf("com.maker.launcher", "com.nice.launcher"), role("home_candidates"))
        assertEquals(listOf("com.maker.keyboard"), role("keyboard"))
        assertEquals(listOf("com.maker.keyboard", "com.nice.keyboard"), role("keyboard_candidates"))
        assertEquals(listOf("com.reader"), role("accessibility"))
        assertEquals(listOf("com.maker.webview"), role("webview"))
        assertEquals(listOf(Phone.AGENT), role("device_admin"))
    }

    @Test
    fun `roles of the system are read, and no app takes one by declaring it`() {
        assertEquals(listOf("com.maker.permissions"), role("permission_controller"))
        assertEquals(listOf("com.maker.installer"), role("package_installer"))
        assertEquals(listOf("com.maker.settings"), role("settings"))
        assertEquals(listOf("com.maker.phone"), role("emergency"))
        assertEquals(listOf("com.maker.alert"), role("cell_broadcast"))
        assertEquals(listOf("com.maker.esim"), role("esim"))
        assertEquals(listOf("com.maker.phone"), role("telephony"))
    }

    @Test
    fun `a VPN counts while it is up or always on`() {
        assertEquals(emptyList<String>(), role("vpn"))
        phone.roles = phone.roles.copy(vpnIsUp = true)
        assertEquals(listOf("com.work.vpn"), role("vpn"))
        phone.roles = phone.roles.copy(vpnIsUp = false, alwaysOnVpn = "com.other.vpn")
        assertEquals(listOf("com.other.vpn"), role("vpn"))
    }

    @Test
    fun `with no home chosen nobody holds that role and the candidates remain`() {
        phone.roles = phone.roles.copy(home = null)
        assertEquals(emptyList<String>(), role("home"))
        assertEquals(listOf("com.maker.launcher", "com.nice.launcher"), role("home_candidates"))
    }

    @Test
    fun `before the first unlock the home screen is the chosen one and not the stopgap in Settings`() {
        phone.isUnlocked = false
        assertEquals(listOf("com.maker.launcher"), role("home"))
        assertEquals(listOf("com.maker.launcher", "com.nice.launcher"), role("home_candidates"))
        phone.roles = phone.roles.copy(home = null)
        assertEquals("nobody was chosen", emptyList<String>(), role("home"))
    }

    @Test
    fun `what only listens is no keyboard`() {
        phone.roles = phone.roles.copy(
            enabledKeyboards = listOf("com.maker.keyboard"),
            enabledInputMethods = mapOf(
                "com.maker.voice" to listOf("voice"),
                "com.maker.handy" to listOf("auxiliary keyboard", "voice"),
                "com.nice.keyboard" to listOf("voice", "keyboard")
            )
        )
        assertEquals(listOf("com.maker.keyboard", "com.nice.keyboard"), role("keyboard_candidates"))
    }

    @Test
    fun `right after a boot the accessibility services are those that will be bound`() {
        val enabled = listOf("com.reader", "com.switch")
        phone.roles = phone.roles.copy(accessibility = enabled, boundAccessibility = emptyList())
        assertEquals(enabled, role("accessibility"))
    }

    @Test
    fun `roles that nobody holds are empty, not unknown`() {
        phone.roles = RoleHolders()
        val roles = InventoryReader(phone.agent).roles()
        for (role in listOf("dialer", "sms", "keyboard", "keyboard_candidates", "accessibility", "webview")) {
            assertTrue(role, roles.has(role))
            assertEquals(role, 0, roles.getJSONArray(role).length())
        }
        assertFalse(roles.has("no_such_role"))
    }

    private fun role(name: String): List<String> = InventoryReader(phone.agent).roles().getJSONArray(name).strings()
}
