// A page that shows how far the past was read, and nothing else that lives: one socket, its state.
import { showBackfills } from "./backfills.js";

const PING_MS = 3000; // a ping is answered with the state, at most every nine seconds
const AGAIN_MS = 5000;

function listen(root) {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(`${scheme}//${location.host}${root.dataset.progress}`);
  const pinging = setInterval(() => {
    if (socket.readyState === WebSocket.OPEN) socket.send("ping");
  }, PING_MS);
  socket.addEventListener("message", (event) => {
    const frame = JSON.parse(event.data);
    if (frame.type === "state") showBackfills(frame.watch.backfills);
  });
  socket.addEventListener("close", (event) => {
    clearInterval(pinging);
    if (event.code !== 4404) setTimeout(() => listen(root), AGAIN_MS);
  });
}

const root = document.querySelector("[data-progress]");
if (root) listen(root);
