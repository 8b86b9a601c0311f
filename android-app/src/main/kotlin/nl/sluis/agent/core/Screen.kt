package nl.sluis.agent.core

import org.json.JSONObject

/** Everything that the compliance screen shows. */
internal class Screen(
    val headline: Message,
    val warnings: List<Message>,
    val apps: List<AppCard>,
    val layers: List<LayerCard>,
    val phone: PhoneCard? = null
) {
    /** The same screen with [more] warnings on top. */
    fun warnedOf(more: List<Message>) = Screen(headline, more + warnings, apps, layers, phone)

    companion object {
        fun parse(json: JSONObject) = Screen(
            headline = Message.parse(json.getJSONObject("headline")),
            warnings = json.objects("warnings").map(Message::parse),
            apps = json.objects("apps").map(AppCard::parse),
            layers = json.objects("layers").map(LayerCard::parse),
            phone = json.optJSONObject("phone")?.let(PhoneCard::parse)
        )
    }
}

/** One app that a policy concerns. */
internal class AppCard(
    val packageName: String,
    val label: String,
    val state: Message,
    val sinceMs: Long,
    val reason: Reason,
    val organisation: String,
    val rule: String?,
    val deadlineMs: Long?,
    val link: String?
) {
    companion object {
        fun parse(json: JSONObject) = AppCard(
            packageName = json.getString("package"),
            label = json.getString("label"),
            state = Message.parse(json.getJSONObject("state")),
            sinceMs = json.getLong("since_ms"),
            reason = Reason.parse(json.getJSONObject("reason")),
            organisation = json.getString("organisation"),
            rule = json.optionalString("rule"),
            deadlineMs = json.optionalLong("deadline_ms"),
            link = json.optionalString("link")
        )
    }
}

/** Why: the policy's own words, or ours where it has none. */
internal sealed interface Reason {
    data class Text(val text: String) : Reason

    data class Ours(val message: Message) : Reason

    companion object {
        fun parse(json: JSONObject): Reason =
            json.optJSONObject("message")?.let { Ours(Message.parse(it)) } ?: Text(json.getString("text"))
    }
}

/** One policy in force. */
internal class LayerCard(val organisation: String, val contact: String?, val state: Message) {
    companion object {
        fun parse(json: JSONObject) = LayerCard(
            organisation = json.getString("organisation"),
            contact = json.optionalString("contact"),
            state = Message.parse(json.getJSONObject("state"))
        )
    }
}

/** What this phone is called where something is granted to it, and the groups in which it is. */
internal class PhoneCard(val id: String, val qr: List<String>, val groups: List<Message>) {
    companion object {
        fun parse(json: JSONObject) = PhoneCard(
            id = json.getString("id"),
            qr = json.getJSONArray("qr").let { rows -> (0 until rows.length()).map(rows::getString) },
            groups = json.objects("groups").map(Message::parse)
        )
    }
}

/** A sentence by its id in the message source, with what fills its places. */
internal data class Message(val id: String, val args: List<Argument> = emptyList()) {
    companion object {
        fun parse(json: JSONObject) = Message(json.getString("id"), json.objects("args").map(Argument::parse))
    }
}

/** One argument of a [Message]. */
internal sealed interface Argument {
    data class Text(val text: String) : Argument

    data class Count(val count: Long) : Argument

    data class Time(val wallMs: Long) : Argument

    companion object {
        fun parse(json: JSONObject): Argument = when (val kind = json.keys().next()) {
            "text" -> Text(json.getString(kind))
            "count" -> Count(json.getLong(kind))
            "time" -> Time(json.getLong(kind))
            else -> throw CoreBug("the core gives an argument `$kind`, which this shell does not know")
        }
    }
}
