// Refreshes a money strip from pushed figures. Same arithmetic as incidents/display/: BigInt, and
// nothing is drawn unless it adds up.
const SCALE = 10000n;
const BUCKETS = ["at_large", "held", "frozen", "recovered", "lost"];
const SUBS = ["at_services", "in_crossing"];
const SVG = "http://www.w3.org/2000/svg";

/** Base units as [whole, fraction]; `places` digits at least, no digit dropped. */
export function show(units, decimals, places = 0) {
  const base = 10n ** BigInt(decimals);
  const whole = String(units / base).replace(/\B(?=(\d{3})+$)/g, ",");
  const digits = decimals ? String(units % base).padStart(decimals, "0").replace(/0+$/, "") : "";
  const fraction = digits.padEnd(places, "0");
  return [whole, fraction ? `.${fraction}` : ""];
}

/** Whole numbers that add up to SCALE: floors, then the largest remainders. */
export function shares(parts) {
  const total = parts.reduce((a, b) => a + b, 0n);
  if (total <= 0n) return parts.map(() => 0n);
  const floors = parts.map((p) => (p * SCALE) / total);
  const order = parts
    .map((p, i) => [(p * SCALE) % total, i])
    .sort((a, b) => (a[0] === b[0] ? a[1] - b[1] : a[0] < b[0] ? 1 : -1));
  let left = SCALE - floors.reduce((a, b) => a + b, 0n);
  for (const [, i] of order) {
    if (left <= 0n) break;
    floors[i] += 1n;
    left -= 1n;
  }
  return floors;
}

function addsUp(f) {
  const sum = BUCKETS.reduce((a, b) => a + f[b], 0n);
  const subs = SUBS.reduce((a, b) => a + f[b], 0n);
  const negative = [...BUCKETS, ...SUBS].some((b) => f[b] < 0n);
  return !negative && sum === f.stolen && subs <= f.at_large;
}

function writeAmount(place, [whole, fraction]) {
  const dim = document.createElement("span");
  dim.className = "frac";
  dim.textContent = fraction;
  place.replaceChildren(whole, ...(fraction ? [dim] : []));
}

function rect(bucket, x, width, sub) {
  const r = document.createElementNS(SVG, "rect");
  r.setAttribute("class", `fill-${bucket}`);
  r.setAttribute("x", String(x));
  r.setAttribute("width", String(width));
  r.setAttribute("y", sub ? "58" : "0");
  r.setAttribute("height", sub ? "42" : "100");
  return r;
}

function drawBar(bar, figures, widths) {
  const found = [];
  let x = 0n;
  BUCKETS.forEach((bucket, i) => {
    if (widths[i]) found.push(rect(bucket, x, widths[i], false));
    x += widths[i];
  });
  let end = widths[0];
  for (const bucket of [...SUBS].reverse()) {
    const width = figures.stolen ? (figures[bucket] * SCALE) / figures.stolen : 0n;
    const start = end > width ? end - width : 0n;
    if (width) found.push(rect(bucket, start, width, true));
    end = start;
  }
  bar.replaceChildren(...found);
}

function percent(hundredths) {
  return `${hundredths / 100n}.${String(hundredths % 100n).padStart(2, "0")} %`;
}

/** `pushed`: {stolen, at_large, at_services, in_crossing, held, frozen, recovered, lost} as strings. */
export function refreshStrip(section, pushed) {
  const decimals = Number(section.dataset.decimals);
  const names = ["stolen", ...BUCKETS, ...SUBS];
  const figures = Object.fromEntries(names.map((n) => [n, BigInt(pushed[n] ?? "0")]));
  if (!addsUp(figures)) return false;
  const places = Math.max(...names.map((n) => Math.max(0, show(figures[n], decimals)[1].length - 1)));
  const widths = shares(BUCKETS.map((b) => figures[b]));
  for (const row of section.querySelectorAll("[data-bucket]")) {
    const bucket = row.dataset.bucket;
    const value = figures[bucket];
    const main = BUCKETS.indexOf(bucket);
    const part = main >= 0 ? widths[main] : figures.stolen ? (value * SCALE) / figures.stolen : 0n;
    writeAmount(row.querySelector("[data-amount]"), show(value, decimals, places));
    row.querySelector("[data-percent]").textContent = percent(part);
    row.classList.toggle("zero", value === 0n);
  }
  for (const place of section.querySelectorAll("[data-total]")) {
    writeAmount(place, show(figures.stolen, decimals, places));
  }
  drawBar(section.querySelector("[data-bar]"), figures, widths);
  return true;
}
