import { writeFileSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import type { Command } from 'commander'
import { Context } from '../src/context.ts'
import { exitCodes, wordOf } from '../src/exit-codes.ts'
import { createProgram } from '../src/program.ts'

const introduction = `# The command line

\`latchwork\` does from a terminal what the page does, through the same REST API. In a checkout, run it as \`npx latchwork\`.

## Signing in
\`latchwork login https://latchwork.example\` prints a link and a short code. Open the link in a browser where you are signed in, compare the code, and confirm: the terminal gets an API token of yours, valid for 90 days. Nothing secret is typed or pasted. The token is kept in \`$XDG_CONFIG_HOME/latchwork/config.json\` (by default below \`~/.config\`), which only you may read; \`latchwork logout\` revokes it. Tokens are also listed and revoked in Settings.

Programs name a file with an API token, which others must not be able to read, in \`LATCHWORK_TOKEN_FILE\`, and the server in \`LATCHWORK_SERVER\` or with \`--server\`.

## The server's certificate
A certificate of a public authority is trusted as it is. For the one that a server makes by itself, \`login\` shows the SHA-256 fingerprint and asks whether you trust it; compare it on the server with

    openssl x509 -noout -fingerprint -sha256 -in .latchwork/tls/cert.pem

The certificate is then kept, and only it is accepted for this server. When it is renewed, sign in again and compare anew. Without a person to ask, give the fingerprint with \`--fingerprint\`, or the authority's certificate with \`--ca\`. Verification cannot be switched off.

## Secrets
They come from a prompt that does not show them, from standard input (\`--secret-stdin\`) or from a file (\`--secret-file\`), never from an argument, which every user of the machine could see.

    latchwork credential add --method api_key --name "Reports" --secret-stdin < key.txt
    latchwork credential add --method oauth2 --name "Reports" --value clientId=oa2client_…

The second asks for the client secret and prints a link: open it in a browser where you are signed in to Latchwork, and grant access. The command waits and says who authorized.

## Backups
    latchwork backup --out latchwork.age --recipient age1…

The server encrypts the file before it leaves, and what is secret in it is sealed under the master key besides, which is not in it. [running.md](running.md#backups) tells how to restore it.

## For programs
\`--json\` answers with what the REST API answered, also of a check or a verification that ends with 1. Results go to standard output, everything else to standard error: what is asked, how far something long is (not with \`--json\`), and errors, whose code stands in brackets at the end. With \`--json\` an error is one line of JSON there, also of a wrong command line: \`{"error":{"code":…,"message":…}}\`, with \`status\`, \`errors\` by field, \`requestId\` and what else the REST API answered; otherwise with the code that stands beside the exit code below. Nothing is asked where standard input is no terminal: the command ends with 2 and names the option that answers. Colours appear only in a terminal, and not with \`NO_COLOR\`. In a terminal, tables leave out columns that don't fit; in a pipe they are whole.

Files are made for you alone (mode 0600), appear under their name only when they are whole, and replace none unless you say \`--force\`. Ctrl-C leaves nothing behind.

## Completions
    source <(latchwork completion bash)                                            # in ~/.bashrc
    latchwork completion zsh > "\${fpath[1]}/_latchwork"
    latchwork completion fish > ~/.config/fish/completions/latchwork.fish
`

/** The text of docs/cli.md. Run this file to write it: `node packages/cli/test/document-commands.ts`. */
export function documentCommands(): string {
  const nowhere = new PassThrough()
  const io = { stdin: nowhere, stdout: nowhere, stderr: nowhere, env: {}, hostName: '' }
  const program = createProgram(new Context({ ...io, signal: new AbortController().signal }))
  const codes = Object.entries(exitCodes).map(
    ([ending, { code, meaning }]) => `| ${code} | \`${wordOf(ending)}\` | ${meaning} |`,
  )
  return `${[
    introduction,
    '## Exit codes',
    '| exit code | code of an error in JSON | meaning |',
    '| --- | --- | --- |',
    ...codes,
    '',
    '## Options of every command',
    ...optionTable(program),
    '',
    '## Commands',
    ...program.commands.flatMap((command) => describeCommand(command, 'latchwork')),
  ].join('\n')}\n`
}

function describeCommand(command: Command, parent: string): string[] {
  const name = `${parent} ${command.name()}`
  if (command.commands.length > 0) return command.commands.flatMap((each) => describeCommand(each, name))
  const takes = command.registeredArguments.map((argument) => {
    const choices = argument.argChoices === undefined ? '' : `: ${argument.argChoices.join(', ')}`
    return `- \`${argument.name()}\`: ${argument.description}${choices}`
  })
  const usage = command.registeredArguments.map((each) =>
    each.required ? ` <${each.name()}>` : ` [${each.name()}]`,
  )
  const said = command.description() || `${sentence(command.summary())}`
  return [
    `### \`${name}${usage.join('')}\``,
    cell(said),
    ...(takes.length > 0 ? ['', ...takes] : []),
    ...optionTable(command),
    '',
  ]
}

function optionTable(command: Command): string[] {
  const rows = command
    .createHelp()
    .visibleOptions(command)
    .filter(({ long }) => long !== '--help')
    .map(({ flags, description, argChoices, defaultValue }) => {
      const choices = argChoices === undefined ? '' : `: ${argChoices.join(', ')}`
      const unset = defaultValue === undefined || defaultValue === false ? '' : ` (default: ${defaultValue})`
      return `| \`${cell(flags)}\` | ${cell(description)}${choices}${unset} |`
    })
  return rows.length === 0 ? [] : ['', '| option | meaning |', '| --- | --- |', ...rows]
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

/** In Markdown, outside code: what looks like HTML is text. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

if (import.meta.main) writeFileSync(new URL('../../../docs/cli.md', import.meta.url), documentCommands())
