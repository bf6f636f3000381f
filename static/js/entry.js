// Builds a line of the timeline from a pushed entry: the same markup as templates/parts/entry.html,
// made of nodes, never of strings, because its words come from chains, desks and parties.
import { markBlock } from "./blocks.js";
import { addLocalTime } from "./time.js";
import { visible } from "./text.js";

const TONES = [
  ["freeze.", "freeze"],
  ["trace.frozen", "freeze"],
  ["trace.freez", "freeze"],
  ["trace.funds_seized", "good"],
  ["trace.alert_withdrawn", "withdrawal"],
  ["trace.funds_secured", "good"],
  ["trace.", "alert"],
  ["statement.", "word"],
  ["status.", "word"],
  ["note.", "word"],
];
// Whose word a line is where no party signed it (incidents/serialized.py).
const AUTHORS = { trace: "Trace", desk: "The desk’s page", installation: "Holdfast" };
const LOUD = ["trace.", "freeze.evidence_changed", "freeze.answered", "statement.published"];
const HEX_ADDRESS = /\b0x[0-9a-fA-F]{40}\b/;
// An address, or a number: the same as incidents/display/entries.py.
const PIECE = /\b0x[0-9a-fA-F]{40}\b|(?<![\w.:-])(\d+)(\.\d+)?(?= \S)/g;
const HEAD = 10;
const TAIL = 8;

export function make(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** Text from outside: isolated, cut, unseen characters written out and framed. */
export function outside(text, length = 400, lines = false) {
  const whole = String(text ?? "");
  const cut = whole.length > length ? `${whole.slice(0, length - 1)}…` : whole;
  const node = make(lines ? "span" : "bdi", { class: lines ? "outside lines" : "outside" });
  if (lines) node.dir = "auto";
  for (const piece of visible(cut, { lines }).split(/(\[U\+[0-9A-F]{4,6}\])/)) {
    if (/^\[U\+/.test(piece)) node.append(make("span", { class: "esc" }, piece));
    else if (piece) node.append(piece);
  }
  return node;
}

export function short(text) {
  return text.length <= HEAD + TAIL + 3 ? text : `${text.slice(0, HEAD)}…${text.slice(-TAIL)}`;
}

function addressNode(full, chain, base) {
  const code = make("code", {}, short(full));
  if (!chain) {
    code.title = full;
    return code;
  }
  const href = `${base}addresses/${encodeURIComponent(chain)}/${encodeURIComponent(full)}/`;
  return make("a", { href, title: full }, code);
}

// A number after one of these counts nothing: a height, a year.
const NO_AMOUNT_AFTER =
  /\b(block|version|revision|January|February|March|April|May|June|July|August|September|October|November|December)\s*$/;

function grouped(digits, before) {
  if (digits.startsWith("0") || NO_AMOUNT_AFTER.test(before)) return digits;
  return digits.replace(/\B(?=(\d{3})+$)/g, ",");
}

function sentence(entry, base) {
  const chain = entry.content?.chain ?? "";
  const found = [];
  let at = 0;
  for (const match of entry.headline.matchAll(PIECE)) {
    if (match.index > at) found.push(outside(entry.headline.slice(at, match.index)));
    if (match[1] === undefined) found.push(addressNode(match[0], chain, base));
    else {
      found.push(grouped(match[1], entry.headline.slice(0, match.index)));
      if (match[2]) found.push(make("span", { class: "frac" }, match[2]));
    }
    at = match.index + match[0].length;
  }
  if (at < entry.headline.length) found.push(outside(entry.headline.slice(at)));
  return found;
}

function when(iso) {
  const at = new Date(iso);
  const day = at.toLocaleDateString("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    timeZone: "UTC",
  });
  const time = make("time", { datetime: iso }, `${day} ${at.toISOString().slice(11, 19)} UTC`);
  const node = make("span", { class: "when" }, time, make("wbr"));
  node.append(make("span", { class: "local", "data-local": "" }));
  addLocalTime(node);
  return node;
}

function markingChip(marking) {
  const label = marking || "TLP:RED";
  const css = label.replace("TLP:", "tlp-").replace("+", "-").toLowerCase();
  return make("span", { class: `tlp ${css}` }, label);
}

function copyable(template, value) {
  const node = template.content.firstElementChild.cloneNode(true);
  node.title = value;
  const code = node.querySelector("code");
  code.textContent = short(value);
  code.setAttribute("aria-label", value);
  node.querySelector("[data-copy]").dataset.copy = value;
  return node;
}

function link(entry, base) {
  const [noun, ...rest] = (entry.subject ?? "").split(":");
  const last = rest.at(-1) ?? "";
  if (noun === "freeze") return `${base}freezes/${encodeURIComponent(last)}/`;
  if (noun === "statement") return `${base}statements/${encodeURIComponent(last)}/`;
  if (noun === "address" && !HEX_ADDRESS.test(entry.headline)) {
    const chain = rest.slice(0, -1).join(":");
    return `${base}addresses/${encodeURIComponent(chain)}/${encodeURIComponent(last)}/`;
  }
  return "";
}

export function buildEntry(entry, base, hashTemplate) {
  const tone = TONES.find(([prefix]) => entry.kind.startsWith(prefix))?.[1];
  const state = entry.is_withdrawn ? "withdrawn" : entry.is_provisional ? "provisional" : "";
  const note = entry.kind === "note.posted";
  const said = note
    ? make("p", { class: "text" }, outside(entry.headline, 10000, true))
    : make("p", { class: "title" }, ...sentence(entry, base));
  const meta = make("p", { class: "meta" }, markingChip(entry.marking), " ");
  const who = AUTHORS[entry.by] ?? outside(entry.organization ?? "", 60);
  meta.append(make("span", {}, who));
  if (state) {
    const css = entry.is_withdrawn ? "tag tag-bad" : "tag tag-warn";
    meta.append(" ", make("span", { class: css, "data-mark": "" }, state));
  }
  if (entry.block_state && entry.kind !== "trace.alert_withdrawn") {
    const mark = make("span");
    markBlock(mark, entry.block_state, entry.block_standing);
    meta.append(" ", mark);
  }
  const tx = entry.content?.tx;
  if (typeof tx === "string" && tx.startsWith("0x")) meta.append(" ", copyable(hashTemplate, tx));
  const href = link(entry, base);
  if (href) meta.append(" ", make("a", { href }, "open"));
  if (note) meta.append(" ", make("a", { href: `${base}items/note/${entry.id}/marking/` }, "who may see it"));
  const loud = LOUD.some((prefix) => entry.kind.startsWith(prefix)) && "entry-loud";
  const css = ["entry", loud, tone && `entry-${tone}`, state && `entry-${state}`].filter(Boolean);
  return make(
    "li",
    {
      class: css.join(" "),
      "data-entry": entry.id,
      "data-block": entry.content?.block_hash,
      "data-chain-of": entry.content?.block_hash && entry.content.chain,
      "data-height": entry.content?.block_hash && entry.content.block,
      "data-headline": entry.content?.block_hash && entry.headline,
    },
    when(entry.happened_at),
    make("div", { class: "what" }, said, meta),
  );
}
