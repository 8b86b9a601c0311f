package nl.sluis.agent

import android.app.job.JobInfo
import android.app.job.JobParameters
import android.app.job.JobScheduler
import android.app.job.JobService
import android.content.ComponentName
import android.content.Context
import nl.sluis.agent.core.Events

/** Runs when the core wants to be woken up and there is a network to ask the feeds over. */
class RefreshJob : JobService() {
    override fun onStartJob(parameters: JobParameters): Boolean {
        val agent = Agent.of(this)
        agent.report(Events.refresh())
        agent.whenQuiet { jobFinished(parameters, false) }
        return true
    }

    /** What is under way ends by its own deadline, with or without this job; the system runs it again later. */
    override fun onStopJob(parameters: JobParameters): Boolean = true

    internal companion object {
        private const val JOB = 1

        /** Wakes up at [wakeUpMs] by the wall clock, in place of any moment set before. */
        fun schedule(context: Context, wakeUpMs: Long) {
            val job = JobInfo.Builder(JOB, ComponentName(context, RefreshJob::class.java))
                .setMinimumLatency((wakeUpMs - System.currentTimeMillis()).coerceAtLeast(0))
                .setRequiredNetworkType(JobInfo.NETWORK_TYPE_ANY)
                .build()
            context.getSystemService(JobScheduler::class.java).schedule(job)
        }
    }
}
