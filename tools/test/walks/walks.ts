import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Called } from './calls.ts'

/*
 * The walks of ARCHITECTURE.md: through which rooms something goes, one room after the other. Rooms of a walk that call
 * each other, in whichever direction, have a door. No room is entered twice if the doors form no circle: then there is
 * one way between any two of them.
 */

const checkout = join(import.meta.dirname, '../../..')
/** What the audit log looks up for itself. */
const besideWalks = ['readState']
/** Every room stands on these: of them no door is counted. */
const floors = ['contract', 'vault', 'database']

interface Step {
  readonly room: string
  readonly folder: string
  /** Files and functions that the text names. */
  readonly names: readonly string[]
}

export interface Walk {
  readonly title: string
  readonly steps: readonly Step[]
}

/** @throws Error for a room that there is not */
export function readWalks(): Walk[] {
  const text = readFileSync(join(checkout, 'ARCHITECTURE.md'), 'utf8')
  const section = /^## Four walks$(.*?)^## /ms.exec(text)?.[1] ?? ''
  return [...section.matchAll(/^\*\*(.+?)\.\*\* (.+)$/gm)].map(([, title = '', way = '']) => ({
    title,
    // A part that does not begin with a room tells of the world outside.
    steps: way.split(' → ').flatMap((part) => {
      const [, room, more = ''] = /^`([^`]+)`(?: \((.*)\))?/.exec(part) ?? []
      const names = [...more.matchAll(/`([A-Za-z][\w-]*)`/g)].map(([, name = '']) => name)
      return room === undefined ? [] : [{ room, folder: folderOf(room), names }]
    }),
  }))
}

function folderOf(room: string): string {
  const [first = '', ...inside] = room.split('/')
  const folder = [
    `${room}/src`,
    ['packages', first, 'src', ...inside].join('/'),
    `packages/server/src/${room}`,
  ].find((each) => globSync(`${each}/*.{ts,tsx}`, { cwd: checkout }).length > 0)
  if (folder === undefined) throw new Error(`there is no room ${room}`)
  return folder
}

/** What is not true of a walk that is no matter of calls: a room twice, or a name that is not in its room. */
export function faultsOfText({ steps }: Walk): string[] {
  const twice = steps.filter(({ room }, at) => steps.findIndex((each) => each.room === room) !== at)
  return [
    ...twice.map(({ room }) => `${room} is entered twice`),
    ...steps.flatMap(({ room, folder, names }) => {
      const files = globSync(`${folder}/**/*.{ts,tsx}`, { cwd: checkout })
      const sources = files.map((file) => readFileSync(join(checkout, file), 'utf8')).join('\n')
      const isThere = (name: string) =>
        files.some((file) => basename(file).replace(/\.tsx?$/, '') === name) ||
        new RegExp(`(function\\*?|const|class) ${name}\\b|^ +(async )?${name}\\(`, 'm').test(sources)
      return names.filter((name) => !isThere(name)).map((name) => `${room} has no ${name}`)
    }),
  ]
}

/**
 * What is not true of a walk as it happened.
 * @param order `calls`: each room is called by an earlier one, and when all are entered the answer goes back. `handed
 * on`: what is answered goes from room to room, so that a room may call the one before it.
 */
export function faultsOfCalls(
  { steps }: Walk,
  calls: readonly Called[],
  order: 'calls' | 'handed on',
): string[] {
  const walked = steps.filter(({ folder }) => !folder.startsWith('packages/web/'))
  const rooms = walked.filter(({ room }) => !floors.includes(room))
  const roomOf = ({ file }: Called, among = rooms) =>
    among.find(({ folder }) => file.startsWith(`${folder}/`))?.room
  const callerOf = ({ by }: Called): string | undefined => {
    for (let caller = by; caller !== null; caller = caller.by) {
      const room = roomOf(caller)
      if (room !== undefined) return room
    }
    return undefined
  }

  const isBeside = ({ by }: Called): boolean => by !== null && (besideWalks.includes(by.name) || isBeside(by))

  const faults: string[] = []
  const entered: string[] = []
  const doors = new Map<string, readonly [string, string]>()
  const named = new Set<string>()
  for (const call of calls) {
    const lastStep = walked.at(-1)
    if (order === 'calls' && entered.length === rooms.length && roomOf(call, walked) === lastStep?.room) break
    const room = roomOf(call)
    if (room === undefined || isBeside(call)) continue
    named.add(`${room} ${call.name}`)
    named.add(`${room} ${basename(call.file, '.ts')}`)
    if (!entered.includes(room)) entered.push(room)
    const caller = callerOf(call)
    if (caller !== undefined && caller !== room) doors.set([caller, room].sort().join(), [caller, room])
  }

  const text = rooms.map(({ room }) => room)
  const missing = text.filter((room) => !entered.includes(room))
  faults.push(...missing.map((room) => `${room} is not entered`))
  if (order === 'calls' && missing.length === 0 && entered.join() !== text.join())
    faults.push(`entered in another order: ${entered.join(', ')}`)
  for (const [at, room] of text.entries()) {
    const before = text.slice(0, at)
    const hasDoor = [...doors.values()].some(
      (door) => door.includes(room) && before.some((each) => door.includes(each)),
    )
    if (at > 0 && !hasDoor) faults.push(`no earlier room leads to ${room}`)
  }
  faults.push(...circles([...doors.values()]))
  for (const { room, names } of rooms)
    faults.push(
      ...names
        .filter((name) => !named.has(`${room} ${name}`))
        .map((name) => `${room}: ${name} is not called`),
    )
  return faults
}

/** Doors that lead to a room which could be reached already. */
function circles(doors: readonly (readonly [string, string])[]): string[] {
  const groups = new Map<string, string>()
  const groupOf = (room: string): string => {
    const next = groups.get(room)
    return next === undefined ? room : groupOf(next)
  }
  return doors.flatMap(([caller, room]) => {
    const [a, b] = [groupOf(caller), groupOf(room)]
    if (a === b) return [`${caller} calls ${room}, which is entered by another door too`]
    groups.set(a, b)
    return []
  })
}
