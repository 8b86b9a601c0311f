package nl.sluis.story

import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import java.io.File
import java.net.InetAddress
import java.net.InetSocketAddress
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CopyOnWriteArrayList

/** A web server on loopback that hands out folders of static files, as any web server does. */
class FeedServer : AutoCloseable {
    private val folders = ConcurrentHashMap<String, File>()
    private val http = HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0)

    /** Every path that was asked for, in order. */
    val requests = CopyOnWriteArrayList<String>()

    init {
        http.createContext("/", ::answer)
        http.start()
    }

    /** From now on [folder] is what the feed of that name serves. */
    fun serve(feed: String, folder: File) {
        folders[feed] = folder
    }

    /** From now on there is nothing to fetch. */
    fun fallSilent() = folders.clear()

    /** Where phones find that feed. */
    fun address(feed: String) = "http://127.0.0.1:${http.address.port}/$feed/"

    override fun close() = http.stop(0)

    private fun answer(exchange: HttpExchange) {
        val path = exchange.requestURI.path
        requests += path
        val (feed, name) = path.removePrefix("/").split('/', limit = 2) + listOf("")
        val file = folders[feed]?.resolve(name)?.takeIf { ".." !in name && it.isFile }
        exchange.use {
            if (file == null) return it.sendResponseHeaders(NOT_FOUND, -1)
            val bytes = file.readBytes()
            it.sendResponseHeaders(OK, bytes.size.toLong())
            it.responseBody.write(bytes)
        }
    }

    private companion object {
        const val OK = 200
        const val NOT_FOUND = 404
    }
}
