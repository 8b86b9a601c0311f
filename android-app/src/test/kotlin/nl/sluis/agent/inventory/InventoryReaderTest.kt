package nl.sluis.agent.inventory

import android.os.Build
import nl.sluis.phone.App
import nl.sluis.phone.Certificate
import nl.sluis.phone.Phone
import nl.sluis.phone.PhoneModel
import org.json.JSONArray
import org.json.JSONObject
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

/** That the core hears what is on the phone, and nothing that could not be read. */
@RunWith(RobolectricTestRunner::class)
class InventoryReaderTest {
    private val api = Build.VERSION.SDK_INT
    private val old = Certificate.of("chat, 2015")
    private val new = Certificate.of("chat, 2024")
    private val phone = Phone(
        PhoneModel(
            listOf(
                App(
                    "com.example.chat",
                    "Chat",
                    7,
                    "7.1",
                    signers = listOf(new),
                    lineage = listOf(old),
                    installer = STORE
                ),
                App("com.example.joint", signers = listOf(old, new)),
                App(
                    "com.example.game",
                    permissions = listOf("android.permission.READ_SMS"),
                    activities = listOf("com.example.game.Play", "com.bytedance.sdk.Banner"),
                    services = listOf("com.example.game.Music"),
                    receivers = listOf("com.example.game.Boot"),
                    providers = listOf("com.example.game.Scores"),
                    metaData = mapOf(START_URL to "https://tiktok.com/")
                ),
                App("org.chromium.webapk.a1b2", metaData = mapOf(START_URL to "https://tiktok.com/start")),
                App(
                    "com.example.monster",
                    activities = List(3_000) { "com.example.monster.Screen$it" },
                    services = listOf("com.bytedance.sdk.Service")
                ),
                App("com.maker.browser", "Browser", system = true, persistent = true),
                App("com.maker.off", system = true, enabled = false)
            )
        )
    )
    private val reader = InventoryReader(phone.agent)

    @After
    fun switchOff() = phone.close()

    @Test
    fun `every fact of an installed app is read`() {
        val facts = facts("com.example.chat")
        assertEquals("Chat", facts.getString("label"))
        assertEquals(7, facts.getLong("version_code"))
        assertEquals("7.1", facts.getString("version_name"))
        assertEquals(STORE, facts.getString("installer"))
        for (no in listOf(
            "system",
            "updated_system",
            "persistent",
            "hidden",
            "suspended"
        )) {
            assertFalse(no, facts.getBoolean(no))
        }
        assertTrue(facts.getBoolean("enabled"))
        assertTrue(facts.getInt("uid") >= 10000)
        assertEquals(api >= 29, facts.has("apex"))
    }

    @Test
    fun `a rotated certificate comes with its lineage`() {
        val signers = facts("com.example.chat").getJSONObject("signers")
        if (api >= 28) {
            assertEquals(listOf(new.sha256), signers.getJSONArray("current").strings())
            assertEquals(listOf(old.sha256), signers.getJSONArray("lineage").strings())
        } else {
            assertEquals(listOf(old.sha256), signers.getJSONArray("current").strings())
            assertEquals(emptyList<String>(), signers.getJSONArray("lineage").strings())
        }
    }

    @Test
    fun `several signers are all current and have no lineage`() {
        val signers = facts("com.example.joint").getJSONObject("signers")
        assertEquals(setOf(old.sha256, new.sha256), signers.getJSONArray("current").strings().toSet())
        assertEquals(0, signers.getJSONArray("lineage").length())
    }

    @Test
    fun `system, persistent, disabled and updated apps are told apart`() {
        assertTrue(facts("com.maker.browser").getBoolean("system"))
        assertTrue(facts("com.maker.browser").getBoolean("persistent"))
        assertFalse(facts("com.maker.browser").getBoolean("updated_system"))
        assertFalse(facts("com.maker.off").getBoolean("enabled"))
        phone.update(App("com.maker.browser", "Browser", versionCode = 2))
        assertTrue(facts("com.maker.browser").getBoolean("updated_system"))
    }

    @Test
    fun `hidden and suspended apps stay on the list`() {
        phone.becomeDeviceOwner()
        phone.devicePolicy.setApplicationHidden(phone.admin, "com.maker.browser", true)
        phone.devicePolicy.setPackagesSuspended(phone.admin, arrayOf("com.example.chat"), true)
        assertTrue(facts("com.maker.browser").getBoolean("hidden"))
        assertTrue(facts("com.example.chat").getBoolean("suspended"))
        assertFalse(facts("com.example.chat").getBoolean("hidden"))
    }

    @Test
    fun `what only an owner may ask is unknown to others`() {
        phone.becomeDeviceOwner()
        phone.devicePolicy.setApplicationHidden(phone.admin, "com.maker.browser", true)
        @Suppress("DEPRECATION")
        phone.devicePolicy.clearDeviceOwnerApp(Phone.AGENT)
        phone.settle()
        phone.forgetUnexpectedCalls()
        if (phone.isHidden("com.maker.browser")) assertFalse(facts("com.maker.browser").has("hidden"))
        assertFalse(reader.roles().has("vpn"))
    }

    @Test
    fun `one package alone reads as it does in the list, and an absent one is absent`() {
        val listed = inventory().getValue("com.example.chat")
        assertEquals(listed.toString(), reader.packageFacts("com.example.chat").toString())
        assertNull(reader.packageFacts("com.absent"))
        assertTrue(phone.uninstallByUser("com.example.chat"))
        assertNull(reader.packageFacts("com.example.chat"))
    }

    @Test
    fun `what is in manifests is told where a policy goes by it, and only there`() {
        val unread = facts("com.example.game")
        for (fact in listOf("permissions", "components", "web_origin")) assertFalse(fact, unread.has(fact))
        reader.withManifests = true
        val game = facts("com.example.game")
        assertEquals(listOf("android.permission.READ_SMS"), game.getJSONArray("permissions").strings())
        assertEquals(
            listOf(
                "com.example.game.Play",
                "com.bytedance.sdk.Banner",
                "com.example.game.Music",
                "com.example.game.Boot",
                "com.example.game.Scores"
            ),
            game.getJSONArray("components").strings()
        )
        assertEquals("https://tiktok.com/start", facts("org.chromium.webapk.a1b2").getString("web_origin"))
        assertFalse("any app can declare that", game.has("web_origin"))
        assertEquals(game.toString(), reader.packageFacts("com.example.game").toString())
        phone.update(App("com.example.game", versionCode = 2))
        assertEquals(emptyList<String>(), facts("com.example.game").getJSONArray("permissions").strings())
        assertEquals(emptyList<String>(), facts("com.example.game").getJSONArray("components").strings())
    }

    @Test
    fun `components of which not all can be read are unknown`() {
        reader.withManifests = true
        assertFalse(facts("com.example.monster").has("components"))
        assertTrue(facts("com.example.monster").has("permissions"))
    }

    private fun facts(name: String): JSONObject = inventory().getValue(name)

    private fun inventory(): Map<String, JSONObject> {
        val packages = reader.inventory().getJSONArray("packages")
        return (0 until packages.length()).map(packages::getJSONObject).associateBy { it.getString("name") }
    }

    private companion object {
        const val STORE = "com.android.vending"
        const val START_URL = "org.chromium.webapk.shell_apk.startUrl"
    }
}

internal fun JSONArray.strings(): List<String> = (0 until length()).map(::getString)
