/** Names of jobs with their payloads. */
export interface JobPayloads {
  /** Executes a run, or continues it. */
  run: { runId: string }
  /** Delivers an alert. */
  alert: { alertId: string; channel: 'email' | 'webhook' }
  /** Seals everything under the active master key. */
  rotateKeys: Record<string, never>
}
export type JobName = keyof JobPayloads

export interface Job<N extends JobName> {
  readonly id: string
  readonly payload: JobPayloads[N]
  /** Aborts when the queue stops or the job's lease was lost. */
  readonly signal: AbortSignal
  /** For a handler that can't continue now: after it has ended, the job is handed out again after `delayMs`. */
  putOff(delayMs: number): void
}

/**
 * Delivery is at least once: a killed worker's job is taken up again within seconds, so every handler is safe to repeat.
 * A handler that throws is called again after a while, a few times; then the job is given up.
 * On SQLite a table in the same file, on PostgreSQL pg-boss.
 */
export interface JobQueue {
  /** `key`: at most one unfinished job of the name has this key; a second is dropped. */
  enqueue<N extends JobName>(name: N, payload: JobPayloads[N], options?: { key?: string }): Promise<void>
  /** Registers the handler and starts to take jobs, at most `concurrency` at once. */
  work<N extends JobName>(
    name: N,
    concurrency: number,
    handler: (job: Job<N>) => Promise<void>,
  ): Promise<void>
  /**
   * Calls the handler now and then every `everyMs`, never twice at once, on one process at a time. For repeated work:
   * starting the runs that are due, refreshing tokens ahead, sweeping drafts and expired rows.
   */
  every(everyMs: number, handler: (signal: AbortSignal) => Promise<void>): Promise<void>
  /**
   * Takes no more jobs. Waits up to `graceMs` for those under way, then aborts them: another process continues them.
   */
  stop(graceMs: number): Promise<void>
}

/** The failed job, for the log. Null: the queue itself failed. */
export interface FailedJob {
  readonly name: JobName
  readonly id: string
  /** 1 for the first attempt. */
  readonly attempt: number
  /** It is not tried again. */
  readonly givenUp: boolean
}

export interface JobOptions {
  readonly onError: (error: unknown, job: FailedJob | null) => void
  /** How often a job that failed is tried again before it is given up. */
  readonly retries?: number
}
