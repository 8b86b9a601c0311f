package nl.sluis.agent.ui

import android.content.Context
import android.content.res.ColorStateList
import android.graphics.drawable.BitmapDrawable
import android.view.LayoutInflater
import android.view.View
import android.view.ViewGroup
import android.widget.BaseAdapter
import android.widget.Button
import android.widget.ImageView
import android.widget.TextView
import nl.sluis.agent.R
import nl.sluis.agent.core.AppCard
import nl.sluis.agent.core.LayerCard
import nl.sluis.agent.core.Message
import nl.sluis.agent.core.PhoneCard
import nl.sluis.agent.core.Reason

/**
 * Fills the rows of the compliance screen; [open] is called with the address of a link that was touched, [takeFile] when
 * the reader wants to choose a file.
 */
internal class RowAdapter(
    private val context: Context,
    private val takeFile: () -> Unit = {},
    private val open: (String) -> Unit
) : BaseAdapter() {
    private val words = Words(context)
    private val icons = AppIcons(context)

    /** What is shown. */
    var rows: List<Row> = Row.loading
        set(value) {
            field = value
            notifyDataSetChanged()
        }

    override fun getCount(): Int = rows.size

    override fun getItem(position: Int): Row = rows[position]

    override fun getItemId(position: Int): Long = position.toLong()

    override fun getViewTypeCount(): Int = LAYOUTS.size

    override fun getItemViewType(position: Int): Int = LAYOUTS.indexOf(layout(rows[position]))

    /** Rows are read, not chosen; only the links in them can be touched. */
    override fun areAllItemsEnabled(): Boolean = false

    override fun isEnabled(position: Int): Boolean = false

    override fun getView(position: Int, recycled: View?, parent: ViewGroup): View {
        val row = rows[position]
        val view = recycled ?: LayoutInflater.from(context).inflate(layout(row), parent, false)
        when (row) {
            is Row.Headline -> headline(view, row.message)
            is Row.Warning -> view.text(R.id.words, words.of(row.message))
            is Row.Section -> view.text(R.id.words, context.getString(row.title))
            is Row.Text -> view.text(R.id.words, context.getString(row.text))
            is Row.Told -> view.text(R.id.words, words.of(row.message))
            is Row.TakeFile -> view.findViewById<Button>(R.id.take_file).setOnClickListener { takeFile() }
            is Row.App -> app(view, row.card)
            is Row.Layer -> layer(view, row.card)
            is Row.Sentence -> view.text(R.id.words, words.of(row.message))
            is Row.Phone -> phone(view, row.card)
        }
        return view
    }

    private fun headline(view: View, message: Message) {
        val tone = Tone.of(message)
        view.findViewById<View>(R.id.banner).backgroundTintList = color(tone.soft)
        view.findViewById<ImageView>(R.id.icon).apply {
            setImageResource(if (tone.asksAttention) R.drawable.ic_attention else R.drawable.ic_calm)
            imageTintList = color(tone.text)
        }
        view.text(R.id.words, words.of(message)).setTextColor(color(tone.text))
    }

    private fun app(view: View, card: AppCard) {
        val tone = Tone.of(card.state)
        view.findViewById<ImageView>(R.id.icon).setImageDrawable(icons.of(card.packageName))
        view.text(R.id.label, card.label)
        view.text(R.id.state, words.of(card.state)).apply {
            backgroundTintList = color(tone.soft)
            setTextColor(color(tone.text))
        }
        view.text(R.id.reason, reason(card.reason))
        view.text(R.id.deadline, card.deadlineMs?.let { context.getString(R.string.screen_deadline, words.time(it)) })
        view.text(R.id.details, details(card))
        view.findViewById<Button>(R.id.link).apply {
            visibility = if (card.link == null) View.GONE else View.VISIBLE
            text = context.getString(R.string.screen_more)
            // Read aloud on its own, "read more" would not tell what about.
            contentDescription = context.getString(R.string.screen_more_about, card.label)
            setOnClickListener { card.link?.let(open) }
        }
    }

    private fun reason(reason: Reason): String = when (reason) {
        is Reason.Text -> reason.text
        is Reason.Ours -> words.of(reason.message)
    }

    private fun details(card: AppCard): String = listOfNotNull(
        card.rule?.let { context.getString(R.string.screen_rule, card.organisation, it) }
            ?: context.getString(R.string.screen_organisation, card.organisation),
        context.getString(R.string.screen_since, words.time(card.sinceMs))
    ).joinToString("\n")

    private fun layer(view: View, card: LayerCard) {
        view.text(R.id.organisation, card.organisation)
        view.text(R.id.state, words.of(card.state))
        view.text(R.id.contact, card.contact?.let { context.getString(R.string.screen_contact, it) })
    }

    private fun phone(view: View, card: PhoneCard) {
        // In fours, so that it can be read to somebody.
        view.text(R.id.number, card.id.chunked(FOUR).joinToString(" "))
        val code = BitmapDrawable(context.resources, QrCode.bitmap(card.qr)).apply { setFilterBitmap(false) }
        view.findViewById<ImageView>(R.id.code).setImageDrawable(code)
    }

    private fun View.text(id: Int, words: String?): TextView = findViewById<TextView>(id).apply {
        text = words
        visibility = if (words == null) View.GONE else View.VISIBLE
    }

    private fun color(id: Int): ColorStateList = ColorStateList.valueOf(context.getColor(id))

    private fun layout(row: Row): Int = when (row) {
        is Row.Headline -> R.layout.row_headline
        is Row.Warning -> R.layout.row_warning
        is Row.Section -> R.layout.row_section
        is Row.Text -> R.layout.row_text
        is Row.Told -> R.layout.row_told
        is Row.TakeFile -> R.layout.row_take_file
        is Row.App -> R.layout.row_app
        is Row.Layer -> R.layout.row_layer
        is Row.Sentence -> R.layout.row_text
        is Row.Phone -> R.layout.row_phone
    }

    private companion object {
        const val FOUR = 4
        val LAYOUTS = listOf(
            R.layout.row_headline,
            R.layout.row_warning,
            R.layout.row_section,
            R.layout.row_text,
            R.layout.row_told,
            R.layout.row_take_file,
            R.layout.row_app,
            R.layout.row_layer,
            R.layout.row_phone
        )
    }
}
