// Copying and exporting answers.

import { make, notify, post } from "./dom.js";

/** An answer with its quotes as plain text. */
export function asText(answer) {
  const citations = answer.refusal ? answer.refusal.nearest : answer.citations;
  const lines = citations.map((each) => {
    const source = [each.title, each.source, each.published || "undated", each.url].filter(Boolean).join(", ");
    const quote = each.quote.replace(/\s+/g, " ");
    return `[${each.number}] “${quote}” — ${source} (${each.article_id} ${each.start}:${each.end})`;
  });
  return [answer.question, answer.doubt, answer.text, lines.join("\n"), answer.coverage.message].filter(Boolean).join("\n\n");
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // browsers offer no clipboard to pages loaded over HTTP from another machine
    const area = make("textarea", { value: text });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  notify("Copied with its quotes.");
}

export async function exportAnswers(answers, form, title) {
  const response = await post("/page/export", { answers, form, title });
  const name = /filename="([^"]+)"/.exec(response.headers.get("content-disposition"))[1];
  const link = make("a", { href: URL.createObjectURL(await response.blob()), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  notify(`Saved ${name}.`);
}
