import { type PassGrants, type PassObjectName, type PassRules, passTokenPrefix } from '@latchwork/contract'

export interface Snippet {
  readonly id: string
  readonly label: string
  /** Where it goes. */
  readonly note: string
  readonly code: string
}

/** Stands where the token is not known any more. */
export const hiddenToken = `${passTokenPrefix}…`

/** What a first call asks for: the first of these that the pass may read. */
const firstPaths: readonly (readonly [name: PassObjectName, path: string])[] = [
  ['lead', 'lead'],
  ['contact', 'contact'],
  ['opportunity', 'opportunity'],
  ['task', 'task'],
  ['note', 'activity/note'],
  ['call', 'activity/call'],
  ['email', 'activity/email'],
  ['smart_view', 'saved_search'],
  ['status', 'status/lead'],
  ['user', 'me'],
]

/** How to use a pass from the programs that people use Close from. */
export function snippetsOf(publicUrl: string, token: string, rules: Pick<PassRules, 'objects'>): Snippet[] {
  const gateway = `${publicUrl}/close`
  const path = firstPath(rules.objects)
  return [
    {
      id: 'curl',
      label: 'curl',
      note: 'In a terminal. The pass is the user name; there is no password.',
      code: `curl --user '${token}:' \\\n  '${gateway}/api/v1/${path}/'`,
    },
    {
      id: 'python',
      label: 'Python',
      note: 'With Close’s own client: pip install closeio.',
      code: [
        'from closeio_api import Client',
        '',
        `close = Client('${token}')`,
        `close.base_url = '${gateway}/api/v1/'`,
        `print(close.get('${path}'))`,
      ].join('\n'),
    },
    {
      id: 'typescript',
      label: 'TypeScript',
      note: 'With this project’s typed client, @latchwork/close.',
      code: [
        "import { createCloseClient } from '@latchwork/close'",
        '',
        'const close = createCloseClient({',
        `  apiUrl: '${gateway}',`,
        `  authorize: async () => ({ type: 'api_key', apiKey: '${token}' }),`,
        '})',
        `console.log(await close.request({ method: 'GET', path: '/${path}/' }))`,
      ].join('\n'),
    },
    {
      id: 'n8n',
      label: 'n8n',
      note: 'In an HTTP Request node: Authentication is Generic Credential Type, Bearer Auth.',
      code: [`URL           ${gateway}/api/v1/${path}/`, `Bearer Token  ${token}`].join('\n'),
    },
    {
      id: 'claude',
      label: 'Claude',
      note: 'In a terminal, for Claude Code. It then has tools for what the pass allows: ask it to find something in Close.',
      code: `claude mcp add --transport http close ${publicUrl}/mcp \\\n  --header 'Authorization: Bearer ${token}'`,
    },
    {
      id: 'mcp',
      label: 'Other agents',
      note: 'In the configuration of an MCP client that takes servers by HTTP, such as Cursor or VS Code.',
      code: JSON.stringify(
        {
          mcpServers: {
            close: { type: 'http', url: `${publicUrl}/mcp`, headers: { Authorization: `Bearer ${token}` } },
          },
        },
        null,
        2,
      ),
    },
  ]
}

function firstPath(objects: PassGrants): string {
  return firstPaths.find(([name]) => objects[name]?.includes('read') === true)?.[1] ?? 'me'
}
