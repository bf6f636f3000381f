// UTC comes from the server; this adds the reader's own time beside it, and keeps ages true.
const local = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });

function sameDay(at) {
  return at.getDate() === at.getUTCDate();
}

/** Fills the local time of one `.when`; leaves it empty where local time is UTC. */
export function addLocalTime(when) {
  const time = when.querySelector("time");
  const place = when.querySelector("[data-local]");
  if (!time) return;
  const at = new Date(time.dateTime);
  if (Number.isNaN(at.getTime())) return;
  time.title = full.format(at);
  if (!place || at.getTimezoneOffset() === 0) return;
  const date = sameDay(at) ? "" : `${day.format(at)} `;
  place.textContent = `${date}${local.format(at)} local`;
}

/** 12 s, 3 min, 5 h, 2 d. */
export function age(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 120) return `${s} s`;
  if (s < 7200) return `${Math.floor(s / 60)} min`;
  if (s < 172800) return `${Math.floor(s / 3600)} h`;
  return `${Math.floor(s / 86400)} d`;
}

/** Writes "N s ago" into every [data-age-of] under `root`. */
export function refreshAges(root, now = Date.now()) {
  for (const place of root.querySelectorAll("[data-age-of]")) {
    const at = Date.parse(place.dataset.ageOf);
    if (Number.isNaN(at)) continue;
    const seconds = (now - at) / 1000;
    place.textContent = `${age(seconds)} ago`;
    const late = Number(place.dataset.lateAfter);
    place.toggleAttribute("data-late", Boolean(late) && seconds > late);
  }
}

/** Writes "12 min left", or "passed", into every [data-until] under `root`. */
export function refreshDeadlines(root, now = Date.now()) {
  for (const place of root.querySelectorAll("[data-until]")) {
    const seconds = (Date.parse(place.dataset.until) - now) / 1000;
    if (Number.isNaN(seconds)) continue;
    place.textContent = seconds > 0 ? `${age(seconds)} left` : "passed";
  }
}

export function keepTimes(doc) {
  for (const when of doc.querySelectorAll(".when")) addLocalTime(when);
  const refresh = () => {
    refreshAges(doc);
    refreshDeadlines(doc);
  };
  refresh();
  setInterval(refresh, 1000);
}
