package nl.sluis.agent.inventory

import android.content.pm.PackageInfo
import android.content.pm.Signature
import android.os.Build
import java.security.MessageDigest
import org.json.JSONArray
import org.json.JSONObject

/** The certificates of a package as SHA-256 of their DER form. */
internal object Signers {
    /** Null when they could not be read: an unknown signer is not the same as none. */
    fun of(info: PackageInfo): JSONObject? {
        val (current, lineage) = if (Build.VERSION.SDK_INT >= 28) rotated(info) else old(info)
        if (current.isEmpty()) return null
        return JSONObject().put("current", JSONArray(current)).put("lineage", JSONArray(lineage))
    }

    private fun rotated(info: PackageInfo): Pair<List<String>, List<String>> {
        val signing = info.signingInfo ?: return Pair(emptyList(), emptyList())
        val current = digests(signing.apkContentsSigners)
        // With several signers there is no rotation, and the framework gives no history.
        val history = if (signing.hasMultipleSigners()) emptyList() else digests(signing.signingCertificateHistory)
        return Pair(current, history - current.toSet())
    }

    @Suppress("DEPRECATION")
    private fun old(info: PackageInfo) = Pair(digests(info.signatures), emptyList<String>())

    private fun digests(signatures: Array<out Signature>?): List<String> = signatures.orEmpty().map { signature ->
        val digest = MessageDigest.getInstance("SHA-256").digest(signature.toByteArray())
        buildString(digest.size * 2) {
            for (byte in digest) {
                append(HEX[byte.toInt() shr 4 and 0xf])
                append(HEX[byte.toInt() and 0xf])
            }
        }
    }

    private const val HEX = "0123456789abcdef"
}
