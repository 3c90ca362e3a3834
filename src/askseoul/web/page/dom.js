// Helpers: find and make elements, send data to the server, show messages and dialogs.

export const find = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];

export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** A button that calls the function `action` of `actions` in page.js, with `data` in its dataset. */
export function button(action, textContent, data = {}) {
  const element = make("button", { type: "button", textContent });
  Object.assign(element.dataset, { action, ...data });
  return element;
}

/** Send a text to the server by one of Gradio's hidden text boxes, as if it were typed and submitted. */
export function send(field, text) {
  const input = find(`#${field} textarea`);
  Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(input, text);
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new KeyboardEvent("keypress", { key: "Enter", bubbles: true }));
}

/** The response to a POST of JSON; throws an Error with the server's message. */
export async function post(path, body) {
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (response.ok) return response;
  const text = await response.text();
  let message = text.slice(0, 300);
  try {
    message = JSON.parse(text).error;
  } catch {
    // the guard responds with plain text
  }
  throw new Error(message || "The server did not answer: try again.");
}

const toast = make("div", { id: "toast" });
toast.setAttribute("role", "status");
document.body.append(toast);
let hiding;

/** Show a message for some seconds; screen readers announce it. */
export function notify(text) {
  toast.textContent = text;
  clearTimeout(hiding);
  hiding = setTimeout(() => (toast.textContent = ""), 6000);
}

const announcer = make("div", { id: "announcer" });
announcer.setAttribute("aria-live", "polite");
document.body.append(announcer);

/** Have screen readers announce a text that is shown elsewhere. */
export function announce(text) {
  announcer.append(make("p", { textContent: text }));
  while (announcer.childElementCount > 20) announcer.firstChild.remove();
}

/** Show a modal dialog. On confirmation `submit` is awaited with the form's data; an error that it throws is shown. */
export function dialog(title, fields, confirmation, submit) {
  const fault = make("p", { className: "stopped", hidden: true });
  fault.setAttribute("role", "alert");
  const cancel = make("button", { type: "button", textContent: "Cancel" });
  const confirm = make("button", { className: "go", textContent: confirmation });
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
      await submit(new FormData(form));
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
