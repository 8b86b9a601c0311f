package nl.sluis.agent

import android.content.Context
import android.util.Log
import nl.sluis.agent.core.Answer
import nl.sluis.agent.core.Events
import org.json.JSONException
import org.json.JSONObject

/**
 * Takes the configuration that enrolment brings to the core. It is brought once only: so it is kept, until the core has
 * taken it and beyond, for a core that loses its store. A wrong one leaves the phone as it is; what was wrong is remembered, for the screen and across restarts,
 * until a right one comes.
 */
internal class Enrolment(private val context: Context) {
    private val memory = context.createDeviceProtectedStorageContext().getSharedPreferences(
        "enrolment",
        Context.MODE_PRIVATE
    )

    /** What was wrong with the last configuration; null when nothing was. */
    val refusal: String?
        get() = memory.getString(REFUSAL, null)

    /** Passes the value of the extra [CONFIGURATION] on; [done] is called when the core has answered. */
    fun configure(extra: String?, done: () -> Unit) {
        val configuration = try {
            JSONObject(extra ?: throw JSONException("it is missing"))
        } catch (error: JSONException) {
            refuse("$CONFIGURATION: ${error.message}")
            return done()
        }
        memory.edit().putString(PENDING, extra).commit()
        pass(configuration, done)
    }

    /** Passes a configuration on that the core has not taken yet; for every start of the process. */
    fun resume() {
        memory.getString(PENDING, null)?.let { pass(JSONObject(it)) {} }
    }

    /** Passes on again what the core took before, if it ever took any: it knows of none. */
    fun repeat() {
        // One that waits to be taken is newer.
        if (memory.contains(PENDING)) return
        memory.getString(TAKEN, null)?.let { Agent.of(context).report(Events.reconfigure(JSONObject(it))) }
    }

    private fun pass(configuration: JSONObject, done: () -> Unit) =
        Agent.of(context).report(Events.configure(configuration)) { answer ->
            when (answer) {
                is Answer.Directed -> {
                    val taken = configuration.toString()
                    memory.edit().remove(REFUSAL).remove(PENDING).putString(TAKEN, taken).apply()
                }
                // Kept all the same: what the core refuses today may be its store and not the configuration.
                is Answer.Refused -> refuse(answer.why)
                // No fault of the configuration: the screen says what it is.
                is Answer.LibraryMissing, is Answer.Failed -> Unit
            }
            done()
        }

    private fun refuse(why: String) {
        Log.e("Sluis", "the configuration is refused: $why")
        memory.edit().putString(REFUSAL, why).apply()
    }

    companion object {
        /** The one extra in the admin extras bundle: the configuration of `sluis.agent` as JSON. */
        const val CONFIGURATION = "nl.sluis.configuration"
        private const val REFUSAL = "refusal"
        private const val PENDING = "pending"
        private const val TAKEN = "taken"
    }
}
