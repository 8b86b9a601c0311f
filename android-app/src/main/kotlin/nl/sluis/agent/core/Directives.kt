package nl.sluis.agent.core

import org.json.JSONArray
import org.json.JSONObject

/** What the core wants done. An empty answer means: nothing. */
internal class Directives(
    val fetches: List<Fetch>,
    val listPackages: Boolean,
    val manifests: Boolean,
    val actions: List<Action>,
    val screen: Screen?,
    val bundle: Message?,
    val wakeUpMs: Long?,
    val configurationWanted: Boolean,
    val notices: List<Message>
) {
    companion object {
        /** Reads the core's answer; whatever does not fit the contract is a bug of ours. */
        fun parse(bytes: ByteArray): Directives {
            val json = JSONObject(bytes.toString(Charsets.UTF_8))
            return Directives(
                fetches = json.objects("fetches").map { fetch ->
                    Fetch(fetch.getString("feed"), fetch.getString("url"), fetch.getLong("max_bytes"))
                },
                listPackages = json.optBoolean("list_packages"),
                manifests = json.optBoolean("manifests"),
                actions = json.objects("actions").map { action -> Action(action.getLong("id"), step(action)) },
                screen = json.optJSONObject("screen")?.let(Screen::parse),
                bundle = json.optJSONObject("bundle")?.let(Message::parse),
                wakeUpMs = json.optionalLong("wake_up_ms"),
                configurationWanted = json.optBoolean("configuration_wanted"),
                notices = json.objects("notices").map(Message::parse)
            )
        }

        private fun step(json: JSONObject): Step = when (val kind = json.getString("kind")) {
            "suspend" -> Step.Suspend(json.getString("package"))
            "unsuspend" -> Step.Unsuspend(json.getString("package"))
            "uninstall" -> Step.Uninstall(json.getString("package"))
            "hide" -> Step.Hide(json.getString("package"))
            "unhide" -> Step.Unhide(json.getString("package"))
            "restrict" -> Step.Restrict(json.getString("restriction"), json.strings("values"))
            "unrestrict" -> Step.Unrestrict(json.getString("restriction"))
            "update_agent" -> Step.UpdateAgent(
                json.getString("sha256"),
                json.getString("package"),
                json.getLong("version_code")
            )
            else -> throw CoreBug("the core asks for `$kind`, which this shell does not know")
        }
    }
}

/** One file to fetch; after [maxBytes] it is given up. */
internal data class Fetch(val feed: String, val url: String, val maxBytes: Long)

/** One thing to do; [id] names it in its result. */
internal data class Action(val id: Long, val step: Step)

/** A call of the framework. */
internal sealed interface Step {
    /** A step that concerns one package. */
    sealed interface OnPackage : Step {
        val packageName: String
    }

    data class Suspend(override val packageName: String) : OnPackage

    data class Unsuspend(override val packageName: String) : OnPackage

    data class Uninstall(override val packageName: String) : OnPackage

    data class Hide(override val packageName: String) : OnPackage

    data class Unhide(override val packageName: String) : OnPackage

    /** [values] goes with the restriction, where anything does. */
    data class Restrict(val restriction: String, val values: List<String>) : Step

    data class Unrestrict(val restriction: String) : Step

    /** The bytes that went with the event which this answers are a new version of this app. */
    data class UpdateAgent(val sha256: String, val packageName: String, val versionCode: Long) : Step
}

internal fun JSONObject.objects(name: String): List<JSONObject> = optJSONArray(name)?.objects().orEmpty()

internal fun JSONObject.strings(name: String): List<String> =
    optJSONArray(name)?.let { list -> (0 until list.length()).map(list::getString) }.orEmpty()

internal fun JSONArray.objects(): List<JSONObject> = (0 until length()).map(::getJSONObject)

internal fun JSONObject.optionalString(name: String): String? = if (isNull(name)) null else getString(name)

internal fun JSONObject.optionalLong(name: String): Long? = if (isNull(name)) null else getLong(name)
