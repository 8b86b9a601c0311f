package nl.sluis.story

import android.app.admin.DevicePolicyManager
import android.os.UserManager
import nl.sluis.phone.NativeLibrary
import org.junit.After
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

/** What a policy asks of the phone itself, from a file in YAML to Android's own policy service, and back again. */
@RunWith(RobolectricTestRunner::class)
class SettingsOfThePhoneTest {
    private val feeds = TwoFeeds()

    @After
    fun clearUp() = feeds.close()

    @Test
    fun `what a policy asks of the phone is set, survives a restart, and is given up with the policy`() {
        NativeLibrary.loadForAgent()
        val story = Narrator("A phone whose settings a policy closes")
        EnrolledPhone(RealPhones.samsung()).use { enrolled ->
            val phone = enrolled.phone
            val policy = phone.agent.getSystemService(DevicePolicyManager::class.java)
            val asked = listOf(
                UserManager.DISALLOW_DEBUGGING_FEATURES,
                UserManager.DISALLOW_ADD_USER,
                UserManager.DISALLOW_SAFE_BOOT,
                UserManager.DISALLOW_FACTORY_RESET
            )
            fun blockedIn(browser: String) =
                policy.getApplicationRestrictions(phone.admin, browser).getString("URLBlocklist")
            story.step("The phone is enrolled and obeys policies about apps only") {
                enrolled.enrol(feeds.open())
                see("nothing else is closed", asked.none { it in phone.restrictions })
            }
            story.step("A version of the policy closes settings of the phone") {
                feeds.province.publish("policy-schema/examples/closed-down.yaml")
                enrolled.refresh()
                see("debugging, users, safe boot and reset are closed", phone.restrictions.containsAll(asked))
                val keyboards = policy.getPermittedInputMethods(phone.admin)
                see("only these keyboards and the phone's own", keyboards == KEYBOARDS)
                see("Chrome does not open TikTok", "tiktok.com" in blockedIn(CHROME).orEmpty())
            }
            story.step("The phone is switched off and on") {
                phone.reboot()
                enrolled.rest()
                see("all of it is as it was", phone.restrictions.containsAll(asked))
            }
            story.step("The next version asks nothing of the phone any more") {
                feeds.province.publish("tests/demo/province-1.json")
                enrolled.refresh()
                see("the settings are people's own again", asked.none { it in phone.restrictions })
                see("any keyboard may be used", policy.getPermittedInputMethods(phone.admin) == null)
                see("Chrome opens what it is asked", blockedIn(CHROME) == null)
                see(
                    "the door for apps from outside the store stays shut",
                    UserManager.DISALLOW_INSTALL_UNKNOWN_SOURCES in phone.restrictions
                )
            }
        }
    }

    private companion object {
        const val CHROME = "com.android.chrome"
        val KEYBOARDS = listOf("com.google.android.inputmethod.latin")
    }
}
