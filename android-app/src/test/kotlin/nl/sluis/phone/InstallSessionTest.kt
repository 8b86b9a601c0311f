package nl.sluis.phone

import android.app.PendingIntent
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.content.pm.PackageInstaller
import android.content.pm.PackageInstaller.SessionParams
import android.content.pm.PackageManager
import android.os.UserManager
import java.io.IOException
import org.junit.After
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner

/** That the simulated phone installs, and refuses to, as AOSP's package installer does. */
@RunWith(RobolectricTestRunner::class)
class InstallSessionTest {
    private val phone = Phone(PhoneModel(listOf(App(CHAT, label = "Chat", versionCode = 7))))
    private val installer get() = phone.agent.packageManager.packageInstaller
    private val apk = "version 8 of the chat".toByteArray()

    @After
    fun switchOff() = phone.close()

    @Test
    fun `the owner installs an update silently and hears of it`() {
        phone.becomeDeviceOwner()
        phone.recognise(apk, App(CHAT, versionCode = 8))
        val result = install(apk)
        assertEquals("not before the phone gets to it", 7L, phone.version(CHAT))
        phone.settle()
        assertEquals(8L, phone.version(CHAT))
        assertEquals(PackageInstaller.STATUS_SUCCESS, result.status())
        assertArrayEquals(apk, phone.installSessions.single().bytes)
        assertEquals(emptyList<Any>(), installer.mySessions)
    }

    @Test
    fun `anybody else must ask the user`() {
        phone.recognise(apk, App(CHAT, versionCode = 8))
        val result = install(apk)
        phone.settle()
        assertEquals(7L, phone.version(CHAT))
        assertEquals(PackageInstaller.STATUS_PENDING_USER_ACTION, result.status())
        assertEquals("it waits for the user", 1, installer.mySessions.size)
    }

    @Test
    fun `what is no update of what is there is refused`() {
        phone.becomeDeviceOwner()
        val thief = listOf(Certificate.of("a thief"))
        val cases = listOf(
            App(CHAT, versionCode = 8, signers = thief) to PackageInstaller.STATUS_FAILURE_CONFLICT,
            App(CHAT, versionCode = 6) to PackageInstaller.STATUS_FAILURE_INVALID,
            App("com.example.other", versionCode = 8) to PackageInstaller.STATUS_FAILURE_INVALID,
            null to PackageInstaller.STATUS_FAILURE_INVALID
        )
        for ((number, case) in cases.withIndex()) {
            val (app, status) = case
            val bytes = "package $number".toByteArray()
            app?.let { phone.recognise(bytes, it) }
            val result = install(bytes, number)
            phone.settle()
            assertEquals("$app", status, result.status())
        }
        assertEquals(7L, phone.version(CHAT))
    }

    @Test
    fun `a restriction on installing holds for the owner, too`() {
        phone.becomeDeviceOwner()
        phone.devicePolicy.addUserRestriction(phone.admin, UserManager.DISALLOW_INSTALL_APPS)
        phone.settle()
        assertThrows(SecurityException::class.java) { install(apk) }
        assertEquals(emptyList<Any>(), phone.installSessions)
    }

    @Test
    fun `without room nothing is installed`() {
        phone.becomeDeviceOwner()
        phone.recognise(apk, App(CHAT, versionCode = 8))
        phone.faults.roomForSession = 3
        assertThrows(IOException::class.java) { install(apk) }
        phone.faults.roomForSession = Long.MAX_VALUE
        phone.faults.nextInstallFails(PackageManager.INSTALL_FAILED_INSUFFICIENT_STORAGE)
        val result = install(apk)
        phone.settle()
        assertEquals(PackageInstaller.STATUS_FAILURE_STORAGE, result.status())
        assertEquals(7L, phone.version(CHAT))
    }

    @Test
    fun `what was not synced to the disk is not taken`() {
        phone.becomeDeviceOwner()
        assertThrows(IllegalStateException::class.java) { install(apk, sync = false) }
    }

    @Test
    fun `a package that is not installed is read from its file`() {
        phone.recognise(apk, App(CHAT, versionCode = 8))
        val file = phone.agent.cacheDir.resolve("chat.apk").apply { writeBytes(apk) }
        assertEquals(CHAT, phone.agent.packageManager.getPackageArchiveInfo(file.path, 0)?.packageName)
        file.writeText("something else")
        assertNull(phone.agent.packageManager.getPackageArchiveInfo(file.path, 0))
        assertTrue(file.delete())
    }

    private fun install(bytes: ByteArray, number: Int = 0, sync: Boolean = true): List<Intent> {
        val heard = ArrayList<Intent>()
        val receiver = object : BroadcastReceiver() {
            override fun onReceive(context: Context, intent: Intent) {
                heard.add(intent)
            }
        }
        val action = "$RESULT.$number"
        if (Packages.api >= 33) {
            phone.agent.registerReceiver(receiver, IntentFilter(action), Context.RECEIVER_NOT_EXPORTED)
        } else {
            phone.agent.registerReceiver(receiver, IntentFilter(action))
        }
        val intent = Intent(action).setPackage(Phone.AGENT)
        val sender = PendingIntent.getBroadcast(phone.agent, number, intent, PendingIntent.FLAG_MUTABLE)
        val params = SessionParams(SessionParams.MODE_FULL_INSTALL).apply { setAppPackageName(CHAT) }
        installer.openSession(installer.createSession(params)).use { session ->
            session.openWrite("base.apk", 0, bytes.size.toLong()).use {
                it.write(bytes)
                if (sync) session.fsync(it)
            }
            session.commit(sender.intentSender)
        }
        return heard
    }

    private fun List<Intent>.status() = single().getIntExtra(PackageInstaller.EXTRA_STATUS, -99)

    private companion object {
        const val CHAT = "com.example.chat"
        const val RESULT = "nl.sluis.agent.TEST_INSTALLED"
    }
}
