package nl.sluis.story

import android.app.admin.DevicePolicyManager
import android.content.Intent
import android.content.pm.PackageInstaller.SessionParams
import android.content.pm.PackageManager
import android.os.Build
import android.os.PersistableBundle
import android.os.UserManager
import java.io.File
import java.nio.file.Files
import nl.sluis.agent.AdminReceiver
import nl.sluis.agent.BootReceiver
import nl.sluis.phone.App
import nl.sluis.phone.Certificate
import nl.sluis.phone.NativeLibrary
import nl.sluis.phone.Phone
import nl.sluis.phone.PhoneModel
import nl.sluis.story.RealPhones.Installed
import org.json.JSONArray
import org.json.JSONObject
import org.junit.After
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

/** A feed that brings a new version of the agent, to a phone that has an older one. */
@RunWith(RobolectricTestRunner::class)
class NewVersionOfTheAgentTest {
    private val desk = Files.createTempDirectory("sluis-desk").toFile()
    private val server = FeedServer()
    private val province = Administrator(desk, "province")
    private lateinit var root: String
    private lateinit var enrolled: EnrolledPhone
    private val phone get() = enrolled.phone

    @Before
    fun makeAFeed() {
        NativeLibrary.loadForAgent()
        root = province.makeFeed()
        province.publish("tests/demo/province-1.json")
        server.serve("province", province.feed)
        enrolled = EnrolledPhone(PhoneModel(listOf(Installed.tiktok)))
    }

    @After
    fun clearTheDesk() {
        enrolled.close()
        server.close()
        desk.deleteRecursively()
    }

    private fun configuration(): String {
        val feed = JSONObject().put("name", "province").put("url", server.address("province")).put("root_sha256", root)
        return JSONObject().put("feeds", JSONArray().put(feed)).put("allow_loopback_http", true).toString()
    }

    /** Publishes a package of that version; phones take it for [app]. */
    private fun publish(versionCode: Long, app: App = agent(versionCode)): ByteArray {
        val apk = NewAgent.of(desk, versionCode)
        province.add(apk, "agent.apk")
        province.publish("tests/demo/province-1.json")
        return apk.readBytes().also { phone.recognise(it, app) }
    }

    private fun agent(versionCode: Long) = App(Phone.AGENT, label = "Sluis", versionCode = versionCode)

    private fun fetchesOfTheAgent() = server.requests.count { it.endsWith(".agent.apk") }

    private fun refresh(times: Int = 1) = repeat(times) { enrolled.refresh() }

    @Test
    fun `the very bytes that were signed for are installed, and then nothing more is asked`() {
        enrolled.enrol(configuration())
        assertEquals(1L, phone.version(Phone.AGENT))
        val apk = publish(2)
        refresh()
        assertEquals(2L, phone.version(Phone.AGENT))
        val session = phone.installSessions.single()
        assertArrayEquals(apk, session.bytes)
        assertEquals(Phone.AGENT, session.params.appPackageName)
        assertEquals(PackageManager.INSTALL_REASON_POLICY, session.params.installReason)
        assertEquals(SessionParams.MODE_FULL_INSTALL, session.params.mode)
        assertEquals(apk.size.toLong(), session.params.sizeBytes)
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) {
            assertEquals(SessionParams.USER_ACTION_NOT_REQUIRED, session.params.requireUserAction)
        }
        assertEquals(1, fetchesOfTheAgent())
        assertNull("nothing of it is left on the disk", leftovers())

        // The new version was started by the update alone, and goes on where the old one stopped.
        assertTrue(Intent.ACTION_MY_PACKAGE_REPLACED in phone.broadcastsSent)
        phone.install(Installed.tiktok)
        enrolled.rest()
        assertFalse("it catches what is installed again", phone.isInstalled(Installed.tiktok.name))
        refresh(3)
        phone.reboot()
        enrolled.rest()
        refresh()
        assertEquals(1, fetchesOfTheAgent())
        assertEquals(1, phone.installSessions.size)
    }

    @Test
    fun `an update that comes first finds a phone that is not enrolled yet`() {
        publish(2)
        enrolled.enrol(configuration())
        assertEquals(2L, phone.version(Phone.AGENT))
        assertFalse(phone.isInstalled(Installed.tiktok.name))
    }

    @Test
    fun `a package that is not what the feed says it is reaches no installer`() {
        enrolled.enrol(configuration())
        val impostors = listOf(
            3L to agent(2),
            4L to App("org.example.other", versionCode = 4),
            5L to null
        )
        for ((versionCode, app) in impostors) {
            if (app == null) publishUnrecognised(versionCode) else publish(versionCode, app)
            refresh()
        }
        assertEquals(3, fetchesOfTheAgent())
        assertEquals(emptyList<Any>(), phone.installSessions)
        assertEquals(1L, phone.version(Phone.AGENT))
        assertNull(leftovers())
        refresh()
        assertEquals("not once more at the next check", 3, fetchesOfTheAgent())
    }

    private fun publishUnrecognised(versionCode: Long) {
        province.add(NewAgent.of(desk, versionCode), "agent.apk")
        province.publish("tests/demo/province-1.json")
    }

    @Test
    fun `what the installer refuses leaves the agent as it is, at work`() {
        enrolled.enrol(configuration())
        publish(2, agent(2).copy(signers = listOf(Certificate.of("a thief"))))
        refresh()
        assertEquals(1L, phone.version(Phone.AGENT))
        assertEquals("it was the installer that refused", 1, phone.installSessions.size)
        assertEquals("nothing of it is left", emptyList<Any>(), phone.agent.packageManager.packageInstaller.mySessions)
        publish(3)
        phone.faults.nextInstallFails(PackageManager.INSTALL_FAILED_INSUFFICIENT_STORAGE)
        refresh()
        publish(4)
        phone.faults.roomForSession = 10
        refresh()
        phone.faults.roomForSession = Long.MAX_VALUE
        assertEquals(1L, phone.version(Phone.AGENT))
        phone.install(Installed.tiktok)
        enrolled.rest()
        assertFalse(phone.isInstalled(Installed.tiktok.name))
        publish(5)
        refresh()
        assertEquals(5L, phone.version(Phone.AGENT))
    }

    @Test
    fun `where installing is closed the update fails and the agent goes on`() {
        enrolled.enrol(configuration())
        phone.devicePolicy.addUserRestriction(phone.admin, UserManager.DISALLOW_INSTALL_APPS)
        publish(2)
        refresh(2)
        assertEquals(1L, phone.version(Phone.AGENT))
        assertEquals("not once more at the next check", 1, fetchesOfTheAgent())
        phone.install(Installed.tiktok)
        enrolled.rest()
        assertFalse(phone.isInstalled(Installed.tiktok.name))
        phone.devicePolicy.clearUserRestriction(phone.admin, UserManager.DISALLOW_INSTALL_APPS)
        publish(3)
        refresh()
        assertEquals(3L, phone.version(Phone.AGENT))
    }

    @Test
    fun `an agent that is not the device owner does not even ask for it`() {
        publish(2)
        val extras = PersistableBundle().apply { putString("nl.sluis.configuration", configuration()) }
        val intent = Intent("android.app.action.PROFILE_PROVISIONING_COMPLETE")
            .putExtra(DevicePolicyManager.EXTRA_PROVISIONING_ADMIN_EXTRAS_BUNDLE, extras)
        BootReceiver().onReceive(phone.agent, Intent(Intent.ACTION_BOOT_COMPLETED))
        AdminReceiver().onReceive(phone.agent, intent)
        enrolled.rest()
        assertTrue("it does fetch policy", server.requests.any { it.endsWith(".policy.json") })
        assertEquals(0, fetchesOfTheAgent())
    }

    @Test
    fun `a session that a process left behind does not stay`() {
        enrolled.enrol(configuration())
        val installer = phone.agent.packageManager.packageInstaller
        installer.createSession(SessionParams(SessionParams.MODE_FULL_INSTALL))
        publish(2)
        refresh()
        assertEquals(2L, phone.version(Phone.AGENT))
        assertEquals(emptyList<Any>(), installer.mySessions)
    }

    private fun leftovers(): File? = phone.agent.createDeviceProtectedStorageContext().dataDir.walk()
        .firstOrNull { it.name.endsWith(".apk") }
}
