/** The report's style sheet: one column, light and dark after the reader's system. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #fbfaf8; --card: #ffffff; --ink: #1d1f21; --quiet: #62666b; --line: #e4e1dc;
  --loss: #9aa5b1; --held-out: #c2410c;
  --attention-forward: #2563a8; --attention-backward: #c2410c; --rest: #c9c4bc;
  --series-1: #2563a8; --series-2: #c2410c; --series-3: #15803d; --series-4: #7c3aed; --series-5: #a16207; --series-6: #be185d;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15171a; --card: #1c1f23; --ink: #e8e6e3; --quiet: #9a9da3; --line: #2e3238;
    --loss: #66717d; --held-out: #fb923c;
    --attention-forward: #6aa5e3; --attention-backward: #fb923c; --rest: #454a52;
    --series-1: #6aa5e3; --series-2: #fb923c; --series-3: #4ade80; --series-4: #a78bfa; --series-5: #facc15; --series-6: #f472b6;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 800px; margin: 0 auto; padding: 40px 20px 64px; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .25rem; text-wrap: balance; }
h2 { font-size: 1.05rem; margin: 0; }
p { margin: 0; color: var(--quiet); }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 20px; margin-top: 20px; }
section > p { font-size: .9rem; margin-top: .2rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(165px, 1fr)); gap: 12px; margin-top: 28px; }
.figures div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; }
.figures dt { color: var(--quiet); font-size: .82rem; }
.figures dd { margin: 0; font-size: 1.5rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.figures dd + dd { color: var(--quiet); font-size: .82rem; font-weight: 400; }
dl { margin: 0; }
ul.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; list-style: none; margin: 12px 0 4px; padding: 0; font-size: .85rem; }
.legend span { display: inline-block; width: 12px; height: 12px; border-radius: 3px; margin-right: 6px; vertical-align: -1px; }
svg { width: 100%; height: auto; margin-top: 4px; }
table { border-collapse: collapse; width: 100%; margin-top: 12px; font-size: .9rem; }
td { border-top: 1px solid var(--line); padding: 6px 8px 6px 0; vertical-align: top; overflow-wrap: anywhere; }
td:first-child { color: var(--quiet); white-space: nowrap; width: 12rem; }
.wide { overflow-x: auto; }
th { text-align: left; white-space: nowrap; font-weight: 600; padding: 6px 8px 6px 0; }
.numbers td { font-variant-numeric: tabular-nums; color: inherit; width: auto; white-space: nowrap; padding-right: 14px; }
footer { margin-top: 24px; font-size: .82rem; color: var(--quiet); }
`;
