package nl.sluis.story

import android.app.Activity
import android.content.Intent
import android.graphics.Bitmap
import android.graphics.Canvas
import android.graphics.Color
import android.graphics.drawable.BitmapDrawable
import android.net.Uri
import android.view.View
import android.view.ViewGroup
import android.widget.ImageView
import android.widget.ListView
import android.widget.TextView
import java.io.File
import nl.sluis.agent.ComplianceActivity
import nl.sluis.agent.R
import org.robolectric.Robolectric
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf

/** The compliance screen as the employee sees it: its words, and a picture. */
class ComplianceScreen(private val enrolled: EnrolledPhone, qualifiers: String) : AutoCloseable {
    private val controller: org.robolectric.android.controller.ActivityController<ComplianceActivity>
    private val list: ListView

    init {
        RuntimeEnvironment.setQualifiers(qualifiers)
        controller = Robolectric.buildActivity(ComplianceActivity::class.java).setup()
        enrolled.rest()
        list = checkNotNull(find(controller.get().window.decorView)) { "the screen has no list" }
    }

    /** The words of each row, from top to bottom, also of those that one has to scroll to. An app is one row. */
    fun rows(): List<List<String>> {
        val recycled = HashMap<Int, View>()
        return (0 until list.adapter.count).map { position ->
            val type = list.adapter.getItemViewType(position)
            words(list.adapter.getView(position, recycled[type], list).also { recycled[type] = it })
        }
    }

    /** All words on it. */
    fun words(): String = rows().flatten().joinToString("\n")

    /** Draws what fits on the phone's screen; [seen] may look at it. */
    fun picture(file: File, seen: (Bitmap) -> Unit = {}): File {
        val view = controller.get().window.decorView
        val bitmap = Bitmap.createBitmap(view.width, view.height, Bitmap.Config.ARGB_8888)
        view.draw(Canvas(bitmap))
        seen(bitmap)
        file.parentFile?.mkdirs()
        file.outputStream().use { bitmap.compress(Bitmap.CompressFormat.PNG, 100, it) }
        return file
    }

    /** The employee touches "Take rules from a file" and chooses [file]; returns when Sluis says what came of it. */
    fun takeFile(file: Uri) {
        val button = (0 until list.adapter.count).firstNotNullOf { position ->
            list.adapter.getView(position, null, list).findViewById<View>(R.id.take_file)
        }
        button.performClick()
        val activity = shadowOf(controller.get())
        val asked = checkNotNull(activity.nextStartedActivityForResult) { "nothing asks for a file" }.intent
        check(asked.action == Intent.ACTION_OPEN_DOCUMENT && Intent.CATEGORY_OPENABLE in asked.categories)
        activity.receiveResult(asked, Activity.RESULT_OK, Intent().setData(file))
        untilRead()
    }

    /** Waits until what somebody chose or opened is read. */
    fun untilRead() {
        val reading = controller.get().getString(R.string.bundle_reading)
        repeat(PATIENCE_MS / POLL_MS) {
            enrolled.rest()
            if (reading !in words()) return
            Thread.sleep(POLL_MS.toLong())
        }
        error("the file is still being read")
    }

    /** The phone's number, beside a code that is drawn. */
    fun phoneNumber(): String {
        val view = (0 until list.adapter.count).firstNotNullOf { position ->
            list.adapter.getView(position, null, list).takeIf { it.findViewById<View>(R.id.code) != null }
        }
        val number = view.findViewById<TextView>(R.id.number).text.toString().replace(" ", "")
        val code = (view.findViewById<ImageView>(R.id.code).drawable as BitmapDrawable).bitmap
        // What the core makes is read back in its own tests; here it has to arrive whole, in black on white.
        val dark = (0 until code.height).sumOf { y ->
            (0 until code.width).count { code.getPixel(it, y) == Color.BLACK }
        }
        val light = (0 until code.height).sumOf { y ->
            (0 until code.width).count { code.getPixel(it, y) == Color.WHITE }
        }
        check(code.width == code.height && dark + light == code.width * code.height && dark > code.width)
        return number
    }

    override fun close() {
        controller.pause().stop().destroy()
        enrolled.rest()
    }

    private fun words(view: View): List<String> = when {
        view.visibility != View.VISIBLE -> emptyList()
        view is TextView -> listOf(view.text.toString()).filter(String::isNotBlank)
        view is ViewGroup -> (0 until view.childCount).flatMap { words(view.getChildAt(it)) }
        else -> emptyList()
    }

    private fun find(view: View): ListView? = when (view) {
        is ListView -> view
        is ViewGroup -> (0 until view.childCount).firstNotNullOfOrNull { find(view.getChildAt(it)) }
        else -> null
    }

    private companion object {
        const val PATIENCE_MS = 20_000
        const val POLL_MS = 20
    }
}
