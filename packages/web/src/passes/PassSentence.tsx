import { type Pass, type PassRules, passWords } from '@latchwork/contract'
import { Text, Title } from '@mantine/core'
import { isEmpty, type PassDraft, rulesOf } from './draft.ts'
import { FieldNames } from './FieldNames.tsx'
import classes from './passes.module.css'
import { untilWords } from './until.ts'
import { limitedObjects, shareWords } from './words.ts'

interface PassSentenceProps {
  draft: PassDraft
  pass: Pass | null
  nowMs: number
}

/** What the pass will be, in sentences, while it is being made. */
export function PassSentence({ draft, pass, nowMs }: PassSentenceProps) {
  const rules = rulesOf(draft)
  const until = untilWords(draft.until, pass, nowMs)
  const [perSecond, perDay] = [draft.perSecond, draft.perDay].map((typed) => Number(typed) || null)
  return (
    <aside className={classes['sentence']} aria-labelledby="pass-in-words">
      <Title id="pass-in-words" order={2} size="h4">
        This pass
      </Title>
      <div role="status" className={classes['words']}>
        {isEmpty(rules) ? (
          <Text c="dimmed">Choose what it may do. This box then says it in words.</Text>
        ) : (
          <RuleWords
            {...passWords(rules, draft.confirmWrites)}
            credentialId={draft.credentialId}
            rules={rules}
          />
        )}
        {until !== '' && <p>{until}</p>}
        <p>{shareWords({ perSecond: perSecond ?? null, perDay: perDay ?? null })}.</p>
        {draft.addresses.length > 0 && <p>Only from {draft.addresses.join(', ')}.</p>}
      </div>
    </aside>
  )
}

interface RuleWordsProps extends Pick<Pass, 'may' | 'mayNot'> {
  /** Null: the person may not see it. */
  credentialId: string | null
  rules: PassRules
}

/** What a pass may do, and what not. */
export function RuleWords({ may, mayNot, credentialId, rules }: RuleWordsProps) {
  return (
    <>
      <p>
        <bdi>
          <FieldNames text={may} credentialId={credentialId} objects={limitedObjects(rules)} />
        </bdi>
      </p>
      {mayNot !== '' && <p className={classes['mayNot']}>{mayNot}</p>}
    </>
  )
}
