import type { Client } from '@latchwork/contract'
import { Command } from 'commander'
import type { Context } from './context.ts'

/** A command with the parts that most of ours share. */
export class ApiCommand extends Command {
  readonly #context: Context

  constructor(context: Context, name?: string) {
    super(name)
    this.#context = context
  }

  override createCommand(name?: string): ApiCommand {
    return new ApiCommand(this.#context, name)
  }

  /**
   * As `action`, for a command that asks the server: `work` gets a signed-in client, then the arguments of `action`.
   */
  asking<Given extends unknown[]>(work: (client: Client, ...given: Given) => Promise<void>): this {
    return this.action(async (...given: Given) => work(await this.#context.client(), ...given))
  }

  /** The option that `confirmUnless` reads. */
  confirmed(): this {
    return this.option('--yes', 'do not ask')
  }
}
