// The panel that shows an article beside the answer with its quotes marked; on a phone it is a sheet.

import { all, button, find, make, notify } from "./dom.js";

const panel = make("aside", { id: "evidence", hidden: true });
panel.setAttribute("aria-label", "Article");
const heading = make("p", { className: "count" });
const content = make("div", { className: "content", tabIndex: 0 });
content.setAttribute("role", "region");
content.setAttribute("aria-label", "Text of the article");

const iconButton = (action, icon, label) => {
  const element = button(action, icon);
  element.setAttribute("aria-label", label);
  return element;
};
const steps = [iconButton("previous", "←", "Previous quote"), iconButton("next", "→", "Next quote")];
const bar = make("div", { className: "bar" }, ...steps, heading, iconButton("close", "✕", "Close the article"));
panel.append(bar, content);
document.body.append(panel);

let opener = null; // the element that opened the panel; it gets the focus back
let quotes = []; // the citation buttons of the answer, one for each quote
let shown = 0;
let latest = 0; // number of the latest request; responses to earlier ones are ignored

/** The answer or the checked text that a citation button belongs to. */
const around = (chip) => chip.closest(".answer, .checked");
const spanOf = (chip) => `${chip.dataset.start}:${chip.dataset.end}`;
const isSame = (one, other) => one.dataset.article === other.dataset.article && spanOf(one) === spanOf(other);

/** Show an article; resolves to whether it is shown. */
async function open(from, articleId, quote, others, sha256, title) {
  const request = ++latest;
  const query = new URLSearchParams({ article_id: articleId, quote, others: others.join(","), sha256 });
  const response = await fetch(`/page/article?${query}`);
  const article = response.ok ? await response.text() : "";
  if (request !== latest) return false;
  if (!response.ok) {
    const { error } = await response.json().catch(() => ({}));
    notify(error || "The article can't be shown: try again.");
    return false;
  }
  content.innerHTML = article; // escaped and sanitised by the server
  heading.textContent = title;
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
  const others = quotes.filter((each) => each.dataset.article === chip.dataset.article).map(spanOf);
  const { article, sha256 } = chip.dataset;
  const title = `Quote ${number + 1} of ${quotes.length}`;
  if (!(await open(from, article, spanOf(chip), others, sha256, title))) return;
  shown = number;
  all("button.chip").forEach((each) => each.removeAttribute("aria-expanded"));
  all("button.chip", around(chip))
    .filter((each) => isSame(each, chip))
    .forEach((each) => each.setAttribute("aria-expanded", "true"));
}

/** Open the article at the quote of a citation button. */
export function cite(chip) {
  quotes = all("button.chip", around(chip)).filter(
    (each, number, chips) => chips.findIndex((other) => isSame(other, each)) === number,
  );
  if (!panel.hidden) opener = chip;
  return show(quotes.findIndex((each) => isSame(each, chip)), chip);
}

export const previous = () => show((shown + quotes.length - 1) % quotes.length);
export const next = () => show((shown + 1) % quotes.length);

/** Open an article from its beginning, without quotes. */
export const readArticle = (from, articleId) => open(from, articleId, "", [], "", "The article");

/** Close the panel and return the focus to its opener, or to the question if the opener is gone. */
export function close() {
  if (panel.hidden) return;
  panel.hidden = true;
  document.body.classList.remove("has-evidence");
  all("button.chip").forEach((each) => each.removeAttribute("aria-expanded"));
  const target = opener?.isConnected && !opener.closest("[inert]") ? opener : find("#question textarea");
  target.focus();
}
