package nl.sluis.agent.enforce

import android.app.admin.DevicePolicyManager
import android.content.ComponentName
import android.content.Context
import android.content.pm.ApplicationInfo
import android.content.pm.PackageManager
import android.os.Build
import nl.sluis.agent.AdminReceiver
import nl.sluis.agent.core.ActionResult
import nl.sluis.agent.core.Observation
import nl.sluis.agent.core.Step
import nl.sluis.agent.inventory.isInstalled

/**
 * Calls the framework and reads back what came of it. Only what is read back counts: what these calls return differs
 * between Android versions (a repeated hide returns false up to 33 and true from 34 on).
 */
internal class Enforcer(context: Context) {
    private val policy = context.getSystemService(DevicePolicyManager::class.java)
    private val packages = context.packageManager
    private val admin = ComponentName(context, AdminReceiver::class.java)
    private val switches = Switches(policy, admin)

    /** Carries out a step that is finished when its calls return: all but uninstalling and installing. */
    fun carryOut(step: Step): ActionResult = try {
        callAndReadBack(step)
    } catch (error: RuntimeException) {
        // Nothing was read back: the core must not take a guess for what it sees.
        ActionResult(describe(error))
    }

    private fun callAndReadBack(step: Step): ActionResult = when (step) {
        is Step.Suspend -> onPackage(step) { suspend(it) }
        is Step.Unsuspend -> onPackage(step) { policy.setPackagesSuspended(admin, arrayOf(it), false) }
        is Step.Hide -> onPackage(step) { hide(it) }
        is Step.Unhide -> onPackage(step) { policy.setApplicationHidden(admin, it, false) }
        is Step.Restrict -> onSwitch({ switches.turnOn(step.restriction, step.values) }) {
            switches.isOn(step.restriction, step.values)
        }
        is Step.Unrestrict -> onSwitch({ switches.turnOff(step.restriction) }) { !switches.isOff(step.restriction) }
        is Step.Uninstall, is Step.UpdateAgent -> throw IllegalArgumentException("$step has no immediate result")
    }

    /** What the framework says of a package now; [knownLabel] serves when it can no longer tell its name. */
    fun observe(packageName: String, knownLabel: String? = null): Observation {
        val info = applicationInfo(packageName)
        val hidden = answer(false) { policy.isApplicationHidden(admin, packageName) }
        return Observation(
            installed = info.isInstalled(hidden),
            hidden = hidden,
            suspended = answer(false) { policy.isPackageSuspended(admin, packageName) },
            label = label(packageName) ?: knownLabel
        )
    }

    /** The name that people know the package by; null when it does not tell. */
    fun label(packageName: String): String? = applicationInfo(packageName)
        ?.let { packages.getApplicationLabel(it).toString() }
        ?.takeIf { it != packageName && it.isNotBlank() }

    /**
     * Leaves no record behind of a package that is gone. From API 34 on the policy service keeps what was set and
     * would impose it on whatever is installed under that name later, approved or not.
     */
    fun forget(packageName: String) {
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.UPSIDE_DOWN_CAKE) return
        failureOf { policy.setApplicationHidden(admin, packageName, false) }
        failureOf { policy.setPackagesSuspended(admin, arrayOf(packageName), false) }
    }

    private fun suspend(packageName: String) {
        policy.setPackagesSuspended(admin, arrayOf(packageName), true)
        if (answer(true) { policy.isPackageSuspended(admin, packageName) }) return
        // The policy service ignores a value that it holds already, for instance since an earlier installation.
        policy.setPackagesSuspended(admin, arrayOf(packageName), false)
        policy.setPackagesSuspended(admin, arrayOf(packageName), true)
    }

    private fun hide(packageName: String) {
        if (policy.isApplicationHidden(admin, packageName)) return
        // Cleared first for the same reason: recorded as hidden, seen to be visible, and a repeated value is ignored.
        policy.setApplicationHidden(admin, packageName, false)
        policy.setApplicationHidden(admin, packageName, true)
    }

    private fun onPackage(step: Step.OnPackage, call: (String) -> Unit): ActionResult {
        val label = label(step.packageName)
        val failure = failureOf { call(step.packageName) }
        return ActionResult(failure, observed = observe(step.packageName, label))
    }

    private fun onSwitch(call: () -> Unit, isOn: () -> Boolean): ActionResult {
        val failure = failureOf(call)
        return ActionResult(failure, restricted = answer(false, isOn))
    }

    /** With [PackageManager.MATCH_UNINSTALLED_PACKAGES]: without it, what is hidden cannot be told from what is gone. */
    private fun applicationInfo(packageName: String): ApplicationInfo? = try {
        packages.getApplicationInfo(packageName, PackageManager.MATCH_UNINSTALLED_PACKAGES)
    } catch (_: PackageManager.NameNotFoundException) {
        null
    }

    /** The framework's answer, or [otherwise] when it knows no such package or does not let us ask. */
    private fun <T> answer(otherwise: T, ask: () -> T): T = try {
        ask()
    } catch (_: PackageManager.NameNotFoundException) {
        otherwise
    } catch (_: SecurityException) {
        otherwise
    }
}

/** Makes a call of the framework; its objection becomes words for the core, which decides what to do about it. */
internal fun failureOf(call: () -> Unit): String? = try {
    call()
    null
} catch (error: RuntimeException) {
    // Makers' services fail in their own ways.
    describe(error)
}

/** An exception as words for the core. */
internal fun describe(error: RuntimeException) = "${error.javaClass.simpleName}: ${error.message}"
