// Keeps the room true: one socket, a cursor, entries in order. The server decides what this party
// may see; what arrives here is already cut to it.
import { markBlock } from "./blocks.js";
import { buildEntry, make, outside } from "./entry.js";
import { showBackfills } from "./backfills.js";
import { FreezeList } from "./freezes.js";
import { refreshStrip } from "./strip.js";
import { visible } from "./text.js";

const MOST_LINES = 500; // in the page; what is older is one click away
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15000;
const PING_MS = 10000;
const NOT_YOURS = 4404;
const OTHER_SEAT = 4411;
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
// The words and tones of incidents/display/chains.py.
const STANDINGS = {
  starting: ["wait", "starting"],
  single: ["open", "single source"],
  verified: ["good", "verified"],
  logs: ["wait", "logs verified, inner movements not"],
  unverified: ["bad", "not verified"],
  off: ["wait", "not watched"],
};

/** The same sentence, whatever the case of its addresses (EIP-55 on screen, lower in storage). */
function sameWords(shown, stored) {
  return (shown ?? "").toLowerCase() === (stored ?? "").toLowerCase();
}

class Room {
  constructor(root) {
    this.root = root;
    this.base = root.dataset.room;
    this.cursor = root.dataset.cursor;
    this.list = root.querySelector("[data-timeline]");
    this.hashTemplate = document.getElementById("hash-template");
    this.announcer = root.querySelector("[data-announce]");
    this.hold = root.querySelector("[data-hold]");
    this.freezes = new FreezeList(root, this.base);
    this.waiting = [];
    this.isHeld = false;
    this.newAddresses = 0;
    this.wait = FIRST_WAIT_MS;
    if (this.list) this.listen();
  }

  listen() {
    this.hold.hidden = false;
    this.hold.addEventListener("click", () => this.toggleHold());
    addEventListener("online", () => this.reconnectNow());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.reconnectNow();
    });
    this.connect();
  }

  connect() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const query = this.cursor ? `?cursor=${encodeURIComponent(this.cursor)}` : "";
    this.socket = new WebSocket(`${scheme}//${location.host}${this.root.dataset.socket}${query}`);
    this.socket.addEventListener("message", (event) => this.take(JSON.parse(event.data)));
    this.socket.addEventListener("close", (event) => this.closed(event.code));
    this.say("wait", "Connecting");
  }

  closed(code) {
    clearInterval(this.pinging);
    if (code === NOT_YOURS) {
      this.say("bad", "You cannot listen to this room any more. Reload the page");
      return;
    }
    if (code === OTHER_SEAT) {
      this.say("bad", "You act for another party in this room now. Reload the page");
      return;
    }
    this.say("bad", "Not live: reconnecting, nothing will be missed");
    this.retry = setTimeout(() => this.connect(), this.wait * (0.75 + Math.random() / 2));
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
  }

  reconnectNow() {
    if (this.socket.readyState !== WebSocket.CLOSED || !this.retry) return;
    clearTimeout(this.retry);
    this.connect();
  }

  say(tone, words) {
    const place = document.querySelector("[data-connection]");
    place.className = `state state-${tone}`;
    place.textContent = words;
  }

  take(frame) {
    if (frame.type === "hello") {
      this.wait = FIRST_WAIT_MS;
      this.say("good", "Live");
      this.pinging = setInterval(() => this.socket.send("ping"), PING_MS);
    } else if (frame.type === "entry") this.takeEntry(frame.entry);
    else if (frame.type === "state") this.takeState(frame);
  }

  takeEntry(entry) {
    this.cursor = entry.id;
    const known = document.querySelector(`[data-entry="${CSS.escape(entry.id)}"]`);
    if (known) {
      known.replaceWith(buildEntry(entry, this.base, this.hashTemplate)); // its marking may be another
      return;
    }
    if (this.isHeld) {
      this.waiting.push(entry);
      this.hold.textContent = `Show ${this.waiting.length} new`;
      return;
    }
    this.show(entry);
    this.announce(entry);
  }

  show(entry) {
    const line = buildEntry(entry, this.base, this.hashTemplate);
    line.classList.add("entry-new");
    setTimeout(() => line.classList.remove("entry-new"), 8000);
    const top = this.list.getBoundingClientRect().top;
    const before = this.list.offsetHeight;
    this.list.prepend(line);
    while (this.list.childElementCount > MOST_LINES) this.list.lastElementChild.remove();
    // Somebody who reads further down keeps their place.
    if (top < 0) scrollBy({ top: this.list.offsetHeight - before, behavior: "instant" });
    this.root.querySelector("[data-no-entries]")?.remove();
    if (entry.kind === "trace.alert_withdrawn") this.withdraw(entry);
    if (entry.kind.startsWith("freeze.")) this.freezes.take(entry);
    if (entry.kind === "address.recorded" || entry.content.is_first) this.countAddress();
    if (entry.kind === "trace.started" && this.root.querySelector("[data-no-strips]")) {
      location.reload(); // the first strip: its frame is the server's to draw
    }
  }

  /** The lines that a reorganisation took back, by their block and their words. */
  withdraw(entry) {
    for (const line of this.list.children) {
      if (line.dataset.entry === entry.id || line.dataset.block !== entry.content.block_hash) continue;
      if (!sameWords(line.dataset.headline, entry.content.withdrawn_headline)) continue;
      line.classList.remove("entry-provisional");
      line.classList.add("entry-withdrawn");
      line.querySelector("[data-mark]")?.remove();
      const mark = line.querySelector("[data-block-mark]");
      if (mark) markBlock(mark, "orphaned", mark.dataset.blockMark);
      line.querySelector(".meta").append(" ", make("span", { class: "tag tag-bad" }, "withdrawn"));
    }
  }

  countAddress() {
    this.newAddresses += 1;
    const place = this.root.querySelector("[data-address-news]");
    place.hidden = false;
    const again = make("a", { href: `${this.base}addresses/` }, "see the list");
    place.replaceChildren(`${this.newAddresses} new since this page was loaded: `, again);
  }

  announce(entry) {
    if (entry.is_alert || entry.by !== "trace") this.announcer.textContent = visible(entry.headline);
  }

  toggleHold() {
    this.isHeld = !this.isHeld;
    this.hold.setAttribute("aria-pressed", String(this.isHeld));
    this.hold.textContent = this.isHeld ? "Held" : "Hold";
    if (this.isHeld) return;
    for (const entry of this.waiting.splice(0)) this.show(entry);
  }

  takeState(frame) {
    const stale = this.root.querySelector("[data-strip-stale]");
    for (const pushed of frame.strips) {
      const section = this.root.querySelector(`[data-strip="${CSS.escape(pushed.asset)}"]`);
      if (section && !refreshStrip(section, pushed) && stale) stale.hidden = false;
    }
    for (const chain of frame.watch.chains) this.showChain(chain);
    showBackfills(frame.watch.backfills);
    const parked = document.querySelector("[data-parked]");
    parked.hidden = !frame.watch.parked_findings;
    parked.textContent = `${frame.watch.parked_findings} findings were refused by this room`;
  }

  /** Lines of blocks that are final by now are provisional no longer. */
  settle(chain) {
    if (chain.final_block === null || chain.final_block === undefined) return;
    for (const line of document.querySelectorAll(".entry-provisional")) {
      if (line.dataset.chainOf !== chain.chain || !(line.dataset.height <= chain.final_block)) continue;
      line.classList.remove("entry-provisional");
      line.querySelector("[data-mark]")?.remove();
      const mark = line.querySelector("[data-block-mark]");
      if (mark) markBlock(mark, "final", mark.dataset.blockMark);
    }
  }

  showStanding(place, chain) {
    const [tone, words] = STANDINGS[chain.standing];
    const at = chain.standing === "unverified" && chain.unverified_since;
    const since = at ? new Date(at) : null;
    const month = since && MONTHS[since.getUTCMonth()];
    const time = since?.toISOString().slice(11, 19);
    place.className = `state state-${tone}`;
    place.textContent = since ? `${words} since ${since.getUTCDate()} ${month} ${time} UTC` : words;
  }

  showChain(chain) {
    this.settle(chain);
    const place = document.querySelector(`[data-chain="${CSS.escape(chain.chain)}"]`);
    if (!place) return;
    place.querySelector("[data-block]").textContent = chain.applied_block ?? "none";
    const lag = place.querySelector("[data-lag]");
    lag.hidden = !chain.lag_blocks;
    lag.textContent = `, ${chain.lag_blocks} behind`;
    this.showStanding(place.querySelector("[data-standing]"), chain);
    const age = place.querySelector("[data-age-of]");
    if (age && chain.verified_at) age.dataset.ageOf = chain.verified_at;
    const error = place.querySelector("[data-error]");
    error.hidden = !chain.error;
    error.replaceChildren(chain.error ? outside(chain.error, 120) : "");
  }
}

const root = document.querySelector("[data-room]");
if (root) root.room = new Room(root); // reachable for tests and for the curious
