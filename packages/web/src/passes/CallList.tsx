import type { Pass, PassCall } from '@latchwork/contract'
import { Group, SegmentedControl, Text, Title } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { formatBytes, formatDuration } from '../ui/number-words.ts'
import { PagedList } from '../ui/PagedList.tsx'
import { absoluteTime, exactTime } from '../ui/time-words.ts'
import classes from './calls.module.css'
import { FieldNames, type FieldPlace } from './FieldNames.tsx'
import { passCallsQuery } from './queries.ts'
import { limitedObjects, shownCredential } from './words.ts'

/** The last calls of a pass, or only those that were denied, each with the rule that denied it. */
export function CallList({ pass }: { pass: Pass }) {
  const [deniedOnly, setDeniedOnly] = useState(false)
  const list = useInfiniteQuery(passCallsQuery(pass.id, deniedOnly, pass.status === 'active'))
  return (
    <section aria-labelledby="pass-calls">
      <Group justify="space-between" mb={12} gap="sm">
        <Title id="pass-calls" order={2} size="h4">
          Last calls
        </Title>
        <SegmentedControl
          size="xs"
          aria-label="Which calls"
          data={[
            { value: 'all', label: 'All' },
            { value: 'denied', label: 'Denied' },
          ]}
          value={deniedOnly ? 'denied' : 'all'}
          onChange={(value) => setDeniedOnly(value === 'denied')}
        />
      </Group>
      <PagedList
        list={list}
        what="the calls"
        rowHeight={36}
        empty={
          <Text c="dimmed">
            {deniedOnly
              ? 'None was denied.'
              : 'It has not been used yet. “How to use it” has a first call to copy.'}
          </Text>
        }
      >
        {(calls) => <CallTable pass={pass} calls={calls} isMixed={!deniedOnly} />}
      </PagedList>
    </section>
  )
}

interface CallTableProps {
  pass: Pass
  calls: readonly PassCall[]
  isMixed: boolean
}

/** @param isMixed there are other calls among the denied ones, so these are marked */
function CallTable({ pass, calls, isMixed }: CallTableProps) {
  const place = { credentialId: shownCredential(pass), objects: limitedObjects(pass.rules) }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes['scroll']} aria-label="Table of calls" data-mixed={isMixed} tabIndex={0}>
      <table className={classes['table']}>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Request</th>
            <th scope="col">Answer</th>
            <th scope="col" className={classes['number']}>
              Took
            </th>
            <th scope="col" className={classes['number']}>
              Bytes
            </th>
            <th scope="col">From</th>
          </tr>
        </thead>
        <tbody>
          {calls.map((call, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: calls have no id, and their rows hold no state
            <CallRow key={`${call.at} ${index}`} call={call} place={place} />
          ))}
        </tbody>
      </table>
    </section>
  )
}

function CallRow({ call, place }: { call: PassCall; place: FieldPlace }) {
  const atMs = Date.parse(call.at)
  return (
    <tr data-denied={call.decision === 'denied'}>
      <td title={absoluteTime(atMs)}>
        <time dateTime={call.at}>
          {absoluteTime(atMs).split(',')[0]}, {exactTime(atMs)}
        </time>
      </td>
      <td className={classes['request']}>
        <span className={classes['method']}>{call.method}</span> <bdi>{call.path}</bdi>
        {call.query.length > 0 && <span className={classes['quiet']}>?{call.query.join('&')}</span>}
        {call.rule !== null && (
          <span className={classes['rule']}>
            <FieldNames text={call.rule} {...place} />
          </span>
        )}
      </td>
      <td>
        <Answer call={call} />
      </td>
      <td className={classes['number']}>{formatDuration(call.ms)}</td>
      <td className={classes['number']} title={`${formatBytes(call.bytesIn)} sent`}>
        {formatBytes(call.bytesOut)}
      </td>
      <td className={classes['quiet']}>
        {call.address}
        {call.via === 'mcp' && ', as a tool'}
      </td>
    </tr>
  )
}

/** What came of a call: its status, and in a word whose decision it was. */
function Answer({ call: { decision, status, code } }: { call: PassCall }) {
  const tone = decision === 'denied' ? 'bad' : status === null || status >= 400 ? 'warning' : 'good'
  const word =
    decision === 'denied' ? '× Denied' : status === null ? '! No answer' : status >= 400 ? '! Error' : ''
  return (
    <span className={classes['answer']} data-tone={tone} title={code ?? undefined}>
      {[status ?? '', word].join(' ').trim()}
    </span>
  )
}
