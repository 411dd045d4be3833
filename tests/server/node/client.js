// A client made of nothing but vscode-jsonrpc, which VS Code's own is built upon: what it learns is printed as JSON.
import { spawn } from "node:child_process";
import { pathToFileURL } from "node:url";
import rpc from "vscode-jsonrpc/node.js";

const [folder, text, ...command] = process.argv.slice(2);
const server = spawn(command[0], command.slice(1), { stdio: ["pipe", "pipe", "inherit"] });
const exited = new Promise((resolve) => server.on("exit", resolve));
const connection = rpc.createMessageConnection(
  new rpc.StreamMessageReader(server.stdout),
  new rpc.StreamMessageWriter(server.stdin),
);
const asked = [];
const published = [];
let arrived = () => {};
connection.onNotification("textDocument/publishDiagnostics", (params) => {
  published.push(params);
  arrived();
});
connection.onRequest("client/registerCapability", (params) => {
  asked.push(...params.registrations.map((each) => each.method));
  return null;
});
connection.listen();

/** Wait for findings that are sent of a version. */
async function findings(version) {
  while (published.at(-1)?.version !== version) {
    await new Promise((resolve) => {
      arrived = resolve;
    });
  }
  return published.at(-1).diagnostics;
}

const rootUri = pathToFileURL(folder).href;
const uri = `${rootUri}/Dockerfile`;
const initialized = await connection.sendRequest("initialize", {
  processId: process.pid,
  rootUri,
  capabilities: {
    general: { positionEncodings: ["utf-16"] },
    workspace: { didChangeWatchedFiles: { dynamicRegistration: true } },
    textDocument: { publishDiagnostics: { relatedInformation: true, versionSupport: true } },
  },
});
await connection.sendNotification("initialized", {});
await connection.sendNotification("textDocument/didOpen", {
  textDocument: { uri, languageId: "dockerfile", version: 1, text },
});
const first = await findings(1);
const range = first[0].range;
const actions = await connection.sendRequest("textDocument/codeAction", {
  textDocument: { uri },
  range,
  context: { diagnostics: first },
});
const completion = await connection.sendRequest("textDocument/completion", {
  textDocument: { uri },
  position: { line: range.start.line, character: range.start.character + 4 },
});
const [change] = actions[0].edit.changes[uri];
await connection.sendNotification("textDocument/didChange", {
  textDocument: { uri, version: 2 },
  contentChanges: [{ range: change.range, text: change.newText }],
});
const second = await findings(2);
const unknown = await connection.sendRequest("imglint/unheard", {}).catch((error) => error.code);
await connection.sendRequest("shutdown");
await connection.sendNotification("exit");
console.log(
  JSON.stringify({
    encoding: initialized.capabilities.positionEncoding,
    first: first.map((each) => [each.code, each.range]),
    second,
    actions: actions.map((each) => each.title),
    completion: completion.items.map((each) => each.label),
    asked,
    unknown,
    code: await exited,
  }),
);
connection.dispose();
