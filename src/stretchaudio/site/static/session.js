/* The page of a session as a whole: its main button, and the address that names a time. */

/** Shows what the main button does: begin, pause, or go on where one stopped. */
function showStart() {
  const place = audio.currentTime || placeOf(session, duration);
  const goesOn = audio.paused && !audio.ended && place > 0;
  const label = audio.paused ? words.play : words.pause;
  byId("play").textContent = goesOn ? fill(words.continue, { time: clock(place) }) : label;
  byId("restart").hidden = !goesOn;
  byId("bar-play").textContent = label;
  byId("mode-play").textContent = audio.paused ? "▶" : "❚❚";
  byId("mode-play").ariaLabel = label;
  mode.classList.toggle("paused", audio.paused);
}

function start() {
  if (!audio.paused) {
    audio.pause();
    return;
  }
  const place = audio.currentTime || placeOf(session, duration);
  openMode();
  if (audio.ended || !place) startAfterDelay();
  else {
    goTo(place);
    play();
  }
}

byId("play").addEventListener("click", start);
byId("restart").addEventListener("click", () => {
  goTo(0);
  openMode();
  startAfterDelay();
});
for (const id of ["full", "bar-full"]) byId(id).addEventListener("click", openMode);
for (const type of ["play", "pause", "seeked", "ended"]) {
  audio.addEventListener(type, () => {
    showStart();
    keepAwake();
    run();
  });
}

/** Follows an address that ends in #t=95. */
function followAddress() {
  const time = /^#t=(\d+(?:\.\d+)?)$/.exec(location.hash)?.[1];
  if (!time) return;
  goTo(Number(time));
  showStart();
}
addEventListener("hashchange", followAddress);

followAddress();
showStart();
