package nl.sluis.phone

import java.security.KeyPairGenerator
import java.security.MessageDigest
import java.security.SecureRandom
import java.security.Signature

/** A self-signed X.509 certificate, the same bytes for the same signer in every run. */
class Certificate private constructor(val signer: String, val der: ByteArray) {
    /** SHA-256 of the DER form in lower-case hex, as policies write it. */
    val sha256: String get() = MessageDigest.getInstance("SHA-256").digest(der).joinToString("") { "%02x".format(it) }

    override fun equals(other: Any?): Boolean = other is Certificate && der.contentEquals(other.der)

    override fun hashCode(): Int = der.contentHashCode()

    override fun toString(): String = "Certificate of $signer"

    companion object {
        private const val SEQUENCE = 0x30
        private const val SET = 0x31
        private const val INTEGER = 0x02
        private const val BIT_STRING = 0x03
        private const val OBJECT_ID = 0x06
        private const val UTF8_STRING = 0x0c
        private const val UTC_TIME = 0x17
        private const val VERSION = 0xa0
        private val ED25519 = byteArrayOf(0x2b, 0x65, 0x70)
        private val COMMON_NAME = byteArrayOf(0x55, 0x04, 0x03)
        private val made = HashMap<String, Certificate>()

        /** The certificate of a signer who is known by this name. */
        fun of(signer: String): Certificate = synchronized(made) { made.getOrPut(signer) { make(signer) } }

        private fun make(signer: String): Certificate {
            // Ed25519 keys are 32 random bytes and its signatures take none: a hash of the name makes both repeatable.
            val seed = object : SecureRandom() {
                override fun nextBytes(bytes: ByteArray) {
                    MessageDigest.getInstance("SHA-256").digest(signer.toByteArray()).copyInto(bytes)
                }
            }
            val keys = KeyPairGenerator.getInstance("Ed25519", "SunEC").apply {
                initialize(255, seed)
            }.generateKeyPair()
            val algorithm = der(SEQUENCE, der(OBJECT_ID, ED25519))
            val name = der(
                SEQUENCE,
                der(SET, der(SEQUENCE, der(OBJECT_ID, COMMON_NAME), der(UTF8_STRING, signer.toByteArray())))
            )
            val validity = der(SEQUENCE, time("200101000000Z"), time("491231235959Z"))
            val body = der(
                SEQUENCE,
                der(VERSION, der(INTEGER, byteArrayOf(2))),
                der(INTEGER, byteArrayOf(1)),
                algorithm,
                name,
                validity,
                name,
                keys.public.encoded
            )
            val signature = Signature.getInstance("Ed25519", "SunEC").run {
                initSign(keys.private)
                update(body)
                sign()
            }
            return Certificate(signer, der(SEQUENCE, body, algorithm, der(BIT_STRING, byteArrayOf(0), signature)))
        }

        private fun time(text: String) = der(UTC_TIME, text.toByteArray())

        private fun der(tag: Int, vararg parts: ByteArray): ByteArray {
            val body = parts.fold(ByteArray(0)) { all, part -> all + part }
            val length = when {
                body.size < 0x80 -> byteArrayOf(body.size.toByte())
                body.size < 0x100 -> byteArrayOf(0x81.toByte(), body.size.toByte())
                else -> byteArrayOf(0x82.toByte(), (body.size shr 8).toByte(), body.size.toByte())
            }
            return byteArrayOf(tag.toByte()) + length + body
        }
    }
}
