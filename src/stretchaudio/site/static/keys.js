/* The keyboard, and sharing. */

byId("keys").checked = recall("keys") !== "off";
byId("keys").addEventListener("change", (event) => remember("keys", event.target.checked ? null : "off"));

const shortcuts = { k: () => (mode.open ? toggleMode() : toggle()), j: commands.back, l: commands.forward, p: commands.previous, n: commands.next };
/* On the mat there is nothing else to do with arrows. */
const inMode = { ArrowLeft: commands.previous, ArrowRight: commands.next };

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || !byId("keys").checked) return;
  const control = event.target.closest("a, button, input, select, textarea, summary, audio");
  const isTyped = control?.matches("select, textarea, input:not([type=checkbox], [type=range])");
  const command = event.key === " " ? !control && shortcuts.k : !isTyped && (shortcuts[event.key] ?? (mode.open && inMode[event.key]));
  if (!command) return;
  event.preventDefault();
  command();
});

const share = byId("share");
share.hidden = !isServed || !(navigator.share || navigator.clipboard);
share.addEventListener("click", async () => {
  const [url] = location.href.split("#");
  try {
    if (navigator.share) await navigator.share({ title, url });
    else {
      await navigator.clipboard.writeText(url);
      say(words.copied);
    }
  } catch (error) {
    if (error.name !== "AbortError") say(fill(words.link, { url }));
  }
});
