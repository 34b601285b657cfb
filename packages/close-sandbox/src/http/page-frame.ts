import { escapeHtml } from './http.ts'

const STYLE = `
:root{color-scheme:light dark;--ink:#1c2430;--quiet:#5b6675;--line:#d5dbe3;--ground:#eef1f5;--card:#fff;--accent:#2458c5;--on:#fff}
@media (prefers-color-scheme:dark){:root{--ink:#e8ecf2;--quiet:#a3aebd;--line:#3a4453;--ground:#12161c;--card:#1b212a;--accent:#7ea6ff;--on:#0c1322}}
*{box-sizing:border-box}
body{margin:0;padding:24px 16px;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
.card{max-width:560px;margin:0 auto;padding:24px;background:var(--card);border:1px solid var(--line);border-radius:12px}
.wide{max-width:960px}
.brand{margin:0 0 16px;font-weight:700;color:var(--accent)}
h1{margin:0 0 16px;font-size:24px;line-height:1.25}
h2{margin:32px 0 8px;font-size:18px}
fieldset{margin:16px 0;padding:8px 12px;border:1px solid var(--line);border-radius:8px}
legend,label[for]{font-weight:600}
.choice{display:flex;gap:8px;align-items:center;padding:6px 0}
.row,.actions{display:flex;flex-wrap:wrap;gap:8px;margin-top:4px}
.actions{margin-top:20px}
select{flex:1;min-width:0;max-width:100%}
select,button,input,.button{font:inherit;padding:8px 12px;border:1px solid var(--line);border-radius:8px;background:var(--card);color:var(--ink)}
button,.button{cursor:pointer}
.button{display:inline-block;text-decoration:none}
.primary{background:var(--accent);border-color:var(--accent);color:var(--on);font-weight:600}
button:disabled{opacity:.5;cursor:not-allowed}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.quiet{color:var(--quiet)}
.message{padding:8px 12px;border-left:4px solid #c4452d;background:var(--ground)}
code,pre{font:14px/1.5 ui-monospace,monospace;overflow-wrap:anywhere}
pre{padding:12px;overflow-x:auto;background:var(--ground);border-radius:8px}
.scroll{overflow-x:auto}
.tabs{display:flex;gap:16px;margin:0 0 24px;border-bottom:1px solid var(--line)}
.tabs a{padding:8px 0;color:var(--quiet);text-decoration:none}
.tabs a[aria-current]{margin-bottom:-1px;border-bottom:2px solid var(--accent);color:var(--ink);font-weight:600}
.tabs~h1{margin-top:32px}
.box{margin:16px 0;padding:4px 16px 16px;border:1px solid var(--line);border-radius:8px}
.box h2{margin-top:12px}
.made{border-color:var(--accent)}
.field{display:flex;flex-direction:column;gap:4px;max-width:640px}
.row input{flex:1;min-width:0;font-family:ui-monospace,monospace}
.said{min-width:64px;align-self:center;color:var(--quiet)}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
[hidden]{display:none}
table{width:100%;border-collapse:collapse;text-align:left}
th,td{padding:6px 12px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}
`

/** A whole page around its content. */
export function pageFrame(title: string, content: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>
<body>${content}</body></html>
`
}
