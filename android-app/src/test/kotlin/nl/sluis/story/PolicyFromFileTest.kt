package nl.sluis.story

import android.net.Uri
import java.io.ByteArrayInputStream
import java.io.FileNotFoundException
import java.io.IOException
import java.io.InputStream
import java.nio.file.Files
import nl.sluis.phone.NativeLibrary
import nl.sluis.story.RealPhones.Installed
import org.json.JSONArray
import org.json.JSONObject
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.GraphicsMode

/** A phone that no network reaches, and files that its employee is given or finds. */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
class PolicyFromFileTest {
    private val desk = Files.createTempDirectory("sluis-desk").toFile()
    private val province = Administrator(desk, "province")
    private lateinit var enrolled: EnrolledPhone

    @Before
    fun enrol() {
        NativeLibrary.loadForAgent()
        val root = province.makeFeed()
        province.publish("tests/demo/province-1.json")
        enrolled = EnrolledPhone(RealPhones.samsung())
        // Nobody listens there.
        val feed = JSONObject().put("name", "province").put("url", "http://127.0.0.1:1/").put("root_sha256", root)
        val configuration = JSONObject().put("feeds", JSONArray().put(feed)).put("allow_loopback_http", true)
        enrolled.enrol(configuration.toString())
    }

    @After
    fun clearTheDesk() {
        enrolled.close()
        desk.deleteRecursively()
    }

    private fun screen(check: (ComplianceScreen) -> Unit) =
        ComplianceScreen(enrolled, "nl-w411dp-h891dp-notnight-xhdpi").use(check)

    /** A file in another app's hands, as the system's file chooser names it. */
    private fun given(name: String, open: () -> InputStream): Uri {
        val uri = Uri.parse("content://nl.other.app.documents/document/${Uri.encode(name)}")
        val resolver = RuntimeEnvironment.getApplication().contentResolver
        shadowOf(resolver).registerInputStreamSupplier(uri, open)
        return uri
    }

    private fun given(name: String, bytes: ByteArray): Uri = given(name) { ByteArrayInputStream(bytes) }

    /** What the screen says after that file was chosen. */
    private fun chosen(file: Uri): String {
        lateinit var words: String
        screen {
            it.takeFile(file)
            words = it.words()
        }
        return words
    }

    private fun isRemoved(name: String) = !enrolled.phone.isInstalled(name)

    @Test
    fun `a phone without a network takes a bundle, obeys and says so`() {
        assertTrue("it is out of reach", enrolled.phone.isUsable(Installed.tiktok.name))
        val words = chosen(given("provincie één.sluis", province.bundle("first").readBytes()))
        assertTrue(words, "Sluis heeft nieuwe regels van ‘Provincie Voorbeeld’ uit dit bestand overgenomen." in words)
        assertTrue(isRemoved(Installed.tiktok.name))
        assertTrue(enrolled.phone.isUsable(Installed.telegram.name))
        screen { assertFalse("it was told", "uit dit bestand" in it.words()) }
    }

    @Test
    fun `an older bundle changes nothing`() {
        val first = province.bundle("first").readBytes()
        province.publish("tests/demo/province-2.json")
        chosen(given("second.sluis", province.bundle("second").readBytes()))
        assertTrue(isRemoved(Installed.telegram.name))
        val until = enrolled.phone.history.size
        val words = chosen(given("first.sluis", first))
        assertTrue(words, "zijn ouder dan die op deze telefoon. Er is niets veranderd." in words)
        assertEquals(emptyList<String>(), enrolled.phone.history.drop(until))
        enrolled.phone.install(Installed.telegram)
        enrolled.rest()
        assertTrue("the newer rules still apply", isRemoved(Installed.telegram.name))
    }

    @Test
    fun `what is no bundle says so, and so does a bundle of somebody else`() {
        val other = Administrator(desk, "other").apply {
            makeFeed()
            publish("tests/demo/province-1.json")
        }
        val whole = province.bundle("first").readBytes()
        val cases = mapOf(
            ByteArray(0) to "the file is empty",
            "<html>".toByteArray() to "cut off after 6 bytes",
            whole.copyOf(whole.size / 2) to "cut off after",
            ByteArray(MORE_THAN_A_BUNDLE) to "more than 16 MiB",
            other.bundle("first").readBytes() to "niet voor deze telefoon gelden"
        )
        for ((bytes, said) in cases) {
            val words = chosen(given("file.sluis", bytes))
            assertTrue(words, said in words && "Er is niets veranderd." in words)
        }
        assertTrue(enrolled.phone.isUsable(Installed.tiktok.name))
    }

    @Test
    fun `a file that another app does not hand over is no harm`() {
        val failures = mapOf<String, () -> InputStream>(
            "gone" to { throw FileNotFoundException("it is gone") },
            "not yours" to { throw SecurityException("it is not yours") },
            "broken" to {
                object : InputStream() {
                    override fun read(): Int = throw IOException("it is broken")
                }
            }
        )
        for ((said, open) in failures) {
            val words = chosen(given(said, open))
            assertTrue(words, "(it is $said)" in words)
        }
    }

    @Test
    fun `a file without end is given up`() {
        val endless = object : InputStream() {
            var count = 0L

            override fun read(): Int = 'x'.code.also { count++ }

            override fun read(bytes: ByteArray, offset: Int, length: Int): Int = length.also { count += it }
        }
        val words = chosen(given("endless") { endless })
        assertTrue(words, "more than 16 MiB" in words)
        assertTrue("${endless.count}", endless.count < 2 * MORE_THAN_A_BUNDLE)
    }

    private companion object {
        const val MORE_THAN_A_BUNDLE = 16 * 1024 * 1024 + 1
    }
}
