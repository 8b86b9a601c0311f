package nl.sluis.agent

import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.ContentResolver
import android.content.Intent
import android.net.Uri
import android.os.Build
import android.os.Bundle
import android.view.View
import android.view.WindowInsets
import android.widget.ListView
import android.widget.Toast
import nl.sluis.agent.core.Screen
import nl.sluis.agent.ui.Row
import nl.sluis.agent.ui.RowAdapter
import nl.sluis.agent.ui.ScreenSource

/** Shows the employee which apps policy concerns: what was done, by whose rule, why and by when. */
class ComplianceActivity : Activity() {
    private lateinit var adapter: RowAdapter
    private lateinit var source: ScreenSource
    private val changed: () -> Unit = { source.load(::shown) }

    override fun onCreate(state: Bundle?) {
        super.onCreate(state)
        setContentView(R.layout.compliance)
        adapter = RowAdapter(this, ::chooseFile, ::open)
        source = ScreenSource(this)
        val list = findViewById<ListView>(R.id.rows)
        list.adapter = adapter
        // The links in the rows are reached by keyboard and switch, too.
        list.itemsCanFocus = true
        keepClearOfSystemBars(list)
    }

    override fun onStart() {
        super.onStart()
        Agent.of(this).observe(changed)
        source.load(::shown)
    }

    override fun onStop() {
        Agent.of(this).stopObserving(changed)
        // Who comes back later did not just choose a file.
        if (!isChangingConfigurations) Agent.of(this).forgetTold()
        super.onStop()
    }

    @Deprecated("What replaces it is not part of the framework")
    override fun onActivityResult(request: Int, result: Int, data: Intent?) {
        val file = data?.data
        // What comes from a document provider has this scheme; a path could lead into Sluis's own files.
        if (request != CHOOSE_FILE || result != RESULT_OK || file?.scheme != ContentResolver.SCHEME_CONTENT) return
        val resolver = applicationContext.contentResolver
        Agent.of(this).takeFile(source.languages) { resolver.openInputStream(file) }
    }

    private fun shown(screen: Screen) {
        val told = Agent.of(this).told
        runOnUiThread { adapter.rows = Row.of(screen, told) }
    }

    /** Bundles have no type that Android knows, so any file can be chosen. */
    private fun chooseFile() = try {
        val choose = Intent(Intent.ACTION_OPEN_DOCUMENT).addCategory(Intent.CATEGORY_OPENABLE).setType("*/*")
        startActivityForResult(choose, CHOOSE_FILE)
    } catch (_: ActivityNotFoundException) {
        Toast.makeText(this, R.string.screen_bundle_nowhere, Toast.LENGTH_LONG).show()
    }

    /** From API 35 on the window reaches under the system's bars; before, the system keeps it clear of them. */
    private fun keepClearOfSystemBars(list: View) {
        val side = resources.getDimensionPixelSize(R.dimen.side)
        list.setPadding(side, 0, side, 0)
        if (Build.VERSION.SDK_INT < Build.VERSION_CODES.R) return
        list.setOnApplyWindowInsetsListener { view, insets ->
            val bars = insets.getInsets(WindowInsets.Type.systemBars() or WindowInsets.Type.displayCutout())
            view.setPadding(side + bars.left, bars.top, side + bars.right, bars.bottom)
            insets
        }
    }

    private fun open(link: String) {
        val address = Uri.parse(link)
        try {
            // A policy's link leads to a page; no other kind of address is opened on its word.
            if (address.scheme != "https") throw ActivityNotFoundException(link)
            startActivity(Intent(Intent.ACTION_VIEW, address))
        } catch (_: ActivityNotFoundException) {
            Toast.makeText(this, R.string.screen_no_browser, Toast.LENGTH_LONG).show()
        }
    }

    private companion object {
        const val CHOOSE_FILE = 1
    }
}
