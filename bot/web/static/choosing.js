// Choosing somebody else for a pane.

import { all } from "./panes.js";

const picker = document.querySelector(".picker");
const search = document.querySelector("#search");
const found = document.querySelector(".found");
let place = 0;
let asked = 0;
let finding = Promise.resolve();

function pick(which) {
  place = which;
  search.value = "";
  found.replaceChildren();
  picker.showModal();
  search.focus();
  finding = find();
}

async function find() {
  const turn = ++asked;
  const query = new URLSearchParams({ who: document.body.dataset.who, pane: place, q: search.value });
  const answer = await fetch(`/web/people?${query}`).catch(() => null);
  if (turn === asked && answer?.ok) found.innerHTML = await answer.text();
}

function walk(event) {
  const choices = all(found, "a");
  const at = choices.indexOf(document.activeElement);
  if (event.key === "ArrowDown") choices[Math.min(at + 1, choices.length - 1)]?.focus();
  else if (event.key === "ArrowUp") (choices[at - 1] ?? search).focus();
  // The first of those that fit what was typed, not of those shown before.
  else if (event.key === "Enter" && event.target === search) finding.then(() => all(found, "a")[0]?.click());
  else return;
  event.preventDefault();
}

search.addEventListener("input", () => (finding = find()));
picker.addEventListener("click", ({ target }) => target === picker && picker.close());
picker.addEventListener("keydown", walk);
for (const button of all(document, "[data-pick]")) button.addEventListener("click", () => pick(button.dataset.pick));
