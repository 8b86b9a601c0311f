package nl.sluis.agent.enforce

import android.app.admin.DevicePolicyManager
import android.os.Build
import android.os.UserManager
import nl.sluis.agent.core.ActionResult
import nl.sluis.agent.core.Step
import nl.sluis.phone.App
import nl.sluis.phone.Phone
import nl.sluis.phone.PhoneModel
import nl.sluis.phone.RoleHolders
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

/** The switches of the phone itself, on Android's own policy service: on, read back, and off again. */
@RunWith(RobolectricTestRunner::class)
class SwitchesTest {
    private val phone = Phone(PhoneModel(listOf(App(KEYBOARD, "Keyboard")))).apply { becomeDeviceOwner() }
    private val enforcer = Enforcer(phone.agent)
    private val policy = phone.agent.getSystemService(DevicePolicyManager::class.java)

    @After
    fun switchOff() = phone.close()

    private fun turnOn(name: String, vararg values: String) = enforcer.carryOut(Step.Restrict(name, values.toList()))

    private fun turnOff(name: String) = enforcer.carryOut(Step.Unrestrict(name))

    private fun assertDone(result: ActionResult, restricted: Boolean) {
        assertNull(result.failure)
        assertEquals(restricted, result.restricted)
    }

    @Test
    fun `every restriction that this Android has is set, holds, and is lifted`() {
        val keys = RESTRICTIONS.filterValues { it <= Build.VERSION.SDK_INT }.keys
        for (key in keys) {
            assertDone(turnOn(key), true)
            assertTrue(key, key in phone.restrictions)
            assertDone(turnOff(key), false)
            // Some versions of Android keep a phone with an owner from having work profiles, whatever the owner asks.
            if (key != UserManager.DISALLOW_ADD_MANAGED_PROFILE) assertFalse(key, key in phone.restrictions)
        }
    }

    @Test
    fun `the core's names of restrictions are Android's`() {
        val android = UserManager::class.java.fields
            .filter { it.name.startsWith("DISALLOW_") && it.type == String::class.java }
            .map { it.get(null) }
        for ((key, since) in RESTRICTIONS) {
            assertEquals(key, Build.VERSION.SDK_INT >= since, key in android)
        }
    }

    @Test
    fun `permitted keyboards are set, replaced and given up`() {
        assertDone(turnOn("keyboards", KEYBOARD), true)
        assertEquals(listOf(KEYBOARD), policy.getPermittedInputMethods(phone.admin))
        assertDone(turnOn("keyboards"), true)
        assertEquals(emptyList<String>(), policy.getPermittedInputMethods(phone.admin))
        assertDone(turnOff("keyboards"), false)
        assertNull(policy.getPermittedInputMethods(phone.admin))
    }

    @Test
    fun `a list without the keyboard that is in use is not taken, and that is told`() {
        phone.roles = RoleHolders(enabledKeyboards = listOf(KEYBOARD))
        val result = turnOn("keyboards")
        assertTrue("$result", "in use" in result.failure.orEmpty())
        assertEquals(false, result.restricted)
    }

    @Test
    fun `the time goes by the network, and people may set the clock again when no policy wants that any more`() {
        assertDone(turnOn("automatic_time"), true)
        assertDone(turnOff("automatic_time"), false)
    }

    @Test
    fun `sites are blocked in managed browsers, and their other settings stay`() {
        val chrome = policy.getApplicationRestrictions(phone.admin, CHROME)
        chrome.putString("HomepageLocation", "about:blank")
        policy.setApplicationRestrictions(phone.admin, CHROME, chrome)
        assertDone(turnOn("blocked_web", "tiktok.com", "vk.com"), true)
        for (browser in listOf(CHROME, "com.microsoft.emmx")) {
            val settings = policy.getApplicationRestrictions(phone.admin, browser)
            assertEquals("""["tiktok.com","vk.com"]""", settings.getString("URLBlocklist"))
        }
        assertDone(turnOff("blocked_web"), false)
        val settings = policy.getApplicationRestrictions(phone.admin, CHROME)
        assertEquals(setOf("HomepageLocation"), settings.keySet())
    }

    @Test
    fun `what this Android does not know is no switch that was turned on`() {
        assertEquals(false, turnOn("no_such_restriction").restricted)
    }

    private companion object {
        const val KEYBOARD = "org.keyboard"
        const val CHROME = "com.android.chrome"

        /** What the core may ask for, and since which API level Android has it. */
        val RESTRICTIONS = mapOf(
            "no_install_unknown_sources" to 18,
            "no_debugging_features" to 21,
            "no_add_user" to 21,
            "no_factory_reset" to 21,
            "no_physical_media" to 21,
            "no_usb_file_transfer" to 21,
            "no_install_apps" to 18,
            "no_safe_boot" to 23,
            "no_add_managed_profile" to 26,
            "no_user_switch" to 28,
            "no_config_date_time" to 28,
            "no_install_unknown_sources_globally" to 29,
            "no_add_clone_profile" to 34,
            "no_add_private_profile" to 35
        )
    }
}
