/* "I need longer" repeats the tail of what is being done by 15 s; "skip this" goes on to what comes next. */

const MORE_S = 15;
/* Before the countdown, so that it is heard once. */
const REPEATABLE = 0.6;
let owedIn = null;

/** Goes back by as much as there is; what is missing follows when it has been done again. */
function needLonger() {
  const now = audio.currentTime;
  const { start } = sectionAt(now);
  const back = Math.min(MORE_S, now - start);
  owed += MORE_S - back;
  owedIn = start;
  goTo(now - back);
}

/** Repeats what is still owed, when nobody is speaking. */
function payBack(now) {
  if (!owed) return;
  const { start, end } = sectionAt(now);
  if (start !== owedIn) {
    owed = 0;
    return;
  }
  const wanted = Math.min(owed, (end - start) * REPEATABLE);
  const spoken = begun(cues, now);
  const isSpoken = spoken && now < spoken.end && spoken.start > start;
  if (now - start < wanted || (isSpoken && now < end - 1)) return;
  const back = Math.min(owed, now - start);
  owed = owed - back < 0.5 ? 0 : owed - back;
  goTo(now - back);
}

function skipThis() {
  owed = 0;
  const { end, following } = sectionAt(audio.currentTime);
  goTo(following ? end + 0.02 : exercises.at(-1)?.end ?? duration);
}

byId("longer").addEventListener("click", needLonger);
byId("skip").addEventListener("click", skipThis);
