package nl.sluis.story

import android.app.Application
import android.content.Intent
import android.net.Uri
import android.os.SystemClock
import java.io.File
import java.nio.file.Files
import java.time.Duration
import java.time.Instant
import java.time.temporal.ChronoUnit
import nl.sluis.agent.ComplianceActivity
import nl.sluis.agent.GrantActivity
import nl.sluis.phone.NativeLibrary
import nl.sluis.story.RealPhones.Installed
import org.json.JSONArray
import org.json.JSONObject
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.GraphicsMode

/** An inspector has to look at what is forbidden to everybody else. */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
class GrantTest {
    private val desk = Files.createTempDirectory("sluis-desk").toFile()
    private val province = Administrator(desk, "province")
    private val server = FeedServer()
    private val begin: Instant = Instant.now().truncatedTo(ChronoUnit.SECONDS)
    private lateinit var enrolled: EnrolledPhone

    @Before
    fun enrol() {
        NativeLibrary.loadForAgent()
        val root = province.makeFeed()
        publish(province.makeGrantKey())
        server.serve(province.name, province.feed)
        enrolled = EnrolledPhone(RealPhones.samsung().let { it.copy(apps = it.apps - Installed.all.toSet()) })
        val feed = JSONObject().put("name", province.name).put("url", server.address(province.name))
            .put("root_sha256", root)
        val configuration = JSONObject().put("feeds", JSONArray().put(feed)).put("allow_loopback_http", true)
        enrolled.enrol(configuration.toString())
    }

    @After
    fun clearTheDesk() {
        enrolled.close()
        server.close()
        desk.deleteRecursively()
    }

    /** TikTok and WhatsApp are forbidden; inspectors may use both for a year. What was there first has two days. */
    private fun publish(grantKey: String) {
        fun rule(id: String, remedy: String, name: String) = JSONObject().put("id", id).put("effect", "deny")
            .put("match", JSONObject().put("packages", JSONArray().put(name))).put("remedy", remedy).put("grace", "P2D")
        fun exemption(rule: String, name: String) = JSONObject().put("rule", rule)
            .put("packages", JSONArray().put(name)).put("groups", JSONArray().put("toezicht"))
            .put("purpose", JSONObject().put("nl", "Toezicht op reclame"))
            .put("until", (begin + Duration.ofDays(365)).toString())
        val key = JSONObject().put("key", grantKey).put("groups", JSONArray().put("toezicht"))
        val organisation = JSONObject().put("name", JSONObject().put("nl", "Provincie Voorbeeld"))
        val policy = JSONObject().put("format", "sluis.policy/1").put("layer", "province")
            .put("organisation", organisation).put("stance", "open")
            .put("rules", JSONArray().put(rule("tiktok", "remove", TIKTOK)).put(rule("whatsapp", "hide", WHATSAPP)))
            .put("exemptions", JSONArray().put(exemption("tiktok", TIKTOK)).put(exemption("whatsapp", WHATSAPP)))
            .put("grants", JSONArray().put(key))
        val file = desk.resolve("policy.json").apply { writeText(policy.toString()) }
        province.publish(file.path)
    }

    private fun <T> screen(look: (ComplianceScreen) -> T): T =
        ComplianceScreen(enrolled, "nl-w411dp-h891dp-notnight-xhdpi").use(look)

    private fun words() = screen(ComplianceScreen::words)

    /** The number on the screen. */
    private fun number(): String = screen { it.phoneNumber() }

    private fun chosen(grant: File): String {
        val uri = Uri.parse("content://nl.other.app.documents/document/grant")
        val resolver = RuntimeEnvironment.getApplication().contentResolver
        shadowOf(resolver).registerInputStreamSupplier(uri) { grant.inputStream() }
        return screen {
            it.takeFile(uri)
            it.words()
        }
    }

    /** Somebody's camera reads a code and opens what is in it; returns what the screen says then. */
    private fun opened(link: String): String {
        val view = Intent(Intent.ACTION_VIEW, Uri.parse(link))
        val door = Robolectric.buildActivity(GrantActivity::class.java, view).create().get()
        assertTrue(door.isFinishing)
        val shown = shadowOf(RuntimeEnvironment.getApplication() as Application).nextStartedActivity
        assertEquals(ComplianceActivity::class.java.name, shown.component?.className)
        return screen {
            it.untilRead()
            it.words()
        }
    }

    /** Days pass; the feed goes on saying that it is current. */
    private fun pass(days: Long) {
        val now = begin + Duration.ofDays(days)
        SystemClock.setCurrentTimeMillis(now.toEpochMilli())
        province.refresh(now)
        enrolled.refresh()
    }

    @Test
    fun `an inspector's phone uses TikTok for as long as its grant lasts, and loses it slowly`() {
        val phone = enrolled.phone
        val story = Narrator("An inspector's phone")
        story.step("TikTok is installed, as by anybody") {
            phone.install(Installed.tiktok)
            enrolled.rest()
            see("it is gone", !phone.isInstalled(TIKTOK))
        }
        story.step("The phone is given a grant in a file, for the number on its screen") {
            val grant = province.grant(number(), "toezicht", begin, begin + Duration.ofDays(10))
            val words = chosen(grant)
            see("it says so: $words", "Deze telefoon zit in groep toezicht tot" in words)
            phone.install(Installed.tiktok)
            enrolled.rest()
            see("TikTok stays", phone.isUsable(TIKTOK))
            see("the screen says why", "Op deze telefoon toegestaan door een ontheffing" in words())
            see("and for what", "Toezicht op reclame" in words())
        }
        story.step("It is switched off and on") {
            phone.reboot()
            enrolled.rest()
            see("TikTok stays", phone.isUsable(TIKTOK))
        }
        story.step("The grant has ended") {
            pass(days = 11)
            see("the grace begins afresh", phone.isUsable(TIKTOK))
            see("the screen says what is coming", "U kunt de app nog gebruiken" in words())
            see("and no more that the phone is in the group", "In groep toezicht" !in words())
        }
        story.step("The grace has ended") {
            pass(days = 14)
            see("TikTok is suspended and not removed", phone.isInstalled(TIKTOK) && phone.isSuspended(TIKTOK))
        }
        story.step("Two weeks after the grant's end") {
            pass(days = 26)
            see("TikTok is gone", !phone.isInstalled(TIKTOK))
        }
    }

    @Test
    fun `what is hidden comes back when the camera reads a grant's code`() {
        val phone = enrolled.phone
        phone.install(Installed.whatsApp)
        enrolled.rest()
        assertTrue("it is hidden", phone.isHidden(WHATSAPP))
        val link = province.link(province.grant(number(), "toezicht", begin, begin + Duration.ofDays(10)))
        val words = opened(link)
        assertTrue(words, "Deze telefoon zit in groep toezicht tot" in words)
        assertTrue("it is back", phone.isUsable(WHATSAPP))
        assertTrue(opened(link), "Deze telefoon heeft deze toestemming al." in opened(link))
    }

    @Test
    fun `a grant for another phone, a changed one and anything else opens nothing`() {
        val phone = enrolled.phone
        phone.install(Installed.whatsApp)
        enrolled.rest()
        val other = province.grant("60".repeat(32), "toezicht", begin, begin + Duration.ofDays(10))
        assertTrue(chosen(other), "voor een andere telefoon" in chosen(other))
        val own = province.grant(number(), "toezicht", begin, begin + Duration.ofDays(10))
        val longer =
            (begin + Duration.ofDays(10)).toString().take(TEN) to (begin + Duration.ofDays(20)).toString().take(TEN)
        own.writeText(own.readText().replace(longer.first, longer.second))
        assertTrue(chosen(own), "veranderd nadat zij was getekend" in chosen(own))
        val hostile = listOf(
            "sluis:grant/",
            "sluis:grant/AAAA",
            "sluis:",
            "sluis:grant/" + "A".repeat(1_000_000),
            "sluis:grant/%00",
            "sluis:grant/../../secret",
            "sluis://grant/AAAA",
            "sluis:GRANT/AAAA"
        )
        for (link in hostile) {
            val words = opened(link)
            assertTrue("${link.take(40)}: $words", "Er is niets veranderd" in words)
        }
        assertTrue("it is still hidden", phone.isHidden(WHATSAPP))
    }

    @Test
    fun `an intent without a link or made anew takes nothing`() {
        for (intent in listOf(
            Intent(),
            Intent(Intent.ACTION_VIEW),
            Intent(Intent.ACTION_MAIN, Uri.parse("sluis:grant/A"))
        )) {
            val door = Robolectric.buildActivity(GrantActivity::class.java, intent).create().get()
            assertTrue(door.isFinishing)
            assertNull(shadowOf(RuntimeEnvironment.getApplication() as Application).nextStartedActivity)
        }
    }

    @Test
    fun `a lost key is another phone, and what was granted to it ends`() {
        val phone = enrolled.phone
        val before = number()
        chosen(province.grant(before, "toezicht", begin, begin + Duration.ofDays(10)))
        phone.install(Installed.tiktok)
        enrolled.rest()
        assertTrue(phone.isUsable(TIKTOK))
        phone.hardware.wipe()
        repeat(STARTS_UNTIL_LOST) {
            assertTrue("a key store in trouble changes nothing", phone.isUsable(TIKTOK))
            assertEquals(before, number())
            phone.reboot()
            enrolled.rest()
        }
        assertTrue(words(), "een nieuw nummer" in words())
        assertTrue("the grace begins afresh", phone.isUsable(TIKTOK) && "U kunt de app nog gebruiken" in words())
        assertTrue(number() != before)
    }

    private companion object {
        val TIKTOK = Installed.tiktok.name
        val WHATSAPP = Installed.whatsApp.name
        const val TEN = 10
        const val STARTS_UNTIL_LOST = 4
    }
}
