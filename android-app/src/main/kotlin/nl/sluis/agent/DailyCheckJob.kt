package nl.sluis.agent

import android.app.job.JobInfo
import android.app.job.JobParameters
import android.app.job.JobScheduler
import android.app.job.JobService
import android.content.ComponentName
import android.content.Context
import java.util.concurrent.TimeUnit

/** Has the whole phone checked once a day, also where there is no network to refresh the policies over. */
class DailyCheckJob : JobService() {
    override fun onStartJob(parameters: JobParameters): Boolean {
        val agent = Agent.of(this)
        agent.started()
        agent.whenQuiet { jobFinished(parameters, false) }
        return true
    }

    /** What is under way goes on without the job. */
    override fun onStopJob(parameters: JobParameters): Boolean = false

    internal companion object {
        private const val JOB = 2

        /** From now on daily. Not kept across a boot: each boot checks the phone and schedules this anew. */
        fun schedule(context: Context) {
            val scheduler = context.getSystemService(JobScheduler::class.java)
            // To schedule it once more would begin the day again, and stop the job if it runs.
            if (scheduler.getPendingJob(JOB) != null) return
            val job = JobInfo.Builder(JOB, ComponentName(context, DailyCheckJob::class.java))
                .setPeriodic(TimeUnit.DAYS.toMillis(1))
                .build()
            scheduler.schedule(job)
        }
    }
}
