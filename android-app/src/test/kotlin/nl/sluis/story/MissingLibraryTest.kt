package nl.sluis.story

import android.os.UserManager
import nl.sluis.agent.core.NativeLibrary as AgentLibrary
import nl.sluis.phone.NativeLibrary
import nl.sluis.story.RealPhones.Installed
import org.junit.After
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config

/** A phone that loses its Rust library loses no protection, and takes up its work when the library is back. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35])
class MissingLibraryTest {
    private val usual = AgentLibrary.loader
    private val feeds = TwoFeeds()

    @After
    fun clearUp() {
        feeds.close()
        AgentLibrary.loader = usual
    }

    @Test
    fun `what is held stays held without the library, and enforcement resumes with it`() {
        NativeLibrary.loadForAgent()
        val story = Narrator("A phone whose library goes missing")
        EnrolledPhone(RealPhones.samsung()).use { enrolled ->
            val phone = enrolled.phone
            story.step("The phone is enrolled and obeys") {
                enrolled.enrol(feeds.open())
                see("Facebook is hidden", phone.isHidden(FACEBOOK))
            }
            story.step("The library is gone when the phone is switched on again") {
                loseTheLibrary()
                phone.reboot()
                enrolled.rest()
                see("Facebook is still hidden", phone.isHidden(FACEBOOK))
                see("the door stays shut", UserManager.DISALLOW_INSTALL_UNKNOWN_SOURCES in phone.restrictions)
                see("the screen says what is the matter", "A part of Sluis is missing" in words(enrolled))
            }
            story.step("The library is back") {
                NativeLibrary.loadForAgent()
                phone.reboot()
                enrolled.rest()
                phone.install(Installed.weChat)
                enrolled.rest()
                see("WeChat, installed anew, is gone", !phone.isInstalled(Installed.weChat.name))
                see("Facebook is still hidden", phone.isHidden(FACEBOOK))
                see("the screen has nothing to complain of", "A part of Sluis" !in words(enrolled))
            }
        }
    }

    @Test
    fun `a configuration that came while the library was missing is obeyed when it is there`() {
        loseTheLibrary()
        val story = Narrator("A phone whose library is missing when it is enrolled")
        EnrolledPhone(RealPhones.samsung()).use { enrolled ->
            val phone = enrolled.phone
            story.step("The phone is enrolled, once and for all") {
                enrolled.enrol(feeds.open())
                see("there is nobody yet to obey", phone.isInstalled(Installed.tiktok.name))
            }
            story.step("The library is there when the phone is switched on again") {
                NativeLibrary.loadForAgent()
                phone.reboot()
                enrolled.rest()
                see("TikTok is gone", !phone.isInstalled(Installed.tiktok.name))
                see("Facebook is hidden", phone.isHidden(FACEBOOK))
            }
        }
    }

    private fun loseTheLibrary() {
        AgentLibrary.loader = { throw UnsatisfiedLinkError("planted: no sluis in java.library.path") }
    }

    private fun words(enrolled: EnrolledPhone) =
        ComplianceScreen(enrolled, "en-w411dp-h891dp-notnight-xhdpi").use(ComplianceScreen::words)

    private companion object {
        const val FACEBOOK = "com.facebook.katana"
    }
}
