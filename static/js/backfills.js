// How far the past was read, in the server's words: in the strip of a room and on a trace's page.
import { make } from "./entry.js";

/** One tag for each past that is still being read; nothing is shown where there is none. */
export function showBackfills(backfills) {
  const place = document.querySelector("[data-backfills]");
  if (!place) return;
  const subject = place.dataset.backfills; // "": all of the room
  const shown = backfills.filter((one) => !subject || one.subject === subject);
  place.hidden = shown.length === 0;
  place.replaceChildren(...shown.map((one) => make("span", { class: "tag tag-warn" }, one.words)));
}
