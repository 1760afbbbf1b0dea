/* What the scripts of all pages use: elements, words, times and what is remembered on this device. */

const byId = (id) => document.getElementById(id);
const data = JSON.parse(byId("data").textContent);
const words = data.words;
const root = new URL(document.documentElement.dataset.root, location.href);
const calm = matchMedia("(prefers-reduced-motion: reduce)");
/* A folder opened from the disk (file://) has neither a worker nor addresses to share. */
const isServed = location.protocol.startsWith("http");

/** Fills the places of a sentence: "{n} of {total}". */
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Counts sessions as the language of the page does. */
function countSessions(n) {
  return fill(words.sessions[n === 1 ? 0 : 1], { n });
}

function clock(seconds) {
  const whole = Math.floor(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = String(whole % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/* Sites of one host share the storage, so names have the site's path in them. Storage may be switched off, and then throws. */

const nameOf = (key) => `stretchaudio ${root.pathname} ${key}`;

function recall(key) {
  try {
    return localStorage.getItem(nameOf(key));
  } catch {
    return null;
  }
}

function remember(key, value) {
  try {
    if (value === null) localStorage.removeItem(nameOf(key));
    else localStorage.setItem(nameOf(key), value);
  } catch {
    // Then it is not remembered.
  }
}

/** Names a session by its folder: "back-basics". */
const sessionOf = (url) => new URL(url, location.href).pathname.match(/sessions\/([^/]+)\//)?.[1];

/** Where one stopped in a session, in seconds; 0 when there is no such place. */
function placeOf(session, duration) {
  const time = Number(recall(`position ${session}`));
  return time > 5 && time < duration - 10 ? time : 0;
}

if (isServed) {
  const manifest = document.createElement("link");
  manifest.rel = "manifest";
  manifest.href = new URL("manifest.webmanifest", root);
  document.head.append(manifest);
  // Browsers offer no service worker where the connection is not secure.
  navigator.serviceWorker?.register(new URL("worker.js", root)).catch(() => {});
}
