package nl.sluis.agent

import android.content.Context
import android.os.Build
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import android.security.keystore.StrongBoxUnavailableException
import android.util.Log
import java.io.IOException
import java.security.GeneralSecurityException
import java.security.KeyPairGenerator
import java.security.KeyStore
import java.security.MessageDigest
import java.security.spec.ECGenParameterSpec

/**
 * The key by which this phone is known where something is granted to it: made in the phone's key store at the first
 * start, and never out of it.
 */
internal class PhoneKey(context: Context) {
    private val memory = context.createDeviceProtectedStorageContext().getSharedPreferences(
        "phone-key",
        Context.MODE_PRIVATE
    )

    /** SHA-256 of the public key, in hex; null where the key store does not give it now. */
    fun id(): String? = try {
        val store = KeyStore.getInstance(PROVIDER).apply { load(null) }
        if (store.getCertificate(ALIAS) == null && mayMake()) make()
        store.getCertificate(ALIAS)?.let { certificate ->
            memory.edit().putInt(MISSED, 0).apply()
            sha256(certificate.publicKey.encoded)
        }
    } catch (error: GeneralSecurityException) {
        failed(error)
    } catch (error: IOException) {
        failed(error)
    } catch (error: RuntimeException) {
        // What Android's key store throws differs from version to version.
        failed(error)
    }

    /** The processes before this one in which the key was missing, one after the other. */
    private val missedBefore by lazy {
        memory.getInt(MISSED, LOST_AFTER).also { memory.edit().putInt(MISSED, it + 1).apply() }
    }

    /**
     * A key store that is in trouble says of a key that is there that it is not, and whoever makes a key then destroys
     * it. So only what was missing in several processes running is taken for lost.
     */
    private fun mayMake() = missedBefore >= LOST_AFTER

    private fun make() {
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) {
            try {
                return generate { setIsStrongBoxBacked(true) }
            } catch (_: StrongBoxUnavailableException) {
                Log.i(TAG, "this phone has no chip of its own for keys")
            }
        }
        generate {}
    }

    private fun generate(more: KeyGenParameterSpec.Builder.() -> Unit) {
        val spec = KeyGenParameterSpec.Builder(ALIAS, KeyProperties.PURPOSE_SIGN)
            .setAlgorithmParameterSpec(ECGenParameterSpec("secp256r1"))
            .setDigests(KeyProperties.DIGEST_SHA256)
            .apply(more)
            .build()
        KeyPairGenerator.getInstance(KeyProperties.KEY_ALGORITHM_EC, PROVIDER).apply {
            initialize(spec)
        }.generateKeyPair()
    }

    private fun failed(error: Exception): String? {
        Log.e(TAG, "the key store gives no key", error)
        return null
    }

    private fun sha256(bytes: ByteArray): String =
        MessageDigest.getInstance("SHA-256").digest(bytes).joinToString("") { "%02x".format(it) }

    private companion object {
        const val TAG = "Sluis"
        const val PROVIDER = "AndroidKeyStore"
        const val ALIAS = "sluis-phone"
        const val MISSED = "missed"

        /** Processes in which a key that was made before has to be missing. */
        const val LOST_AFTER = 3
    }
}
