package nl.sluis.phone

import android.content.pm.PackageManager

/** What goes wrong on this phone, each once, in the order planted. */
class Faults {
    private val uninstalls = ArrayDeque<Int>()
    private val installs = ArrayDeque<Int>()
    private val suspends = HashSet<String>()
    private val hides = HashSet<String>()

    /** The next uninstall fails; [legacyStatus] is one of the package manager's `DELETE_FAILED_…`. */
    fun nextUninstallFails(legacyStatus: Int = PackageManager.DELETE_FAILED_INTERNAL_ERROR) {
        uninstalls.add(legacyStatus)
    }

    /** The next session that is committed fails; [legacyStatus] is one of the package manager's `INSTALL_FAILED_…`. */
    fun nextInstallFails(legacyStatus: Int) {
        installs.add(legacyStatus)
    }

    /** How many bytes there is room for in a session. */
    var roomForSession = Long.MAX_VALUE

    /** The next attempt to suspend this package is refused. */
    fun nextSuspendIsRefused(name: String) {
        suspends.add(name)
    }

    /** The next attempt to hide this package seems to work and changes nothing. */
    fun nextHideIsDropped(name: String) {
        hides.add(name)
    }

    /** While a package is in here, whoever asks for its application's facts gets an exception instead. */
    val lookupsThatThrow = HashSet<String>()

    internal fun failLookup(name: String) {
        if (name in lookupsThatThrow) throw NullPointerException("planted")
    }

    internal fun takeUninstall(): Int? = uninstalls.removeFirstOrNull()

    internal fun takeInstall(): Int? = installs.removeFirstOrNull()

    internal fun takeSuspend(name: String): Boolean = suspends.remove(name)

    internal fun takeHide(name: String): Boolean = hides.remove(name)
}
