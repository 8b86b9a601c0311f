package nl.sluis.phone

import java.io.File
import java.security.cert.CertificateFactory
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertNotEquals
import org.junit.Assert.assertThrows
import org.junit.Assert.assertTrue
import org.junit.Test

/** That a list of package names becomes a phone, and that signers are real certificates. */
class PhoneModelTest {
    @Test
    fun `an inventory's package lines become apps and the rest is skipped`() {
        val file = inventory("# a phone\npackage:com.maker.browser  \n\npackage:com.tik # bought\npackage:com.tik\n")
        val model = PhoneModel.fromInventory(file, isSystem = { it.startsWith("com.maker") })
        assertEquals(listOf("com.maker.browser", "com.tik"), model.apps.map(App::name))
        assertEquals(listOf(true, false), model.apps.map(App::system))
    }

    @Test
    fun `an inventory without packages is refused`() {
        assertThrows(IllegalArgumentException::class.java) { PhoneModel.fromInventory(inventory("com.tik\n")) }
    }

    @Test
    fun `more apps replace those of the same name`() {
        val model = PhoneModel(listOf(App("com.tik"), App("com.chat"))) + listOf(App("com.tik", versionCode = 2))
        assertEquals(listOf("com.chat" to 1L, "com.tik" to 2L), model.apps.map { it.name to it.versionCode })
    }

    @Test
    fun `a signer has one well-formed certificate that verifies by its own key`() {
        val certificate = CertificateFactory.getInstance("X.509")
            .generateCertificate(Certificate.of("com.tik").der.inputStream())
        certificate.verify(certificate.publicKey)
        assertEquals(Certificate.of("com.tik"), Certificate.of("com.tik"))
        assertNotEquals(Certificate.of("com.tik").sha256, Certificate.of("com.chat").sha256)
        assertTrue(Certificate.of("com.tik").sha256.matches(Regex("[0-9a-f]{64}")))
    }

    @Test
    fun `an app that replaced a factory version is an updated system app`() {
        assertFalse(App("com.maker.browser", system = true).updatedSystem)
        assertTrue(App("com.maker.browser", system = true, factory = App("com.maker.browser")).updatedSystem)
    }

    private fun inventory(text: String): File = File.createTempFile("inventory", ".txt").apply {
        deleteOnExit()
        writeText(text)
    }
}
