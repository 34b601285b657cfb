/// <reference lib="dom" />
// Functions given to `evaluate` run in the browser.

import type { BrowserContext, Page } from '@playwright/test'

/** Everything that reaches a browser or leaves a trace in it, to search for secrets. */
export interface Traffic {
  /** Bodies, headers and addresses of every answer so far, also of popups. */
  received(): Promise<readonly string[]>
}

/** Listens from now on. */
export function listen(context: BrowserContext): Traffic {
  const answers: Promise<string>[] = []
  context.on('response', (response) => {
    answers.push(
      (async () => {
        const headers = JSON.stringify(await response.allHeaders().catch(() => ({})))
        // A redirect has no body, and the body of a closed popup may be gone.
        const body = await response.text().catch(() => '')
        return `${response.url()}\n${headers}\n${body}`
      })(),
    )
  })
  return { received: () => Promise.all(answers) }
}

/** The content of a page: its document, the values of its fields, its address, and everything it stored. */
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

/** The forms of a secret: plain, in Base64, or in a Basic header. */
export function spellings(secret: string): readonly string[] {
  const base64 = (text: string) => Buffer.from(text).toString('base64').replaceAll('=', '')
  return [secret, encodeURIComponent(secret), base64(secret), base64(`${secret}:`)]
}
