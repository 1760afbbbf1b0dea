/* The one player: all that plays, pauses and seeks goes through here. */

const audio = byId("audio");
const duration = Number(audio.dataset.duration);
const session = sessionOf(location.href) ?? "session";
const title = byId("title").textContent;
const JUMP_S = 10;

/** Called with the time whenever something may have changed. */
const watchers = [];
const watch = (watcher) => watchers.push(watcher);
const show = () => watchers.forEach((watcher) => watcher(audio.currentTime));

function say(text) {
  byId("status").textContent = text;
}

function play() {
  if (audio.error) {
    const time = audio.currentTime;
    audio.load();
    audio.currentTime = time;
  }
  say("");
  return audio.play().catch((error) => {
    if (error.name !== "AbortError") say(words.cannot_play);
  });
}

function toggle() {
  if (audio.paused) play();
  else audio.pause();
}

function goTo(time) {
  audio.currentTime = Math.min(Math.max(time, 0), duration);
  show();
}

/** Goes to the next exercise, or with -1 to the start of this one, and from there to the one before. */
function step(direction) {
  const now = audio.currentTime;
  const target =
    direction > 0
      ? exercises.find((exercise) => exercise.start > now + 0.5)
      : exercises.findLast((exercise) => exercise.start < now - 3);
  if (target) goTo(target.start);
  else if (direction < 0) goTo(0);
}

const commands = {
  back: () => goTo(audio.currentTime - JUMP_S),
  forward: () => goTo(audio.currentTime + JUMP_S),
  previous: () => step(-1),
  next: () => step(1),
};

audio.removeAttribute("controls");
for (const [id, command] of Object.entries(commands)) byId(id).addEventListener("click", command);
byId("previous").disabled = byId("next").disabled = !exercises.length;
byId("speed").addEventListener("change", (event) => (audio.playbackRate = Number(event.target.value)));
audio.querySelector("source").addEventListener("error", () => say(words.cannot_play));
audio.addEventListener("error", () => say(words.lost));
audio.addEventListener("timeupdate", show);
audio.addEventListener("seeked", show);

/* Where one stopped. */

let savedAt = 0;
audio.addEventListener("timeupdate", () => {
  if (Math.abs(audio.currentTime - savedAt) < 2 || audio.currentTime < 5) return;
  savedAt = audio.currentTime;
  remember(`position ${session}`, savedAt.toFixed(1));
  remember("last", session);
});
audio.addEventListener("ended", () => remember(`position ${session}`, null));
