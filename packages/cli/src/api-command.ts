import type { Client } from '@latchwork/contract'
import { Command } from 'commander'
import type { Context } from './context.ts'

/** A command of ours: what most of them begin with stands here once. */
export class ApiCommand extends Command {
  readonly #context: Context

  constructor(context: Context, name?: string) {
    super(name)
    this.#context = context
  }

  override createCommand(name?: string): ApiCommand {
    return new ApiCommand(this.#context, name)
  }

  /** As `action`, for what asks the server: the work gets the API as whoever is signed in, then what `action` gives. */
  asking<Given extends unknown[]>(work: (client: Client, ...given: Given) => Promise<void>): this {
    return this.action(async (...given: Given) => work(await this.#context.client(), ...given))
  }

  /** The option that `confirmUnless` reads. */
  confirmed(): this {
    return this.option('--yes', 'do not ask')
  }
}
