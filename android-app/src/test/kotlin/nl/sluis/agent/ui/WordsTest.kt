package nl.sluis.agent.ui

import java.io.File
import nl.sluis.agent.core.Argument
import nl.sluis.agent.core.Message
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertNotNull
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35])
class WordsTest {
    private val source = JSONObject(File("../core/messages/messages.json").readText())
    private val ofTheCore = Regex("(headline|state|reason|layer|warning|notice|bundle|grant|group)_.*")
    private val place = Regex("\\{\\d+:(text|count|time)}")

    private fun words() = Words(RuntimeEnvironment.getApplication())

    /** A message with an argument for each of its places. */
    private fun filled(id: String, language: String): Message {
        val entry = source.getJSONObject(id).get(language)
        val text = if (entry is JSONObject) entry.getString("other") else entry.toString()
        val places = place.findAll(text).sortedBy { it.value }.map { found ->
            when (found.groupValues[1]) {
                "text" -> Argument.Text("%s & 5% <b>")
                "count" -> Argument.Count(1_234)
                else -> Argument.Time(1_795_518_000_000)
            }
        }
        return Message(id, places.toList())
    }

    private fun everyMessageIsASentence(language: String) {
        val ids = source.keys().asSequence().filter(ofTheCore::matches).toList()
        assertTrue(ids.isNotEmpty())
        for (id in ids) {
            assertNotNull("$id has no resource", MessageIds.resource(id))
            val sentence = words().of(filled(id, language))
            assertFalse("$id: $sentence", id in sentence || '{' in sentence || "%1" in sentence)
        }
    }

    @Test
    @Config(qualifiers = "en")
    fun `every message of the core has English words`() = everyMessageIsASentence("en")

    @Test
    @Config(qualifiers = "nl")
    fun `every message of the core has Dutch words`() = everyMessageIsASentence("nl")

    @Test
    @Config(qualifiers = "nl")
    fun `one is singular and two are plural`() {
        fun headline(count: Long) = words().of(Message("headline_removed", listOf(Argument.Count(count))))
        assertTrue(headline(1), "1 app " in headline(1))
        assertTrue(headline(2), "2 apps " in headline(2))
    }

    @Test
    fun `moments are written as the reader writes them`() {
        val moment = Message("layer_fresh", listOf(Argument.Time(1_795_518_000_000)))
        RuntimeEnvironment.setQualifiers("nl")
        val dutch = words().of(moment)
        RuntimeEnvironment.setQualifiers("en-rUS")
        val american = words().of(moment)
        assertTrue(dutch, "24 november 2026" in dutch)
        assertTrue(american, "November 24, 2026" in american)
    }

    @Test
    fun `words of a policy are shown as they are`() {
        val message = Message("warning_configuration", listOf(Argument.Text("100% <b>&amp;</b> %s")))
        assertTrue("100% <b>&amp;</b> %s" in words().of(message))
    }

    @Test
    fun `a message of a newer core is shown by its id and not left out`() {
        assertNull(MessageIds.resource("headline_of_tomorrow"))
        assertEquals(
            "headline_of_tomorrow why",
            words().of(Message("headline_of_tomorrow", listOf(Argument.Text("why"))))
        )
        assertEquals("a place without an argument", "layer_fresh", words().of(Message("layer_fresh")).take(11))
    }

    @Test
    @Config(qualifiers = "nl")
    fun `the log is English on a Dutch phone`() {
        val log = Words.forLog(RuntimeEnvironment.getApplication())
        val message = Message("notice_feed_checked", listOf(Argument.Text("national")))
        assertEquals("national: checked", log.of(message))
        assertNotEquals(log.of(message), words().of(message))
    }
}
