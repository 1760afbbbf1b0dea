"use strict";

/* The page of a session: buttons, timeline, chapters and transcript around the browser's own player. Times are data-start
   and data-end attributes, in seconds. */
{
  const byId = (id) => document.getElementById(id);
  const audio = byId("audio");
  const seek = byId("seek");
  const transcript = byId("transcript");
  const title = byId("title").textContent;
  const duration = Number(audio.dataset.duration);
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const JUMP_S = 10;

  const marks = (selector) =>
    [...document.querySelectorAll(selector)].map((element) => ({
      element,
      start: Number(element.dataset.start),
      end: Number(element.dataset.end),
      text: element.querySelector(".what").textContent,
    }));
  const chapters = marks("#chapters button");
  const exercises = marks("#chapters > li > button");
  const lines = marks("#transcript button");
  const cues = lines.filter((line) => line.element.classList.contains("cue"));
  const windows = lines.filter((line) => line.element.classList.contains("window"));
  const begun = (list, time) => list.findLast((mark) => mark.start <= time + 0.05);

  function clock(seconds) {
    const whole = Math.floor(seconds);
    const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
    const rest = String(whole % 60).padStart(2, "0");
    return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
  }

  function say(text) {
    byId("status").textContent = text;
  }

  /* Storage may be switched off, and then throws. */
  function recall(key) {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  }

  function remember(key, value) {
    try {
      if (value === null) localStorage.removeItem(key);
      else localStorage.setItem(key, value);
    } catch {
      // Then it is not remembered.
    }
  }

  /* Playing and seeking */

  function play() {
    if (audio.error) {
      const time = audio.currentTime;
      audio.load();
      audio.currentTime = time;
    }
    say("");
    audio.play().catch((error) => {
      if (error.name !== "AbortError") say("The audio cannot be played. Check your connection.");
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
    play: toggle,
    forward: () => goTo(audio.currentTime + JUMP_S),
    previous: () => step(-1),
    next: () => step(1),
  };

  /* What is shown of the moment */

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

  function show() {
    const now = audio.currentTime;
    seek.value = now;
    seek.setAttribute("aria-valuetext", `${clock(now)} of ${clock(duration)}`);
    if (markCurrent(chapters, begun(chapters, now))) bring(current.get(chapters)?.element, byId("chapters"));
    if (markCurrent(lines, begun(lines, now))) follow();

    const cue = begun(cues, now);
    byId("now").textContent = cue?.text ?? begun(chapters, now)?.text ?? title;
    byId("now").classList.toggle("past", Boolean(cue) && now > cue.end + 1);
    const open = begun(windows, now);
    byId("window").classList.toggle("open", Boolean(open) && now < open.end);
    if (open && now < open.end) {
      byId("window-text").textContent = open.text;
      byId("window-left").textContent = `${clock(Math.ceil(open.end - now))} left`;
    }
  }

  /** Scrolls a box, and not the page, until something in it is in view. */
  function bring(element, box) {
    if (!element) return;
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

  for (const type of ["wheel", "touchmove"]) {
    transcript.addEventListener(type, () => (touchedAt = performance.now()), { passive: true });
  }

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

  /* The player */

  for (const [id, command] of Object.entries(commands)) byId(id).addEventListener("click", command);
  byId("previous").hidden = byId("next").hidden = !chapters.length;
  seek.addEventListener("input", () => goTo(Number(seek.value)));
  byId("speed").addEventListener("change", (event) => (audio.playbackRate = Number(event.target.value)));
  byId("follow").addEventListener("change", follow);
  for (const type of ["play", "pause"]) {
    audio.addEventListener(type, () => {
      byId("play").textContent = audio.paused ? "Play" : "Pause";
      if (!audio.paused) byId("continue").hidden = true;
    });
  }
  audio.querySelector("source").addEventListener("error", () => say("The audio cannot be loaded. Check your connection."));
  audio.addEventListener("error", () => say("The connection was lost. Play tries again."));

  /* Where one stopped; named by the page's path, since sites of a host share the storage. */

  const place = `stretchaudio position ${location.pathname}`;

  function offerToContinue() {
    const time = Number(recall(place));
    if (!(time > 5 && time < duration - 10)) return;
    byId("continue").hidden = false;
    byId("continue").textContent = `Continue at ${clock(time)}`;
    byId("continue").addEventListener("click", () => {
      goTo(time);
      play();
      byId("play").focus();
    });
  }

  let savedAt = 0;
  audio.addEventListener("timeupdate", () => {
    show();
    if (Math.abs(audio.currentTime - savedAt) < 2 || audio.currentTime < 5) return;
    savedAt = audio.currentTime;
    remember(place, savedAt.toFixed(1));
  });
  audio.addEventListener("ended", () => {
    remember(place, null);
    say("That was the whole session. Well done.");
  });

  /** Follows an address that ends in #t=95. */
  function followAddress() {
    const time = /^#t=(\d+(?:\.\d+)?)$/.exec(location.hash)?.[1];
    if (time) goTo(Number(time));
    return Boolean(time);
  }
  addEventListener("hashchange", followAddress);

  /* Sharing */

  const share = byId("share");
  share.hidden = !location.protocol.startsWith("http") || !(navigator.share || navigator.clipboard);
  share.addEventListener("click", async () => {
    const [url] = location.href.split("#");
    try {
      if (navigator.share) await navigator.share({ title, url });
      else {
        await navigator.clipboard.writeText(url);
        say("Link copied.");
      }
    } catch (error) {
      if (error.name !== "AbortError") say(`The link: ${url}`);
    }
  });

  /* Keys: of the keyboard, of headphones and of the lock screen */

  byId("keys").checked = recall("stretchaudio keys") !== "off";
  byId("keys").addEventListener("change", (event) => remember("stretchaudio keys", event.target.checked ? null : "off"));

  const shortcuts = { k: "play", j: "back", l: "forward", p: "previous", n: "next" };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || !byId("keys").checked) return;
    const control = event.target.closest("a, button, input, select, textarea, summary, audio");
    const command = event.key === " " ? !control && "play" : !control?.matches("select, textarea") && shortcuts[event.key];
    if (!command) return;
    event.preventDefault();
    commands[command]();
  });

  if ("mediaSession" in navigator) {
    const cover = byId("cover").src;
    navigator.mediaSession.metadata = new MediaMetadata({
      title,
      artist: byId("site").textContent,
      artwork: cover.startsWith("http") ? [{ src: cover }] : [],
    });
    const actions = {
      previoustrack: commands.previous,
      nexttrack: commands.next,
      seekbackward: commands.back,
      seekforward: commands.forward,
      seekto: (details) => goTo(details.seekTime),
    };
    for (const [action, handler] of Object.entries(actions)) {
      try {
        navigator.mediaSession.setActionHandler(action, handler);
      } catch {
        // A browser that does not know the action does without.
      }
    }
  }

  for (const element of [seek, ...document.querySelectorAll(".scripted")]) element.hidden = false;
  if (!followAddress()) offerToContinue();
}
