import { style } from "./style.ts";

/** A page of its own: one HTML file that needs no other file and no network. `body` is HTML, `title` text. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${toHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
}

/** A card with a heading, a line that explains it, and content in HTML. */
export function section(heading: string, explanation: string, content: string): string {
  return `<section>
<h2>${toHtml(heading)}</h2>
<p>${toHtml(explanation)}</p>
${content}
</section>`;
}

/** What the colours of a chart stand for. */
export function legend(entries: readonly (readonly [colour: string, label: string])[]): string {
  const items = entries.map(
    ([colour, label]) => `<li><span style="background: ${colour}"></span>${toHtml(label)}</li>`,
  );
  return `<ul class="legend">${items.join("")}</ul>`;
}

/** A table of text; the first line names the columns. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (tag: "th" | "td", cells: readonly string[]) =>
    `<tr>${cells.map((cell) => `<${tag}>${toHtml(cell)}</${tag}>`).join("")}</tr>`;
  return `<table class="numbers">
<thead>${line("th", head)}</thead>
<tbody>
${rows.map((row) => line("td", row)).join("\n")}
</tbody>
</table>`;
}

/** Text as HTML shows it. */
export function toHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
