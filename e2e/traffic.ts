/// <reference lib="dom" />
// Functions given to `evaluate` run in the browser.

import type { BrowserContext, Page } from '@playwright/test'

/** All that reaches a browser or leaves a trace in it, to be searched for what must not be there. */
export interface Traffic {
  /** Bodies, headers and addresses of every answer so far, those of popups too. */
  received(): Promise<readonly string[]>
}

/** Listens from now on. */
export function listen(context: BrowserContext): Traffic {
  const answers: Promise<string>[] = []
  context.on('response', (response) => {
    answers.push(
      (async () => {
        const headers = JSON.stringify(await response.allHeaders().catch(() => ({})))
        // A redirect has no body, and that of a popup may be gone with it.
        const body = await response.text().catch(() => '')
        return `${response.url()}\n${headers}\n${body}`
      })(),
    )
  })
  return { received: () => Promise.all(answers) }
}

/** What a page holds: its document, what stands in its fields, its address, and all that it stored. */
export function traces(page: Page): Promise<string> {
  return page.evaluate(() =>
    JSON.stringify([
      document.documentElement.outerHTML,
      [...document.querySelectorAll('input, textarea')].map((field) => ('value' in field ? field.value : '')),
      location.href,
      document.cookie,
      { ...localStorage },
      { ...sessionStorage },
      history.state,
    ]),
  )
}

/** The ways in which a secret may show: as it is, in Base64, or as a Basic header would have it. */
export function spellings(secret: string): readonly string[] {
  const base64 = (text: string) => Buffer.from(text).toString('base64').replaceAll('=', '')
  return [secret, encodeURIComponent(secret), base64(secret), base64(`${secret}:`)]
}
