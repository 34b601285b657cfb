import { readFile } from 'node:fs/promises'
import {
  type Deletions,
  type FieldDefinition,
  type FieldOption,
  type FlowStream,
  listOf,
  type OfferedStream,
  offeredName,
  ownName,
  repeatedName,
  usualChoice,
} from '@latchwork/contract'
import { z } from 'zod'
import { CommandError } from '../exit-codes.ts'

/** Asks what the account has to choose from. */
type AskOptions = (of: { stream: string; parameter: string }) => Promise<{ items: FieldOption[] }>

/**
 * Streams with what `--set` says of them.
 * @throws {CommandError} `usage` for what a stream has not, `refused` for a choice that there is not
 */
export async function withParameters(
  chosen: readonly FlowStream[],
  set: readonly string[],
  offered: readonly OfferedStream[],
  ask: AskOptions,
): Promise<FlowStream[]> {
  const result = chosen.map((choice) => ({ ...choice, parameters: { ...choice.parameters } }))
  for (const text of set) {
    const [, name = '', parameter = '', value = ''] = /^([^.=]+)[.]([^.=]+)=(.*)$/s.exec(text) ?? []
    const choice = result.find(({ stream }) => stream === name || (ownName(stream) === name && name !== ''))
    if (choice === undefined) {
      throw new CommandError(
        'usage',
        `Say --set STREAM.PARAMETER=VALUE of a stream that is chosen, not ${text}.`,
      )
    }
    const stream = offered.find((each) => each.name === offeredName(choice.stream))
    const field = stream?.parameters.find((each) => each.name === parameter)
    if (stream === undefined || field === undefined) {
      const names = stream?.parameters.map((each) => each.name).join(', ') ?? ''
      throw new CommandError(
        'usage',
        names === ''
          ? `${name} has no parameters.`
          : `${name} has the parameters ${names}, not ${parameter}.`,
      )
    }
    choice.parameters[parameter] = await readValue(field, value, () =>
      ask({ stream: stream.name, parameter }),
    )
  }
  return result
}

/** A choice may be given by its name, which a person knows, or by its value. */
async function readValue(
  field: FieldDefinition,
  text: string,
  ask: () => Promise<{ items: FieldOption[] }>,
): Promise<string> {
  const { kind, label, optionsFrom } = field
  if (text === '' || (kind !== 'select' && kind !== 'multiselect')) return text
  const options = optionsFrom === 'account' ? (await ask()).items : (field.options ?? [])
  const one = (name: string) => choiceOf(options, name, label)
  if (kind === 'select') return one(text)
  // Names have spaces and may have commas: the whole is one of them, or each part is.
  if (options.some((option) => isCalled(option, text))) return one(text)
  const parts = text.split(',').map((part) => part.trim())
  return listOf(parts.map(one).join(',')).join(',')
}

function isCalled({ value, label }: FieldOption, name: string): boolean {
  return value === name || label.toLowerCase() === name.toLowerCase()
}

function choiceOf(options: readonly FieldOption[], name: string, label: string): string {
  const exact = options.find(({ value }) => value === name)
  const [found, ...others] =
    exact === undefined ? options.filter((option) => isCalled(option, name)) : [exact]
  if (found !== undefined && others.length === 0) return found.value
  const what = JSON.stringify(name)
  if (found !== undefined) {
    const values = [found, ...others].map(({ value }) => value).join(', ')
    throw new CommandError('refused', `${label}: several are called ${what}. Say which by its id: ${values}.`)
  }
  const known = options.slice(0, 20).map((option) => option.label)
  const more = options.length > known.length ? `, and ${options.length - known.length} more` : ''
  throw new CommandError('refused', `${label}: there is no ${what}, but ${known.join(', ')}${more}.`)
}

const fileSchema = z.record(z.string(), z.union([z.string(), z.number(), z.record(z.string(), z.unknown())]))

/**
 * A stream by hand, from `NAME=FILE`.
 * @throws {CommandError} `usage`, `refused` where the source has none
 */
export async function readByHand(
  text: string,
  offered: readonly OfferedStream[],
  deletions: Deletions,
): Promise<FlowStream> {
  const [, name = '', file = ''] = /^([^=]+)=(.+)$/s.exec(text) ?? []
  if (name === '') throw new CommandError('usage', `Say --by-hand NAME=FILE, not ${text}.`)
  const stream = offered.find(({ repeats }) => repeats === true)
  if (stream === undefined) throw new CommandError('refused', 'This source takes no stream by hand.')
  const given = await readFile(file, 'utf8').then(
    (content) => fileSchema.safeParse(parsed(content)).data,
    () => {
      throw new CommandError('usage', `The file ${file} can't be read.`)
    },
  )
  if (given === undefined) {
    throw new CommandError(
      'usage',
      `The file ${file} must have one JSON object: the names of fields with their values.`,
    )
  }
  const parameters = Object.fromEntries(
    Object.entries(given).map(([field, value]) => [field, textOf(field, value)]),
  )
  return {
    ...{ ...usualChoice(stream, deletions), mode: 'full', parameters },
    ...{ stream: repeatedName(stream.name, name), label: name },
  }
}

function parsed(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    return null
  }
}

/** The value of a field as the form has it: lines for parameters and headers, JSON for a body. */
function textOf(field: string, value: z.infer<typeof fileSchema>[string]): string {
  if (typeof value !== 'object') return String(value)
  const marks: Readonly<Record<string, string>> = { query: '=', headers: ': ' }
  const mark = marks[field]
  if (mark === undefined) return JSON.stringify(value)
  return Object.entries(value)
    .map(([name, each]) => `${name}${mark}${String(each)}`)
    .join('\n')
}
