package nl.sluis.agent.enforce

import android.app.PendingIntent
import android.content.BroadcastReceiver
import android.content.Context
import android.content.Intent
import android.content.pm.PackageInstaller
import android.net.Uri
import android.os.Build
import nl.sluis.agent.Agent
import nl.sluis.agent.core.Action
import nl.sluis.agent.core.ActionResult
import nl.sluis.agent.core.Core
import nl.sluis.agent.core.Step

/** Uninstalls silently. Lives on the core's thread, except for the broadcast that brings the result. */
internal class Uninstaller(private val context: Context, private val enforcer: Enforcer, private val core: Core) {
    private class Waiting(
        val packageName: String,
        val label: String?,
        val cancelTimeOut: () -> Unit,
        val done: (ActionResult) -> Unit
    )

    private val waiting = HashMap<Long, Waiting>()

    /** Asks the installer to remove a package; [done] is called once, on the core's thread, whatever goes wrong. */
    fun begin(action: Action, step: Step.Uninstall, done: (ActionResult) -> Unit) {
        val timeOut = core.runLater(TIME_OUT_SECONDS) { finish(action.id, "no result after $TIME_OUT_SECONDS s") }
        // The label is read now: afterwards there is nobody to tell it. Without it the app goes all the same.
        var label: String? = null
        failureOf { label = enforcer.label(step.packageName) }
        waiting[action.id] = Waiting(step.packageName, label, timeOut, done)
        val refused = failureOf {
            context.packageManager.packageInstaller.uninstall(step.packageName, resultOf(action.id).intentSender)
        }
        if (refused != null) finish(action.id, refused)
    }

    /** The result of an action. One that nobody waits for (of a former process, or too late) is left aside. */
    fun finish(id: Long, failure: String?) {
        val answered = waiting.remove(id) ?: return
        answered.cancelTimeOut()
        answered.done(readBack(answered, failure))
    }

    private fun readBack(answered: Waiting, failure: String?): ActionResult = try {
        val observed = enforcer.observe(answered.packageName, answered.label)
        if (!observed.installed) enforcer.forget(answered.packageName)
        ActionResult(failure, observed)
    } catch (error: RuntimeException) {
        ActionResult(failure ?: describe(error))
    }

    private fun resultOf(id: Long): PendingIntent {
        val intent = Intent(context, UninstallResultReceiver::class.java)
            // Distinct data keeps the intents of two actions apart.
            .setData(Uri.fromParts(UninstallResultReceiver.SCHEME, id.toString(), null))
        // The installer writes its answer into the intent, which from API 31 on must be allowed in so many words.
        val mutable = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) PendingIntent.FLAG_MUTABLE else 0
        return PendingIntent.getBroadcast(context, 0, intent, PendingIntent.FLAG_UPDATE_CURRENT or mutable)
    }

    private companion object {
        const val TIME_OUT_SECONDS = 60L
    }
}

/** Receives the package installer's answer to an uninstall. Not exported: only our own pending intent reaches it. */
class UninstallResultReceiver : BroadcastReceiver() {
    override fun onReceive(context: Context, intent: Intent) {
        val id = intent.data?.schemeSpecificPart?.toLongOrNull() ?: return
        val status = intent.getIntExtra(PackageInstaller.EXTRA_STATUS, PackageInstaller.STATUS_FAILURE)
        val message = intent.getStringExtra(PackageInstaller.EXTRA_STATUS_MESSAGE)
        Agent.of(context).uninstallAnswered(
            id,
            if (status ==
                PackageInstaller.STATUS_SUCCESS
            ) {
                null
            } else {
                describe(status, message)
            }
        )
    }

    private fun describe(status: Int, message: String?): String {
        val name = when (status) {
            PackageInstaller.STATUS_PENDING_USER_ACTION -> "the system wants to ask the user"
            PackageInstaller.STATUS_FAILURE_BLOCKED -> "blocked"
            PackageInstaller.STATUS_FAILURE_ABORTED -> "aborted"
            PackageInstaller.STATUS_FAILURE_CONFLICT -> "conflict"
            PackageInstaller.STATUS_FAILURE_INVALID -> "invalid"
            else -> "failed"
        }
        return if (message == null) "$name ($status)" else "$name ($status): $message"
    }

    internal companion object {
        const val SCHEME = "sluis-action"
    }
}
