import type { PassRules } from '@latchwork/contract'
import { Tabs, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { settingsQuery } from '../api/catalogue-queries.ts'
import { CopyButton } from '../ui/CopyButton.tsx'
import classes from './passes.module.css'
import { snippetsOf } from './snippets.ts'

interface SnippetsProps {
  rules: Pick<PassRules, 'objects'>
  token: string
}

/** A first call, to be copied, from the programs that people use Close from. */
export function Snippets({ rules, token }: SnippetsProps) {
  const { data } = useQuery(settingsQuery)
  if (data === undefined) return null
  const snippets = snippetsOf(data.publicUrl, token, rules)
  return (
    <Tabs defaultValue="curl" variant="default" keepMounted={false}>
      <Tabs.List aria-label="A first call">
        {snippets.map(({ id, label }) => (
          <Tabs.Tab key={id} value={id}>
            {label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {snippets.map(({ id, label, note, code }) => (
        <Tabs.Panel key={id} value={id} pt="sm">
          <Text size="xs" c="dimmed" mb={8}>
            {note}
          </Text>
          <div className={classes['snippet']}>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
            <section tabIndex={0} aria-label={`Code for ${label}`}>
              <pre dir="ltr">{code}</pre>
            </section>
            <CopyButton value={code} what="the code" />
          </div>
        </Tabs.Panel>
      ))}
    </Tabs>
  )
}
