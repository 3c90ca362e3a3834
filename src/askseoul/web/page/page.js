// The page's script: the actions of its buttons, the keyboard, and adjustments to what Gradio renders.
// HTML comes only from the server, which escapes and sanitises it; everything else is set as text.

import {
  answersBefore, branch, exchanges, list, markAsked, open, positionOf, save, storedHere, update,
} from "./conversations.js";
import { all, announce, dialog, find, make, notify, post, send } from "./dom.js";
import * as evidence from "./evidence.js";
import { asText, copy, exportAnswers } from "./share.js";

const OPINIONS = ["right", "wrong answer", "wrong source", "should have refused"];
const SIDEBAR_WIDTH = 300; // pixels, slightly less than its real width
const NARROW = matchMedia("(max-width: 60rem)");

let sent = 0; // makes every message different, so that Gradio sees a change when the same is sent twice
const sendConversation = (field, answers, question) =>
  send(field, JSON.stringify({ sent: ++sent, answers, question }));
const questionBox = () => find("#question textarea");
const answerOf = (element) => JSON.parse(element.closest(".answer").dataset.answer);
const conversationOf = (element) => storedHere().find((each) => each.id === element.dataset.conversation);

/** Whether an answer is in progress; if so, the user is told. */
function isBusy() {
  const isWorking = Boolean(find("#chat .working"));
  if (isWorking) notify("An answer is in progress: wait for it, or stop it.");
  return isWorking;
}

/** Go back to the question of this exchange. The hidden box `field` decides whether it is edited or asked again. */
function returnTo(element, field) {
  if (isBusy()) return;
  const position = positionOf(element);
  const { question } = exchanges()[position];
  const before = answersBefore(position);
  branch(position);
  sendConversation(field, before, question);
  setTimeout(() => questionBox().focus(), 300); // after Gradio has filled the box
}

const actions = {
  ask(element) {
    if (isBusy()) return;
    markAsked();
    sendConversation("again", null, element.dataset.question);
    questionBox().focus();
  },
  edit: (element) => returnTo(element, "restored"),
  retry: (element) => returnTo(element, "again"),
  why() {}, // the explanation is shown while the button has the focus
  cite: evidence.cite,
  previous: evidence.previous,
  next: evidence.next,
  close: evidence.close,
  read(element) {
    closeSidebar();
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
    note.placeholder = "What should it have said or quoted?";
    const answers = [answerOf(element)];
    const history = exchanges().slice(0, positionOf(element)).map((each) => each.question);
    dialog("Is this answer right?", [...choices, note], "Save", async (form) => {
      await post("/page/opinion", { answers, opinion: form.get("opinion"), note: form.get("note"), history });
      notify("Saved as a draft test question. Thank you.");
    });
  },
  remove(element) {
    const { name, article } = element.dataset;
    const warning =
      "A file that was added from this page is deleted. Any other file stays, and indexing it again restores the article.";
    dialog(`Remove “${name}” from the collection?`, [make("p", { textContent: warning })], "Remove", () =>
      send("removed", article),
    );
  },
  begin() {
    open(null);
    evidence.close();
    sendConversation("restored", [], "");
    closeSidebar();
    questionBox().focus();
  },
  open(element) {
    const conversation = conversationOf(element);
    if (!conversation) return;
    open(conversation.id);
    evidence.close();
    sendConversation("restored", conversation.answers, "");
    closeSidebar();
  },
  rename(element) {
    const { id, title } = conversationOf(element);
    const input = make("input", { type: "text", name: "title", value: title, required: true, maxLength: 200 });
    input.setAttribute("aria-label", "Title");
    dialog("Rename this conversation", [input], "Rename", (form) => {
      const name = form.get("title").trim() || title;
      update((conversations) => conversations.map((each) => (each.id === id ? { ...each, title: name } : each)));
    });
  },
  delete(element) {
    const { conversation } = element.dataset;
    const isOpen = element.closest("li").querySelector('[aria-current="true"]');
    dialog("Delete this conversation? There is no other copy.", [], "Delete", () => {
      update((conversations) => conversations.filter((each) => each.id !== conversation));
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
  if (event.target.closest("#question .submit-button")) markAsked();
  const element = event.target.closest("[data-action]");
  if (!element) return;
  const menu = element.closest("details.menu");
  if (menu) {
    menu.open = false;
    find("summary", menu).focus(); // a dialog returns the focus there
  }
  try {
    await actions[element.dataset.action](element);
  } catch (error) {
    notify(error.message);
  }
});

// The keyboard

let dismissed = null; // the sentence whose explanation was closed with Escape

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.closest("#question")) markAsked();
  if (event.key !== "Escape" || find("dialog[open]")) return;
  const menu = find("details.menu[open]");
  const inArticle = event.target.closest("#evidence");
  const explanation = inArticle ? null : all(".why").find((each) => each.offsetParent);
  if (menu) {
    menu.open = false;
    find("summary", menu).focus();
  } else if (explanation) {
    dismissed = explanation.closest(".sentence");
    document.body.classList.add("no-why");
  } else {
    evidence.close();
  }
});
for (const name of ["pointerover", "focusin"])
  document.addEventListener(name, (event) => {
    if (event.target.closest(".sentence") !== dismissed) document.body.classList.remove("no-why");
  });

// Adjustments to what Gradio renders: labels, announcements, scrolling

function setLabels() {
  // Gradio labels a message with all its HTML, and has it announced as a whole at each change.
  all('#chat [data-testid="bot"]').forEach((each) => each.setAttribute("aria-label", "Answer"));
  all('#chat [data-testid="user"]').forEach((each) => each.setAttribute("aria-label", "Question"));
  find("#chat [role=log]")?.setAttribute("aria-live", "off");
  const labels = [["submit", "Ask"], ["stop", "Stop"]];
  for (const [kind, label] of labels) find(`#question .${kind}-button`)?.setAttribute("aria-label", label);
}

let wasWorking = false;
let announced = 0; // sentences of the answer in progress

function announceAnswer() {
  const isWorking = Boolean(find("#chat .working"));
  const answer = all("#chat .answer").at(-1);
  if (isWorking && !wasWorking) {
    announced = 0;
    all("#more .label-wrap.open").forEach((each) => each.click()); // the height is the answer's now
  }
  if (answer && (isWorking || wasWorking)) {
    const sentences = all(".sentence .words", answer).map((each) => each.textContent);
    sentences.slice(announced).forEach(announce);
    announced = Math.max(announced, sentences.length);
    const end = ["doubt", "notice", "refusal p, .stopped, .coverage"].map((each) => find(`.${each}`, answer));
    if (!isWorking) end.filter(Boolean).forEach((each) => announce(each.textContent));
  }
  wasWorking = isWorking;
}

let questionCount = 0;

function scrollToNewQuestion() {
  const questions = all("#chat .asked");
  const log = find("#chat [role=log]");
  if (!log) return; // Gradio has not laid it out yet
  if (questions.length > questionCount) {
    log.scrollTop += questions.at(-1).getBoundingClientRect().top - log.getBoundingClientRect().top - 8;
  }
  questionCount = questions.length;
}

function showWhenLaidOut() {
  // The layout is final when the question is at the bottom and the sidebar has moved the main column.
  const isAtBottom = find("#question")?.getBoundingClientRect().bottom > innerHeight * 0.8;
  const column = find("#main")?.parentElement.getBoundingClientRect();
  if (isAtBottom && (NARROW.matches || column.left > SIDEBAR_WIDTH)) {
    document.body.classList.add("is-laid-out");
  } else {
    requestAnimationFrame(showWhenLaidOut);
  }
}

// The sidebar: closed at first on a phone, where it covers the page; inert for the keyboard while closed

let sidebar = null;

function watchSidebar() {
  const element = find("#side");
  if (!element || element === sidebar) return;
  sidebar = element;
  const toggle = find(".toggle-button", sidebar);
  const inside = find(".sidebar-content", sidebar);
  const covers = NARROW.matches;
  let wasOpen = false; // Gradio opens the sidebar shortly after creating it
  const follow = () => {
    const isOpen = sidebar.classList.contains("open");
    if (isOpen && covers && !wasOpen) setTimeout(() => toggle.click());
    wasOpen ||= isOpen;
    if (wasOpen && isOpen !== covers) showWhenLaidOut();
    inside.inert = !isOpen;
    toggle.setAttribute("aria-label", isOpen ? "Close conversations and articles" : "Conversations and articles");
    toggle.setAttribute("aria-expanded", String(isOpen));
  };
  new MutationObserver(follow).observe(sidebar, { attributes: true, attributeFilter: ["class"] });
  follow();
}

function closeSidebar() {
  if (NARROW.matches && sidebar.classList.contains("open")) find(".toggle-button", sidebar).click();
}

let saving;

function onChange() {
  setLabels();
  announceAnswer();
  scrollToNewQuestion();
  watchSidebar();
  if (find("#conversations") && !find("#conversations").firstChild) list();
  clearTimeout(saving);
  saving = setTimeout(save, 300);
}

new MutationObserver(onChange).observe(document.body, { childList: true, subtree: true });
onChange();
