package nl.sluis.phone

import android.app.PendingIntent
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.content.pm.PackageInstaller
import android.content.pm.PackageManager
import android.os.Build
import android.os.SystemClock
import android.os.UserManager
import android.provider.Settings
import java.time.Duration
import org.junit.After
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.shadows.ShadowSystemClock

/** That the simulated phone behaves as phones do, as far as it was recorded on AOSP's policy service. */
@RunWith(RobolectricTestRunner::class)
class PhoneTest {
    private val api = Build.VERSION.SDK_INT
    private val phone = Phone(
        PhoneModel(
            listOf(
                App("com.maker.browser", system = true),
                App("com.maker.launcher", system = true, handles = setOf(Handles.HOME)),
                App("com.android.dialer", system = true),
                App(CHAT, label = "Chat", versionCode = 7)
            ),
            RoleHolders(home = "com.maker.launcher", dialer = "com.android.dialer")
        )
    )
    private val dpm get() = phone.devicePolicy
    private val pm get() = phone.agent.packageManager

    @After
    fun switchOff() = phone.close()

    @Test
    fun `ownership comes from the policy service itself`() {
        assertFalse(dpm.isDeviceOwnerApp(Phone.AGENT))
        phone.becomeDeviceOwner()
        assertTrue(dpm.isDeviceOwnerApp(Phone.AGENT))
        assertEquals(listOf(phone.admin), dpm.activeAdmins)
    }

    @Test
    fun `who is not the owner is refused`() {
        assertThrows(SecurityException::class.java) { dpm.setApplicationHidden(phone.admin, CHAT, true) }
        assertThrows(SecurityException::class.java) { dpm.setPackagesSuspended(phone.admin, arrayOf(CHAT), true) }
        assertTrue(phone.isUsable(CHAT))
    }

    @Test
    fun `a hide of an absent app is remembered and not repeated since Android 14`() {
        phone.becomeDeviceOwner()
        dpm.setApplicationHidden(phone.admin, "com.tik", true)
        phone.install(App("com.tik"))
        dpm.setApplicationHidden(phone.admin, "com.tik", true)
        assertEquals(api < 34, phone.isHidden("com.tik"))
        dpm.setApplicationHidden(phone.admin, "com.tik", false)
        dpm.setApplicationHidden(phone.admin, "com.tik", true)
        assertTrue(phone.isHidden("com.tik"))
        assertTrue(dpm.isApplicationHidden(phone.admin, "com.tik"))
    }

    @Test
    fun `a recorded hide is enforced again at boot since Android 14`() {
        phone.becomeDeviceOwner()
        dpm.setApplicationHidden(phone.admin, "com.tik", true)
        phone.install(App("com.tik"))
        assertFalse(phone.isHidden("com.tik"))
        phone.reboot()
        assertEquals(api >= 34, phone.isHidden("com.tik"))
    }

    @Test
    fun `an absent or protected app is not suspended`() {
        phone.becomeDeviceOwner()
        val asked = arrayOf(CHAT, "com.absent", "com.android.dialer", "com.maker.launcher", Phone.AGENT)
        val refused = dpm.setPackagesSuspended(phone.admin, asked, true)
        assertEquals(setOf("com.absent", "com.android.dialer", "com.maker.launcher", Phone.AGENT), refused.toSet())
        assertTrue(phone.isSuspended(CHAT))
        assertTrue(dpm.isPackageSuspended(phone.admin, CHAT))
        dpm.setPackagesSuspended(phone.admin, arrayOf(CHAT), false)
        assertTrue(phone.isUsable(CHAT))
    }

    @Test
    fun `a hidden app is seen only by those who ask for uninstalled ones`() {
        phone.becomeDeviceOwner()
        dpm.setApplicationHidden(phone.admin, CHAT, true)
        assertThrows(PackageManager.NameNotFoundException::class.java) { pm.getPackageInfo(CHAT, 0) }
        assertEquals(CHAT, pm.getPackageInfo(CHAT, PackageManager.MATCH_UNINSTALLED_PACKAGES).packageName)
        assertFalse(CHAT in pm.getInstalledPackages(0).map { it.packageName })
        assertTrue(CHAT in pm.getInstalledPackages(PackageManager.MATCH_UNINSTALLED_PACKAGES).map { it.packageName })
    }

    @Test
    fun `the owner uninstalls silently and hears of it`() {
        phone.becomeDeviceOwner()
        val heard = phone.listen(Intent.ACTION_PACKAGE_REMOVED, Intent.ACTION_PACKAGE_FULLY_REMOVED)
        val result = uninstall(CHAT)
        assertTrue("not before the phone gets to it", phone.isInstalled(CHAT))
        phone.settle()
        assertFalse(phone.isInstalled(CHAT))
        assertEquals(PackageInstaller.STATUS_SUCCESS, result.single().getIntExtra(PackageInstaller.EXTRA_STATUS, -99))
        assertEquals(CHAT, result.single().getStringExtra(PackageInstaller.EXTRA_PACKAGE_NAME))
        assertEquals(
            listOf(Intent.ACTION_PACKAGE_REMOVED, Intent.ACTION_PACKAGE_FULLY_REMOVED),
            heard.map(Intent::getAction)
        )
    }

    @Test
    fun `anybody else must ask the user`() {
        val result = uninstall(CHAT)
        phone.settle()
        assertTrue(phone.isInstalled(CHAT))
        assertEquals(
            PackageInstaller.STATUS_PENDING_USER_ACTION,
            result.single().getIntExtra(PackageInstaller.EXTRA_STATUS, -99)
        )
    }

    @Test
    fun `what is blocked, absent or the admin itself is not uninstalled`() {
        phone.becomeDeviceOwner()
        dpm.setUninstallBlocked(phone.admin, CHAT, true)
        val expected = mapOf(
            CHAT to PackageInstaller.STATUS_FAILURE_BLOCKED,
            Phone.AGENT to PackageInstaller.STATUS_FAILURE_BLOCKED,
            "com.absent" to PackageInstaller.STATUS_FAILURE,
            "com.maker.browser" to PackageInstaller.STATUS_FAILURE
        )
        for ((name, status) in expected) {
            val result = uninstall(name)
            phone.settle()
            assertEquals(name, status, result.single().getIntExtra(PackageInstaller.EXTRA_STATUS, -99))
        }
        assertTrue(phone.isInstalled(CHAT))
        assertFalse(phone.uninstallByUser(CHAT))
    }

    @Test
    fun `uninstalling an updated system app brings the factory version back`() {
        phone.becomeDeviceOwner()
        phone.update(App("com.maker.browser", versionCode = 5))
        assertEquals(5L, phone.version("com.maker.browser"))
        val result = uninstall("com.maker.browser")
        phone.settle()
        assertEquals(PackageInstaller.STATUS_SUCCESS, result.single().getIntExtra(PackageInstaller.EXTRA_STATUS, -99))
        assertEquals(1L, phone.version("com.maker.browser"))
    }

    @Test
    fun `installs, updates, hides and suspensions are broadcast as phones do`() {
        phone.becomeDeviceOwner()
        val heard = phone.listen(
            Intent.ACTION_PACKAGE_ADDED,
            Intent.ACTION_PACKAGE_REPLACED,
            Intent.ACTION_PACKAGE_REMOVED,
            Intent.ACTION_PACKAGE_FULLY_REMOVED,
            Intent.ACTION_PACKAGES_SUSPENDED
        )
        fun after(act: () -> Unit): List<String?> {
            heard.clear()
            act()
            phone.settle()
            return heard.map { it.action }
        }
        assertEquals(listOf(Intent.ACTION_PACKAGE_ADDED), after { phone.install(App("com.tik")) })
        assertEquals("com.tik", heard.single().data?.schemeSpecificPart)
        assertEquals(
            listOf(Intent.ACTION_PACKAGE_REMOVED, Intent.ACTION_PACKAGE_ADDED, Intent.ACTION_PACKAGE_REPLACED),
            after { phone.update(App("com.tik", versionCode = 2)) }
        )
        assertTrue(heard.all { it.getBooleanExtra(Intent.EXTRA_REPLACING, false) })
        assertEquals(
            listOf(Intent.ACTION_PACKAGE_REMOVED),
            after { dpm.setApplicationHidden(phone.admin, "com.tik", true) }
        )
        assertEquals(
            listOf(Intent.ACTION_PACKAGE_ADDED),
            after { dpm.setApplicationHidden(phone.admin, "com.tik", false) }
        )
        assertEquals(
            listOf(Intent.ACTION_PACKAGES_SUSPENDED),
            after { dpm.setPackagesSuspended(phone.admin, arrayOf("com.tik"), true) }
        )
    }

    @Test
    fun `a reboot keeps ownership, restrictions, hides and suspensions`() {
        phone.becomeDeviceOwner()
        dpm.addUserRestriction(phone.admin, UserManager.DISALLOW_FACTORY_RESET)
        dpm.setApplicationHidden(phone.admin, "com.maker.browser", true)
        dpm.setPackagesSuspended(phone.admin, arrayOf(CHAT), true)
        val boots = Settings.Global.getInt(phone.agent.contentResolver, Settings.Global.BOOT_COUNT)
        ShadowSystemClock.advanceBy(Duration.ofHours(1))
        phone.reboot()
        assertTrue(SystemClock.elapsedRealtime() < Duration.ofHours(1).toMillis())
        assertTrue(dpm.isDeviceOwnerApp(Phone.AGENT))
        assertTrue(UserManager.DISALLOW_FACTORY_RESET in phone.restrictions)
        assertTrue(dpm.getUserRestrictions(phone.admin).getBoolean(UserManager.DISALLOW_FACTORY_RESET))
        assertTrue(phone.isHidden("com.maker.browser"))
        assertTrue(phone.isSuspended(CHAT))
        assertEquals(boots + 1, Settings.Global.getInt(phone.agent.contentResolver, Settings.Global.BOOT_COUNT))
    }

    @Test
    fun `a restriction holds until it is cleared`() {
        phone.becomeDeviceOwner()
        dpm.addUserRestriction(phone.admin, UserManager.DISALLOW_INSTALL_UNKNOWN_SOURCES)
        assertTrue(UserManager.DISALLOW_INSTALL_UNKNOWN_SOURCES in phone.restrictions)
        dpm.clearUserRestriction(phone.admin, UserManager.DISALLOW_INSTALL_UNKNOWN_SOURCES)
        assertFalse(UserManager.DISALLOW_INSTALL_UNKNOWN_SOURCES in phone.restrictions)
    }

    @Test
    fun `planted faults strike once`() {
        phone.becomeDeviceOwner()
        phone.faults.nextUninstallFails()
        phone.faults.nextSuspendIsRefused(CHAT)
        phone.faults.nextHideIsDropped(CHAT)
        assertArrayEquals(arrayOf(CHAT), dpm.setPackagesSuspended(phone.admin, arrayOf(CHAT), true))
        assertArrayEquals(emptyArray(), dpm.setPackagesSuspended(phone.admin, arrayOf(CHAT), true))
        dpm.setApplicationHidden(phone.admin, CHAT, true)
        assertFalse(dpm.isApplicationHidden(phone.admin, CHAT))
        dpm.setApplicationHidden(phone.admin, CHAT, false)
        dpm.setApplicationHidden(phone.admin, CHAT, true)
        assertTrue(phone.isHidden(CHAT))
        val failed = uninstall(CHAT)
        phone.settle()
        assertEquals(PackageInstaller.STATUS_FAILURE, failed.single().getIntExtra(PackageInstaller.EXTRA_STATUS, -99))
        assertTrue(phone.isInstalled(CHAT))
        uninstall(CHAT)
        phone.settle()
        assertFalse(phone.isInstalled(CHAT))
    }

    @Test
    fun `a call that nobody handles fails the test`() {
        pm.getPreferredActivities(ArrayList(), ArrayList(), null)
        assertEquals(1, phone.unexpectedCalls.size)
        assertTrue("getPreferredActivities" in phone.unexpectedCalls.single())
        val failure = assertThrows(AssertionError::class.java) { phone.failOnUnexpectedCalls() }
        assertTrue("getPreferredActivities" in failure.message.orEmpty())
        phone.forgetUnexpectedCalls()
    }

    private fun uninstall(name: String): List<Intent> {
        val result = phone.listen(RESULT)
        val intent = Intent(RESULT).setPackage(Phone.AGENT)
        val sender = PendingIntent.getBroadcast(phone.agent, name.hashCode(), intent, PendingIntent.FLAG_MUTABLE)
        pm.packageInstaller.uninstall(name, sender.intentSender)
        return result
    }

    private fun Phone.listen(vararg actions: String): MutableList<Intent> {
        val heard = ArrayList<Intent>()
        val receiver = object : BroadcastReceiver() {
            override fun onReceive(context: Context, intent: Intent) {
                heard.add(intent)
            }
        }
        val ofPackages = IntentFilter().apply { addDataScheme("package") }
        val others = IntentFilter()
        for (action in actions) {
            (
                if (action.startsWith(
                        "android.intent.action.PACKAGE_"
                    )
                ) {
                    ofPackages
                } else {
                    others
                }
                ).addAction(action)
        }
        for (filter in listOf(ofPackages, others)) {
            if (filter.countActions() == 0) continue
            if (api >= 33) {
                agent.registerReceiver(receiver, filter, Context.RECEIVER_NOT_EXPORTED)
            } else {
                agent.registerReceiver(receiver, filter)
            }
        }
        return heard
    }

    private companion object {
        const val CHAT = "com.example.chat"
        const val RESULT = "nl.sluis.agent.TEST_RESULT"
    }
}
