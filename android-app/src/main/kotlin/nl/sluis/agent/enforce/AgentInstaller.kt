package nl.sluis.agent.enforce

import android.content.Context
import android.content.pm.PackageInstaller
import android.content.pm.PackageInstaller.SessionParams
import android.content.pm.PackageManager
import android.os.Build
import java.io.File
import java.io.IOException
import java.security.MessageDigest
import nl.sluis.agent.core.Action
import nl.sluis.agent.core.ActionResult
import nl.sluis.agent.core.Core
import nl.sluis.agent.core.Step

/**
 * Installs a new version of this app over itself, silently. Lives on the core's thread, except for the broadcast that
 * brings the result.
 *
 * Android ends this process when it replaces the app, so a result comes mostly of what failed; the next process tells
 * the core its version. Android itself takes only a package that is signed as this one is and is no older. What can be
 * seen here is looked at first all the same: a mistake should not cost a session.
 */
internal class AgentInstaller(private val context: Context, private val own: OwnApp, private val core: Core) {
    private class Waiting(val cancelTimeOut: () -> Unit, val done: (ActionResult) -> Unit)

    private val installer: PackageInstaller get() = context.packageManager.packageInstaller
    private val waiting = HashMap<Long, Waiting>()

    /**
     * Installs [apk], the bytes that the core has just verified; nothing else ever held them but this process's memory.
     * [done] is called once, on the core's thread, if this process lives to see it.
     */
    fun begin(action: Action, step: Step.UpdateAgent, apk: ByteArray?, done: (ActionResult) -> Unit) {
        val timeOut = core.runLater(TIME_OUT_SECONDS) { finish(action.id, "no result after $TIME_OUT_SECONDS s") }
        waiting[action.id] = Waiting(timeOut, done)
        val objection = try {
            objectionTo(step, apk) ?: install(action.id, checkNotNull(apk))
        } catch (error: RuntimeException) {
            describe(error)
        } catch (error: IOException) {
            "${error.javaClass.simpleName}: ${error.message}"
        }
        if (objection != null) finish(action.id, objection)
    }

    /** The result of an action. One that nobody waits for (of a former process, or too late) is left aside. */
    fun finish(id: Long, failure: String?) {
        val answered = waiting.remove(id) ?: return
        answered.cancelTimeOut()
        // What failed takes up room, and the user could be asked about it.
        if (failure != null) failureOf(::abandonAll)
        answered.done(ActionResult(failure))
    }

    private fun objectionTo(step: Step.UpdateAgent, apk: ByteArray?): String? {
        if (apk == null || sha256(apk) != step.sha256) return "these are not the bytes that were verified"
        if (!own.installsSilently) return "this app is not the device owner"
        val found = look(apk) ?: return "Android finds no app in it"
        return when {
            found.packageName != step.packageName || found.packageName != own.name ->
                "it is ${found.packageName}, not ${own.name}"
            versionCode(found) != step.versionCode ->
                "it is version ${versionCode(found)}, not ${step.versionCode} as the feed says"
            else -> null
        }
    }

    /** What Android reads in it. It reads files only; what is installed is not this file but the bytes. */
    private fun look(apk: ByteArray) = File(context.createDeviceProtectedStorageContext().cacheDir, "agent.apk").run {
        try {
            writeBytes(apk)
            context.packageManager.getPackageArchiveInfo(path, 0)
        } finally {
            delete()
        }
    }

    private fun install(id: Long, apk: ByteArray): String? {
        abandonAll()
        val params = SessionParams(SessionParams.MODE_FULL_INSTALL).apply {
            setAppPackageName(own.name)
            setInstallReason(PackageManager.INSTALL_REASON_POLICY)
            setSize(apk.size.toLong())
            // An owner is not asked; where a maker's Android would ask all the same, it fails instead.
            if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) {
                setRequireUserAction(SessionParams.USER_ACTION_NOT_REQUIRED)
            }
        }
        installer.openSession(installer.createSession(params)).use { session ->
            session.openWrite("agent.apk", 0, apk.size.toLong()).use { stream ->
                stream.write(apk)
                session.fsync(stream)
            }
            session.commit(InstallerResult.of(context, id))
        }
        return null
    }

    /** Of this attempt, or left by a process that ended in the middle of one. */
    private fun abandonAll() = installer.mySessions.forEach {
        failureOf { installer.abandonSession(it.sessionId) }
    }

    private fun sha256(bytes: ByteArray) =
        MessageDigest.getInstance("SHA-256").digest(bytes).joinToString("") { "%02x".format(it) }

    private companion object {
        // Android compiles an app while it installs it.
        const val TIME_OUT_SECONDS = 300L
    }
}
