// What every page runs: theme, copy buttons, times. Each works on what the server rendered.
import { watchCopyButtons } from "./copy.js";
import { watchTheme } from "./theme.js";
import { keepTimes } from "./time.js";

watchTheme(document);
watchCopyButtons(document);
keepTimes(document);
