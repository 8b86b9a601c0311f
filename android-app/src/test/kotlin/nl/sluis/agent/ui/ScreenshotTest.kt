package nl.sluis.agent.ui

import android.app.Activity
import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.Color
import android.os.Build
import android.os.Bundle
import android.view.View
import android.widget.ListView
import android.widget.TextView
import java.io.File
import nl.sluis.agent.R
import nl.sluis.agent.core.AppCard
import nl.sluis.agent.core.Argument
import nl.sluis.agent.core.LayerCard
import nl.sluis.agent.core.Message
import nl.sluis.agent.core.Reason
import nl.sluis.agent.core.Screen
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.Robolectric
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import org.robolectric.annotation.GraphicsMode

/** The screen in both languages, light and dark, with large letters; pictures are left in `target/screens`. */
@RunWith(RobolectricTestRunner::class)
@GraphicsMode(GraphicsMode.Mode.NATIVE)
@Config(sdk = [35])
class ScreenshotTest {
    /** The compliance screen's list without an agent behind it. */
    class RowsActivity : Activity() {
        override fun onCreate(state: Bundle?) {
            super.onCreate(state)
            setTheme(R.style.Sluis)
            setContentView(R.layout.compliance)
            val side = resources.getDimensionPixelSize(R.dimen.side)
            val list = findViewById<ListView>(R.id.rows)
            list.setPadding(side, 0, side, 0)
            list.adapter = RowAdapter(this) {}
        }
    }

    private companion object {
        const val STATUS_BAR = 100
    }

    private val noon = 1_795_518_000_000L

    private val busy = Screen(
        headline = Message("headline_removed", listOf(Argument.Count(3))),
        warnings = listOf(
            Message("warning_stale", listOf(Argument.Text("gemeente"), Argument.Time(noon))),
            Message("warning_floor", listOf(Argument.Count(2)))
        ),
        apps = listOf(
            card("com.zhiliaoapp.musically", "TikTok", "state_removed", "verboden-apps", "https://example.org/apps"),
            card("com.tencent.mm", "WeChat", "state_suspended", "verboden-apps", null),
            card("com.vivo.browser", "Browser", "state_hidden", null, null),
            card("com.faceapp", "FaceApp", "state_advised", "afgeraden", "https://example.org/advies"),
            AppCard(
                "com.oem.dialer",
                "Telefoon",
                Message("state_failed"),
                noon,
                Reason.Ours(Message("reason_forbidden")),
                "Gemeente Voorbeeld",
                "leveranciers",
                noon + 86_400_000,
                null
            )
        ),
        layers = listOf(
            LayerCard(
                "Ministerie van Voorbeelden",
                "ciso@minvb.example",
                Message("layer_fresh", listOf(Argument.Time(noon)))
            ),
            LayerCard("Gemeente Voorbeeld", null, Message("layer_stale", listOf(Argument.Time(noon))))
        )
    )

    private val calm = Screen(Message("headline_all_well"), listOf(), listOf(), busy.layers.take(1))

    private val broken =
        Screen(Message("headline_not_working"), listOf(Message("warning_library_missing")), listOf(), listOf())

    private fun card(name: String, label: String, state: String, rule: String?, link: String?) = AppCard(
        packageName = name,
        label = label,
        state = Message(state),
        sinceMs = noon,
        reason = when (rule) {
            null -> Reason.Ours(Message("reason_not_approved"))
            else -> Reason.Text(
                "Apps uit landen met een offensief cyberprogramma tegen Nederland zijn niet toegestaan."
            )
        },
        organisation = "Ministerie van Voorbeelden",
        rule = rule,
        deadlineMs = null,
        link = link
    )

    private fun shoot(name: String, screen: Screen): ListView {
        val activity = Robolectric.buildActivity(RowsActivity::class.java).setup().get()
        val list = activity.findViewById<ListView>(R.id.rows)
        (list.adapter as RowAdapter).rows = Row.of(screen)
        // As tall as its content, so that the picture shows all of it.
        val width = activity.window.decorView.width
        val height = (0 until list.adapter.count).sumOf { position ->
            val row = list.adapter.getView(position, null, list)
            val inner = View.MeasureSpec.makeMeasureSpec(
                width - list.paddingLeft - list.paddingRight,
                View.MeasureSpec.EXACTLY
            )
            row.measure(inner, View.MeasureSpec.makeMeasureSpec(0, View.MeasureSpec.UNSPECIFIED))
            row.measuredHeight
        }
        list.measure(
            View.MeasureSpec.makeMeasureSpec(width, View.MeasureSpec.EXACTLY),
            View.MeasureSpec.makeMeasureSpec(height, View.MeasureSpec.EXACTLY)
        )
        list.layout(0, 0, width, height)
        val bitmap = Bitmap.createBitmap(width, height, Bitmap.Config.ARGB_8888)
        val canvas = Canvas(bitmap)
        canvas.drawColor(activity.getColor(R.color.background))
        list.draw(canvas)
        val file = File("target/screens/$name.png").apply { parentFile?.mkdirs() }
        file.outputStream().use { bitmap.compress(Bitmap.CompressFormat.PNG, 100, it) }
        nothingIsCutOff(list)
        return list
    }

    private fun nothingIsCutOff(view: View) {
        if (view is TextView && view.visibility == View.VISIBLE && view.text.isNotEmpty()) {
            val layout = view.layout
            val room = view.height - view.compoundPaddingTop - view.compoundPaddingBottom
            assertTrue("“${view.text}” needs ${layout.height} px and has $room", layout.height <= room)
            assertTrue(
                "“${view.text}” is shortened",
                (0 until layout.lineCount).all {
                    layout.getEllipsisCount(it) == 0
                }
            )
        }
        if (view is android.view.ViewGroup) (0 until view.childCount).forEach { nothingIsCutOff(view.getChildAt(it)) }
    }

    @Test
    @Config(qualifiers = "en-w411dp-h731dp-xhdpi")
    fun `english and light`() {
        assertEquals("every row is drawn", Row.of(busy).size, shoot("en-light", busy).childCount)
        shoot("en-light-calm", calm)
        shoot("en-light-broken", broken)
    }

    @Test
    @Config(qualifiers = "nl-w411dp-h731dp-xhdpi")
    fun `dutch and light`() {
        shoot("nl-light", busy)
        shoot("nl-light-calm", calm)
    }

    @Test
    @Config(qualifiers = "nl-w411dp-h731dp-night-xhdpi")
    fun `dutch and dark`() {
        shoot("nl-dark", busy)
        shoot("nl-dark-calm", calm)
        shoot("nl-dark-broken", broken)
    }

    @Test
    @Config(qualifiers = "nl-w411dp-h731dp-xhdpi")
    fun `what is scrolled away does not run under the status bar`() {
        val list = shoot("nl-light", busy)
        val background = list.context.getColor(R.color.background)
        list.setPadding(list.paddingLeft, STATUS_BAR, list.paddingRight, 0)
        list.measure(
            View.MeasureSpec.makeMeasureSpec(list.width, View.MeasureSpec.EXACTLY),
            View.MeasureSpec.makeMeasureSpec(list.width, View.MeasureSpec.EXACTLY)
        )
        list.layout(0, 0, list.width, list.width)
        list.scrollListBy(list.width / 2)
        val bitmap = Bitmap.createBitmap(list.width, list.width, Bitmap.Config.ARGB_8888)
        list.draw(Canvas(bitmap).apply { drawColor(background) })
        fun colours(y: Int) = (0 until list.width).map { bitmap.getPixel(it, y) }.toSet()
        assertTrue("below it there are cards", colours(STATUS_BAR + 1).size > 1)
        assertEquals(setOf(background), colours(STATUS_BAR / 2))
    }

    @Test
    @Config(sdk = [26, 28])
    fun `the buttons of the navigation bar can be seen`() {
        val context = RuntimeEnvironment.getApplication()
        val bar = Color.luminance(context.getColor(R.color.navigation_bar))
        // White buttons on Android 8.0, dark ones on a light theme since.
        if (Build.VERSION.SDK_INT < 27) assertTrue("$bar", bar < 0.1f) else assertTrue("$bar", bar > 0.8f)
    }

    @Test
    @Config(qualifiers = "nl-w320dp-h640dp-xhdpi")
    fun `dutch on a small phone with letters twice as large`() {
        RuntimeEnvironment.setFontScale(2.0f)
        shoot("nl-small-large-letters", busy)
    }
}
