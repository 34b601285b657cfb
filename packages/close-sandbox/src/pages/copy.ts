import { createHash } from 'node:crypto'
import { escapeHtml } from '../http/http.ts'

/** Copies the value of the field that a button names. Without it the buttons stay hidden: there is nothing they could do. */
const script = `
for (const button of document.querySelectorAll('button[data-copy]')) {
  const field = document.getElementById(button.dataset.copy)
  const said = document.getElementById(button.dataset.copy + '-said')
  button.hidden = false
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(field.value)
      said.textContent = 'Copied'
    } catch {
      field.select()
      said.textContent = 'Selected: copy it by keyboard'
    }
  })
}`

export const copyScript: string = `<script>${script}</script>`

/** What a page's Content-Security-Policy has to say for this one script to run. */
export const copyScriptSource: string = `'sha256-${createHash('sha256').update(script).digest('base64')}'`

/** A value that cannot be changed, with a button that copies it. */
export function copyField(id: string, label: string, value: string): string {
  return `<p class="field"><label for="${id}">${escapeHtml(label)}</label>
<span class="row"><input id="${id}" value="${escapeHtml(value)}" readonly spellcheck="false" autocomplete="off">
<button type="button" data-copy="${id}" aria-label="Copy ${escapeHtml(label)}" hidden>Copy</button>
<span id="${id}-said" class="said" role="status"></span></span></p>`
}
