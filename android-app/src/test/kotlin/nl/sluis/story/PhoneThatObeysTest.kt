package nl.sluis.story

import android.graphics.Color
import android.os.Build
import android.os.UserManager
import java.io.File
import nl.sluis.phone.NativeLibrary
import nl.sluis.story.RealPhones.Installed
import org.junit.After
import org.junit.FixMethodOrder
import org.junit.Test
import org.junit.runner.RunWith
import org.junit.runners.MethodSorters
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.GraphicsMode

/** The main job, end to end: what `make demo` shows and `make test` holds. */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@FixMethodOrder(MethodSorters.NAME_ASCENDING)
class PhoneThatObeysTest {
    private val feeds = TwoFeeds()
    private val android = "Android API ${Build.VERSION.SDK_INT}"

    @After
    fun clearTheDesk() = feeds.close()

    @Test
    fun `a civil servant's phone obeys and says why`() {
        NativeLibrary.loadForAgent()
        val story = Narrator("Phone 1: a Samsung Galaxy S10e of a civil servant, $android")
        lateinit var configuration: String
        story.step("Two organisations make feeds with `sluis` and put them on a web server") {
            configuration = feeds.open(::tell)
        }
        EnrolledPhone(RealPhones.samsung()).use { enrolled ->
            val phone = enrolled.phone
            val before = phone.packages
            story.step("The phone is enrolled, fetches both feeds, verifies them and obeys") {
                enrolled.enrol(configuration)
                tell("${before.size} packages were on the phone; ${feeds.server.requests.size} files were fetched")
                for (app in listOf(Installed.tiktok, Installed.aliExpress, Installed.weChat)) {
                    // The national policy asks for less than the province's: the phone hides an app in between if
                    // that policy is the first to arrive.
                    val done = phone.history.filter { it.endsWith(" ${app.name}") } - "hide ${app.name}"
                    see("${app.label} (${app.name}) was suspended, then uninstalled", done == gone(app.name))
                }
                see("Facebook came with the phone and cannot be uninstalled: it is hidden", phone.isHidden(FACEBOOK))
                val touched = setOf(Installed.tiktok, Installed.aliExpress, Installed.weChat).map { it.name } + FACEBOOK
                see(
                    "all ${before.size - touched.size} others are untouched",
                    (before - touched.toSet()).all(phone::isUsable)
                )
                see(
                    "the door for apps from outside the store is shut",
                    UserManager.DISALLOW_INSTALL_UNKNOWN_SOURCES in phone.restrictions
                )
            }
            story.step("The employee looks at the compliance screen") {
                ComplianceScreen(enrolled, "nl-w411dp-h891dp-notnight-xhdpi").use { screen ->
                    val words = screen.words()
                    for (label in listOf("TikTok", "AliExpress", "WeChat", "Facebook")) {
                        see("it names $label", label in words)
                    }
                    see("it says whose rule it is", "Provincie Voorbeeld" in words)
                    see("it says why", "een land dat Nederland digitaal aanvalt" in words)
                    tell("picture: ${screen.picture(picture("nl"))}")
                }
                ComplianceScreen(enrolled, "en-w411dp-h891dp-notnight-xhdpi").use { screen ->
                    see("in English, too", "Province of Example" in screen.words())
                    tell("picture: ${screen.picture(picture("en"))}")
                }
                ComplianceScreen(enrolled, "nl-w411dp-h891dp-night-xhdpi").use { screen ->
                    val file = screen.picture(picture("dark")) { drawn ->
                        val background = drawn.getPixel(1, drawn.height / 2)
                        see("by night it is dark", Color.luminance(background) < DARK)
                    }
                    tell("picture: $file")
                }
            }
            story.step("The employee installs WeChat again") {
                val name = Installed.weChat.name
                val until = phone.history.size
                phone.install(Installed.weChat)
                enrolled.rest()
                see("it is gone again", !phone.isInstalled(name))
                val done = phone.history.drop(until)
                see("and nothing was done twice", done == listOf("install $name") + gone(name))
            }
            val firstVersion = feeds.province.copy("first-version")
            story.step("The province publishes an update that also bans Telegram; the phone refreshes") {
                see("until now Telegram could be used", phone.isUsable(Installed.telegram.name))
                feeds.province.publish("tests/demo/province-2.json")
                enrolled.refresh()
                see("Telegram is gone", !phone.isInstalled(Installed.telegram.name))
                see(
                    "WhatsApp and NS are untouched",
                    phone.isUsable(Installed.whatsApp.name) && phone.isUsable(Installed.travel.name)
                )
            }
            story.step("Somebody tampers with the feed") {
                feeds.server.serve(TwoFeeds.PROVINCE, tampered())
                enrolled.refresh()
                val refusal = refusal(enrolled)
                see("the feed is refused: $refusal", refusal != null && OLDER !in refusal)
                phone.install(Installed.telegram)
                enrolled.rest()
                see(
                    "the last good policy is still enforced: Telegram installed anew is gone",
                    !phone.isInstalled(Installed.telegram.name)
                )
            }
            story.step("The province publishes anew, and it arrives whole") {
                // What was tampered with bore the next number, signed: only the one after that supersedes it.
                repeat(2) { feeds.province.publish("tests/demo/province-2.json") }
                feeds.serveOwn()
                enrolled.refresh()
                see("nothing is refused any more", refusal(enrolled) == null)
            }
            story.step("Somebody serves the feed as it was before the update") {
                feeds.server.serve(TwoFeeds.PROVINCE, firstVersion)
                enrolled.refresh()
                val refusal = refusal(enrolled).orEmpty()
                see("it is refused as older than what was seen: $refusal", OLDER in refusal && "timestamp" in refusal)
                phone.install(Installed.telegram)
                enrolled.rest()
                see("what was banned since stays banned", !phone.isInstalled(Installed.telegram.name))
            }
            story.step("The phone is switched off and on again, and no feed can be reached") {
                feeds.server.fallSilent()
                phone.reboot()
                enrolled.rest()
                see("Facebook is still hidden", phone.isHidden(FACEBOOK))
                phone.install(Installed.telegram)
                enrolled.rest()
                see("what was banned stays banned: Telegram is gone", !phone.isInstalled(Installed.telegram.name))
            }
            story.step("The province serves its own feed again and drops the ban on Facebook") {
                feeds.serveOwn()
                feeds.province.publish("tests/demo/province-3.json")
                enrolled.refresh()
                see("Facebook is back", phone.isUsable(FACEBOOK))
                ComplianceScreen(enrolled, "en-w411dp-h891dp-notnight-xhdpi").use { screen ->
                    see("the screen says so", "Allowed again" in screen.words())
                }
            }
        }
    }

    @Test
    fun `a phone whose maker the policy forbids stays a phone`() {
        NativeLibrary.loadForAgent()
        val story = Narrator("Phone 2: a vivo with its ROM for China, $android")
        lateinit var configuration: String
        story.step("The same two feeds; the province's rule says `system: true`") { configuration = feeds.open(::tell) }
        EnrolledPhone(RealPhones.vivo()).use { enrolled ->
            val phone = enrolled.phone
            story.step("The phone is enrolled and obeys as far as it stays a phone") {
                enrolled.enrol(configuration)
                val hidden = phone.packages.filter(phone::isHidden)
                tell("${hidden.size} of ${phone.packages.size} packages, of the maker and its suppliers, are hidden")
                see("Douyin, which the user can uninstall, is gone", !phone.isInstalled("com.ss.android.ugc.aweme"))
                see("the maker's app store is hidden", phone.isHidden("com.bbk.appstore"))
                for ((name, what) in FLOOR) see("$what ($name) is left alone", phone.isUsable(name))
                see("one keyboard is enough: Baidu's is hidden", phone.isHidden("com.baidu.input_vivo"))
            }
            story.step("What the safety floor refused stands on the screen") {
                ComplianceScreen(enrolled, "en-w411dp-h891dp-notnight-xhdpi").use { screen ->
                    val words = screen.words()
                    see("it says that the phone needs these apps", "the phone needs" in words)
                    val cards = screen.rows().filter { row -> row.any { LEFT_ALONE in it } }
                    tell("${cards.size} apps were left alone:")
                    for (card in cards) tell("${card.first()}: ${card.first { LEFT_ALONE in it }}")
                    for (name in FLOOR.keys) see("$name is one of them", cards.any { it.first() == name })
                }
            }
        }
    }

    /** What happens to an app that has to go. */
    private fun gone(name: String) = listOf("suspend $name", "uninstall $name")

    /** What the screen says of a feed that was refused, if it does. */
    private fun refusal(enrolled: EnrolledPhone): String? =
        ComplianceScreen(enrolled, "en-w411dp-h891dp-notnight-xhdpi").use { screen ->
            screen.words().lines().firstOrNull { "did not accept" in it }
        }

    /** The province's next version, with one byte of its policy changed on the way. */
    private fun tampered(): File {
        val copy = feeds.province.copy("tampered")
        val known = copy.walk().toSet()
        feeds.province.publish("tests/demo/province-3.json", copy)
        val policy = copy.walk().first { it !in known && it.name.endsWith("policy.json") }
        val bytes = policy.readBytes()
        bytes[bytes.size / 2] = (bytes[bytes.size / 2].toInt() xor 1).toByte()
        policy.writeBytes(bytes)
        return copy
    }

    private fun picture(name: String) =
        File(checkNotNull(System.getProperty("sluis.pictures")), "compliance-$name-api${Build.VERSION.SDK_INT}.png")

    private companion object {
        const val FACEBOOK = "com.facebook.katana"
        const val OLDER = "is older than"

        /** How the screen says that the safety floor refused. */
        const val LEFT_ALONE = "Left alone"

        /** Luminance, of 1. */
        const val DARK = 0.1f

        val FLOOR = mapOf(
            "com.bbk.launcher2" to "the home screen",
            "com.sohu.inputmethod.sogou.vivo" to "the keyboard",
            "com.vivo.sos" to "the emergency app",
            "com.vivo.permissionmanager" to "the permission manager",
            "com.vivo.accessibility" to "the accessibility service in use",
            "com.vivo.systemuiplugin" to "a part of the system's own screen"
        )
    }
}
