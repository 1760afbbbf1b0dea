/* The session mode: full screen, to be seen from the mat. Nothing here reads the layout while it runs. */

const mode = byId("mode");
const rest = byId("rest");
const parts = Object.fromEntries(["exercise", "about", "number", "unit", "words", "next"].map((name) => [name, byId(`mode-${name}`)]));
const SOON_S = 5;
const MANY_SECONDS = 100;
const MANY_MINUTES = 10;
let owed = 0;
let frame = 0;
let shownSecond = null;
const shown = new Map();

/** Changes a text or an attribute only when it is news, so that a frame without news costs nothing. */
function put(key, value, change) {
  if (shown.get(key) === value) return;
  shown.set(key, value);
  change(value);
}
const putText = (name, text) => put(name, text, () => (parts[name].textContent = text));

/** Seconds as they are read from afar: 14, then 4:58, then minutes. */
function bigTime(seconds) {
  const whole = Math.ceil(seconds - 0.001);
  if (whole < MANY_SECONDS) return [String(whole), ""];
  if (whole < MANY_MINUTES * 60) return [clock(whole), ""];
  return [String(Math.ceil(whole / 60)), words.minutes];
}

const figure = byId("mode-figure");
const listed = [...document.querySelectorAll("#chapters > li")].slice(-exercises.length).map((item) => item.querySelector(":scope > .figure"));

/** Shows what an exercise looks like while it is explained; on its other side, mirrored. */
function showFigure({ stage, following, exercise }) {
  const drawn = !stage && following?.exercise === exercise ? listed[exercise] : null;
  if (!figure) return;
  put("figure", drawn?.src ?? "", (src) => {
    figure.hidden = !src;
    if (src) figure.src = `${src}#dark`;
  });
  const isOther = Boolean(drawn) && Boolean(following.left) !== ("left" in drawn.dataset);
  put("mirrored", isOther, () => figure.classList.toggle("mirrored", isOther));
}

/** Chooses what stands in the ring: the number, the words below it, how much of the ring is left. */
function dialOf({ stage, start, end }, now) {
  const left = Math.max(0, end - now);
  if (!stage) return { number: "", unit: "", sentence: begun(cues, now)?.text ?? "", part: 0 };
  if (!counted.has(stage.kind)) {
    const [number, unit] = bigTime(left + owed);
    return { number, unit: unit || stage.name, sentence: "", part: left / (end - start) };
  }
  const rep = repAt(stage, now);
  const count = `${rep.index + 1} ${fill(words.of, { total: stage.at.length })}`;
  const part = Math.max(0, rep.end - now) / (rep.end - rep.start);
  if (stage.kind === "rep") return { number: String(rep.index + 1), unit: fill(words.of, { total: stage.at.length }), sentence: "", part };
  const { phase, full } = breathAt(stage, rep, now);
  return { number: words[phase], unit: count, sentence: "", part, full };
}

function showMode(now) {
  const section = sectionAt(now);
  const { stage } = section;
  const second = Math.floor(now);
  const isStep = calm.matches && second === shownSecond && shown.get("start") === section.start;
  if (isStep) return;
  shownSecond = second;
  shown.set("start", section.start);
  const dial = dialOf(section, calm.matches ? Math.max(second, section.start) : now);
  put("kind", stage?.kind ?? "", (kind) => (mode.dataset.kind = kind));
  putText("exercise", exercises[section.exercise]?.title ?? title);
  const side = stage?.sides?.[repAt(stage, now).index];
  putText("about", side ? [side, section.about].filter(Boolean).join(" · ") : section.about);
  putText("number", dial.number);
  put("letters", dial.number.length, (letters) => (mode.dataset.letters = letters > 5 ? "many" : letters));
  putText("unit", dial.unit);
  putText("words", dial.sentence);
  showFigure(section);
  putText("next", section.next);
  put("soon", section.end - now + owed <= SOON_S, (soon) => mode.classList.toggle("soon", soon));
  put("part", dial.part.toFixed(4), (part) => (rest.style.strokeDashoffset = 100.01 - 100 * part));
  const scale = dial.full === undefined || calm.matches ? 1 : 0.8 + 0.2 * dial.full;
  put("scale", scale.toFixed(3), () => (rest.style.transform = `scale(${scale})`));
  showSegments(now);
}

const segments = [...byId("segments").children];
segments.forEach((segment, index) => (segment.style.flexGrow = exercises[index].end - exercises[index].start));
function showSegments(now) {
  segments.forEach((segment, index) => {
    const { start, end } = exercises[index];
    const part = Math.min(1, Math.max(0, (now - start) / (end - start))).toFixed(3);
    put(`segment ${index}`, part, () => (segment.firstChild.style.transform = `scaleX(${part})`));
  });
}

function run() {
  cancelAnimationFrame(frame);
  payBack(audio.currentTime);
  if (mode.open) showMode(audio.currentTime);
  if (mode.open && !audio.paused) frame = requestAnimationFrame(run);
}
watch(() => {
  if (audio.paused || !mode.open) run();
});

/* Opening and leaving. The audio goes on when one leaves. */

/* A phone shows its browser otherwise; on a desk a window is large enough. */
const takesScreen = matchMedia("(pointer: coarse)");
let opening = false;

async function openMode() {
  if (mode.open || opening) return;
  opening = true;
  // What is opened last lies on top, so the page takes the screen before the dialog opens.
  if (takesScreen.matches) await document.documentElement.requestFullscreen?.({ navigationUI: "hide" }).catch(() => {});
  opening = false;
  mode.showModal();
  history.pushState({ mode: true }, "");
  run();
}

function leaveMode() {
  if (!mode.open) return;
  mode.close();
  if (history.state?.mode) history.back();
}

mode.addEventListener("close", () => {
  if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
  stopWaiting();
  byId("after").hidden = true;
  mode.classList.remove("over");
  show();
  byId("play").focus();
});
mode.addEventListener("cancel", (event) => {
  event.preventDefault();
  leaveMode();
});
addEventListener("popstate", () => mode.close());
document.addEventListener("fullscreenchange", () => {
  if (!document.fullscreenElement) leaveMode();
});
byId("leave").addEventListener("click", leaveMode);

/* A tap pauses, a swipe changes the exercise. */

const SWIPE_PX = 60;
let touch = null;
mode.addEventListener("pointerdown", (event) => {
  touch = event.target.closest("button, a, select, .after") ? null : { x: event.clientX, y: event.clientY };
});
mode.addEventListener("pointerup", (event) => {
  if (!touch) return;
  const [x, y] = [event.clientX - touch.x, event.clientY - touch.y];
  touch = null;
  if (Math.abs(x) > SWIPE_PX && Math.abs(x) > 2 * Math.abs(y)) step(x < 0 ? 1 : -1);
  else if (Math.hypot(x, y) < SWIPE_PX / 4) toggleMode();
});
byId("mode-play").addEventListener("click", toggleMode);
byId("mode-previous").addEventListener("click", commands.previous);
byId("mode-next-exercise").addEventListener("click", commands.next);

/* Time to lie down before it starts. */

let waiting = 0;
byId("delay").value = recall("delay") ?? "0";
byId("delay").addEventListener("change", (event) => remember("delay", event.target.value));

function stopWaiting() {
  clearInterval(waiting);
  waiting = 0;
}

/** Plays after the delay. Browsers play what a tap has begun, so it begins at once and is held. */
async function startAfterDelay() {
  let left = Number(byId("delay").value);
  if (!left) return play();
  audio.muted = true;
  await play();
  audio.pause();
  audio.currentTime = 0;
  audio.muted = false;
  const tick = () => {
    for (const [name, text] of [["number", String(left)], ["unit", ""], ["about", words.starts], ["words", ""]]) putText(name, text);
    if (left-- > 0) return;
    stopWaiting();
    shown.clear();
    play();
  };
  waiting = setInterval(tick, 1000);
  return tick();
}

function toggleMode() {
  if (waiting) {
    stopWaiting();
    play();
  } else toggle();
}
