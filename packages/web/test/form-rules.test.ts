import type { MethodDefinition } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import {
  initialValues,
  serverFaults,
  stepOf,
  textFaults,
  valueFaults,
  valuesToSend,
} from '../src/credentials/form-rules.ts'

const method: MethodDefinition = {
  id: 'password',
  label: 'User and password',
  summary: '',
  bestFor: '',
  flow: 'direct',
  fields: [
    { name: 'host', label: 'Host', kind: 'text', required: true },
    { name: 'tls', label: 'Encryption', kind: 'select', required: true, defaultValue: 'on' },
    {
      name: 'authority',
      label: 'Authority',
      kind: 'textarea',
      required: true,
      visibleWhen: { field: 'tls', values: ['on'] },
    },
    { name: 'password', label: 'Password', kind: 'secret', required: true },
  ],
  guide: {
    title: '',
    steps: [{ text: 'Sign in.' }, { text: 'Paste the **Redirect URI**.' }],
    warnings: [],
    links: [],
  },
}

describe('textFaults', () => {
  it('wants a name of at most 200 characters, and no description', () => {
    expect(textFaults('Sales', '')).toEqual({})
    expect(textFaults('  ', '').name).toBe('Credential Name is required.')
    expect(textFaults('x'.repeat(201), '').name).toBe('Credential Name may have at most 200 characters.')
    expect(textFaults('a\u0000b', '').name).toBe('Credential Name may not contain control characters.')
    expect(textFaults('Sales', 'x'.repeat(2001)).description).toBe(
      'Credential Description may have at most 2000 characters.',
    )
    expect(textFaults('Sales', 'two\nlines')).toEqual({})
  })
})

describe('the values of a method', () => {
  it('begin with the defaults', () => {
    expect(initialValues(method)).toEqual({ tls: 'on' })
  })

  it('are faulty only where a field is drawn and the server keeps nothing', () => {
    expect(Object.keys(valueFaults(method, { tls: 'on' }, []))).toEqual(['host', 'authority', 'password'])
    expect(Object.keys(valueFaults(method, { tls: 'off' }, ['password']))).toEqual(['host'])
  })

  it('are sent without blank ones and ones that are hidden again', () => {
    const typed = { host: 'db.example', tls: 'off', authority: 'typed before', password: ' ' }
    expect(valuesToSend(method, typed)).toEqual({ host: 'db.example', tls: 'off' })
  })
})

describe('serverFaults', () => {
  it('names fields as the form does', () => {
    const errors = [
      { field: 'values.host', rule: 'required', message: 'Host is required.' },
      { field: 'name', rule: 'max', message: 'Name is too long.' },
    ]
    expect(serverFaults(errors)).toEqual({ host: 'Host is required.', name: 'Name is too long.' })
    expect(serverFaults(undefined)).toEqual({})
  })
})

describe('stepOf', () => {
  it('goes by the definition, or by the label in the guide', () => {
    expect(stepOf(method.guide, 'Host', 0)).toBe(0)
    expect(stepOf(method.guide, 'Redirect URI', undefined)).toBe(1)
    expect(stepOf(method.guide, 'Nothing', undefined)).toBeNull()
  })
})
