// The room's list of freeze requests, kept by the entries about them. Facts only: what an entry does
// not say is not guessed, the request's own page has it.
import { make, outside } from "./entry.js";
import { show } from "./strip.js";

const TONES = {
  draft: "open",
  checked: "wait",
  approved: "wait",
  sent: "go",
  acknowledged: "go",
  needs_information: "wait",
  needs_legal_process: "wait",
  located: "wait",
  held: "wait",
  frozen: "frozen",
  returned: "good",
  declined: "bad",
  wrong_desk: "bad",
  released: "bad",
  lapsed: "bad",
  renewed: "wait",
  no_reply: "bad",
  bounced: "bad",
  moved_on: "bad",
  seized: "frozen",
  burned_reissued: "frozen",
  in_custody: "frozen",
  encumbered: "wait",
};
const OF_REQUEST = {
  "freeze.drafted": "draft",
  "freeze.sent": "sent",
};

const WORDS = { checked: "checked by one", approved: "approved by two", lapsed: "hold lapsed" };

function stateChip(state) {
  const words = WORDS[state] ?? state.replaceAll("_", " ");
  const tone = TONES[state] ? `state state-${TONES[state]}` : "state";
  return make("span", { class: tone }, words.charAt(0).toUpperCase() + words.slice(1));
}

function amountNode(content) {
  const [whole, fraction] = show(BigInt(content.amount), content.decimals);
  const node = make("span", { class: "amount" }, whole);
  if (fraction) node.append(make("span", { class: "frac" }, fraction));
  node.append(make("span", { class: "unit" }, outside(content.symbol, 16)));
  return node;
}

export class FreezeList {
  constructor(root, base) {
    this.root = root;
    this.base = base;
    this.list = root.querySelector("[data-freezes]");
  }

  take(entry) {
    const row = this.row(entry.content);
    const approved = entry.content.signatures === 1 ? "checked" : "approved";
    const of = entry.kind === "freeze.approved" ? approved : OF_REQUEST[entry.kind];
    if (of) row.querySelector("[data-state]").replaceChildren(stateChip(of));
    if (entry.kind === "freeze.sent") {
      for (const place of row.querySelectorAll("[data-target] [data-state]")) {
        place.replaceChildren(stateChip("sent"));
      }
    }
    if (entry.content.target) this.target(row, entry);
  }

  row(content) {
    const known = this.list.querySelector(`[data-freeze="${CSS.escape(content.request)}"]`);
    if (known) return known;
    const href = `${this.base}freezes/${encodeURIComponent(content.request)}/`;
    const head = make(
      "p",
      { class: "row" },
      make("a", { href, "data-reference": "" }, content.reference),
      " ",
      make("span", { "data-desk": "" }, outside(content.desk, 60)),
      " ",
      make("span", { "data-state": "" }, stateChip("draft")),
    );
    const row = make("li", { "data-freeze": content.request }, head);
    if (content.by_trace) head.append(" ", make("span", { class: "tag" }, "by the trace"));
    row.append(make("ul", { "data-targets": "" }));
    this.list.prepend(row);
    this.root.querySelector("[data-no-freezes]")?.remove();
    this.root.querySelector("[data-freeze-count]").textContent = this.list.childElementCount;
    return row;
  }

  target(row, entry) {
    const { content } = entry;
    const find = `[data-target="${CSS.escape(content.target)}"]`;
    let line = row.querySelector(find);
    if (!line) {
      line = make("li", { class: "split", "data-target": content.target, "data-sum": "0" });
      const changed = make("span", { class: "tag tag-bad", "data-changed": "" }, "evidence changed");
      changed.hidden = true;
      const state = make("span", { "data-state": "" }, stateChip("draft"));
      line.append(make("span", { "data-amount": "" }), make("span", { class: "row" }, changed, state));
      row.querySelector("[data-targets]").append(line);
    }
    if (entry.kind === "freeze.target_added") this.add(line, content, 1n);
    if (entry.kind === "freeze.evidence_changed") {
      this.add(line, content, -1n);
      line.querySelector("[data-changed]").hidden = false;
    }
    if (entry.kind === "freeze.answered") {
      line.querySelector("[data-state]").replaceChildren(stateChip(content.outcome));
    }
  }

  /** What is requested: the sum of what was added, less what lost its evidence. */
  add(line, content, sign) {
    const sum = BigInt(line.dataset.sum) + sign * BigInt(content.amount);
    line.dataset.sum = String(sum);
    const shown = amountNode({ ...content, amount: String(sum < 0n ? 0n : sum) });
    line.querySelector("[data-amount]").replaceChildren(shown);
  }
}
