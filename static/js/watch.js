// Keeps the page of chains true: asks for the page again and exchanges what is different. Whoever
// reads keeps their place, and what they have selected or have the focus in is left alone.
import { addLocalTime, refreshAges } from "./time.js";

const EVERY_MS = 4000;
const LONGEST_MS = 30000;

class LivePage {
  constructor(root) {
    this.root = root;
    this.wait = EVERY_MS;
    this.place = document.querySelector("[data-connection]");
    this.say("good", "Live");
    document.addEventListener("visibilitychange", () => this.ask());
    this.plan();
  }

  plan() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), this.wait);
  }

  say(tone, words) {
    const css = `state state-${tone}`;
    if (this.place.textContent === words && this.place.className === css) return;
    this.place.className = css;
    this.place.textContent = words;
  }

  /** As a document: the browser parses it without running anything of it. */
  ask() {
    if (document.hidden || this.request) return this.plan();
    this.request = new XMLHttpRequest();
    this.request.open("GET", location.href);
    this.request.responseType = "document";
    this.request.timeout = 15000;
    this.request.addEventListener("loadend", () => this.take());
    this.request.send();
  }

  take() {
    const { response, status } = this.request;
    this.request = null;
    const fresh = status === 200 && response?.querySelector("[data-live-page]");
    if (fresh) {
      this.wait = EVERY_MS;
      this.say("good", "Live");
      this.exchange(fresh);
    } else {
      this.wait = Math.min(this.wait * 2, LONGEST_MS);
      const words = status === 0 || status >= 500 ? "Not live: the server does not answer" : "Not live: reload the page";
      this.say("bad", words);
    }
    this.plan();
  }

  exchange(fresh) {
    const known = new Map([...this.root.querySelectorAll("[data-live]")].map((n) => [n.dataset.live, n]));
    const found = [...fresh.querySelectorAll("[data-live]")];
    const keys = found.map((node) => node.dataset.live);
    if (keys.join(" ") !== [...known.keys()].join(" ")) {
      if (!this.root.contains(document.activeElement)) this.root.replaceChildren(...this.ready(found));
      return;
    }
    for (const node of found) {
      const old = known.get(node.dataset.live);
      const selection = getSelection();
      const isSelected = !selection.isCollapsed && old.contains(selection.anchorNode);
      if (isSelected || old.contains(document.activeElement)) continue;
      old.replaceWith(...this.ready([node]));
    }
  }

  ready(nodes) {
    return nodes.map((node) => {
      const made = document.adoptNode(node);
      for (const when of made.querySelectorAll(".when")) addLocalTime(when);
      refreshAges(made);
      return made;
    });
  }
}

const root = document.querySelector("[data-live-page]");
if (root) root.live = new LivePage(root); // reachable for tests
