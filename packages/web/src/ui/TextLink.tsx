import { Anchor, type AnchorProps } from '@mantine/core'
import { createLink } from '@tanstack/react-router'
import type { ComponentProps } from 'react'

type UnderlinedProps = AnchorProps & Omit<ComponentProps<'a'>, keyof AnchorProps>

// Colour alone doesn't tell a link from the text around it.
const Underlined = (props: UnderlinedProps) => <Anchor inherit underline="always" {...props} />

/** A link inside text to another screen. */
export const TextLink = createLink(Underlined)
