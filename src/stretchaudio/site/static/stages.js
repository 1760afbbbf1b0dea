/* What is done at a time. A stage is a window, or a row of reps or breaths; between stages something is explained. */

const { stages, exercises } = data;
const counted = new Set(["rep", "breath"]);

const lastBegun = (list, time) => list.findLastIndex((one) => one.start <= time + 0.01);

/** The part of the session around a time: a stage, or what is said before the next one. */
function sectionAt(time) {
  const index = lastBegun(stages, time);
  const stage = stages[index];
  if (stage && time < stage.end) return { ...stage, stage, following: stages[index + 1] };
  const following = stages[index + 1];
  const exercise = lastBegun(exercises, time);
  const goesOn = following?.exercise === exercise;
  return {
    stage: null,
    following,
    start: stage?.end ?? 0,
    end: following?.start ?? duration,
    exercise,
    next: goesOn ? (following.kind === "transition" ? following.next : following.label) : exercises[following?.exercise]?.title ?? words.end,
    about: goesOn ? following.about : "",
  };
}

/** The number of a rep or breath, from 0, with its own start and end. */
function repAt(stage, time) {
  const index = Math.max(0, stage.at.findLastIndex((start) => start <= time + 0.01));
  return { index, start: stage.at[index], end: stage.at[index + 1] ?? stage.end };
}

/* Reps follow each other evenly, as a rule, and are written as one number. */
for (const stage of stages) {
  if (stage.every) stage.at = Array.from({ length: stage.count }, (_, index) => stage.start + index * stage.every);
}

/** Where in a breath one is: its phase, and how full the lungs are, from 0 to 1. */
function breathAt(stage, rep, time) {
  const into = time - rep.start;
  const length = rep.end - rep.start;
  const at = Math.max(0, stage.breath.findLastIndex(([start]) => start <= into + 0.01));
  const [start, phase] = stage.breath[at];
  const end = stage.breath[at + 1]?.[0] ?? length;
  const part = Math.min(1, Math.max(0, (into - start) / (end - start)));
  const before = stage.breath.slice(0, at).some(([, name]) => name === "out") ? 0 : 1;
  return { phase, full: { in: part, out: 1 - part, wait: before }[phase] };
}
