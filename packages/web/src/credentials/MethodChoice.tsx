import type { MethodDefinition } from '@latchwork/contract'
import { Text } from '@mantine/core'
import { useId } from 'react'
import classes from './method.module.css'

interface MethodChoiceProps {
  methods: readonly MethodDefinition[]
  value: MethodDefinition
  onChange(method: MethodDefinition): void
}

/** How to authenticate: each way says how it works and what it is best for. */
export function MethodChoice({ methods, value, onChange }: MethodChoiceProps) {
  const id = useId()
  return (
    <fieldset className={classes['choice']}>
      <legend>Authentication Method</legend>
      <div className={classes['methods']}>
        {methods.map((method) => (
          <label key={method.id} className={classes['method']}>
            <input
              type="radio"
              name={id}
              value={method.id}
              checked={method.id === value.id}
              onChange={() => onChange(method)}
              aria-label={method.label}
              aria-describedby={`${id}-${method.id}`}
            />
            <span>
              <span className={classes['label']}>{method.label}</span>
              <Text component="span" size="xs" c="dimmed" id={`${id}-${method.id}`} display="block">
                {method.bestFor}
              </Text>
            </span>
          </label>
        ))}
      </div>
      <Text size="xs" c="dimmed" mt={8}>
        {value.summary}
      </Text>
    </fieldset>
  )
}
