import { ApiError, type Problem, problemSchema } from '@latchwork/contract'
import { Alert, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { refusalWords } from '../api/client.ts'
import classes from './states.module.css'

interface ProblemAlertProps {
  /** What was thrown, or the problem itself. */
  error: unknown
  /** Ways on, under the sentence. */
  children?: ReactNode
}

/** An error beside what it concerns: the sentence, and the code small beside it. */
export function ProblemAlert({ error, children }: ProblemAlertProps) {
  const problem = problemOf(error)
  return (
    <Notice
      tone="bad"
      code={problem?.code}
      message={problem?.detail ?? 'Something failed on this page. Load it again.'}
    >
      {children}
    </Notice>
  )
}

/** What the server said of an error; null for an error of the page itself. */
export function problemOf(error: unknown): Problem | null {
  const problem = error instanceof ApiError ? error.problem : problemSchema.safeParse(error).data
  return problem === undefined ? null : { ...problem, detail: refusalWords(problem) }
}

interface NoticeProps {
  tone: 'bad' | 'warning' | 'neutral'
  message: ReactNode
  code?: string | undefined
  children?: ReactNode
}

/** A sentence that a person must not miss. Errors are announced at once, the rest when there is a pause. */
export function Notice({ tone, message, code, children }: NoticeProps) {
  return (
    <Alert
      role={tone === 'bad' ? 'alert' : 'status'}
      className={classes['notice']}
      data-tone={tone}
      icon={<IconAlertTriangle size={16} aria-hidden />}
      p="sm"
    >
      <Text component="div" size="sm">
        {message}
        {code !== undefined && <span className={classes['code']}>{code}</span>}
      </Text>
      {children}
    </Alert>
  )
}
