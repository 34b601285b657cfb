/** Tried in this order, because a browser also names the browsers that it is like. */
const browsers: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Headless)?(Chrome|Chromium|CriOS)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
]
const systems: readonly (readonly [RegExp, string])[] = [
  [/\bWindows\b/, 'Windows'],
  [/\bAndroid\b/, 'Android'],
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
]
/** A program's name, before its version. */
const program = /^[A-Za-z][A-Za-z0-9 ._-]{0,39}/

/**
 * A User-Agent header in words, so that people recognize their browsers: `Firefox on Windows`, `curl`. The header
 * itself is not stored, because its sender decides its length and content. Null if it says nothing.
 */
export function clientWords(userAgent: string | undefined): string | null {
  if (userAgent === undefined) return null
  const text = userAgent.slice(0, 512)
  if (!text.startsWith('Mozilla/')) return program.exec(text)?.[0].trim() ?? null
  const found = (list: typeof browsers) => list.find(([form]) => form.test(text))?.[1]
  const [browser, system] = [found(browsers), found(systems)]
  if (browser === undefined && system === undefined) return null
  if (system === undefined) return browser ?? null
  return `${browser ?? 'A browser'} on ${system}`
}
