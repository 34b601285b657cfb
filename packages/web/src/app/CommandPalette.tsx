// biome-ignore lint/style/noRestrictedImports: it has no frame, and opens over no other dialog
import { Modal, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { type KeyboardEvent, useEffect, useId, useState } from 'react'
import classes from './palette.module.css'
import { type PaletteItem, usePaletteItems } from './usePaletteItems.ts'

interface CommandPaletteProps {
  opened: boolean
  onClose(): void
}

/** Jumps to any flow, credential, pass, run, source, destination or action by a few letters. */
export function CommandPalette({ opened, onClose }: CommandPaletteProps) {
  return (
    <Modal.Root opened={opened} onClose={onClose} size={640} padding={0} yOffset="12dvh">
      <Modal.Overlay />
      <Modal.Content aria-label="Search">
        <Modal.Body>
          <Palette onClose={onClose} />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  )
}

function Palette({ onClose }: Pick<CommandPaletteProps, 'onClose'>) {
  const [text, setText] = useState('')
  const { items, isSearching } = usePaletteItems(text.trim())
  const [active, setActive] = useState(0)
  const id = useId()
  const current = items[Math.min(active, items.length - 1)]

  const run = (item: PaletteItem) => {
    onClose()
    item.run()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0 && items.length > 0) {
      event.preventDefault()
      setActive((Math.min(active, items.length - 1) + step + items.length) % items.length)
    }
    if (event.key === 'Enter' && current !== undefined) {
      event.preventDefault()
      run(current)
    }
  }
  useEffect(() => {
    if (current !== undefined)
      document.getElementById(`${id}-${current.id}`)?.scrollIntoView({ block: 'nearest' })
  }, [id, current])

  return (
    <>
      <TextInput
        data-autofocus
        role="combobox"
        aria-label="Search"
        aria-expanded
        aria-controls={`${id}-list`}
        {...(current === undefined ? {} : { 'aria-activedescendant': `${id}-${current.id}` })}
        autoComplete="off"
        placeholder="Search flows, credentials, runs and actions"
        variant="unstyled"
        size="lg"
        leftSection={<IconSearch size={20} aria-hidden />}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value)
          setActive(0)
        }}
        onKeyDown={onKeyDown}
        className={classes['input']}
      />
      <div id={`${id}-list`} role="listbox" aria-label="Found" className={classes['list']} tabIndex={-1}>
        {items.map((item, index) => (
          <Row
            key={item.id}
            item={item}
            rowId={`${id}-${item.id}`}
            first={items[index - 1]?.group !== item.group}
            active={item === current}
            onHover={() => setActive(index)}
            onChoose={() => run(item)}
          />
        ))}
      </div>
      <p role="status" className={classes['status']}>
        {items.length === 0 && (isSearching ? 'Searching' : 'Nothing has this name.')}
      </p>
    </>
  )
}

interface RowProps {
  item: PaletteItem
  rowId: string
  /** The first of its group: the group's name stands above it. */
  first: boolean
  active: boolean
  onHover(): void
  onChoose(): void
}

function Row({ item, rowId, first, active, onHover, onChoose }: RowProps) {
  return (
    <>
      {first && (
        <div role="presentation" className={classes['group']}>
          {item.group}
        </div>
      )}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled where the focus is, in the input */}
      <div
        id={rowId}
        role="option"
        aria-selected={active}
        tabIndex={-1}
        className={classes['row']}
        onMouseMove={active ? undefined : onHover}
        onClick={onChoose}
      >
        <item.Icon size={16} stroke={1.5} aria-hidden />
        <bdi className={classes['label']}>{item.label}</bdi>
        {item.hint !== undefined && <span className={classes['hint']}>{item.hint}</span>}
      </div>
    </>
  )
}
