// The page's own script: what its buttons do, and what it does when the page changes.
// What is shown as HTML comes from the server, which escapes and cleans it; everything else is set as text.

import { answersBefore, asking, branch, exchanges, keep, kept, list, open, placeOf, save } from "./conversations.js";
import { all, dialog, find, make, post, read, say, send } from "./dom.js";
import * as evidence from "./evidence.js";
import { asText, copy, exportAnswers } from "./share.js";

const OPINIONS = ["right", "wrong answer", "wrong source", "should have refused"];
const SIDE = 300; // pixels, a little less than the side has
const NARROW = matchMedia("(max-width: 60rem)");

let sent = 0; // makes each message another than the last one, so that the same twice is seen as two
const converse = (field, answers, question) => send(field, JSON.stringify({ sent: ++sent, answers, question }));
const box = () => find("#question textarea");
const answerOf = (element) => JSON.parse(element.closest(".answer").dataset.answer);
const conversationOf = (element) => kept().find((each) => each.id === element.dataset.conversation);

/** Whether an answer is being made; the reader is told so where something else would be asked. */
function isBusy() {
  const isWorking = Boolean(find("#chat .working"));
  if (isWorking) say("An answer is being made: wait for it, or stop it first.");
  return isWorking;
}

/** Go back to the question of this answer, by the field that shows it for editing or by the one that asks it again. */
function takeUp(element, field) {
  if (isBusy()) return;
  const place = placeOf(element);
  const { question } = exchanges()[place];
  const before = answersBefore(place);
  branch(place);
  converse(field, before, question);
  setTimeout(() => box().focus(), 300); // Gradio writes into the box first
}

const actions = {
  ask(element) {
    if (isBusy()) return;
    asking();
    converse("again", null, element.dataset.question);
    box().focus();
  },
  edit: (element) => takeUp(element, "restored"),
  retry: (element) => takeUp(element, "again"),
  why() {}, // it has the focus now, and that shows the reasons
  cite: evidence.cite,
  previous: evidence.previous,
  next: evidence.next,
  close: evidence.close,
  read(element) {
    leaveSide();
    return evidence.readArticle(element, element.dataset.article);
  },
  copy: (element) => copy(asText(answerOf(element))),
  export: (element) => exportAnswers([answerOf(element)], element.dataset.form, answerOf(element).question),
  judge(element) {
    const choices = OPINIONS.map((value) => {
      const input = make("input", { type: "radio", name: "opinion", value, required: true });
      return make("label", {}, input, ` ${value[0].toUpperCase()}${value.slice(1)}`);
    });
    const note = make("textarea", { name: "note", rows: 3, maxLength: 2000 });
    note.setAttribute("aria-label", "Note");
    note.placeholder = "What should it have said, or quoted?";
    const answers = [answerOf(element)];
    const history = exchanges().slice(0, placeOf(element)).map((each) => each.question);
    dialog("Is this answer right?", [...choices, note], "Keep", async (form) => {
      await post("/page/opinion", { answers, opinion: form.get("opinion"), note: form.get("note"), history });
      say("Kept as a draft of a test question. Thank you.");
    });
  },
  remove(element) {
    const { name, article } = element.dataset;
    const what = "A file that was added from here is deleted; any other stays, and comes back when it is indexed again.";
    dialog(`Remove “${name}” from the collection?`, [make("p", { textContent: what })], "Remove", () =>
      send("removed", article),
    );
  },
  begin() {
    open(null);
    evidence.close();
    converse("restored", [], "");
    leaveSide();
    box().focus();
  },
  open(element) {
    const conversation = conversationOf(element);
    if (!conversation) return;
    open(conversation.id);
    evidence.close();
    converse("restored", conversation.answers, "");
    leaveSide();
  },
  rename(element) {
    const { id, title } = conversationOf(element);
    const input = make("input", { type: "text", name: "title", value: title, required: true, maxLength: 200 });
    input.setAttribute("aria-label", "Title");
    dialog("Rename this conversation", [input], "Rename", (form) => {
      const name = form.get("title").trim() || title;
      keep((conversations) => conversations.map((each) => (each.id === id ? { ...each, title: name } : each)));
    });
  },
  delete(element) {
    const { conversation } = element.dataset;
    const isOpen = element.closest("li").querySelector('[aria-current="true"]');
    dialog("Delete this conversation? It is kept nowhere else.", [], "Delete", () => {
      keep((conversations) => conversations.filter((each) => each.id !== conversation));
      if (isOpen) actions.begin();
    });
  },
  "export-conversation"(element) {
    const { answers, title } = conversationOf(element);
    return exportAnswers(answers, element.dataset.form, title);
  },
};

document.addEventListener("click", async (event) => {
  all("details.menu[open]").filter((each) => !each.contains(event.target)).forEach((each) => (each.open = false));
  if (event.target.closest("#question .submit-button")) asking();
  const element = event.target.closest("[data-action]");
  if (!element) return;
  const menu = element.closest("details.menu");
  if (menu) {
    menu.open = false;
    find("summary", menu).focus(); // a dialog gives the focus back to it
  }
  try {
    await actions[element.dataset.action](element);
  } catch (error) {
    say(error.message);
  }
});

// The keyboard

let dismissed = null; // the sentence whose reasons were sent away with Escape

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.closest("#question")) asking();
  if (event.key !== "Escape" || find("dialog[open]")) return;
  const menu = find("details.menu[open]");
  const inArticle = event.target.closest("#evidence");
  const reasons = inArticle ? null : all(".why").find((each) => each.offsetParent);
  if (menu) {
    menu.open = false;
    find("summary", menu).focus();
  } else if (reasons) {
    dismissed = reasons.closest(".sentence");
    document.body.classList.add("no-why");
  } else {
    evidence.close();
  }
});
for (const name of ["pointerover", "focusin"])
  document.addEventListener(name, (event) => {
    if (event.target.closest(".sentence") !== dismissed) document.body.classList.remove("no-why");
  });

// What Gradio makes, made fit: names, what is read out, where a new question stands

function name() {
  // Gradio names a message by all its HTML, and has it read out whole at each change.
  all('#chat [data-testid="bot"]').forEach((each) => each.setAttribute("aria-label", "Answer"));
  all('#chat [data-testid="user"]').forEach((each) => each.setAttribute("aria-label", "Question"));
  find("#chat [role=log]")?.setAttribute("aria-live", "off");
  const labels = [["submit", "Ask"], ["stop", "Stop"]];
  for (const [kind, label] of labels) find(`#question .${kind}-button`)?.setAttribute("aria-label", label);
}

let wasWorking = false;
let heard = 0; // sentences of the answer that is being made

function readOut() {
  const isWorking = Boolean(find("#chat .working"));
  const answer = all("#chat .answer").at(-1);
  if (isWorking && !wasWorking) heard = 0;
  if (answer && (isWorking || wasWorking)) {
    const sentences = all(".sentence .words", answer).map((each) => each.textContent);
    sentences.slice(heard).forEach(read);
    heard = Math.max(heard, sentences.length);
    const end = find(".refusal p, .stopped, .coverage", answer);
    if (!isWorking && end) read(end.textContent);
  }
  wasWorking = isWorking;
}

let asked = 0;

function bringUp() {
  const shown = all("#chat .asked");
  const log = find("#chat [role=log]");
  if (!log) return; // Gradio is still laying it out
  if (shown.length > asked) {
    log.scrollTop += shown.at(-1).getBoundingClientRect().top - log.getBoundingClientRect().top - 8;
  }
  asked = shown.length;
}

function showWhenLaidOut() {
  // The question has sunk to the bottom when the chat above it has its height, and all has made room for the side.
  const hasSunk = find("#question")?.getBoundingClientRect().bottom > innerHeight * 0.8;
  const column = find("#main")?.parentElement.getBoundingClientRect();
  if (hasSunk && (NARROW.matches || column.left > SIDE)) {
    document.body.classList.add("is-laid-out");
  } else {
    requestAnimationFrame(showWhenLaidOut);
  }
}

// The side: on a phone it would cover the page. What is closed is out of the way of the keyboard too.

let side = null;

function watchSide() {
  const found = find("#side");
  if (!found || found === side) return;
  side = found;
  const toggle = find(".toggle-button", side);
  const inside = find(".sidebar-content", side);
  const covers = NARROW.matches;
  let wasOpen = false; // Gradio opens it a moment after it is there
  const follow = () => {
    const isOpen = side.classList.contains("open");
    if (isOpen && covers && !wasOpen) setTimeout(() => toggle.click());
    wasOpen ||= isOpen;
    if (wasOpen && isOpen !== covers) showWhenLaidOut();
    inside.inert = !isOpen;
    toggle.setAttribute("aria-label", isOpen ? "Close conversations and articles" : "Conversations and articles");
    toggle.setAttribute("aria-expanded", String(isOpen));
  };
  new MutationObserver(follow).observe(side, { attributes: true, attributeFilter: ["class"] });
  follow();
}

function leaveSide() {
  if (NARROW.matches && side.classList.contains("open")) find(".toggle-button", side).click();
}

let saving;

function look() {
  name();
  readOut();
  bringUp();
  watchSide();
  if (find("#conversations") && !find("#conversations").firstChild) list();
  clearTimeout(saving);
  saving = setTimeout(save, 300);
}

new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
look();
