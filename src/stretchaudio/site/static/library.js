"use strict";

/* The list of sessions: its filters, which are hidden where scripts do not run. */
{
  const byId = (id) => document.getElementById(id);
  const filters = byId("filters");
  const fields = ["words", "focus", "longest", "equipment", "language"].map(byId);
  const [words, focus, longest, equipment, language] = fields;

  /** Makes words comparable: without case and accents. */
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

  const cards = [...document.querySelectorAll("#sessions > li")].map((element) => ({
    element,
    text: plain(element.textContent),
    seconds: Number(element.dataset.seconds),
    focus: JSON.parse(element.dataset.focus),
    equipment: JSON.parse(element.dataset.equipment),
    language: element.dataset.language,
  }));

  function offer(select, values) {
    for (const value of [...new Set(values)].sort((a, b) => a.localeCompare(b))) {
      // Marked, so that a piece of equipment called "none" is not taken for none at all.
      select.add(new Option(value, `=${value}`));
    }
  }

  function fits(card) {
    return (
      plain(words.value)
        .split(/\s+/)
        .every((word) => card.text.includes(word)) &&
      (!focus.value || card.focus.includes(focus.value.slice(1))) &&
      (!longest.value || card.seconds <= Number(longest.value) * 60) &&
      (!equipment.value ||
        (equipment.value === "none" ? !card.equipment.length : card.equipment.includes(equipment.value.slice(1)))) &&
      (!language.value || card.language === language.value.slice(1))
    );
  }

  function show() {
    let shown = 0;
    for (const card of cards) {
      card.element.hidden = !fits(card);
      shown += card.element.hidden ? 0 : 1;
    }
    const all = shown === cards.length ? "" : ` of ${cards.length}`;
    byId("count").textContent = `${shown}${all} session${cards.length === 1 ? "" : "s"}`;
    byId("none").hidden = shown > 0;
  }

  if (cards.length) {
    offer(focus, cards.flatMap((card) => card.focus));
    offer(equipment, cards.flatMap((card) => card.equipment));
    offer(language, cards.map((card) => card.language));
    filters.hidden = false;
    filters.addEventListener("input", show);
    byId("clear").addEventListener("click", () => {
      for (const field of fields) field.value = "";
      show();
    });
    // Browsers bring back what was typed when one comes back to the page.
    addEventListener("pageshow", show);
  }
  // Where the service worker leads when a page is wanted that is neither stored nor reachable.
  byId("away").hidden = location.hash !== "#away";
}
