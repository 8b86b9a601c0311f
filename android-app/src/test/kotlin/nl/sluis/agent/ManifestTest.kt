package nl.sluis.agent

import java.io.File
import javax.xml.parsers.DocumentBuilderFactory
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.w3c.dom.Element

class ManifestTest {
    private val manifest = DocumentBuilderFactory.newInstance().newDocumentBuilder()
        .parse(File("src/main/AndroidManifest.xml")).documentElement
    private val components = listOf("activity", "receiver", "service", "provider").flatMap { manifest.all(it) }

    private fun Element.all(tag: String): List<Element> =
        getElementsByTagName(tag).let { found -> (0 until found.length).map { found.item(it) as Element } }

    private fun Element.attribute(name: String) = getAttribute("android:$name")

    @Test
    fun `only the launcher's screen and the door for grants can be reached without a permission`() {
        val open = components.filter { it.attribute("exported") != "false" && it.attribute("permission").isEmpty() }
        assertEquals(listOf(".ComplianceActivity", ".GrantActivity"), open.map { it.attribute("name") })
    }

    @Test
    fun `every component says whether it is exported and works before the phone is unlocked`() {
        for (component in components) {
            val name = component.attribute("name")
            assertTrue(name, component.attribute("exported") in setOf("true", "false"))
            assertEquals(name, "true", component.attribute("directBootAware"))
        }
    }

    @Test
    fun `every component exists`() {
        for (component in components) Class.forName("nl.sluis.agent" + component.attribute("name"))
    }

    @Test
    fun `nothing leaves by a backup or without encryption`() {
        val application = manifest.all("application").single()
        assertEquals("false", application.attribute("allowBackup"))
        assertEquals("false", application.attribute("usesCleartextTraffic"))
        assertEquals("@xml/data_extraction_rules", application.attribute("dataExtractionRules"))
        assertEquals("@xml/full_backup_content", application.attribute("fullBackupContent"))
        assertEquals("", application.attribute("debuggable"))
    }

    @Test
    fun `each permission is explained and no other is`() {
        val asked = manifest.all("uses-permission").map { it.attribute("name") }.toSet()
        val row = Regex("^\\| `(android\\.permission\\.[A-Z_]+)` \\| \\S.*", RegexOption.MULTILINE)
        val explained = row.findAll(File("../docs/permissions.md").readText()).map { it.groupValues[1] }.toSet()
        assertEquals(asked, explained)
    }
}
