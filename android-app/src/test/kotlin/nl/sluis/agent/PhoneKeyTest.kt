package nl.sluis.agent

import nl.sluis.phone.SecureHardware
import org.junit.After
import org.junit.Assert.assertEquals
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertNull
import org.junit.Assert.assertTrue
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment

@RunWith(RobolectricTestRunner::class)
class PhoneKeyTest {
    private val hardware = SecureHardware()

    /** What a start of the process finds. */
    private fun id() = PhoneKey(RuntimeEnvironment.getApplication()).id()

    @Before
    fun plugIn() = hardware.plugIn()

    @After
    fun unplug() = hardware.unplug()

    @Test
    fun `a key is made once and its number is the digest of its public half`() {
        val id = checkNotNull(id())
        assertTrue(id, Regex("[0-9a-f]{64}").matches(id))
        repeat(5) { assertEquals(id, id()) }
        assertEquals(1, hardware.made)
    }

    @Test
    fun `the chip for keys is used where there is one, and nothing is lost where there is none`() {
        for (hasStrongBox in listOf(true, false)) {
            hardware.wipe()
            hardware.hasStrongBox = hasStrongBox
            val storage = RuntimeEnvironment.getApplication().createDeviceProtectedStorageContext()
            storage.deleteSharedPreferences("phone-key")
            checkNotNull(id())
            val expected = hasStrongBox && RuntimeEnvironment.getApiLevel() >= 28
            assertEquals(expected, hardware.lastInStrongBox)
        }
    }

    @Test
    fun `a key store that does not answer makes no other key`() {
        val id = id()
        hardware.isDown = true
        repeat(10) { assertNull(id()) }
        hardware.isDown = false
        assertEquals(id, id())
        assertEquals(1, hardware.made)
    }

    @Test
    fun `a key that is not seen for a moment is not overwritten`() {
        val id = id()
        repeat(3) {
            hardware.forgets = true
            repeat(3) { assertNull(id()) }
            hardware.forgets = false
            assertEquals(id, id())
        }
        assertEquals(1, hardware.made)
    }

    @Test
    fun `a key that is gone for good is made anew, which is another one`() {
        val id = id()
        hardware.wipe()
        repeat(3) { assertNull(id()) }
        val other = checkNotNull(id())
        assertNotEquals(id, other)
        assertEquals(other, id())
    }

    @Test
    fun `a phone without a key store has no number`() {
        hardware.unplug()
        assertNull(id())
    }

    @Test
    fun `a key store that fails at the first start is asked again at the next`() {
        hardware.isDown = true
        assertNull(id())
        hardware.isDown = false
        checkNotNull(id())
    }
}
