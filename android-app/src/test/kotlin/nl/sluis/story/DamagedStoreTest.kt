package nl.sluis.story

import java.io.File
import nl.sluis.phone.NativeLibrary
import nl.sluis.story.RealPhones.Installed
import org.junit.After
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config

/** A phone whose storage fails: the agent lives on, what is held stays held, and the employee is told. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35])
class DamagedStoreTest {
    private val feeds = TwoFeeds()

    @After
    fun clearUp() = feeds.close()

    @Test
    fun `a damaged store is made anew, and enforcement goes on`() = story(
        damage = { files ->
            // What is left in the write-ahead log would repair the file.
            files.filter { ".copy-" !in it.name }.forEach { check(it.delete()) }
            files.single { it.name == STORE }.writeText("rubbish ".repeat(SOME))
        },
        told = "data of Sluis on this phone was damaged",
        isToldAfterwards = false
    )

    @Test
    fun `when every file is gone, the phone is told again whom to obey`() = story(
        damage = { files -> files.forEach { check(it.delete()) } },
        told = "data of Sluis on this phone was lost",
        isToldAfterwards = true
    )

    private fun story(damage: (List<File>) -> Unit, told: String, isToldAfterwards: Boolean) {
        NativeLibrary.loadForAgent()
        val story = Narrator("A phone whose storage fails")
        EnrolledPhone(RealPhones.samsung()).use { enrolled ->
            val phone = enrolled.phone
            story.step("The phone is enrolled and obeys") {
                enrolled.enrol(feeds.open())
                see("Facebook is hidden", phone.isHidden(FACEBOOK))
            }
            story.step("Its storage is damaged, it is switched off and on, and no feed can be reached") {
                feeds.server.fallSilent()
                val folder = phone.agent.createDeviceProtectedStorageContext().filesDir
                damage(folder.listFiles { file -> file.name.startsWith(STORE) }.orEmpty().toList())
                phone.reboot()
                enrolled.rest()
                see("Facebook is still hidden", phone.isHidden(FACEBOOK))
                see("the screen says what happened", told in words(enrolled))
            }
            story.step("The feeds can be reached again") {
                feeds.serveOwn()
                enrolled.refresh()
                phone.install(Installed.weChat)
                enrolled.rest()
                see("WeChat, installed anew, is gone", !phone.isInstalled(Installed.weChat.name))
                see("the screen says it as long as somebody has to know", (told in words(enrolled)) == isToldAfterwards)
            }
            story.step("The province drops the ban on Facebook") {
                feeds.province.publish("tests/demo/province-3.json")
                enrolled.refresh()
                see("Facebook is back: it was known that Sluis had hidden it", phone.isUsable(FACEBOOK))
            }
        }
    }

    private fun words(enrolled: EnrolledPhone) =
        ComplianceScreen(enrolled, "en-w411dp-h891dp-notnight-xhdpi").use(ComplianceScreen::words)

    private companion object {
        const val FACEBOOK = "com.facebook.katana"
        const val STORE = "sluis.db"
        const val SOME = 1_000
    }
}
