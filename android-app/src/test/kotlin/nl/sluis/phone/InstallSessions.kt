package nl.sluis.phone

import android.app.Application
import android.content.Intent
import android.content.IntentSender
import android.content.pm.IPackageInstallerSession
import android.content.pm.PackageInstaller
import android.content.pm.PackageInstaller.SessionParams
import android.content.pm.PackageManager
import android.os.UserManager
import java.io.ByteArrayOutputStream
import java.io.IOException
import java.io.OutputStream

/** What somebody handed to the package installer, and what came of it. */
class InstallSession internal constructor(val id: Int, internal val caller: String, val params: SessionParams) {
    internal val written = ByteArrayOutputStream()
    internal var isOnDisk = false

    /** The package, as far as it was written. */
    val bytes: ByteArray get() = written.toByteArray()

    /** Whether it was handed over to be installed. */
    var isCommitted = false
        internal set
}

/**
 * The part of the package installer that installs, as AOSP 8.0, 14 and 15 have it: nobody opens a session where a user
 * restriction forbids installing, the device owner included; an update has the name and the signers of what is there
 * and is no older; who is not the owner asks the user.
 */
internal class InstallSessions(
    private val app: Application,
    private val packages: Packages,
    private val doubles: Doubles,
    private val faults: Faults,
    private val later: (() -> Unit) -> Unit,
    private val restrictions: () -> Set<String>,
    private val maySilently: (caller: String, uid: Int) -> Boolean
) {
    private val sessions = LinkedHashMap<Int, InstallSession>()

    /** Every session there ever was, in order. */
    val all = ArrayList<InstallSession>()

    fun create(params: SessionParams, caller: String): Int {
        if (UserManager.DISALLOW_INSTALL_APPS in restrictions()) {
            throw SecurityException("User restriction prevents installing")
        }
        if (caller !in packages.namesOf(CallingIdentity.current)) throw SecurityException("$caller does not call")
        val session = InstallSession(all.size + 1, caller, params)
        sessions[session.id] = session
        all += session
        return session.id
    }

    fun open(id: Int, user: Int): IPackageInstallerSession {
        val session = sessions[id] ?: throw SecurityException("Caller has no access to session $id")
        val silent = maySilently(session.caller, CallingIdentity.current)
        val binder = doubles.ofInterface(IPackageInstallerSession::class.java) { call ->
            when (call.name) {
                "commit" -> commit(session, call.first<IntentSender>(), user, silent)
                "abandon" -> sessions.remove(id)
                "close" -> Unit
                else -> Unanswered
            }
        }
        Current.sessions[System.identityHashCode(binder)] = session
        return binder
    }

    fun abandon(id: Int) {
        sessions.remove(id) ?: throw SecurityException("Caller has no access to session $id")
    }

    fun mine(): List<PackageInstaller.SessionInfo> =
        sessions.keys.map { id -> PackageInstaller.SessionInfo().apply { sessionId = id } }

    /** The system restarts; sessions that were committed are over, the others stay. */
    fun forgetCommitted() = sessions.values.removeAll { it.isCommitted }

    private fun commit(session: InstallSession, result: IntentSender, user: Int, silent: Boolean) {
        check(!session.isCommitted) { "it is sealed already" }
        check(session.isOnDisk) { "it was not synced to the disk" }
        session.isCommitted = true
        later {
            if (sessions.remove(session.id) == null) return@later
            if (silent) installNow(session, result, user) else askUser(session, result)
        }
    }

    private fun installNow(session: InstallSession, result: IntentSender, user: Int) {
        val found = packages.appIn(session.bytes)
        val legacy = faults.takeInstall() ?: objectionTo(session, found, user)
        if (legacy == PackageManager.INSTALL_SUCCEEDED) {
            packages.install(checkNotNull(found), session.caller, user)
        }
        report(
            result,
            Intent()
                .putExtra(PackageInstaller.EXTRA_PACKAGE_NAME, found?.name)
                .putExtra(PackageInstaller.EXTRA_STATUS, PackageManager.installStatusToPublicStatus(legacy))
                .putExtra(PackageInstaller.EXTRA_STATUS_MESSAGE, PackageManager.installStatusToString(legacy))
                .putExtra(PackageInstaller.EXTRA_LEGACY_STATUS, legacy)
        )
    }

    private fun objectionTo(session: InstallSession, found: App?, user: Int): Int {
        if (found == null) return PackageManager.INSTALL_PARSE_FAILED_NOT_APK
        val named = session.params.appPackageName
        if (named != null && named != found.name) return PackageManager.INSTALL_FAILED_INVALID_APK
        val before = packages.find(found.name, user)?.app ?: return PackageManager.INSTALL_SUCCEEDED
        return when {
            before.signers.toSet() != found.signers.toSet() -> PackageManager.INSTALL_FAILED_UPDATE_INCOMPATIBLE
            found.versionCode < before.versionCode -> PackageManager.INSTALL_FAILED_VERSION_DOWNGRADE
            else -> PackageManager.INSTALL_SUCCEEDED
        }
    }

    private fun askUser(session: InstallSession, result: IntentSender) {
        sessions[session.id] = session
        report(
            result,
            Intent()
                .putExtra(PackageInstaller.EXTRA_SESSION_ID, session.id)
                .putExtra(PackageInstaller.EXTRA_STATUS, PackageInstaller.STATUS_PENDING_USER_ACTION)
                .putExtra(Intent.EXTRA_INTENT, Intent("android.content.pm.action.CONFIRM_INSTALL"))
        )
    }

    private fun report(result: IntentSender, fillIn: Intent) = result.sendIntent(app, 0, fillIn, null, null)
}

/** What a session's stream does: it remembers what is written, and whether that was synced. */
internal class SessionStream(val session: InstallSession, private val room: Long) : OutputStream() {
    override fun write(byte: Int) = write(byteArrayOf(byte.toByte()), 0, 1)

    override fun write(bytes: ByteArray, offset: Int, length: Int) {
        if (session.written.size() + length > room) throw IOException("Write failed: ENOSPC (No space left on device)")
        session.isOnDisk = false
        session.written.write(bytes, offset, length)
    }
}
