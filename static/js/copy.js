// Copy buttons: the whole address or hash, however short it is shown.
const SHOWN_MS = 1500;

export function watchCopyButtons(doc) {
  doc.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (!button) return;
    const said = button.querySelector("[data-copy-said]");
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      if (said) said.textContent = "Could not copy";
      return;
    }
    button.dataset.copied = "";
    if (said) said.textContent = "Copied";
    setTimeout(() => {
      delete button.dataset.copied;
      if (said) said.textContent = "";
    }, SHOWN_MS);
  });
}
