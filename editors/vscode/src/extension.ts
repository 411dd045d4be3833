// Starts `imglint server` and connects the editor with it; everything else is said by the server.
import { commands, type ExtensionContext, window, workspace } from "vscode";
import { type DocumentSelector, LanguageClient } from "vscode-languageclient/node";

// The names that imglint reads; the server itself tells the kinds of files apart.
const NAMES = [
  "*[Dd]ockerfile*",
  "*[Cc]ontainerfile*",
  ".github/**/*.{yml,yaml}",
  "*action.{yml,yaml}",
  "*compose*.{yml,yaml}",
  "*bake*.{hcl,json}",
  "*Makefile*",
  "*.{mk,sh,bash}",
];
const SELECTOR: DocumentSelector = [
  ...NAMES.map((name) => ({ scheme: "file", pattern: `**/${name}` })),
  { scheme: "file", language: "dockerfile" },
  { scheme: "untitled", language: "dockerfile" },
];

let client: LanguageClient | undefined;

async function start(): Promise<void> {
  const [command, ...args] = workspace.getConfiguration("imglint").get<string[]>("command", ["imglint", "server"]);
  client = new LanguageClient("imglint", "imglint", { command, args }, { documentSelector: SELECTOR });
  try {
    await client.start();
  } catch (error) {
    client = undefined;
    void window.showErrorMessage(
      `imglint: \`${command}\` cannot be started (${error}). Install it with pip install 'imglint[lsp]', ` +
        "or name it in the setting imglint.command.",
    );
  }
}

async function restart(): Promise<void> {
  await client?.dispose();
  await start();
}

/** Called by the editor when a file is opened that may concern us. */
export async function activate(context: ExtensionContext): Promise<void> {
  context.subscriptions.push(
    commands.registerCommand("imglint.restart", restart),
    workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration("imglint.command")) {
        await restart();
      }
    }),
  );
  await start();
}

/** Called by the editor when it ends. */
export async function deactivate(): Promise<void> {
  await client?.stop();
}
