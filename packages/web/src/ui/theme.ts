import {
  ActionIcon,
  Button,
  type CSSVariablesResolver,
  createTheme,
  Drawer,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  Menu,
  Modal,
  MultiSelect,
  Notification,
  Select,
  Tooltip,
  type VariantColorsResolver,
} from '@mantine/core'

/** The accent: a deep teal, for the one primary action of a screen and for what is selected. */
const latch: MantineColorsTuple = [
  '#edf9f7',
  '#d3f1ec',
  '#a9e2da',
  '#78cfc4',
  '#4bbcb0',
  '#2b9f95',
  '#17807a',
  '#0e6763',
  '#0b5350',
  '#083f3d',
]
const slate: MantineColorsTuple = [
  '#f7f9fb',
  '#eff3f7',
  '#e1e7ee',
  '#cbd4df',
  '#a9b6c6',
  '#7f8ea3',
  '#55637a',
  '#414e62',
  '#2b3647',
  '#182131',
]
const slateNight: MantineColorsTuple = [
  '#e3e9f0',
  '#c2ccd8',
  '#9aa8b9',
  '#6b7a8e',
  '#344153',
  '#2a3545',
  '#1a2330',
  '#121a24',
  '#0c131b',
  '#070c12',
]

/** Mantine decides the colour on the accent for the light theme only; the variable fits both. */
const variantColorResolver: VariantColorsResolver = (input) => {
  const colors = defaultVariantColorsResolver(input)
  const onAccent = input.variant === 'filled' && (input.color === undefined || input.color === 'latch')
  return onAccent ? { ...colors, color: 'var(--mantine-primary-color-contrast)' } : colors
}

export const theme = createTheme({
  variantColorResolver,
  primaryColor: 'latch',
  primaryShade: { light: 7, dark: 4 },
  black: '#182131',
  colors: { latch, gray: slate, dark: slateNight },
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', ui-monospace, monospace",
  fontSizes: { xs: '12px', sm: '14px', md: '14px', lg: '16px', xl: '20px' },
  lineHeights: { xs: '1.5', sm: '1.45', md: '1.45', lg: '1.5', xl: '1.4' },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '28px', lineHeight: '36px' },
      h2: { fontSize: '20px', lineHeight: '28px' },
      h3: { fontSize: '14px', lineHeight: '20px' },
      h4: { fontSize: '14px', lineHeight: '20px' },
    },
  },
  spacing: { xs: '4px', sm: '8px', md: '16px', lg: '24px', xl: '32px' },
  defaultRadius: 'md',
  radius: { xs: '4px', sm: '6px', md: '8px', lg: '8px', xl: '8px' },
  respectReducedMotion: true,
  cursorType: 'pointer',
  components: {
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', color: 'gray' } }),
    Button: Button.extend({ defaultProps: { size: 'sm' } }),
    Drawer: Drawer.extend({
      defaultProps: {
        closeButtonProps: { 'aria-label': 'Close' },
        position: 'right',
        transitionProps: { duration: 140 },
      },
    }),
    // Help stands under its field, and an error between the two.
    InputWrapper: { defaultProps: { inputWrapperOrder: ['label', 'input', 'error', 'description'] } },
    // What floats stays inside the landmark or dialog that it belongs to.
    Menu: Menu.extend({
      defaultProps: {
        shadow: 'md',
        transitionProps: { duration: 100 },
        withinPortal: false,
        withInitialFocusPlaceholder: false,
      },
    }),
    MultiSelect: MultiSelect.extend({ defaultProps: { comboboxProps: { withinPortal: false } } }),
    // A click on what is chosen already changes nothing.
    Select: Select.extend({ defaultProps: { allowDeselect: false, comboboxProps: { withinPortal: false } } }),
    Modal: Modal.extend({
      defaultProps: {
        centered: true,
        closeButtonProps: { 'aria-label': 'Close' },
        transitionProps: { duration: 140 },
      },
    }),
    // Inside a dialog a `<header>` would count as a second banner of the page.
    ModalHeader: { defaultProps: { component: 'div' } },
    DrawerHeader: { defaultProps: { component: 'div' } },
    Notification: Notification.extend({ defaultProps: { closeButtonProps: { 'aria-label': 'Dismiss' } } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 300, transitionProps: { duration: 100 } } }),
  },
})

/** Colours that tell things of one chart apart. The last one is for the rest of them. */
const series = {
  light: ['#0e6763', '#4f63c9', '#a0459b', '#1f86b8', '#8a6d5a', '#7f8ea3'],
  dark: ['#4bbcb0', '#8fa0ff', '#d98ad4', '#5cb8e6', '#c2a48f', '#8291a5'],
}
/** So many things have a colour of their own. */
export const ownSeries = series.light.length - 1

/** @param index from 0; from `ownSeries` on it is the colour of the rest */
export function seriesColour(index: number): string {
  return `var(--series-${Math.min(index, ownSeries)})`
}

function seriesVariables(colours: readonly string[]): Record<string, string> {
  return Object.fromEntries(colours.map((colour, index) => [`--series-${index}`, colour]))
}

/** Both themes' surfaces and status colours; `--status-…` is text, `--status-…-tint` what it stands on. */
export const resolveVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    ...seriesVariables(series.light),
    '--page': '#f3f6f9',
    '--surface': '#ffffff',
    '--surface-sunken': '#f7f9fb',
    '--hairline': '#dde4ec',
    '--selected': '#edf9f7',
    '--status-good': '#11683a',
    '--status-good-tint': '#e6f5ec',
    '--status-warning': '#824d00',
    '--status-warning-tint': '#fdf2dc',
    '--status-bad': '#ab1f1a',
    '--status-bad-tint': '#fdecea',
    '--status-neutral': '#414e62',
    '--status-neutral-tint': '#eff3f7',
    '--status-active': '#0b5350',
    '--status-active-tint': '#dff4f1',
    '--mantine-primary-color-contrast': '#ffffff',
    '--mantine-color-body': '#ffffff',
    '--mantine-color-dimmed': '#55637a',
    '--mantine-color-placeholder': '#6b798e',
    '--mantine-color-error': '#ab1f1a',
    '--mantine-color-anchor': '#0b5f5b',
    '--mantine-color-default-border': '#cbd4df',
  },
  dark: {
    ...seriesVariables(series.dark),
    '--page': '#0f161f',
    '--surface': '#17202c',
    '--surface-sunken': '#121a24',
    '--hairline': '#2a3545',
    '--selected': '#12302f',
    '--status-good': '#6dd69a',
    '--status-good-tint': '#123022',
    '--status-warning': '#f2bd63',
    '--status-warning-tint': '#342613',
    '--status-bad': '#ff9d94',
    '--status-bad-tint': '#3b1b1c',
    '--status-neutral': '#c2ccd8',
    '--status-neutral-tint': '#253040',
    '--status-active': '#7adacf',
    '--status-active-tint': '#123432',
    '--mantine-primary-color-contrast': '#06201f',
    '--mantine-color-body': '#17202c',
    '--mantine-color-default': '#1b2633',
    '--mantine-color-default-hover': '#222e3d',
    '--mantine-color-dimmed': '#9fadbf',
    '--mantine-color-placeholder': '#8291a5',
    '--mantine-color-error': '#ff9d94',
    '--mantine-color-anchor': '#78cfc4',
    '--mantine-color-default-border': '#3a4860',
  },
})
