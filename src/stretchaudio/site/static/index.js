/* The list besides its filters: where one stopped, and what is on this device. */

/** Offers to go on with the session that was begun last. */
function offerToContinue() {
  const session = recall("last");
  const card = cards.find(({ link }) => sessionOf(link.href) === session);
  const time = card && placeOf(session, card.seconds);
  if (!time) return;
  byId("first").href = card.link.href;
  byId("first").parentElement.className = `first ${card.element.querySelector("svg").classList[1]}`;
  byId("first").querySelector(".unseen").remove();
  byId("first-title").textContent = fill(words.go_on, { title: card.link.textContent });
  byId("first-note").textContent = fill(words.left, { time: clock(card.seconds - time) });
}

async function showKept() {
  document.body.classList.toggle("offline", !navigator.onLine);
  for (const card of cards) {
    const kept = await isKept(card.track);
    card.element.classList.toggle("here", kept);
    card.element.querySelector(".kept").hidden = !kept;
  }
}

for (const card of cards) {
  card.element.querySelector(".kept button").addEventListener("click", async () => {
    await dropFile(card.track);
    await showKept();
    card.link.focus();
  });
}
offerToContinue();
showKept();
for (const type of ["online", "offline"]) addEventListener(type, showKept);
// Where the service worker leads when a page is wanted that is neither stored nor reachable.
byId("away").hidden = location.hash !== "#away";
