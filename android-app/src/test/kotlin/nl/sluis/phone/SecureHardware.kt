package nl.sluis.phone

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.StrongBoxUnavailableException
import java.io.InputStream
import java.io.OutputStream
import java.security.InvalidAlgorithmParameterException
import java.security.Key
import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.KeyPairGeneratorSpi
import java.security.KeyStoreSpi
import java.security.PrivateKey
import java.security.Provider
import java.security.ProviderException
import java.security.PublicKey
import java.security.SecureRandom
import java.security.Security
import java.security.cert.Certificate
import java.security.spec.AlgorithmParameterSpec
import java.security.spec.ECGenParameterSpec
import java.util.Collections
import java.util.Date
import java.util.Enumeration

/**
 * The phone's hardware for keys, where Android's provider `AndroidKeyStore` reaches it: it makes keys that stay in it,
 * over restarts of the phone. Its faults are those that phones have.
 */
class SecureHardware {
    /** It has a chip of its own for keys, from Android 9 on. */
    var hasStrongBox = false

    /** It answers no call. */
    var isDown = false

    /** It has the keys and says that it has not, as Android's key store does when its service is in trouble. */
    var forgets = false

    /** How often a key was made, and for the last one whether in the chip. */
    var made = 0
        private set
    var lastInStrongBox = false
        private set

    private val keys = HashMap<String, PublicKey>()

    /** All keys are gone, as after a repair or a reset of the key store. */
    fun wipe() = keys.clear()

    /** From now on `AndroidKeyStore` is this phone's. */
    internal fun plugIn() {
        unplug()
        Security.addProvider(AndroidKeyStore(this))
    }

    internal fun unplug() = Security.removeProvider(NAME)

    private fun find(alias: String): PublicKey? = keys[alias].takeIf { !forgets }

    private fun check() {
        if (isDown) throw ProviderException("the key store does not answer")
    }

    private class AndroidKeyStore(hardware: SecureHardware) : Provider(NAME, "1.0", "a simulated phone's") {
        init {
            putService(Of(this, "KeyStore", NAME) { Store(hardware) })
            putService(Of(this, "KeyPairGenerator", "EC") { Generator(hardware) })
        }

        private class Of(provider: Provider, type: String, algorithm: String, private val spi: () -> Any) :
            Service(provider, type, algorithm, "nl.sluis.phone.SecureHardware", null, null) {
            override fun newInstance(parameter: Any?): Any = spi()
        }
    }

    private class Generator(private val hardware: SecureHardware) : KeyPairGeneratorSpi() {
        private var spec: KeyGenParameterSpec? = null

        override fun initialize(size: Int, random: SecureRandom) = throw UnsupportedOperationException()

        override fun initialize(parameters: AlgorithmParameterSpec, random: SecureRandom?) {
            val curve = ((parameters as KeyGenParameterSpec).algorithmParameterSpec as ECGenParameterSpec).name
            if (curve != "secp256r1") throw InvalidAlgorithmParameterException(curve)
            spec = parameters
        }

        override fun generateKeyPair(): KeyPair {
            hardware.check()
            val spec = checkNotNull(spec)
            val inStrongBox = Packages.api >= 28 && spec.isStrongBoxBacked
            if (inStrongBox && !hardware.hasStrongBox) throw StrongBoxUnavailableException()
            val pair = KeyPairGenerator.getInstance("EC")
                .apply { initialize(ECGenParameterSpec("secp256r1")) }.generateKeyPair()
            hardware.keys[spec.keystoreAlias] = pair.public
            hardware.made++
            hardware.lastInStrongBox = inStrongBox
            return KeyPair(pair.public, Inside)
        }
    }

    /** A private key that its hardware does not hand out. */
    private object Inside : PrivateKey {
        private fun readResolve(): Any = Inside

        override fun getAlgorithm() = "EC"

        override fun getFormat(): String? = null

        override fun getEncoded(): ByteArray? = null
    }

    private class Self(private val key: PublicKey) : Certificate("X.509") {
        override fun getPublicKey() = key

        override fun getEncoded() = ByteArray(0)

        override fun verify(key: PublicKey) = Unit

        override fun verify(key: PublicKey, provider: String) = Unit

        override fun toString() = "a certificate for $key"
    }

    private class Store(private val hardware: SecureHardware) : KeyStoreSpi() {
        override fun engineLoad(stream: InputStream?, password: CharArray?) = hardware.check()

        override fun engineGetCertificate(alias: String): Certificate? {
            hardware.check()
            return hardware.find(alias)?.let(::Self)
        }

        override fun engineGetKey(alias: String, password: CharArray?): Key? = hardware.find(alias)?.let { Inside }

        override fun engineContainsAlias(alias: String) = hardware.find(alias) != null

        override fun engineAliases(): Enumeration<String> = Collections.enumeration(hardware.keys.keys)

        override fun engineSize() = hardware.keys.size

        override fun engineIsKeyEntry(alias: String) = engineContainsAlias(alias)

        override fun engineIsCertificateEntry(alias: String) = false

        override fun engineDeleteEntry(alias: String) {
            hardware.keys.remove(alias)
        }

        override fun engineGetCertificateChain(alias: String) = engineGetCertificate(alias)?.let { arrayOf(it) }

        override fun engineGetCreationDate(alias: String): Date = Date()

        override fun engineGetCertificateAlias(certificate: Certificate): String? = null

        override fun engineSetKeyEntry(a: String, k: Key, p: CharArray, c: Array<Certificate>) = refuse()

        override fun engineSetKeyEntry(a: String, k: ByteArray, c: Array<Certificate>) = refuse()

        override fun engineSetCertificateEntry(a: String, c: Certificate) = refuse()

        override fun engineStore(stream: OutputStream, password: CharArray) = refuse()

        private fun refuse(): Nothing = throw UnsupportedOperationException()
    }

    private companion object {
        const val NAME = "AndroidKeyStore"
    }
}
