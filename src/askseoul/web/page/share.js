// Handing answers out: as a text to paste, as a file.

import { make, post, say } from "./dom.js";

/** An answer with its quotes, as a text. */
export function asText(answer) {
  const cited = answer.refusal ? answer.refusal.nearest : answer.citations;
  const lines = cited.map((each) => {
    const from = [each.title, each.source, each.published || "undated", each.url].filter(Boolean).join(", ");
    return `[${each.number}] “${each.quote.replace(/\s+/g, " ")}” — ${from} (${each.article_id} ${each.start}:${each.end})`;
  });
  return [answer.question, answer.text, lines.join("\n"), answer.coverage.message].filter(Boolean).join("\n\n");
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // there is no clipboard for pages that come by http from another machine
    const area = make("textarea", { value: text });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  say("Copied, with its quotes.");
}

export async function exportAnswers(answers, form, title) {
  const response = await post("/page/export", { answers, form, title });
  const name = /filename="([^"]+)"/.exec(response.headers.get("content-disposition"))[1];
  const link = make("a", { href: URL.createObjectURL(await response.blob()), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  say(`Saved ${name}.`);
}
