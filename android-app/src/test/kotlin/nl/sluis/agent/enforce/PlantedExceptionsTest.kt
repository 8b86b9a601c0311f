package nl.sluis.agent.enforce

import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicReference
import nl.sluis.agent.core.Action
import nl.sluis.agent.core.ActionResult
import nl.sluis.agent.core.Answer
import nl.sluis.agent.core.Core
import nl.sluis.agent.core.Events
import nl.sluis.agent.core.NativeLibrary
import nl.sluis.agent.core.PhoneClock
import nl.sluis.agent.core.Step
import nl.sluis.phone.App
import nl.sluis.phone.Phone
import nl.sluis.phone.PhoneModel
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config

/** Makers' services fail in their own ways: each failure is a result that the core hears of, and never the end. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35])
class PlantedExceptionsTest {
    private val usual = NativeLibrary.loader
    private val phone = Phone(PhoneModel(listOf(App(CHAT, "Chat")))).apply { becomeDeviceOwner() }
    private val enforcer = Enforcer(phone.agent)
    private val core = Core(phone.agent.filesDir, PhoneClock(phone.agent.contentResolver))

    @After
    fun switchOff() {
        core.close()
        phone.close()
        NativeLibrary.loader = usual
    }

    @Test
    fun `an exception in an action is a result without anything read back`() {
        phone.faults.lookupsThatThrow += CHAT
        val result = enforcer.carryOut(Step.Suspend(CHAT))
        assertTrue("$result", "planted" in result.failure.orEmpty())
        assertNull("nobody saw that it is gone", result.observed)
    }

    @Test
    fun `an exception around an uninstall is a result, and the app goes all the same`() {
        phone.faults.lookupsThatThrow += CHAT
        val uninstaller = Uninstaller(phone.agent, enforcer, core)
        val results = ArrayList<ActionResult>()
        uninstaller.begin(Action(7, Step.Uninstall(CHAT)), Step.Uninstall(CHAT)) { results += it }
        phone.settle()
        assertFalse(phone.isInstalled(CHAT))
        uninstaller.finish(7, null)
        uninstaller.finish(7, null)
        assertEquals("answered once", 1, results.size)
        assertTrue("${results[0]}", "planted" in results[0].failure.orEmpty())
        assertNull(results[0].observed)
    }

    @Test
    fun `an exception on the way to the core is an answer, and its thread lives on`() {
        NativeLibrary.loader = { throw IllegalStateException("planted") }
        val answer = AtomicReference<Answer>()
        val done = CountDownLatch(1)
        core.run { throw StackOverflowError("planted") }
        core.run {
            answer.set(core.handle(Events.started()))
            done.countDown()
        }
        assertTrue(done.await(10, TimeUnit.SECONDS))
        assertTrue("planted" in (answer.get() as Answer.Failed).why)
    }

    private companion object {
        const val CHAT = "com.example.chat"
    }
}
