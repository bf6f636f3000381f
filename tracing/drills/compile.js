// Compiles contracts/*.sol into artefacts/*.json (`make contracts`). The output depends on nothing
// but the sources and the pinned compiler: no paths, no dates, no metadata hash in the bytecode.
// `node compile.js --check` writes nothing and fails when a committed artefact differs.
"use strict";
const crypto = require("crypto");
const fs = require("fs");
const path = require("path");
const solc = require("solc");

const HERE = __dirname;
const SOURCES = path.join(HERE, "contracts");
const OUTPUT = path.join(HERE, "artefacts");
const SETTINGS = {
  evmVersion: "cancun",
  optimizer: { enabled: true, runs: 200 },
  metadata: { appendCBOR: false, bytecodeHash: "none" },
  outputSelection: {
    "*": { "*": ["abi", "evm.bytecode.object", "evm.methodIdentifiers", "metadata"] },
  },
};

function readSources() {
  const sources = {};
  for (const file of fs.readdirSync(SOURCES).filter((name) => name.endsWith(".sol")).sort()) {
    sources[file] = { content: fs.readFileSync(path.join(SOURCES, file), "utf8") };
  }
  return sources;
}

function compile(sources) {
  const input = { language: "Solidity", sources, settings: SETTINGS };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  const complaints = output.errors || [];
  for (const complaint of complaints) process.stderr.write(complaint.formattedMessage + "\n");
  if (complaints.length) process.exit(1); // a warning is a refusal too: these contracts are small
  return output.contracts;
}

function artefact(file, name, built, sources) {
  const used = Object.keys(JSON.parse(built.metadata).sources).sort();
  const digests = {};
  for (const source of used) {
    digests[source] = crypto.createHash("sha256").update(sources[source].content).digest("hex");
  }
  return {
    contract: name,
    file,
    compiler: solc.version(),
    sources: digests,
    abi: built.abi,
    methods: built.evm.methodIdentifiers,
    bytecode: "0x" + built.evm.bytecode.object,
  };
}

function main() {
  const check = process.argv.includes("--check");
  const sources = readSources();
  let stale = 0;
  for (const [file, contracts] of Object.entries(compile(sources))) {
    for (const [name, built] of Object.entries(contracts)) {
      if (!built.evm.bytecode.object) continue; // abstract contracts and interfaces
      const text = JSON.stringify(artefact(file, name, built, sources), null, 1) + "\n";
      const target = path.join(OUTPUT, name + ".json");
      if (!check) fs.writeFileSync(target, text);
      else if (!fs.existsSync(target) || fs.readFileSync(target, "utf8") !== text) {
        process.stderr.write(name + ": the artefact differs from what the sources compile to\n");
        stale += 1;
      }
    }
  }
  process.exit(stale ? 1 : 0);
}

main();
