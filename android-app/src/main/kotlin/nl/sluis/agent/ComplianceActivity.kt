package nl.sluis.agent

import android.app.Activity
import android.content.ActivityNotFoundException
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
        adapter = RowAdapter(this, ::open)
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
        super.onStop()
    }

    private fun shown(screen: Screen) = runOnUiThread { adapter.rows = Row.of(screen) }

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
}
