package nl.sluis.agent

import android.app.Activity
import android.content.Intent
import android.os.Bundle
import nl.sluis.agent.ui.ScreenSource

/**
 * Takes the link of a grant, as the camera app reads it from a QR code, to the core, and shows what came of it. Any app
 * and any page on the web can open one: whatever is in it, only what is signed for this phone has an effect.
 */
class GrantActivity : Activity() {
    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        // Made anew from what was seen before: that was taken then.
        val link = intent.takeIf { state == null && it.action == Intent.ACTION_VIEW }?.dataString
        if (link != null) {
            // Some more than the longest is enough for the core to say that it is too long.
            val bytes = link.take(MAX_CHARACTERS).toByteArray()
            Agent.of(this).takeFile(ScreenSource(this).languages) { bytes.inputStream() }
            val show = Intent(this, ComplianceActivity::class.java)
            // On a screen that is there already, what came of it is shown, too.
            startActivity(show.addFlags(Intent.FLAG_ACTIVITY_CLEAR_TOP or Intent.FLAG_ACTIVITY_SINGLE_TOP))
        }
        finish()
    }

    private companion object {
        const val MAX_CHARACTERS = 2_000
    }
}
