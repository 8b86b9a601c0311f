package nl.sluis.agent.enforce

import android.app.admin.DevicePolicyManager
import android.content.ComponentName
import android.os.Build
import org.json.JSONArray

/**
 * The switches of the phone itself, by the names of the core: `UserManager.DISALLOW_*` keys, and three that have calls
 * of their own. Each is read back by what it is, not by what the call returned.
 */
internal class Switches(private val policy: DevicePolicyManager, private val admin: ComponentName) {
    /** Turns a switch on; [values] goes with it and takes the place of what went with it before. */
    fun turnOn(name: String, values: List<String>) = of(name).turnOn(values)

    /** Turns a switch off. */
    fun turnOff(name: String) = of(name).turnOff()

    /** Whether a switch is on, with just these [values]. */
    fun isOn(name: String, values: List<String>): Boolean = of(name).values()?.toSet() == values.toSet()

    /** Whether a switch is off. */
    fun isOff(name: String): Boolean = of(name).isOff()

    private fun of(name: String): Switch = when (name) {
        "automatic_time" -> if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) AutomaticTime() else TimeFromNetwork()
        "keyboards" -> Keyboards()
        "blocked_web" -> BlockedWeb()
        else -> Restriction(name)
    }

    private interface Switch {
        fun turnOn(values: List<String>)

        fun turnOff()

        /** What goes with the switch, if it is on. */
        fun values(): List<String>?

        /** Whether nothing holds people to it. */
        fun isOff() = values() == null
    }

    private inner class Restriction(private val key: String) : Switch {
        override fun turnOn(values: List<String>) = policy.addUserRestriction(admin, key)

        override fun turnOff() = policy.clearUserRestriction(admin, key)

        override fun values() = nothing().takeIf { policy.getUserRestrictions(admin).getBoolean(key) }
    }

    /** Before Android 11: the clock goes by the network, and people cannot change that. */
    @Suppress("DEPRECATION")
    private inner class TimeFromNetwork : Switch {
        override fun turnOn(values: List<String>) = policy.setAutoTimeRequired(admin, true)

        override fun turnOff() = policy.setAutoTimeRequired(admin, false)

        override fun values() = nothing().takeIf { policy.autoTimeRequired }
    }

    /** From Android 11 on this is a setting, which a restriction (`no_config_date_time`) keeps from people. */
    private inner class AutomaticTime : Switch {
        override fun turnOn(values: List<String>) = policy.setAutoTimeEnabled(admin, true)

        /** A clock that goes by the network is what the phone came with: it stays so, and people may change it. */
        override fun turnOff() = Unit

        override fun isOff() = true

        override fun values() = nothing().takeIf { policy.getAutoTimeEnabled(admin) }
    }

    /** Keyboards that came with the phone are always permitted. Android refuses a list without one that is in use. */
    private inner class Keyboards : Switch {
        override fun turnOn(values: List<String>) {
            check(policy.setPermittedInputMethods(admin, values)) { "a keyboard that is not in the list is in use" }
        }

        override fun turnOff() {
            policy.setPermittedInputMethods(admin, null)
        }

        override fun values() = policy.getPermittedInputMethods(admin)
    }

    /**
     * The managed configuration of browsers on Chromium. A policy that is a list is one string of JSON there
     * (`URLBlocklist`), and a host in it stands for all below it. Other settings that Sluis may have made stay.
     */
    private inner class BlockedWeb : Switch {
        override fun turnOn(values: List<String>) = set(JSONArray(values).toString())

        override fun turnOff() = set(null)

        override fun values(): List<String>? {
            val written = BROWSERS.map { policy.getApplicationRestrictions(admin, it).getString(BLOCKLIST) }
            val list = written.distinct().singleOrNull()?.let(::JSONArray) ?: return null
            return (0 until list.length()).map(list::getString)
        }

        private fun set(list: String?) {
            for (browser in BROWSERS) {
                val settings = policy.getApplicationRestrictions(admin, browser)
                if (list == null) settings.remove(BLOCKLIST) else settings.putString(BLOCKLIST, list)
                policy.setApplicationRestrictions(admin, browser, settings)
            }
        }
    }

    private companion object {
        const val BLOCKLIST = "URLBlocklist"
        val BROWSERS = listOf("com.android.chrome", "com.microsoft.emmx")

        fun nothing(): List<String> = emptyList()
    }
}
