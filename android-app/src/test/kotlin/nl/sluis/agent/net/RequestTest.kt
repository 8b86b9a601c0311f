package nl.sluis.agent.net

import java.io.File
import java.io.IOException
import java.net.InetSocketAddress
import java.net.Proxy
import java.net.ProxySelector
import java.net.SocketAddress
import java.net.URI
import javax.xml.parsers.DocumentBuilderFactory
import nl.sluis.agent.core.Fetch
import nl.sluis.agent.core.FetchOutcome
import nl.sluis.agent.net.RawServer.Companion.send
import org.junit.After
import org.junit.Assert.assertArrayEquals
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config

/** What leaves the phone, to the byte, through Android's own HTTP client. */
@RunWith(RobolectricTestRunner::class)
@Config(minSdk = AndroidClient.MIN_SDK)
class RequestTest {
    private val http: Http
    private val agent: String? = System.getProperty("http.agent")
    private val selector: ProxySelector? = ProxySelector.getDefault()

    init {
        // As Android does when it starts an app.
        System.setProperty("http.agent", "Dalvik/2.1.0 (Linux; U; Android 12; SM-G970F Build/SP1A.210812.016)")
        http = Http(loopback = true, connect = AndroidClient::connect)
    }

    @After
    fun leaveTheMachineAsItWas() {
        ProxySelector.setDefault(selector)
        if (agent == null) System.clearProperty("http.agent") else System.setProperty("http.agent", agent)
    }

    private fun get(address: String) = http.get(Fetch("feed", address, MAX_BYTES))

    private fun assertFetched(outcome: FetchOutcome) =
        assertArrayEquals("$outcome", "x".toByteArray(), (outcome as FetchOutcome.Body).bytes)

    /** All that a server is told. */
    private fun request(path: String, host: String) = listOf(
        "GET $path HTTP/1.1",
        "User-Agent: Sluis",
        "Accept-Encoding: identity",
        "Host: $host",
        "Connection: Keep-Alive"
    )

    @Test
    fun `a request has these headers and no others whatever the server hands out`() {
        val tracking = arrayOf(
            "ETag: \"serial-number-of-this-phone\"",
            "Set-Cookie: id=serial-number-of-this-phone; Path=/",
            "Last-Modified: Mon, 23 Nov 2026 00:00:00 GMT",
            "Cache-Control: max-age=1000000",
            "Accept-CH: Sec-CH-UA-Model"
        )
        val server = RawServer { first, out ->
            if ("/old" in first) {
                out.send("302 Found", "Location: /f", *tracking)
            } else {
                out.send("200 OK", *tracking, body = "x".toByteArray())
            }
        }
        server.use {
            for (path in listOf("/f", "/f", "/old")) assertFetched(get(it.address(path)))
            val wanted = listOf("/f", "/f", "/old", "/f").map { path -> request(path, "127.0.0.1:${it.port}") }
            assertEquals(wanted, it.requests)
        }
    }

    @Test
    fun `a file that is missing leaves the connection open for the next request`() {
        val page = "<h1>Not Found</h1>".repeat(PAGE).toByteArray()
        val server = RawServer { first, out ->
            when {
                "/old" in first -> out.send("302 Found", "Location: /f", body = page)
                "/f" in first -> out.send("200 OK", body = "x".toByteArray())
                "/error" in first -> out.send("500 Internal Server Error", body = page)
                else -> out.send("404 Not Found", body = page)
            }
        }
        server.use {
            // As the chain of roots ends, before the timestamp is asked for.
            assertEquals(FetchOutcome.Missing, get(it.address("/2.root.json")))
            assertFetched(get(it.address()))
            assertFetched(get(it.address("/old")))
            assertTrue(get(it.address("/error")) is FetchOutcome.Failed)
            assertFetched(get(it.address()))
            assertEquals(6, it.requests.size)
            assertEquals(1, it.connections)
        }
    }

    @Test
    fun `a page without end that nobody wants is not read to its end`() {
        val server = RawServer { _, out ->
            out.write("HTTP/1.1 404 Not Found\r\n\r\n".toByteArray())
            while (true) out.write(ByteArray(1_000))
            @Suppress("UNREACHABLE_CODE")
            false
        }
        server.use { assertEquals(FetchOutcome.Missing, get(it.address())) }
    }

    @Test
    fun `a proxy that the organisation set is used and learns no more than a server`() {
        val proxy = RawServer { _, out -> out.send("200 OK", body = "x".toByteArray()) }
        proxy.use {
            ProxySelector.setDefault(Always(it.port))
            assertFetched(get("http://localhost:1/f"))
            assertEquals(request("http://localhost:1/f", "localhost:1"), it.requests.single())
        }
    }

    @Test
    fun `a proxy on the way to HTTPS is told the server's name and nothing about the phone`() {
        val proxy = RawServer { _, out -> out.send("503 Service Unavailable") && false }
        proxy.use {
            ProxySelector.setDefault(Always(it.port))
            val outcome = get("https://feeds.example/f")
            assertTrue("$outcome", outcome is FetchOutcome.Failed)
            val wanted = setOf(
                "CONNECT feeds.example:443 HTTP/1.1",
                "Host: feeds.example:443",
                "User-Agent: Sluis",
                "Proxy-Connection: Keep-Alive"
            )
            for (request in it.requests) assertEquals(wanted, request.toSet())
            assertTrue(it.requests.isNotEmpty())
        }
    }

    @Test
    fun `authorities of the system and of the phone's management are trusted, and plain text is not`() {
        val config = DocumentBuilderFactory.newInstance().newDocumentBuilder()
            .parse(File("src/main/res/xml/network_security_config.xml"))
        val trusted = config.getElementsByTagName("certificates")
        val sources = (0 until trusted.length).map { trusted.item(it).attributes.getNamedItem("src").nodeValue }
        assertEquals(listOf("system", "user"), sources)
        val base = config.getElementsByTagName("base-config").item(0)
        assertEquals("false", base.attributes.getNamedItem("cleartextTrafficPermitted").nodeValue)
        for (loosening in listOf("domain-config", "debug-overrides")) {
            assertEquals(loosening, 0, config.getElementsByTagName(loosening).length)
        }
    }

    /** Leads everything to one proxy, as the phone's management can set it. */
    private class Always(port: Int) : ProxySelector() {
        private val proxies = listOf(Proxy(Proxy.Type.HTTP, InetSocketAddress("127.0.0.1", port)))

        override fun select(uri: URI) = proxies

        override fun connectFailed(uri: URI, address: SocketAddress, error: IOException) = Unit
    }

    private companion object {
        const val MAX_BYTES = 1_000L

        /** Makes a page of some 18 kB. */
        const val PAGE = 1_000
    }
}
