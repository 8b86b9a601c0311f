package nl.sluis.story

import java.nio.file.Files
import org.json.JSONArray
import org.json.JSONObject

/** The state and a province, who make feeds with `sluis` and put them on a web server. */
class TwoFeeds : AutoCloseable {
    private val desk = Files.createTempDirectory("sluis-desk").toFile()

    /** Where the feeds are served. */
    val server = FeedServer()

    /** Who forbids what the central government forbids. */
    val state = Administrator(desk, NATIONAL)

    /** Who forbids more, in its own words. */
    val province = Administrator(desk, PROVINCE)

    /** Makes and serves both feeds; returns the configuration that has a phone obey them. [tell] hears of each. */
    fun open(tell: (String) -> Unit = {}): String {
        val feeds = JSONArray()
        for ((administrator, policy) in listOf(state to STATE_POLICY, province to PROVINCE_POLICY)) {
            val name = administrator.name
            val root = administrator.makeFeed()
            administrator.publish(policy)
            server.serve(name, administrator.feed)
            feeds.put(JSONObject().put("name", name).put("url", server.address(name)).put("root_sha256", root))
            tell("$name: ${server.address(name)}, trusted by the SHA-256 of its root ${root.take(16)}…")
        }
        return JSONObject().put("feeds", feeds).put("allow_loopback_http", true).toString()
    }

    /** Both feeds as their administrators left them, after whatever was served in between. */
    fun serveOwn() = listOf(state, province).forEach { server.serve(it.name, it.feed) }

    override fun close() {
        server.close()
        desk.deleteRecursively()
    }

    companion object {
        /** The name of the state's feed. */
        const val NATIONAL = "national"

        /** The name of the province's feed. */
        const val PROVINCE = "province"
        private const val STATE_POLICY = "policy-schema/examples/central-government-list.json"
        private const val PROVINCE_POLICY = "tests/demo/province-1.json"
    }
}
