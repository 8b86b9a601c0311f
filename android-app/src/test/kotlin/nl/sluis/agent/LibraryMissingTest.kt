package nl.sluis.agent

import android.widget.ListView
import android.widget.TextView
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import nl.sluis.agent.core.Events
import nl.sluis.agent.core.NativeLibrary
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config

/** A phone on which the Rust library cannot be loaded: nothing crashes, and the screen says what is the matter. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35], qualifiers = "en")
class LibraryMissingTest {
    private val context = RuntimeEnvironment.getApplication()
    private val usual = NativeLibrary.loader

    @Before
    fun loseTheLibrary() {
        NativeLibrary.loader = { throw UnsatisfiedLinkError("no sluis in java.library.path") }
    }

    @After
    fun bringItBack() {
        Agent.stop()
        NativeLibrary.loader = usual
    }

    private fun untilQuiet() {
        val quiet = CountDownLatch(1)
        Agent.of(context).whenQuiet(quiet::countDown)
        assertTrue(quiet.await(10, TimeUnit.SECONDS))
        shadowOf(context.mainLooper).idle()
    }

    private fun shown(): List<String> {
        val list = Robolectric.buildActivity(
            ComplianceActivity::class.java
        ).setup().get().findViewById<ListView>(R.id.rows)
        untilQuiet()
        return (0 until list.adapter.count).map { position ->
            list.adapter.getView(position, null, list).findViewById<TextView>(R.id.words).text.toString()
        }
    }

    @Test
    fun `the screen says that Sluis does not work and that what is held stays held`() {
        assertEquals(
            listOf(
                context.getString(R.string.headline_not_working),
                context.getString(R.string.warning_library_missing)
            ),
            shown()
        )
    }

    @Test
    fun `every event is survived`() {
        val agent = Agent.of(context)
        repeat(3) { agent.report(Events.started()) }
        agent.packageChanged("com.tencent.mm")
        agent.installerAnswered(7, null)
        untilQuiet()
    }

    @Test
    fun `a configuration that is not JSON is named on the screen and leaves the phone usable`() {
        val answered = CountDownLatch(1)
        Enrolment(context).configure("{\"feeds\": [", answered::countDown)
        assertTrue(answered.await(10, TimeUnit.SECONDS))
        assertTrue(shown().any { Enrolment.CONFIGURATION in it })
    }

    @Test
    fun `a configuration that is missing is named on the screen`() {
        Enrolment(context).configure(null) {}
        assertTrue(shown().any { Enrolment.CONFIGURATION in it })
    }
}
