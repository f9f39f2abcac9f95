// What arrives: each line comes as escaped HTML from the server and is put in its place. Nothing here makes HTML
// from words itself.

import { all, readsEnd, toEnd } from "./panes.js";

const HIGHLIGHT = 4_000; // ms that a changed card is marked

const calm = matchMedia("(prefers-reduced-motion: reduce)");

function made(html) {
  const box = document.createElement("template");
  box.innerHTML = html;
  return box.content.firstElementChild;
}

export function show(pane, { line, revision, html }) {
  const before = pane.log.querySelector(`[data-line="${line}"]`);
  if (before && Number(before.dataset.revision) >= revision) return;
  const after = made(html);
  const mine = after.classList.contains("mine");
  const waiting = mine && !before && pane.log.querySelector(`[data-key="${after.dataset.key}"]`);
  const follow = readsEnd(pane) || (mine && !before);
  if (before) {
    keepWriting(before, after, pane.input);
    if (!mine) highlight(pane, after);
  } else {
    if (waiting) {
      after.classList.toggle("sending", waiting.classList.contains("sending"));
      waiting.remove();
    } else after.classList.add("fresh");
    // Lines have their places by number; those still on their way stand at the end.
    const next = all(pane.log, ".line").find((other) => !Number(other.dataset.line) || Number(other.dataset.line) > line);
    pane.log.insertBefore(after, next ?? null);
  }
  if (!mine && !pane.inView) pane.tab.querySelector(".badge").hidden = false;
  if (follow) toEnd(pane, before ? null : after);
  if (!inSight(pane, after)) offerJump(pane, after, before ? pane.words.above : pane.words.below);
}

// A card that changes while somebody writes in it: what they wrote and did not send is theirs.
function keepWriting(before, after, elsewhere) {
  const fields = all(after, "input, textarea");
  const focused = before.contains(document.activeElement) && document.activeElement;
  if (before.dataset.sent !== "form") {
    for (const field of all(before, "input, textarea")) {
      const same = fields.find((other) => other.name === field.name);
      if (field.value === field.defaultValue) continue;
      if (same) same.value = field.value;
      else elsewhere.value ||= field.value;
    }
  }
  before.replaceWith(after);
  if (focused) (fields.find((field) => field.name === focused.name) ?? after).focus({ preventScroll: true });
}

function highlight(pane, line) {
  const word = document.createElement("span");
  word.className = "fresh-word";
  word.textContent = pane.words.updated;
  line.classList.add("changed");
  line.querySelector(".meta").append(word);
  setTimeout(() => {
    line.classList.remove("changed");
    word.remove();
  }, HIGHLIGHT);
}

function inSight({ talk }, line) {
  const [room, box] = [talk.getBoundingClientRect(), line.getBoundingClientRect()];
  return box.bottom > room.top + 24 && box.top < room.bottom - 24;
}

function offerJump(pane, line, words) {
  pane.jump.textContent = words;
  pane.jump.hidden = false;
  pane.jump.onclick = () => {
    line.scrollIntoView({ block: "center", behavior: calm.matches ? "auto" : "smooth" });
    line.focus({ preventScroll: true });
    pane.jump.hidden = true;
  };
}
