/* The lists of exercises and sentences: they follow what is heard, and are gone to by a tap. */

const transcript = byId("transcript");
const chapters = [...document.querySelectorAll("#chapters button")].map((element) => ({ element, start: Number(element.dataset.start) }));

/** Makes a line a button. Without scripts it is text alone; and a long session has a thousand of them. */
function makeLine(item) {
  const [start, end] = item.dataset.time.split(" ").map(Number);
  const element = document.createElement("button");
  const [when, what] = ["when", "what"].map((name) => Object.assign(document.createElement("span"), { className: name }));
  const text = item.textContent;
  element.type = "button";
  element.className = item.className || "cue";
  element.dataset.start = start;
  when.dir = "ltr";
  when.textContent = clock(start);
  what.textContent = text;
  element.append(when, " ", what);
  item.replaceChildren(element);
  return { element, start, end, text, isCue: !item.className };
}
const lines = [...transcript.children].map(makeLine);
const cues = lines.filter((line) => line.isCue);
const begun = (list, time) => list.findLast((mark) => mark.start <= time + 0.05);
const current = new Map();
let touchedAt = -Infinity;

/** Marks one of a list as current; tells whether that is news. */
function markCurrent(list, mark) {
  const last = current.get(list);
  if (last === mark) return false;
  last?.element.removeAttribute("aria-current");
  mark?.element.setAttribute("aria-current", "true");
  current.set(list, mark);
  return true;
}

/** Scrolls a box, and not the page, until something in it is in view. */
function bring(element, box) {
  if (!element || mode.open) return;
  const top = element.offsetTop - (box.clientHeight - element.offsetHeight) / 2;
  box.scrollTo({ top, behavior: calm.matches ? "auto" : "smooth" });
}

/** Brings the current line into view, unless somebody is reading elsewhere in the box. */
function follow() {
  const line = current.get(lines)?.element;
  const reading = transcript.querySelector(":focus-visible") || performance.now() - touchedAt < 5000;
  if (!line || !byId("follow").checked || reading) return;
  for (const { element } of lines) element.tabIndex = element === line ? 0 : -1;
  bring(line, transcript);
}

watch((now) => {
  if (markCurrent(chapters, begun(chapters, now))) bring(current.get(chapters)?.element, byId("chapters"));
  if (markCurrent(lines, begun(lines, now))) follow();
});

for (const type of ["wheel", "touchmove"]) {
  transcript.addEventListener(type, () => (touchedAt = performance.now()), { passive: true });
}
byId("follow").addEventListener("change", follow);

/* One stop of the Tab key for all lines; arrows go on from there. */
lines.forEach(({ element }, index) => (element.tabIndex = index ? -1 : 0));
transcript.addEventListener("keydown", (event) => {
  const from = lines.findIndex((line) => line.element === event.target);
  const to = { ArrowUp: from - 1, ArrowDown: from + 1, Home: 0, End: lines.length - 1 }[event.key];
  if (from < 0 || !lines[to]) return;
  event.preventDefault();
  lines[from].element.tabIndex = -1;
  lines[to].element.tabIndex = 0;
  lines[to].element.focus();
});

for (const { element, start } of [...chapters, ...lines]) {
  element.addEventListener("click", () => {
    touchedAt = -Infinity;
    goTo(start);
    play();
  });
}
