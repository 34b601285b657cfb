import { Button, TextInput, type TextInputProps } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useState } from 'react'
import { EmptyState } from './EmptyState.tsx'

const typingPauseMs = 250
/** A list of at least this length has a search. */
const searchFrom = 9

/** Words that a list is searched for: as they are typed, and as they are asked for once the typing pauses. */
export function useSearchWords() {
  const [typed, setTyped] = useState('')
  const [query] = useDebouncedValue(typed.trim(), typingPauseMs)
  return { typed, setTyped, query, isSearching: query !== '' || typed !== '' }
}

export type SearchWords = ReturnType<typeof useSearchWords>

interface SearchFieldProps extends Omit<TextInputProps, 'value' | 'onChange'> {
  words: SearchWords
  /** "flows" */
  what: string
  /** Entries of the whole list: a short one has no search. */
  total?: number
}

/** Where a list is searched. */
export function SearchField({ words, what, total = searchFrom, ...props }: SearchFieldProps) {
  if (total < searchFrom && !words.isSearching) return null
  return (
    <TextInput
      type="search"
      aria-label={`Search ${what}`}
      placeholder="Search by name"
      leftSection={<IconSearch size={16} aria-hidden />}
      value={words.typed}
      onChange={(event) => words.setTyped(event.currentTarget.value)}
      {...props}
    />
  )
}

interface NothingFoundProps {
  words: SearchWords
  what: string
  /** Takes away what else the list is limited by. */
  onShowAll?(): void
}

/** Stands where a search finds nothing. */
export function NothingFound({ words, what, onShowAll }: NothingFoundProps) {
  return (
    <EmptyState
      icon={<IconSearch size={28} stroke={1.5} />}
      title={words.isSearching ? `No ${what} of this name` : `No such ${what}`}
      action={
        <Button
          variant="default"
          onClick={() => {
            words.setTyped('')
            onShowAll?.()
          }}
        >
          Show all
        </Button>
      }
    >
      {words.isSearching ? 'Try fewer words, or another spelling.' : 'Nothing matches what you chose to see.'}
    </EmptyState>
  )
}
