import { type Pass, type PassStatus, passFilters, usualOverlapHours } from '@latchwork/contract'
import { InvalidArgumentError, Option } from 'commander'
import { z } from 'zod'
import type { ApiCommand } from '../api-command.ts'
import type { Context } from '../context.ts'
import { findCredential, findPass } from '../find.ts'
import type { Column } from '../table.ts'
import type { Terminal } from '../terminal.ts'
import { shortTime } from '../words.ts'
import { confirmUnless } from './confirming.ts'
import { collect, limitOption, readEnd, readLimit } from './options.ts'
import { addPassCallCommands } from './pass-calls.ts'
import { withFieldLabels } from './pass-labels.ts'
import { namesRules, presetNames, readRules, ruleOptions, withSmartView } from './pass-rules.ts'
import { addPassWriteCommands } from './pass-writes.ts'

const passArgument = ['<pass>', 'its id, or its whole name'] as const
const never = 'never'

const styles: Readonly<Record<PassStatus, Parameters<Terminal['paint']>[0]>> = {
  active: 'green',
  paused: 'yellow',
  expired: 'dim',
  revoked: 'dim',
}

const columns: readonly Column<Pass>[] = [
  { title: 'Id', cell: ({ id }) => id, whole: true },
  { title: 'Name', cell: ({ name }) => name },
  { title: 'Status', cell: ({ status }) => status, style: ({ status }) => styles[status], whole: true },
  {
    title: 'Waiting',
    cell: ({ waitingWrites }) => (waitingWrites === 0 ? '' : String(waitingWrites)),
    style: () => 'yellow',
    whole: true,
    spare: 4,
  },
  { title: 'May', cell: ({ may }) => may, spare: 3 },
  { title: 'Ends in', cell: ({ suffix }) => suffix, whole: true, spare: 2 },
  { title: 'Expires', cell: ({ expiresAt }) => shortTime(expiresAt), whole: true },
  { title: 'Last used', cell: ({ lastUsedAt }) => shortTime(lastUsedAt), whole: true, spare: 1 },
]

const texts = {
  purpose: z.string().optional(),
  expires: z.string().optional(),
  because: z.string().optional(),
  perSecond: z.union([z.number(), z.literal(never)]).optional(),
  perDay: z.union([z.number(), z.literal(never)]).optional(),
  address: z.array(z.string()).optional(),
  confirmWrites: z.boolean().optional(),
}
const listOptions = z.object({ search: z.string().optional(), status: z.enum(passFilters).optional() })
const createOptions = ruleOptions.extend({ ...texts, credential: z.string() })
const changeOptions = ruleOptions.extend({ ...texts, name: z.string().optional() })

/** The commands of passes for the gateway. */
export function addPassCommands(program: ApiCommand, context: Context): void {
  const { terminal } = context
  const group = program.command('pass').summary('passes: what a script or an agent may do in Close')

  group
    .command('list')
    .summary('list passes')
    .option('--search <words>', 'only those whose name or purpose has the words')
    .addOption(
      new Option('--status <status>', 'only those with this status; ending: active, and over soon').choices(
        passFilters,
      ),
    )
    .addOption(limitOption())
    .asking(async (client, options: unknown) => {
      const { search: query, status } = listOptions.parse(options)
      const list = await context.pages(readLimit(options), (page) =>
        client.passes.list({ query: { ...page, status, ...(query === undefined ? {} : { query }) } }),
      )
      context.showList(list, columns, 'There are no passes.')
    })

  group
    .command('show')
    .summary('what a pass may do, and until when')
    .argument(...passArgument)
    .asking(async (client, reference: string) => {
      const pass = await findPass(client, reference)
      const may = context.json ? pass.may : await withFieldLabels(client, pass)
      context.show(pass, () => showPass(context, { ...pass, may }))
    })

  limited(
    group
      .command('create')
      .summary('make a pass')
      .description(
        'Prints the token of the new pass to standard output, once: nobody can see it again. Say what the pass may do by ' +
          '--preset or --may; without --expires it lasts 30 days.',
      )
      .argument('<name>', 'who or what it is for')
      .requiredOption('--credential <credential>', 'of Close: its id or its whole name'),
  ).asking(async (client, name: string, options: unknown) => {
    const { credential, ...given } = createOptions.parse(options)
    const { id: credentialId } = await findCredential(client, credential)
    const rules = await withSmartView(client, credentialId, readRules(given), given, undefined)
    const made = await client.passes.create({ body: { name, credentialId, rules, ...limitsOf(given) } })
    context.show(made, ({ pass, token }) => {
      terminal.note(`Made ${pass.id}. ${pass.may} ${pass.mayNot}`.trim())
      terminal.note(
        pass.expiresAt === null ? 'It never expires.' : `It expires at ${shortTime(pass.expiresAt)}.`,
      )
      terminal.print(token)
    })
  })

  limited(
    group
      .command('change')
      .summary('change what a pass may do, how much, or until when')
      .argument(...passArgument)
      .option('--name <name>', 'its new name'),
  ).asking(async (client, reference: string, options: unknown) => {
    const { name, ...given } = changeOptions.parse(options)
    const before = await findPass(client, reference)
    const { id, credential } = before
    const namesView = given.smartView !== undefined || given.newLeads !== undefined
    const said = namesRules(given) ? readRules(given) : before.rules
    const { smartView } = before.rules
    const rules =
      namesRules(given) || namesView
        ? { rules: await withSmartView(client, credential.id, said, given, smartView) }
        : {}
    const body = { ...limitsOf(given), ...rules, ...(name === undefined ? {} : { name }) }
    const pass = await client.passes.update({ params: { id }, body })
    context.show(pass, () => showPass(context, pass))
  })

  group
    .command('rotate')
    .summary('give a pass a new token')
    .description('Prints the new token to standard output, once. The old one works for a while longer.')
    .argument(...passArgument)
    .option(
      '--overlap <hours>',
      'how long the old token still works; 0: not at all',
      readHours,
      usualOverlapHours,
    )
    .asking(async (client, reference: string, options: unknown) => {
      const { overlap } = z.object({ overlap: z.number() }).parse(options)
      const { id } = await findPass(client, reference)
      const made = await client.passes.rotate({ params: { id }, body: { overlapHours: overlap } })
      context.show(made, ({ pass, token }) => {
        const { oldTokenUntil } = pass
        terminal.note(
          oldTokenUntil === null
            ? 'The old token does not work any more.'
            : `The old token works until ${shortTime(oldTokenUntil)}.`,
        )
        terminal.print(token)
      })
    })

  group
    .command('revoke')
    .summary('end a pass at once')
    .argument(...passArgument)
    .confirmed()
    .asking(async (client, reference: string, options: unknown) => {
      const { id, name } = await findPass(client, reference)
      await confirmUnless(context, options, `Revoke the pass ${name}? Its users are refused at once.`)
      const pass = await client.passes.revoke({ params: { id } })
      context.show(pass, () => terminal.print(`Revoked ${id}.`))
    })

  group
    .command('delete')
    .summary('delete a pass with the record of its calls')
    .argument(...passArgument)
    .confirmed()
    .asking(async (client, reference: string, options: unknown) => {
      const { id, name } = await findPass(client, reference)
      await confirmUnless(context, options, `Delete the pass ${name} with the record of its calls?`)
      await client.passes.delete({ params: { id } })
      context.show({ deleted: id }, () => terminal.print(`Deleted ${id}.`))
    })

  addPassCallCommands(group, context)
  addPassWriteCommands(group, context)
}

/** The options of a new pass and of a changed one. */
function limited(command: ApiCommand): ApiCommand {
  return command
    .addOption(new Option('--preset <preset>', 'what most passes are for').choices(presetNames))
    .option(
      '--may <object:verbs>',
      'e.g. "lead:read" or "task:read,create"; may be given several times',
      collect,
    )
    .option(
      '--read-fields <object:fields>',
      'the only fields that can be read, e.g. "lead:display_name,url"',
      collect,
    )
    .option('--write-fields <object:fields>', 'the only fields that can be written', collect)
    .option('--path <method:path>', 'an endpoint by hand, e.g. "GET:/lead/{id}/"', collect)
    .option(
      '--smart-view <view>',
      'only the leads of a smart view, by its name or id, with what belongs to them; "all" for all leads',
    )
    .option('--new-leads', 'may make new leads, which the smart view may not show')
    .option('--no-new-leads', 'may make no new leads')
    .option('--purpose <text>', 'what it is for')
    .option('--expires <time>', 'a day, a time, or "never", with --because', readExpiry)
    .option('--because <text>', 'why it never expires')
    .option('--per-second <count>', 'requests a second, or "never" for no such limit', readCount)
    .option('--per-day <count>', 'requests a day in UTC, or "never" for no such limit', readCount)
    .option(
      '--address <address>',
      'an IP address or network that may use it; may be given several times',
      collect,
    )
    .option('--confirm-writes', 'a person confirms each write before it is sent')
    .option('--no-confirm-writes', 'writes are sent at once')
}

function limitsOf(given: Omit<z.infer<typeof createOptions>, 'credential'>) {
  const { purpose, expires, because, perSecond, perDay, address, confirmWrites } = given
  return {
    ...(purpose === undefined ? {} : { purpose }),
    ...(expires === undefined ? {} : { expiresAt: expires === never ? null : expires }),
    ...(because === undefined ? {} : { neverBecause: because }),
    ...(perSecond === undefined ? {} : { perSecond: perSecond === never ? null : perSecond }),
    ...(perDay === undefined ? {} : { perDay: perDay === never ? null : perDay }),
    ...(address === undefined ? {} : { addresses: address }),
    ...(confirmWrites === undefined ? {} : { confirmWrites }),
  }
}

function showPass(context: Context, pass: Pass): void {
  const { credential, expiresAt, neverBecause, perSecond, perDay, addresses, oldTokenUntil } = pass
  const requests = [
    ...(perSecond === null ? [] : [`${perSecond} a second`]),
    ...(perDay === null ? [] : [`${perDay} a day`]),
  ]
  context.showDetails([
    ['Id', pass.id],
    ['Name', pass.name],
    ['Purpose', pass.purpose],
    ['Status', `${pass.status}${pass.reason === null ? '' : `: ${pass.reason}`}`, styles[pass.status]],
    ['May', pass.may],
    ['May not', pass.mayNot],
    ['Credential', credential.name ?? credential.id],
    ['Owner', pass.owner.name],
    ['Expires', expiresAt === null ? `never: ${neverBecause ?? ''}` : shortTime(expiresAt)],
    ['Requests', requests.join(', ')],
    ['Addresses', addresses.join(', ')],
    ['Writes that wait', pass.waitingWrites === 0 ? '' : String(pass.waitingWrites), 'yellow'],
    ['Token ends in', pass.suffix],
    ['Old token until', oldTokenUntil === null ? '' : shortTime(oldTokenUntil)],
    ['Last used', shortTime(pass.lastUsedAt)],
  ])
}

function readExpiry(text: string): string {
  return text === never ? never : readEnd(text)
}

function readCount(text: string): number | typeof never {
  if (text === never) return never
  const count = Number(text)
  if (Number.isFinite(count) && count > 0) return count
  throw new InvalidArgumentError('It must be a number above 0, or never.')
}

function readHours(text: string): number {
  const hours = Number(text)
  if (text.trim() !== '' && Number.isFinite(hours) && hours >= 0 && hours <= 336) return hours
  throw new InvalidArgumentError('It must be a number of hours from 0 to 336.')
}
