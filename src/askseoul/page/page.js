// The page's own script: quotes beside the answer, the keyboard, and conversations that stay in this browser.
// What is shown as HTML comes from the server, which escapes and cleans it; everything else is set as text.
(() => {
  "use strict";

  const STORE = "askseoul.conversations";
  const MOST = 40; // conversations that are kept; the oldest goes first
  const find = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  function make(tag, properties = {}, ...children) {
    const element = Object.assign(document.createElement(tag), properties);
    element.append(...children);
    return element;
  }

  // Speaking to the server

  function send(field, message) {
    const input = find(`#${field} textarea, #${field} input`);
    const prototype = input.tagName === "TEXTAREA" ? HTMLTextAreaElement.prototype : HTMLInputElement.prototype;
    Object.getOwnPropertyDescriptor(prototype, "value").set.call(input, message);
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new KeyboardEvent("keypress", { key: "Enter", bubbles: true }));
  }

  let sent = 0; // makes each message another than the last one, so that the same twice is seen as two
  const converse = (field, answers, question) => send(field, JSON.stringify({ sent: ++sent, answers, question }));

  async function post(path, body) {
    const response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (response.ok) return response;
    const wrong = await response.json().catch(() => ({}));
    throw new Error(wrong.error || "The server did not answer: try again.");
  }

  const said = make("div", { id: "said" });
  said.setAttribute("role", "status");
  let saidUntil;
  function say(text) {
    said.textContent = text;
    clearTimeout(saidUntil);
    saidUntil = setTimeout(() => (said.textContent = ""), 5000);
  }

  // The conversation as it stands in the page

  const exchangesShown = () => {
    const answers = all("#chat .answer");
    return all("#chat .asked").map((asked, place) => ({
      question: find("h2", asked).textContent,
      asked,
      answer: answers[place],
      kept: answers[place] && (answers[place].dataset.answer || answers[place].dataset.kept),
    }));
  };
  const keptBefore = (place) =>
    exchangesShown().slice(0, place).filter((each) => each.kept).map((each) => JSON.parse(each.kept));
  const placeOf = (element) =>
    exchangesShown().findIndex((each) => each.asked.contains(element) || (each.answer && each.answer.contains(element)));

  // Conversations that are kept in this browser

  let current = null; // the id of the open one; null until something was asked
  let isDirty = false; // whether something was asked since it was opened

  function kept() {
    try {
      const conversations = JSON.parse(localStorage.getItem(STORE) || "[]");
      return Array.isArray(conversations) ? conversations.filter((each) => Array.isArray(each?.answers)) : [];
    } catch {
      return [];
    }
  }

  function keep(conversations) {
    let rest = conversations.slice(0, MOST);
    while (rest.length) {
      try {
        localStorage.setItem(STORE, JSON.stringify(rest));
        break;
      } catch {
        rest = rest.slice(0, -1); // the store is full
        say("This browser keeps no more: the oldest conversation was deleted.");
      }
    }
    if (!rest.length) localStorage.removeItem(STORE);
    list();
  }

  function save() {
    const answers = exchangesShown().filter((each) => each.kept).map((each) => JSON.parse(each.kept));
    if (!isDirty || !answers.length) return;
    const conversations = kept();
    let conversation = conversations.find((each) => each.id === current);
    if (!conversation) {
      current = `${Date.now()}-${Math.random().toString(36).slice(2, 8)}`;
      conversation = { id: current, title: exchangesShown().find((each) => each.kept).question };
    }
    if (JSON.stringify(conversation.answers) === JSON.stringify(answers)) return;
    conversation.answers = answers;
    keep([conversation, ...conversations.filter((each) => each !== conversation)]);
  }

  function list() {
    const place = find("#conversations");
    if (!place) return;
    const begin = make("button", { type: "button", className: "new", textContent: "New conversation" });
    begin.dataset.action = "begin";
    const items = kept().map((conversation) => {
      const button = (action, textContent) => {
        const made = make("button", { type: "button", textContent });
        Object.assign(made.dataset, { action, conversation: conversation.id });
        return made;
      };
      const open = button("open", conversation.title);
      open.className = "open";
      open.title = conversation.title;
      open.setAttribute("aria-current", String(conversation.id === current));
      const exports = [["markdown", "Markdown"], ["html", "Web page"], ["json", "JSON"]].map(([form, name]) => {
        const made = button("export-conversation", `Export as ${name}`);
        made.dataset.form = form;
        return made;
      });
      const summary = make("summary");
      summary.setAttribute("aria-label", `More for ${conversation.title}`);
      const menu = make(
        "details", { className: "menu" }, summary,
        make("div", {}, button("rename", "Rename"), ...exports, button("delete", "Delete")),
      );
      return make("li", {}, open, menu);
    });
    place.replaceChildren(begin, make("ul", {}, ...items));
  }

  // The article beside the answer

  const panel = make("aside", { id: "evidence", hidden: true });
  panel.setAttribute("aria-label", "Article");
  const count = make("p", { className: "count" });
  const content = make("div", { className: "content", tabIndex: 0 });
  content.setAttribute("role", "region");
  content.setAttribute("aria-label", "Text of the article");
  const step = (action, textContent, label) => {
    const made = make("button", { type: "button", textContent });
    made.dataset.action = action;
    made.setAttribute("aria-label", label);
    return made;
  };
  panel.append(
    make(
      "div", { className: "bar" }, step("previous", "←", "Previous quote"), step("next", "→", "Next quote"), count,
      step("close", "✕", "Close the article"),
    ),
    content,
  );
  let opener = null; // what opened it, to which the focus returns
  let quotes = []; // the chips of the answer, one for each quote
  let shownQuote = 0;

  const placeOfChip = (chip) => `${chip.dataset.start}:${chip.dataset.end}`;

  let turn = 0; // of two articles that are asked for at once, the later is shown, whichever comes first

  async function openArticle(from, articleId, quote, others, sha256) {
    const own = ++turn;
    const query = new URLSearchParams({ article_id: articleId, quote, others: others.join(","), sha256 });
    const response = await fetch(`/page/article?${query}`);
    if (!response.ok) {
      const wrong = await response.json().catch(() => ({}));
      say(wrong.error || "The article can't be shown: try again.");
      return false;
    }
    const article = await response.text();
    if (own !== turn) return false;
    content.innerHTML = article;
    if (panel.hidden) opener = from;
    panel.hidden = false;
    document.body.classList.add("has-evidence");
    content.scrollTop = 0;
    const mark = find("mark.quote", content);
    if (mark) mark.scrollIntoView({ block: "center" });
    content.focus({ preventScroll: true });
    return true;
  }

  async function showQuote(place) {
    const chip = quotes[place];
    const others = quotes.filter((each) => each.dataset.article === chip.dataset.article).map(placeOfChip);
    const { article, sha256 } = chip.dataset;
    if (!(await openArticle(chip, article, placeOfChip(chip), others, sha256))) return;
    shownQuote = place;
    count.textContent = `Quote ${place + 1} of ${quotes.length}`;
    for (const name of ["previous", "next"]) find(`[data-action=${name}]`, panel).hidden = quotes.length < 2;
    all("button.chip").forEach((each) => each.removeAttribute("aria-expanded"));
    all("button.chip", chip.closest(".answer"))
      .filter((each) => each.dataset.article === article && placeOfChip(each) === placeOfChip(chip))
      .forEach((each) => each.setAttribute("aria-expanded", "true"));
  }

  function closePanel() {
    if (panel.hidden) return;
    panel.hidden = true;
    document.body.classList.remove("has-evidence");
    all("button.chip").forEach((each) => each.removeAttribute("aria-expanded"));
    (opener && opener.isConnected ? opener : find("#question textarea")).focus();
  }

  // Dialogs: the browser keeps the focus inside, takes Escape, and gives the focus back

  function dialog(title, fields, go, done) {
    const form = make("form", { method: "dialog" }, make("h2", { textContent: title }), ...fields);
    const cancel = make("button", { type: "button", textContent: "Cancel" });
    form.append(make("div", { className: "buttons" }, cancel, make("button", { className: "go", textContent: go })));
    const box = make("dialog", { className: "ask" }, form);
    box.setAttribute("aria-label", title);
    cancel.addEventListener("click", () => box.close());
    form.addEventListener("submit", () => done(new FormData(form)));
    box.addEventListener("close", () => box.remove());
    document.body.append(box);
    box.showModal();
  }

  // Handing out

  function download(name, blob) {
    const link = make("a", { href: URL.createObjectURL(blob), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  async function exportAnswers(answers, form, title) {
    const response = await post("/page/export", { answers, form, title });
    const name = /filename="([^"]+)"/.exec(response.headers.get("content-disposition"))[1];
    download(name, await response.blob());
    say(`Saved ${name}.`);
  }

  function asText(answer) {
    const cited = answer.refusal ? answer.refusal.nearest : answer.citations;
    const lines = cited.map((each) => {
      const from = [each.title, each.source, each.published || "undated", each.url].filter(Boolean).join(", ");
      return `[${each.number}] “${each.quote.replace(/\s+/g, " ")}” — ${from} (${each.article_id} ${each.start}:${each.end})`;
    });
    return [answer.question, answer.text, lines.join("\n"), answer.coverage.message].filter(Boolean).join("\n\n");
  }

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch { // there is no clipboard for pages that come by http from another machine
      const area = make("textarea", { value: text });
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    say("Copied, with its quotes.");
  }

  const answerOf = (button) => JSON.parse(button.closest(".answer").dataset.answer);
  const OPINIONS = ["right", "wrong answer", "wrong source", "should have refused"];

  const actions = {
    ask(button) {
      isDirty = true;
      converse("again", null, button.dataset.question);
    },
    edit(button) {
      const place = placeOf(button);
      isDirty = true;
      converse("restored", keptBefore(place), exchangesShown()[place].question);
      setTimeout(() => find("#question textarea").focus(), 300);
    },
    retry(button) {
      const place = placeOf(button);
      isDirty = true;
      converse("again", keptBefore(place), exchangesShown()[place].question);
    },
    cite(button) {
      const seen = new Set();
      quotes = all("button.chip", button.closest(".answer")).filter((chip) => {
        const name = `${chip.dataset.article} ${placeOfChip(chip)}`;
        return !seen.has(name) && seen.add(name);
      });
      const same = (chip) => chip.dataset.article === button.dataset.article && placeOfChip(chip) === placeOfChip(button);
      opener = button;
      return showQuote(quotes.findIndex(same));
    },
    previous: () => showQuote((shownQuote + quotes.length - 1) % quotes.length),
    next: () => showQuote((shownQuote + 1) % quotes.length),
    close: closePanel,
    async read(button) {
      leaveSide();
      count.textContent = "The whole article";
      for (const name of ["previous", "next"]) find(`[data-action=${name}]`, panel).hidden = true;
      await openArticle(button, button.dataset.article, "", [], "");
    },
    copy: (button) => copy(asText(answerOf(button))),
    export: (button) => exportAnswers([answerOf(button)], button.dataset.form, answerOf(button).question),
    judge(button) {
      const choices = OPINIONS.map((value) => {
        const input = make("input", { type: "radio", name: "opinion", value, required: true });
        return make("label", {}, input, ` ${value[0].toUpperCase()}${value.slice(1)}`);
      });
      const note = make("textarea", { name: "note", rows: 3, maxLength: 2000 });
      note.setAttribute("aria-label", "Note");
      note.placeholder = "What should it have said, or quoted?";
      const history = exchangesShown().slice(0, placeOf(button)).map((each) => each.question);
      dialog("Is this answer right?", [...choices, note], "Keep", async (form) => {
        await post("/page/opinion", {
          answers: [answerOf(button)], opinion: form.get("opinion"), note: form.get("note"), history,
        });
        say("Kept as a draft of a test question. Thank you.");
      });
    },
    remove(button) {
      const text = `Remove “${button.dataset.name}” from the collection? A file that was added from here is deleted.`;
      dialog(text, [], "Remove", () => send("removed", button.dataset.article));
    },
    begin() {
      current = null;
      isDirty = false;
      closePanel();
      converse("restored", [], "");
      list();
      leaveSide();
      find("#question textarea").focus();
    },
    open(button) {
      const conversation = kept().find((each) => each.id === button.dataset.conversation);
      if (!conversation) return;
      current = conversation.id;
      isDirty = false;
      closePanel();
      converse("restored", conversation.answers, "");
      list();
      leaveSide();
    },
    rename(button) {
      const conversations = kept();
      const conversation = conversations.find((each) => each.id === button.dataset.conversation);
      const input = make("input", { type: "text", name: "title", value: conversation.title, required: true, maxLength: 200 });
      input.setAttribute("aria-label", "Title");
      dialog("Rename this conversation", [input], "Rename", (form) => {
        conversation.title = form.get("title").trim() || conversation.title;
        keep(conversations);
      });
    },
    delete(button) {
      const { conversation } = button.dataset;
      dialog("Delete this conversation? It is kept nowhere else.", [], "Delete", () => {
        keep(kept().filter((each) => each.id !== conversation));
        if (current === conversation) actions.begin();
      });
    },
    "export-conversation"(button) {
      const conversation = kept().find((each) => each.id === button.dataset.conversation);
      return exportAnswers(conversation.answers, button.dataset.form, conversation.title);
    },
  };

  document.addEventListener("click", async (event) => {
    all("details.menu[open]").filter((each) => !each.contains(event.target)).forEach((each) => (each.open = false));
    const button = event.target.closest("[data-action]");
    if (!button) return;
    const menu = button.closest("details.menu");
    if (menu) menu.open = false;
    try {
      await actions[button.dataset.action](button);
    } catch (error) {
      say(error.message);
    }
  });

  let dismissed = null; // the sentence whose reasons were sent away with Escape

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") {
      if (event.key === "Enter" && event.target.closest("#question")) isDirty = true;
      return;
    }
    const menu = find("details.menu[open]");
    dismissed = find(".sentence:focus, .sentence:hover");
    document.body.classList.toggle("no-why", dismissed !== null);
    if (menu) {
      menu.open = false;
      find("summary", menu).focus();
    } else if (!find("dialog[open]")) closePanel();
  });
  for (const name of ["pointerover", "focusin"])
    document.addEventListener(name, (event) => {
      if (event.target.closest(".sentence") !== dismissed) document.body.classList.remove("no-why");
      if (event.target.closest("#question button")) isDirty = true;
    });

  // Gradio names a message by all its HTML; its readers need to hear whose it is.
  function name() {
    all('#chat [data-testid="bot"]').forEach((each) => each.setAttribute("aria-label", "Answer"));
    all('#chat [data-testid="user"]').forEach((each) => each.setAttribute("aria-label", "Question"));
    const labels = [["submit", "Ask"], ["stop", "Stop"]];
    for (const [kind, label] of labels) find(`#question .${kind}-button`)?.setAttribute("aria-label", label);
  }

  function showWhenLaidOut() {
    // The question has sunk to the bottom when the chat above it has its height.
    if (find("#question")?.getBoundingClientRect().bottom > innerHeight * 0.8) {
      document.body.classList.add("is-laid-out");
    } else {
      requestAnimationFrame(showWhenLaidOut);
    }
  }

  // On a phone the side would cover the page. What is closed is out of the way of the keyboard too.
  let side = null;
  function watchSide() {
    const found = find("#side");
    if (!found || found === side) return;
    side = found;
    const toggle = find(".toggle-button", side);
    const inside = find(".sidebar-content", side);
    const covers = matchMedia("(max-width: 60rem)").matches;
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
    if (matchMedia("(max-width: 60rem)").matches && side.classList.contains("open")) find(".toggle-button", side).click();
  }

  let asked = 0;
  function follow() {
    const shown = all("#chat .asked");
    const log = find("#chat [role=log]");
    if (!log) return; // Gradio is still laying it out
    if (shown.length > asked) {
      log.scrollTop += shown.at(-1).getBoundingClientRect().top - log.getBoundingClientRect().top - 8;
    }
    asked = shown.length;
  }

  let saving;
  function look() {
    name();
    follow();
    watchSide();
    if (find("#conversations") && !find("#conversations").firstChild) list();
    clearTimeout(saving);
    saving = setTimeout(save, 300);
  }

  document.body.append(panel, said);
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
  window.addEventListener("storage", list);
  look();
})();
