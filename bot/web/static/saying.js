// What people do: they type a line, or press a button of a card.

import { all, paneOf, panes, toEnd } from "./panes.js";

const SETTLES = 1_500; // ms that a pressed button stays off, unless its card was replaced before

const post = (pane, said) =>
  fetch(`/web/say/${pane.person}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(said),
  });

const postFile = (pane, { key, text, file }) =>
  fetch(`/web/file/${pane.person}?${new URLSearchParams({ key, name: file.name, text })}`, {
    method: "POST",
    headers: { "Content-Type": "application/octet-stream" },
    body: file,
  });

async function send(pane, said) {
  pane.trouble.hidden = true;
  let trouble = pane.words.error_offline;
  try {
    const answer = await (said.file ? postFile : post)(pane, said);
    if (answer.ok) return true;
    trouble = (await answer.json()).error ?? pane.words.error_later;
  } catch {
    // Offline, or the answer was not ours: the line below says so.
  }
  pane.trouble.textContent = trouble;
  pane.trouble.hidden = false;
  return false;
}

// Files under way, and what was typed beside them, by the key of their line.
const files = new Map();

async function type(pane, text, key = crypto.randomUUID()) {
  const said = files.get(key) ?? { key, text };
  let line = pane.log.querySelector(`[data-key="${key}"]`);
  if (!line) {
    line = pane.element.querySelector("template").content.firstElementChild.cloneNode(true);
    line.dataset.key = key;
    line.querySelector(".bubble").textContent = said.file ? `${text}\n📎 ${said.file.name}`.trim() : text;
    pane.log.append(line);
  }
  line.classList.remove("failed");
  line.classList.add("sending");
  toEnd(pane);
  const sent = await send(pane, said);
  if (sent) files.delete(key);
  // The line may have been replaced by the kept one meanwhile.
  line = pane.log.querySelector(`[data-key="${key}"]`) ?? line;
  line.classList.remove("sending");
  line.classList.toggle("failed", !sent);
}

async function press(button) {
  const pane = paneOf(button);
  const line = button.closest(".line");
  const card = button.closest(".card");
  if (line.dataset.sent) return;
  line.dataset.sent = "form" in button.dataset ? "form" : "press";
  const buttons = all(line, ".press");
  buttons.forEach((other) => other.setAttribute("aria-disabled", "true"));
  button.classList.add("pressed");
  const fields = "form" in button.dataset ? [...new FormData(card)] : [];
  const values = Object.fromEntries(fields.map(([name, value]) => [name, value.replaceAll("\r\n", "\n")]));
  const said = { key: crypto.randomUUID(), say: button.dataset.say, values, card: card.dataset.card };
  const sent = await send(pane, said);
  setTimeout(
    () => {
      delete line.dataset.sent;
      buttons.forEach((other) => other.removeAttribute("aria-disabled"));
      button.classList.remove("pressed");
    },
    sent ? SETTLES : 0,
  );
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (!button) return;
  if (button.matches(".press")) press(button);
  else if ("attach" in button.dataset) paneOf(button).composer.querySelector(".chosen").click();
  else if ("try" in button.dataset) {
    const pane = paneOf(button);
    type(pane, button.textContent);
    pane.input.focus({ preventScroll: true });
  } else if ("retry" in button.dataset) {
    const line = button.closest(".line");
    type(paneOf(button), line.querySelector(".bubble").textContent, line.dataset.key);
  }
});

document.addEventListener("change", ({ target }) => {
  if (!target.matches(".chosen") || !target.files.length) return;
  const pane = paneOf(target);
  const key = crypto.randomUUID();
  const text = pane.input.value.trim();
  files.set(key, { key, text, file: target.files[0] });
  pane.input.value = target.value = "";
  remember(pane);
  type(pane, text, key);
});

document.addEventListener("submit", (event) => {
  if (!event.target.closest(".pane")) return;
  event.preventDefault();
  const pane = paneOf(event.target);
  if (event.target !== pane.composer) {
    // Enter in a card's field means its form's button, never another.
    const button = event.target.querySelector("[data-form]");
    if (button) press(button);
    return;
  }
  const text = pane.input.value.trim();
  if (!text) return;
  pane.input.value = "";
  remember(pane);
  type(pane, text);
});

document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (key !== "Enter" || event.shiftKey || event.isComposing || !target.closest(".composer, .card")) return;
  if (target.matches(".composer textarea, .card input")) {
    event.preventDefault();
    target.form.requestSubmit();
  }
});

// What is written and not sent stays when the page is loaded again.

const grows = CSS.supports("field-sizing", "content");
function remember({ person, input }) {
  sessionStorage.setItem(`draft-${person}`, input.value);
  if (!grows) input.rows = Math.min(6, input.value.split("\n").length + Math.floor(input.value.length / 40));
}
for (const pane of panes) {
  pane.input.value ||= sessionStorage.getItem(`draft-${pane.person}`) ?? "";
  pane.input.addEventListener("input", () => remember(pane));
}
