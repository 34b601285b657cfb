import { type ChildProcess, fork } from 'node:child_process'
import { type Order, type Report, reportSchema, type WorkerSettings } from './orders.ts'

const reportWithinMs = 120_000

/** A refreshing process that can be killed and stopped. */
export class Worker {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, (report: Report) => void>()
  readonly exited: Promise<void>
  #number = 0

  private constructor(settings: WorkerSettings) {
    this.#child = fork(new URL('./worker-child.ts', import.meta.url), [JSON.stringify(settings)], {
      execArgv: [],
    })
    this.exited = new Promise((resolve) => this.#child.once('exit', () => resolve()))
    this.#child.on('message', (message) => {
      const report = reportSchema.parse(message)
      this.#waiting.get(report.number)?.(report)
    })
  }

  /** Resolves when it takes orders. */
  static async start(settings: WorkerSettings): Promise<Worker> {
    const worker = new Worker(settings)
    await worker.#report(0)
    return worker
  }

  /** What its callers got. Rejects when the process ends first. */
  order(order: Omit<Order, 'number'>): Promise<Report['outcomes']> {
    this.#number += 1
    const report = this.#report(this.#number)
    this.#child.send({ ...order, number: this.#number } satisfies Order)
    const outcomes = report.then((each) => each.outcomes)
    outcomes.catch(() => undefined) // whoever gave the order may be busy yet with what ends the worker
    return outcomes
  }

  signal(signal: 'SIGKILL' | 'SIGCONT'): void {
    this.#child.kill(signal)
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.exited
  }

  #report(number: number): Promise<Report> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the worker does not answer')), reportWithinMs)
      this.#waiting.set(number, (report) => {
        clearTimeout(timer)
        resolve(report)
      })
      void this.exited.then(() => {
        clearTimeout(timer)
        reject(new Error('the worker ended'))
      })
    })
  }
}
