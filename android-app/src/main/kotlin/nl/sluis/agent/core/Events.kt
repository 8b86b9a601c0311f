package nl.sluis.agent.core

import android.os.Build
import org.json.JSONArray
import org.json.JSONObject

/** The events of the core's message contract, as JSON. */
internal object Events {
    fun configure(configuration: JSONObject) = event("configure").put("configuration", configuration)

    fun reconfigure(configuration: JSONObject) = event("reconfigure").put("configuration", configuration)

    fun agent(installed: JSONObject) = event("agent").put("installed", installed)

    fun started() = event("started")

    fun phone(id: String) = event("phone").put("id", id)

    fun refresh() = event("refresh")

    fun fetched(fetch: Fetch, outcome: FetchOutcome): JSONObject {
        val json = when (outcome) {
            is FetchOutcome.Body -> event("body")
            is FetchOutcome.Missing -> event("missing")
            is FetchOutcome.TooLong -> event("too_long")
            is FetchOutcome.Failed -> event("failed").put("message", outcome.message)
        }
        return event("fetched").put("feed", fetch.feed).put("url", fetch.url).put("outcome", json)
    }

    fun bundle(languages: List<String>) = event("bundle").put("languages", JSONArray(languages))

    fun inventory(inventory: JSONObject) =
        event("inventory").put("inventory", inventory).put("api", Build.VERSION.SDK_INT)

    fun packageChanged(name: String, facts: JSONObject?, roles: JSONObject) =
        event("package_changed").put("name", name).put("facts", facts ?: JSONObject.NULL).put("roles", roles)

    fun actionResult(id: Long, result: ActionResult): JSONObject = event("action_result")
        .put("id", id)
        .put("failure", result.failure ?: JSONObject.NULL)
        .put("observed", result.observed?.let(::observation) ?: JSONObject.NULL)
        .put("restricted", result.restricted ?: JSONObject.NULL)

    fun screen(languages: List<String>) = event("screen").put("languages", JSONArray(languages))

    private fun observation(observed: Observation) = JSONObject()
        .put("installed", observed.installed)
        .put("hidden", observed.hidden)
        .put("suspended", observed.suspended)
        .put("label", observed.label ?: JSONObject.NULL)

    private fun event(kind: String) = JSONObject().put("kind", kind)
}

/** How a fetch went. */
internal sealed interface FetchOutcome {
    /** The file itself. */
    class Body(val bytes: ByteArray) : FetchOutcome

    /** The server has no such file. */
    data object Missing : FetchOutcome

    /** The server sent more than was allowed, and the fetch was stopped. */
    data object TooLong : FetchOutcome

    /** Anything else; [message] is for the log. */
    data class Failed(val message: String) : FetchOutcome
}

/** What became of an [Action]: what the framework objected, and what was read back afterwards. */
internal data class ActionResult(
    val failure: String?,
    val observed: Observation? = null,
    val restricted: Boolean? = null
)

/** A package's state as read back; a hidden package counts as installed. */
internal data class Observation(val installed: Boolean, val hidden: Boolean, val suspended: Boolean, val label: String?)
