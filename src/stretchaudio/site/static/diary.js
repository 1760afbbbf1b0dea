/* What was done on this device: a tick a day, how it felt, and all of it as CSV. Nothing of it leaves the device. */

const DAYS = 14;

/** The day as it is called here, not in Greenwich: "2026-11-21". */
function dayOf(date) {
  const two = (n) => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function readDiary() {
  try {
    const found = JSON.parse(recall("diary") ?? "[]");
    return Array.isArray(found) ? found : [];
  } catch {
    return [];
  }
}

/** Adds to the diary, or changes the entry that was made last. */
function writeDiary(change) {
  const entries = change(readDiary());
  remember("diary", JSON.stringify(entries));
  showDiary();
}

function csv(entries) {
  const columns = ["day", "time", "session", "title", "minutes", "scale", "value"];
  const cell = (value) => {
    const text = String(value ?? "");
    // A spreadsheet takes a cell that begins so for a formula.
    return `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
  };
  return [columns, ...entries.map((entry) => columns.map((name) => entry[name]))].map((row) => row.map(cell).join(",")).join("\r\n");
}

function showDiary() {
  const entries = readDiary();
  byId("diary").hidden = !entries.length;
  if (!entries.length) return;
  const done = new Set(entries.map((entry) => entry.day));
  const today = new Date();
  const language = document.documentElement.lang;
  byId("days").replaceChildren(
    ...Array.from({ length: DAYS }, (_, index) => {
      const date = new Date(today.getFullYear(), today.getMonth(), today.getDate() - (DAYS - 1 - index));
      const item = document.createElement("li");
      const isDone = done.has(dayOf(date));
      const name = date.toLocaleDateString(language, { weekday: "long", day: "numeric", month: "long" });
      item.classList.toggle("done", isDone);
      item.title = isDone ? fill(words.done_on, { day: name }) : name;
      item.innerHTML = '<span class="unseen"></span><span aria-hidden="true"></span>';
      item.firstChild.textContent = item.title;
      item.lastChild.textContent = isDone ? "✓" : String(date.getDate());
      return item;
    }),
  );
  // A byte order mark, without which spreadsheets take the text for another encoding.
  byId("export").href = URL.createObjectURL(new Blob(["\ufeff", csv(entries)], { type: "text/csv" }));
}

showDiary();
