import { ActionIcon, UnstyledButton } from '@mantine/core'
import { useDisclosure, useHotkeys, useLocalStorage, useMediaQuery } from '@mantine/hooks'
import { IconMenu2, IconSearch } from '@tabler/icons-react'
import { Outlet, useLocation } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { AlertBell } from '../alerts/AlertBell.tsx'
import { SidePanel } from '../ui/dialogs.tsx'
import { OfflineBanner } from '../ui/OfflineBanner.tsx'
import { Breadcrumb } from './Breadcrumb.tsx'
import { CommandPalette } from './CommandPalette.tsx'
import { Navigation } from './Navigation.tsx'
import { ProfileMenu } from './ProfileMenu.tsx'
import classes from './shell.module.css'
import { ThemeSwitch } from './ThemeSwitch.tsx'

/** What stands around every screen: navigation, where one is, search, theme, profile. */
export function Shell() {
  const [collapsed, setCollapsed] = useLocalStorage({
    key: 'latchwork-navigation',
    defaultValue: false,
    getInitialValueInEffect: false,
  })
  const [menuOpened, menu] = useDisclosure(false)
  const [searchOpened, search] = useDisclosure(false)
  const narrow = useMediaQuery('(max-width: 47.99em)', undefined, { getInitialValueInEffect: false })
  const main = useFocusOnNavigation(menu.close)
  const openSearch = () => {
    // Shortcuts are off while a dialog is open: leaving it by accident would lose what was typed.
    if (document.querySelector('[role="dialog"]') === null) search.open()
  }
  useHotkeys([
    ['/', openSearch],
    ['mod+K', openSearch],
  ])
  return (
    <div className={classes['shell']} data-collapsed={collapsed}>
      <a href="#main" className={classes['skip']}>
        Skip to the content
      </a>
      {!narrow && <Navigation collapsed={collapsed} onCollapse={() => setCollapsed(!collapsed)} />}
      <div className={classes['column']}>
        <header className={classes['top']}>
          {narrow && (
            <ActionIcon size={36} aria-label="Menu" aria-expanded={menuOpened} onClick={menu.open}>
              <IconMenu2 size={20} aria-hidden />
            </ActionIcon>
          )}
          <Breadcrumb />
          <UnstyledButton
            className={classes['search']}
            aria-label="Search"
            aria-keyshortcuts="/ Control+K"
            onClick={search.open}
          >
            <IconSearch size={16} aria-hidden />
            <span className={classes['searchWord']}>Search</span>
            <kbd className={classes['key']}>/</kbd>
          </UnstyledButton>
          <AlertBell />
          <ThemeSwitch />
          <ProfileMenu />
        </header>
        <OfflineBanner />
        <main id="main" ref={main} tabIndex={-1} className={classes['main']}>
          <Outlet />
        </main>
      </div>
      <SidePanel
        opened={menuOpened && narrow}
        onClose={menu.close}
        position="bottom"
        title="Menu"
        size="auto"
        classNames={{ content: classes['sheet'] ?? '' }}
      >
        <Navigation collapsed={false} />
      </SidePanel>
      <CommandPalette opened={searchOpened} onClose={search.close} />
    </div>
  )
}

/** After a change of screen the focus goes to its content, as it would after loading a page. */
function useFocusOnNavigation(onNavigation: () => void) {
  const main = useRef<HTMLElement>(null)
  const pathname = useLocation({ select: (location) => location.pathname })
  const previous = useRef(pathname)
  useEffect(() => {
    if (previous.current === pathname) return
    previous.current = pathname
    onNavigation()
    main.current?.focus({ preventScroll: true })
  }, [pathname, onNavigation])
  return main
}
