/* The list of sessions: chips and a search, which are hidden where scripts do not run. */

/** Makes words comparable: without case and accents. */
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

const cards = [...document.querySelectorAll(".card")].map((element) => ({
  element,
  link: element.querySelector("a"),
  text: plain(`${element.querySelector(".words").textContent} ${element.dataset.find}`),
  minutes: Number(element.dataset.minutes),
  seconds: Number(element.dataset.seconds),
  parts: JSON.parse(element.dataset.parts),
  things: JSON.parse(element.dataset.things),
  language: element.dataset.language,
  track: element.dataset.track,
}));
const chips = [...document.querySelectorAll(".chip")];
/* A minute more is let pass: nobody has fifteen minutes and not sixteen. */
const GRACE_MINUTES = 1;

const chosen = (name) => chips.find((chip) => chip.dataset.filter === name && chip.ariaPressed === "true")?.dataset.value;

function fits(card, filter) {
  return (
    filter.words.every((word) => card.text.includes(word)) &&
    (!filter.minutes || card.minutes <= Number(filter.minutes) + GRACE_MINUTES) &&
    (!filter.parts || card.parts.includes(filter.parts)) &&
    (!filter.things || (filter.things === "none" ? !card.things.length : card.things.includes(filter.things.slice(1)))) &&
    (!filter.language || card.language === filter.language)
  );
}

function showFitting() {
  const filter = Object.fromEntries(["minutes", "parts", "things", "language"].map((name) => [name, chosen(name)]));
  filter.words = plain(byId("words").value).split(/\s+/);
  let shown = 0;
  for (const card of cards) {
    card.element.hidden = !fits(card, filter);
    shown += card.element.hidden ? 0 : 1;
  }
  for (const group of document.querySelectorAll(".group")) group.hidden = !group.querySelector(".card:not([hidden])");
  const all = countSessions(cards.length);
  byId("count").textContent = shown === cards.length ? all : fill(words.some_of, { n: shown, sessions: all });
  byId("none").hidden = shown > 0;
}

/** Presses a chip, and lets go of the others of its row. */
function press(chip, isPressed) {
  for (const other of chips) if (other.dataset.filter === chip.dataset.filter) other.ariaPressed = String(other === chip && isPressed);
}

/** Gives chips the words of a reader who has another language than the list, and shows sessions in it. */
function meetReader() {
  const language = navigator.language.split("-")[0];
  for (const chip of chips.filter((one) => one.dataset.labels)) {
    const label = JSON.parse(chip.dataset.labels)[language];
    if (!label || language === document.documentElement.lang) continue;
    chip.textContent = label;
    chip.lang = language;
  }
  const own = chips.find((chip) => chip.dataset.filter === "language" && chip.dataset.value === language);
  if (own) press(own, true);
}

if (byId("filters")) {
  meetReader();
  showFitting();
  for (const chip of chips) {
    chip.addEventListener("click", () => {
      press(chip, chip.ariaPressed !== "true");
      showFitting();
    });
  }
  byId("words").addEventListener("input", showFitting);
  byId("clear").addEventListener("click", () => {
    byId("words").value = "";
    for (const chip of chips) chip.ariaPressed = "false";
    showFitting();
  });
  // Browsers bring back what was typed when one comes back to the page.
  addEventListener("pageshow", showFitting);
}
