// Conversations: the one shown in the page, and those stored in this browser, which are stored nowhere else.

import { all, button, find, make, notify } from "./dom.js";

const KEY = "askseoul.conversations";
const MAX_STORED = 40; // conversations; the oldest are deleted first

let current = null; // id of the open conversation; null before it is stored
let isDirty = false; // whether a question was asked since it was opened
let replacesLast = false; // whether the next answer replaces the last stored one

/** The questions and answers in the page, with the JSON to store of each. */
export function exchanges() {
  const answers = all("#chat .answer");
  return all("#chat .asked").map((asked, position) => ({
    question: find("h2", asked).textContent,
    asked,
    answer: answers[position],
    json: answers[position] && (answers[position].dataset.answer || answers[position].dataset.stored),
  }));
}

/** The position of the exchange that contains an element. */
export const positionOf = (element) =>
  exchanges().findIndex((each) => each.asked.contains(element) || (each.answer && each.answer.contains(element)));

export const answersBefore = (position) =>
  exchanges().slice(0, position).filter((each) => each.json).map((each) => JSON.parse(each.json));

/** Note that a question is asked, so that its answer will be stored. */
export const markAsked = () => (isDirty = true);

/** Note that the question at this position is asked again. If later answers are stored, a new conversation starts. */
export function branch(position) {
  const isLast = position === exchanges().length - 1;
  if (!isLast) current = null;
  replacesLast = isLast;
  isDirty = true;
}

/** Make this conversation the open one; null for a new one. */
export function open(id) {
  current = id;
  isDirty = replacesLast = false;
  list();
}

/** The stored conversations of this index, newest first. */
export function storedHere() {
  const index = find("#conversations")?.dataset.index;
  return load().filter((each) => !each.index || each.index === index);
}

function load() {
  try {
    const conversations = JSON.parse(localStorage.getItem(KEY) || "[]");
    return Array.isArray(conversations) ? conversations.filter((each) => Array.isArray(each?.answers)) : [];
  } catch {
    return [];
  }
}

/** Store what `change` returns for the stored conversations, without the oldest if there is no room. */
export function update(change) {
  const after = change(load()).slice(0, MAX_STORED);
  for (let rest = after; ; rest = rest.slice(0, -1)) {
    try {
      localStorage.setItem(KEY, JSON.stringify(rest));
      if (rest.length < after.length) notify("The browser's storage is full: the oldest conversations were deleted.");
      break;
    } catch {
      if (rest.length > 1) continue;
      notify("The browser can't store this conversation: export it if you need it.");
      break;
    }
  }
  list();
}

const isEqual = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** Store the open conversation. If the stored one is not a prefix of it, store it as a new conversation. */
export function save() {
  const shown = exchanges().filter((each) => each.json);
  const answers = shown.map((each) => JSON.parse(each.json));
  if (!isDirty || !answers.length || find("#chat .working")) return;
  const old = load().find((each) => each.id === current);
  if (old && isEqual(old.answers, answers)) return;
  const isReplaced = replacesLast && old?.answers.length === answers.length;
  const known = isReplaced ? old.answers.slice(0, -1) : (old?.answers ?? []);
  const isContinued = old && isEqual(known, answers.slice(0, known.length));
  if (!isContinued) current = `${Date.now()}-${Math.random().toString(36).slice(2, 8)}`;
  const title = isContinued ? old.title : shown[0].question;
  const conversation = { id: current, title, index: find("#conversations").dataset.index, answers };
  replacesLast = false;
  update((conversations) => [conversation, ...conversations.filter((each) => each.id !== current)]);
}

let listed = "";

/** List the stored conversations in the sidebar; the focus stays where it is. */
export function list() {
  const nav = find("#conversations");
  const now = JSON.stringify([current, ...storedHere().map((each) => [each.id, each.title])]);
  if (!nav || (now === listed && nav.firstChild)) return;
  listed = now;
  const focused = document.activeElement.closest("#conversations [data-conversation], #conversations summary");
  const id = focused?.closest("li")?.dataset.conversation;
  const begin = button("begin", "New conversation");
  begin.className = "new";
  nav.replaceChildren(begin, make("ul", {}, ...storedHere().map(listItem)));
  if (focused) (find(`li[data-conversation="${CSS.escape(id)}"] .open`, nav) || begin).focus();
}

function listItem(conversation) {
  const { id } = conversation;
  const action = (name, text, data = {}) => button(name, text, { conversation: id, ...data });
  const opening = action("open", conversation.title);
  Object.assign(opening, { className: "open", title: conversation.title, dir: "auto" });
  opening.setAttribute("aria-current", String(id === current));
  const exports = [["markdown", "Markdown"], ["html", "Web page"], ["json", "JSON"]].map(([form, name]) =>
    action("export-conversation", `Export as ${name}`, { form }),
  );
  const summary = make("summary");
  summary.setAttribute("aria-label", `Options for ${conversation.title}`);
  const menu = make("div", {}, action("rename", "Rename"), ...exports, action("delete", "Delete"));
  const item = make("li", {}, opening, make("details", { className: "menu" }, summary, menu));
  item.dataset.conversation = id;
  return item;
}

window.addEventListener("storage", list);
