/* The timeline and the small bar: where one is in the session, seen while reading. */

const seek = byId("seek");
const bubble = byId("bubble");
const SEEK_STEP_S = 5;
const nameAt = (time) => exercises[lastBegun(exercises, time)]?.title ?? title;

function showPlace(now) {
  if (mode.open) return;
  const left = clock(Math.max(0, duration - now));
  seek.value = now;
  seek.setAttribute("aria-valuetext", `${fill(words.of_time, { time: clock(now), total: clock(duration) })}, ${nameAt(now)}`);
  for (const id of ["now-what", "bar-what"]) byId(id).textContent = nameAt(now);
  for (const id of ["now-left", "bar-left"]) byId(id).textContent = fill(words.left, { time: left });
}
watch(showPlace);

function showBubble() {
  const time = Number(seek.value);
  bubble.hidden = false;
  bubble.textContent = `${clock(time)} ${nameAt(time)}`;
  const room = seek.clientWidth - bubble.offsetWidth;
  bubble.style.insetInlineStart = `${Math.max(0, Math.min(room, (seek.clientWidth * time) / duration - bubble.offsetWidth / 2))}px`;
}

seek.addEventListener("input", () => {
  goTo(Number(seek.value));
  showBubble();
});
for (const type of ["change", "blur", "pointerup", "pointercancel"]) seek.addEventListener(type, () => (bubble.hidden = true));
seek.addEventListener("keydown", (event) => {
  const direction = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
  if (!direction) return;
  event.preventDefault();
  goTo(audio.currentTime + direction * SEEK_STEP_S);
});

/* The bar stands below while the player is out of sight and something was begun. */
let isPlayerSeen = true;
function showBar() {
  byId("bar").hidden = isPlayerSeen || (audio.paused && !audio.currentTime);
}
watch(showBar);
new IntersectionObserver(([entry]) => {
  isPlayerSeen = entry.isIntersecting;
  showBar();
}).observe(document.querySelector(".start"));
byId("bar-play").addEventListener("click", toggle);
