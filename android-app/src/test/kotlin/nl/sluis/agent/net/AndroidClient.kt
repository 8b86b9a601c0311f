package nl.sluis.agent.net

import java.net.URL
import java.net.URLConnection
import java.net.URLStreamHandler

/**
 * The HTTP client that Android puts behind [URL.openConnection], which is not the JVM's: taken from the framework under
 * test.
 */
internal object AndroidClient {
    /** The client of Android 8.0 calls a variant of `System.arraycopy` that Robolectric does not know. */
    const val MIN_SDK = 28

    fun connect(url: URL): URLConnection {
        val handler = when (url.protocol) {
            "https" -> "com.android.okhttp.HttpsHandler"
            else -> "com.android.okhttp.HttpHandler"
        }
        val made = Class.forName(handler).getDeclaredConstructor().newInstance() as URLStreamHandler
        return URL(null, url.toString(), made).openConnection()
    }
}
