// Starts `volexd lsp` and connects it. Without `npm install` in this folder there are colours and brackets, and a word about it.
const vscode = require("vscode");

let client;

async function activate(context) {
    let library;
    try {
        library = require("vscode-languageclient/node");
    } catch {
        vscode.window.showWarningMessage(
            "volexd: run `npm install` in " + context.extensionPath + " for findings, completion and formatting.",
        );
        return;
    }
    const [command, ...args] = vscode.workspace.getConfiguration("volexd").get("command");
    client = new library.LanguageClient(
        "volexd",
        "volexd",
        { command, args },
        {
            documentSelector: [{ language: "volexd" }],
            synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/*.rules") },
        },
    );
    await client.start();
}

function deactivate() {
    return client && client.stop();
}

module.exports = { activate, deactivate };
