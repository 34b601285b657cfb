import { AsyncLocalStorage } from 'node:async_hooks'
import { readFileSync } from 'node:fs'
import { registerHooks, stripTypeScriptTypes } from 'node:module'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/*
 * Which function of the product calls which, as it happens: the sources are loaded with a note at the beginning of each
 * function. A call is known to its caller across everything that is waited for.
 */

/** A function that was called. */
export interface Called {
  /** In the checkout, with slashes. */
  readonly file: string
  /** Empty for a function without a name. */
  readonly name: string
  /** Null: not by a function of the product. */
  readonly by: Called | null
}

const checkout = join(import.meta.dirname, '../../..')
const callers = new AsyncLocalStorage<Called>()
let calls: Called[] | null = null

/** What the sources call by `globalThis.walks`. */
const notes = {
  call(file: string, name: string, run: () => unknown): unknown {
    if (calls === null) return run()
    const called = note(file, name, calls)
    return callers.run(called, run)
  },
  /** A generator runs while it is asked for more, for whoever asks first. */
  async *each(file: string, name: string, steps: AsyncGenerator): AsyncGenerator {
    const called = note(file, name, calls ?? [])
    try {
      for (;;) {
        const step = await callers.run(called, () => steps.next())
        if (step.done === true) return step.value
        yield step.value
      }
    } finally {
      await steps.return(undefined)
    }
  },
}

function note(file: string, name: string, into: Called[]): Called {
  const called = { file, name, by: callers.getStore() ?? null }
  into.push(called)
  return called
}

/** Notes the calls of whatever is imported from now on. */
export function noteCalls(): void {
  Object.assign(globalThis, { walks: notes })
  registerHooks({
    load(url, context, nextLoad) {
      const file = url.startsWith('file:') ? relative(checkout, fileURLToPath(url)).replaceAll('\\', '/') : ''
      if (!/^packages\/(?!close-sandbox\/)[^/]+\/src\/.*\.ts$/.test(file)) return nextLoad(url, context)
      const source = withNotes(file, readFileSync(join(checkout, file), 'utf8'))
      return { format: 'module', source, shortCircuit: true }
    },
  })
}

/** The calls while `work` is under way. */
export async function callsOf(work: () => Promise<unknown>): Promise<readonly Called[]> {
  const noted: Called[] = []
  calls = noted
  try {
    await work()
  } finally {
    calls = null
  }
  return noted
}

/** The source with a note at the beginning of each function; its lines stay where they were. */
function withNotes(file: string, source: string): string {
  const edits: { readonly at: number; readonly text: string }[] = []
  const visit = (node: ts.Node): void => {
    if (isNoted(node) && node.body !== undefined) {
      const { body } = node
      const [before, after] = noteOf(node, `${JSON.stringify(file)}, ${JSON.stringify(nameOf(node))}`)
      const [from, to] = ts.isBlock(body) ? [body.getStart() + 1, body.end - 1] : [body.getStart(), body.end]
      edits.push({ at: from, text: before }, { at: to, text: after })
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, source, ts.ScriptTarget.ESNext, true))
  // Later ones first. Of two at one place the outer one was found first, and goes inside if it closes.
  const inOrder = edits.map((edit, found) => ({ ...edit, found }))
  inOrder.sort((a, b) => b.at - a.at || b.found - a.found)
  let noted = source
  for (const { at, text } of inOrder) noted = noted.slice(0, at) + text + noted.slice(at)
  return stripTypeScriptTypes(noted)
}

type Noted = ts.FunctionDeclaration | ts.FunctionExpression | ts.ArrowFunction | ts.MethodDeclaration

function isNoted(node: ts.Node): node is Noted {
  return (
    ts.isFunctionDeclaration(node) ||
    ts.isFunctionExpression(node) ||
    ts.isArrowFunction(node) ||
    ts.isMethodDeclaration(node)
  )
}

/** What stands before and after what a function does. */
function noteOf(node: Noted, called: string): readonly [string, string] {
  const isAsync = node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) === true
  const async = isAsync ? 'async ' : ''
  if (node.asteriskToken !== undefined) {
    // None of the walks goes through one that does not wait.
    if (!isAsync) return ['', '']
    return [`return yield* walks.each(${called}, (async function* () {`, '}).call(this))']
  }
  if (node.body !== undefined && ts.isBlock(node.body))
    return [`return walks.call(${called}, ${async}() => {`, '})']
  return [`walks.call(${called}, ${async}() => (`, '))']
}

/** As it is called: by its own name, or the one that it is given to. */
function nameOf(node: Noted): string {
  const name =
    node.name ??
    (ts.isVariableDeclaration(node.parent) || ts.isPropertyAssignment(node.parent)
      ? node.parent.name
      : undefined)
  return name?.getText() ?? ''
}
