package nl.sluis.agent.enforce

import android.content.Context
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
            context.packageManager.packageInstaller.uninstall(step.packageName, InstallerResult.of(context, action.id))
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

    private companion object {
        const val TIME_OUT_SECONDS = 60L
    }
}
