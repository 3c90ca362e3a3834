// The article beside the answer, with its quotes: on a phone a sheet.

import { all, button, find, make, say } from "./dom.js";

const panel = make("aside", { id: "evidence", hidden: true });
panel.setAttribute("aria-label", "Article");
const count = make("p", { className: "count" });
const content = make("div", { className: "content", tabIndex: 0 });
content.setAttribute("role", "region");
content.setAttribute("aria-label", "Text of the article");

const named = (action, sign, label) => {
  const made = button(action, sign);
  made.setAttribute("aria-label", label);
  return made;
};
const steps = [named("previous", "←", "Previous quote"), named("next", "→", "Next quote")];
panel.append(make("div", { className: "bar" }, ...steps, count, named("close", "✕", "Close the article")), content);
document.body.append(panel);

let opener = null; // what opened it, to which the focus returns
let quotes = []; // the chips of the answer, one for each quote
let shown = 0;
let turn = 0; // of two articles that are asked for at once, the later is shown, whichever comes first

const place = (chip) => `${chip.dataset.start}:${chip.dataset.end}`;
const isSame = (one, other) => one.dataset.article === other.dataset.article && place(one) === place(other);

async function open(from, articleId, quote, others, sha256, title) {
  const own = ++turn;
  const query = new URLSearchParams({ article_id: articleId, quote, others: others.join(","), sha256 });
  const response = await fetch(`/page/article?${query}`);
  const article = response.ok ? await response.text() : "";
  if (own !== turn) return false;
  if (!response.ok) {
    const wrong = await response.json().catch(() => ({}));
    say(wrong.error || "The article can't be shown: try again.");
    return false;
  }
  content.innerHTML = article; // escaped and cleaned by the server
  count.textContent = title;
  for (const each of steps) each.hidden = !quote || quotes.length < 2;
  const wasHidden = panel.hidden;
  panel.hidden = false;
  document.body.classList.add("has-evidence");
  content.scrollTop = 0;
  find("mark.quote", content)?.scrollIntoView({ block: "center" });
  if (wasHidden) {
    opener = from;
    content.focus({ preventScroll: true });
  }
  return true;
}

async function show(number, from) {
  const chip = quotes[number];
  const others = quotes.filter((each) => each.dataset.article === chip.dataset.article).map(place);
  const { article, sha256 } = chip.dataset;
  const title = `Quote ${number + 1} of ${quotes.length}`;
  if (!(await open(from, article, place(chip), others, sha256, title))) return;
  shown = number;
  all("button.chip").forEach((each) => each.removeAttribute("aria-expanded"));
  all("button.chip", chip.closest(".answer"))
    .filter((each) => isSame(each, chip))
    .forEach((each) => each.setAttribute("aria-expanded", "true"));
}

/** Open the article at the quote of a chip. */
export function cite(chip) {
  quotes = all("button.chip", chip.closest(".answer")).filter(
    (each, number, chips) => chips.findIndex((other) => isSame(other, each)) === number,
  );
  if (!panel.hidden) opener = chip;
  return show(quotes.findIndex((each) => isSame(each, chip)), chip);
}

export const previous = () => show((shown + quotes.length - 1) % quotes.length);
export const next = () => show((shown + 1) % quotes.length);

/** Open an article as a whole. */
export const readArticle = (from, articleId) => open(from, articleId, "", [], "", "The article");

/** Close it, and give the focus back to what opened it, or to the question where that is gone. */
export function close() {
  if (panel.hidden) return;
  panel.hidden = true;
  document.body.classList.remove("has-evidence");
  all("button.chip").forEach((each) => each.removeAttribute("aria-expanded"));
  const back = opener?.isConnected && !opener.closest("[inert]") ? opener : find("#question textarea");
  back.focus();
}
