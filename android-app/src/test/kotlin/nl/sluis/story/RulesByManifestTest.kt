package nl.sluis.story

import java.io.File
import java.nio.file.Files
import nl.sluis.phone.App
import nl.sluis.phone.NativeLibrary
import org.junit.After
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

/** A rule by what is built into apps, from the feed to the app that is gone: manifests are read once a policy asks. */
@RunWith(RobolectricTestRunner::class)
class RulesByManifestTest {
    private val feeds = TwoFeeds()
    private val policy: File = Files.createTempFile("built-in", ".yaml").toFile()

    @After
    fun clearUp() {
        feeds.close()
        policy.delete()
    }

    @Test
    fun `an app with a forbidden SDK in it is blocked, whether it was there or arrives`() {
        NativeLibrary.loadForAgent()
        val story = Narrator("A phone whose policy looks into apps")
        EnrolledPhone(RealPhones.samsung()).use { enrolled ->
            val phone = enrolled.phone
            story.step("A game with a built-in SDK is on the phone, and no rule is about that") {
                enrolled.enrol(feeds.open())
                phone.install(App(GAME, services = listOf(SDK)))
                enrolled.rest()
                see("the game can be used", phone.isInstalled(GAME) && !phone.isSuspended(GAME))
            }
            story.step("A version of the policy forbids that SDK") {
                policy.writeText(POLICY)
                feeds.province.publish(policy.path)
                enrolled.refresh()
                see("the game is blocked", phone.isSuspended(GAME))
            }
            story.step("Another app with it arrives, and one without") {
                phone.install(App(OTHER, activities = listOf(SDK)))
                phone.install(App(PLAIN))
                enrolled.rest()
                see("it is blocked at once", phone.isSuspended(OTHER))
                see("the one without is not", !phone.isSuspended(PLAIN))
            }
        }
    }

    private companion object {
        const val GAME = "com.example.game"
        const val OTHER = "com.example.other"
        const val PLAIN = "com.example.plain"
        const val SDK = "com.bytedance.sdk.openadsdk.Banner"
        val POLICY = """
            format: sluis.policy/1
            layer: province
            organisation:
              name: { nl: Provincie, en: Province }
              contact: { nl: desk@province.example, en: desk@province.example }
            stance: open
            rules:
              - id: built-in
                effect: deny
                match: { components: ["com.bytedance.sdk.*"] }
                remedy: suspend
                reason: { nl: Hier zit een verboden onderdeel in., en: A forbidden part is built in. }
        """.trimIndent()
    }
}
