const width = 560
const height = 760

/**
 * Opens an empty window. Must be called in the click itself, before anything is waited for: otherwise browsers block it.
 * Null where popups are blocked.
 */
export function openPopup(url = 'about:blank'): Window | null {
  const left = Math.max(0, window.screenX + (window.outerWidth - width) / 2)
  const top = Math.max(0, window.screenY + (window.outerHeight - height) / 2)
  return window.open(
    url,
    'latchwork-authorize',
    `popup,width=${width},height=${height},left=${left},top=${top}`,
  )
}
