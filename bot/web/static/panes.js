// The panes of the page, one for each person on it.

export const all = (where, what) => [...where.querySelectorAll(what)];

export const panes = all(document, ".pane").map((element) => ({
  element,
  person: element.dataset.person,
  since: Number(element.dataset.since),
  words: JSON.parse(element.dataset.words),
  talk: element.querySelector(".talk"),
  log: element.querySelector(".log"),
  jump: element.querySelector(".jump"),
  trouble: element.querySelector(".trouble"),
  composer: element.querySelector(".composer"),
  input: element.querySelector(".composer textarea"),
  tab: document.querySelector(`.tabs a[href="#${element.id}"]`),
  atEnd: true, // whether its person reads the newest line, as of `top`
  top: 0, // where they were then, px
  inView: false, // on a phone only one is
}));

export const paneOf = (element) => panes.find((pane) => pane.element === element.closest(".pane"));

const nearEnd = ({ talk }) => talk.scrollHeight - talk.scrollTop - talk.clientHeight < 90;

// Whether its person reads the newest line. A scroll is told of a frame late, and a line may come in between: whoever
// has moved meanwhile is looked at again. Without a move the answer stays, also when the room around it changed.
export function readsEnd(pane) {
  if (pane.talk.scrollTop !== pane.top) look(pane);
  return pane.atEnd;
}

function look(pane) {
  pane.top = pane.talk.scrollTop;
  pane.atEnd = nearEnd(pane);
  if (pane.atEnd) pane.jump.hidden = true;
}

// To the end, but not past the beginning of a line that just came.
export function toEnd(pane, line) {
  const { talk, jump } = pane;
  const toLine = line ? line.getBoundingClientRect().top - talk.getBoundingClientRect().top - 16 : Infinity;
  talk.scrollTop = Math.min(talk.scrollTop + toLine, talk.scrollHeight);
  pane.top = talk.scrollTop;
  jump.hidden = true;
}

for (const pane of panes) {
  toEnd(pane);
  pane.talk.addEventListener("scroll", () => look(pane), { passive: true });
  // A window that narrows, or a longer text below: who was at the end stays there.
  new ResizeObserver(() => readsEnd(pane) && toEnd(pane)).observe(pane.talk);
}
