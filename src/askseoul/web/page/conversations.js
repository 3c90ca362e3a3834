// Conversations: as they stand in the page, and as this browser keeps them. Nothing else keeps them.

import { all, button, find, make, say } from "./dom.js";

const STORE = "askseoul.conversations";
const MOST = 40; // conversations that are kept; the oldest goes first

let current = null; // the id of the open one; null until something was asked
let isDirty = false; // whether something was asked since it was opened
let replaces = false; // whether the last answer takes the place of the one that was kept

/** The questions and answers that stand in the page, with what is kept of each as JSON. */
export function exchanges() {
  const answers = all("#chat .answer");
  return all("#chat .asked").map((asked, place) => ({
    question: find("h2", asked).textContent,
    asked,
    answer: answers[place],
    kept: answers[place] && (answers[place].dataset.answer || answers[place].dataset.kept),
  }));
}

export const placeOf = (element) =>
  exchanges().findIndex((each) => each.asked.contains(element) || (each.answer && each.answer.contains(element)));

export const answersBefore = (place) =>
  exchanges().slice(0, place).filter((each) => each.kept).map((each) => JSON.parse(each.kept));

/** Something is asked: what is answered will be kept. */
export const asking = () => (isDirty = true);

/** The exchange at this place is asked anew. What was kept behind it stays as it was, in a conversation of its own. */
export function branch(place) {
  const isLast = place === exchanges().length - 1;
  if (!isLast) current = null;
  replaces = isLast;
  isDirty = true;
}

/** Another conversation is open from now on; none, where a new one is begun. */
export function open(id) {
  current = id;
  isDirty = replaces = false;
  list();
}

/** What this browser keeps of this index, the newest first. */
export function kept() {
  const index = find("#conversations")?.dataset.index;
  return stored().filter((each) => !each.index || each.index === index);
}

function stored() {
  try {
    const conversations = JSON.parse(localStorage.getItem(STORE) || "[]");
    return Array.isArray(conversations) ? conversations.filter((each) => Array.isArray(each?.answers)) : [];
  } catch {
    return [];
  }
}

/** Change what is kept: `change` takes the conversations as they are now, and gives what they shall be. */
export function keep(change) {
  const before = stored();
  const after = change(before).slice(0, MOST);
  for (let rest = after; ; rest = rest.slice(0, -1)) {
    try {
      localStorage.setItem(STORE, JSON.stringify(rest));
      if (rest.length < after.length) say("This browser's store is full: the oldest conversations were deleted.");
      break;
    } catch {
      if (rest.length > 1) continue;
      say("This browser does not keep this conversation: export it if you need it.");
      break;
    }
  }
  list();
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** Keep the open conversation. What was kept is only ever added to: where it is another, a new one is begun. */
export function save() {
  const shown = exchanges().filter((each) => each.kept);
  const answers = shown.map((each) => JSON.parse(each.kept));
  if (!isDirty || !answers.length || find("#chat .working")) return;
  const old = stored().find((each) => each.id === current);
  if (old && same(old.answers, answers)) return;
  const known = old ? (replaces && old.answers.length === answers.length ? old.answers.slice(0, -1) : old.answers) : [];
  const goesOn = old && same(known, answers.slice(0, known.length));
  if (!goesOn) current = `${Date.now()}-${Math.random().toString(36).slice(2, 8)}`;
  const title = goesOn ? old.title : shown[0].question;
  const conversation = { id: current, title, index: find("#conversations").dataset.index, answers };
  replaces = false;
  keep((conversations) => [conversation, ...conversations.filter((each) => each.id !== current)]);
}

let listed = "";

/** List what is kept at the side; the focus stays where it is. */
export function list() {
  const place = find("#conversations");
  const now = JSON.stringify([current, ...kept().map((each) => [each.id, each.title])]);
  if (!place || (now === listed && place.firstChild)) return;
  listed = now;
  const focused = document.activeElement.closest("#conversations [data-conversation], #conversations summary");
  const id = focused?.closest("li")?.dataset.conversation;
  const begin = button("begin", "New conversation");
  begin.className = "new";
  place.replaceChildren(begin, make("ul", {}, ...kept().map(item)));
  if (focused) (find(`li[data-conversation="${CSS.escape(id)}"] .open`, place) || begin).focus();
}

function item(conversation) {
  const { id } = conversation;
  const act = (action, text, data = {}) => button(action, text, { conversation: id, ...data });
  const opening = act("open", conversation.title);
  Object.assign(opening, { className: "open", title: conversation.title, dir: "auto" });
  opening.setAttribute("aria-current", String(id === current));
  const exports = [["markdown", "Markdown"], ["html", "Web page"], ["json", "JSON"]].map(([form, name]) =>
    act("export-conversation", `Export as ${name}`, { form }),
  );
  const summary = make("summary");
  summary.setAttribute("aria-label", `More for ${conversation.title}`);
  const inside = make("div", {}, act("rename", "Rename"), ...exports, act("delete", "Delete"));
  const made = make("li", {}, opening, make("details", { className: "menu" }, summary, inside));
  made.dataset.conversation = id;
  return made;
}

window.addEventListener("storage", list);
