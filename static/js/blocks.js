// How old a block is and who vouches for it: the same words as incidents/display/blocks.py.

const AGES = {
  seen: "just seen: the chain may still drop it",
  safe: "at half the depth at which a block is final",
  final: "deep enough that nothing rolls it back",
  orphaned: "the chain dropped it",
};
const STANDINGS = {
  single: ["single source", "one endpoint says so, with nobody to compare with"],
  unverified: ["not verified", "fewer operators say so than have to agree"],
  logs: [
    "logs verified",
    "enough operators agree on transactions and logs, not on what moved inside transactions",
  ],
  verified: ["verified", "enough operators say the same"],
};

function tone(age, standing) {
  if (age === "orphaned" || standing === "unverified") return "bad";
  if (standing === "verified" && age === "final") return "good";
  return age === "seen" ? "open" : "wait";
}

/** Write what a block is by now into its mark. */
export function markBlock(mark, age, standing) {
  const [words, meaning] = STANDINGS[standing] ?? ["", ""];
  mark.className = `state state-${tone(age, standing)}`;
  mark.dataset.blockMark = standing;
  mark.title = [AGES[age], meaning].filter(Boolean).join("; ");
  mark.textContent = [age, words].filter(Boolean).join(", ");
}
