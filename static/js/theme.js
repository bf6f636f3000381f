// Light, dark, or as the system says. The choice is a cookie, so that the server renders it and
// nothing flashes.
const NEXT = { system: "light", light: "dark", dark: "system" };
const YEAR = 365 * 24 * 3600;

function current(root) {
  return root.dataset.theme || "system";
}

export function watchTheme(doc) {
  const button = doc.querySelector("[data-theme-toggle]");
  if (!button) return;
  const root = doc.documentElement;
  const show = () => {
    button.textContent = `Theme: ${current(root)}`;
  };
  button.hidden = false;
  show();
  button.addEventListener("click", () => {
    const next = NEXT[current(root)];
    if (next === "system") delete root.dataset.theme;
    else root.dataset.theme = next;
    const age = next === "system" ? 0 : YEAR;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    doc.cookie = `theme=${next}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
    show();
  });
}
