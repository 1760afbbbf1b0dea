/* The device: its screen stays on, its lock screen tells the exercise, and it shakes where something begins or ends. */

const BUZZ_MS = 80;
let lock = null;

async function keepAwake() {
  const wanted = !audio.paused && document.visibilityState === "visible";
  if (wanted && !lock) {
    lock = await navigator.wakeLock?.request("screen").catch(() => null);
    lock?.addEventListener("release", () => (lock = null));
  } else if (!wanted) {
    await lock?.release();
  }
}
document.addEventListener("visibilitychange", keepAwake);

/** Shakes once at each edge of a stage that is played over, not at one that is jumped over. */
let edgeOf = null;
function buzz(now) {
  const { start } = sectionAt(now);
  if (edgeOf !== null && start !== edgeOf && !audio.paused && Math.abs(now - start) < 1) navigator.vibrate?.(BUZZ_MS);
  edgeOf = start;
}
watch(buzz);

const artwork = [96, 256, 512].map((side) => ({
  src: new URL(mode.dataset[`artwork${side}`], location.href).href,
  sizes: `${side}x${side}`,
  type: "image/jpeg",
}));
let told = null;

function tellLockScreen(now) {
  const section = sectionAt(now);
  const name = [exercises[section.exercise]?.title ?? title, section.about].filter(Boolean).join(" · ");
  if (told !== name) {
    told = name;
    const known = { title: name, artist: title, album: byId("site").textContent };
    navigator.mediaSession.metadata = new MediaMetadata({ ...known, artwork: isServed ? artwork : [] });
  }
  navigator.mediaSession.setPositionState?.({ duration, position: Math.min(now, duration), playbackRate: audio.playbackRate });
}

if ("mediaSession" in navigator) {
  watch(tellLockScreen);
  const actions = {
    play,
    pause: () => audio.pause(),
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
