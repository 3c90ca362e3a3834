// Finding and making elements, and speaking to the server and to the reader.

export const find = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];

export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** A button for `actions` in page.js: what it does, and to what. */
export function button(action, textContent, data = {}) {
  const made = make("button", { type: "button", textContent });
  Object.assign(made.dataset, { action, ...data });
  return made;
}

/** Hand a text to the server through one of the hidden fields, as if it were typed there. */
export function send(field, text) {
  const input = find(`#${field} textarea`);
  Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(input, text);
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new KeyboardEvent("keypress", { key: "Enter", bubbles: true }));
}

export async function post(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (response.ok) return response;
  const text = await response.text();
  let wrong = text.slice(0, 300);
  try {
    wrong = JSON.parse(text).error;
  } catch {
    // the server's guard answers in plain words
  }
  throw new Error(wrong || "The server did not answer: try again.");
}

const said = make("div", { id: "said" });
said.setAttribute("role", "status");
document.body.append(said);
let saidUntil;

/** Show a short message for some seconds; it is read out too. */
export function say(text) {
  said.textContent = text;
  clearTimeout(saidUntil);
  saidUntil = setTimeout(() => (said.textContent = ""), 6000);
}

const heard = make("div", { id: "heard" });
heard.setAttribute("aria-live", "polite");
document.body.append(heard);

/** Have a text read out that is to be seen elsewhere. */
export function read(text) {
  heard.append(make("p", { textContent: text }));
  while (heard.childElementCount > 20) heard.firstChild.remove();
}

/** Ask something: the browser keeps the focus inside, takes Escape, and gives the focus back.
 * `done` is awaited before it closes; what it throws is shown inside. */
export function dialog(title, fields, go, done) {
  const fault = make("p", { className: "stopped", hidden: true });
  fault.setAttribute("role", "alert");
  const cancel = make("button", { type: "button", textContent: "Cancel" });
  const confirm = make("button", { className: "go", textContent: go });
  const form = make(
    "form", {}, make("h2", { textContent: title }), ...fields, fault, make("div", { className: "buttons" }, cancel, confirm),
  );
  const box = make("dialog", { className: "ask" }, form);
  box.setAttribute("aria-label", title);
  cancel.addEventListener("click", () => box.close());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    confirm.disabled = true;
    try {
      await done(new FormData(form));
      box.close();
    } catch (error) {
      fault.textContent = error.message;
      fault.hidden = false;
    }
    confirm.disabled = false;
  });
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
}
