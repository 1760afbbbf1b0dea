/* After the end: a tick for today, how it feels, again or the next one, and keeping it on the device. */

const values = [...document.querySelectorAll(".values button")];
const track = byId("keep").dataset.track;
const ownFiles = [location.href.split("#")[0], track, ...artwork.map(({ src }) => src), ...[...document.querySelectorAll("#chapters .figure")].map(({ src }) => src)];

audio.addEventListener("ended", () => {
  const now = new Date();
  const time = now.toTimeString().slice(0, 5);
  writeDiary((entries) => [...entries, { day: dayOf(now), time, session, title, minutes: Math.max(1, Math.round(duration / 60)) }]);
  say(words.well_done);
  byId("after").hidden = false;
  mode.classList.add("over");
  for (const button of values) button.ariaPressed = "false";
  if (mode.open) byId("done").focus();
  showStart();
});

byId("scale").value = recall("scale") ?? "pain";
byId("scale").addEventListener("change", (event) => remember("scale", event.target.value));
for (const button of values) {
  button.addEventListener("click", () => {
    for (const other of values) other.ariaPressed = String(other === button);
    const felt = { scale: byId("scale").value, value: Number(button.dataset.value) };
    writeDiary((entries) => entries.map((entry, index) => (index === entries.length - 1 ? { ...entry, ...felt } : entry)));
  });
}
byId("done").addEventListener("click", leaveMode);
byId("again").addEventListener("click", () => {
  byId("after").hidden = true;
  mode.classList.remove("over");
  goTo(0);
  play();
});

/* Kept on this device by choice; after it was played it is offered. */

async function showKept() {
  const button = byId("keep");
  button.hidden = byId("keep-note").hidden = !canKeep;
  const kept = await isKept(track);
  button.textContent = kept ? button.dataset.remove : button.dataset.keep;
  button.dataset.kept = kept;
  byId("keep-offer").hidden = !canKeep || kept;
  return kept;
}

async function keepOrDrop() {
  if (await isKept(track)) await dropFile(track);
  else if (await keepFiles(ownFiles).catch(() => false)) say(words.kept);
  else say(words.keep_failed);
  await showKept();
}

for (const id of ["keep", "keep-offer"]) byId(id).addEventListener("click", keepOrDrop);
audio.addEventListener("pause", async () => {
  if (!audio.ended && canKeep && !(await isKept(track))) say(words.keep_offer);
});
showKept();
