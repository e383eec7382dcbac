// Colours the text on standard input by the grammar in argv[2], as VS Code does: JSON lines of [text, scope].
const fs = require("fs");
const path = require("path");
const textmate = require("vscode-textmate");
const oniguruma = require("vscode-oniguruma");

const wasm = path.join(path.dirname(require.resolve("vscode-oniguruma")), "onig.wasm");

async function main() {
    await oniguruma.loadWASM(fs.readFileSync(wasm).buffer);
    const registry = new textmate.Registry({
        onigLib: Promise.resolve({
            createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
            createOnigString: (text) => new oniguruma.OnigString(text),
        }),
        loadGrammar: async () => textmate.parseRawGrammar(fs.readFileSync(process.argv[2], "utf8"), process.argv[2]),
    });
    const grammar = await registry.loadGrammar("source.volexd");
    let stack = textmate.INITIAL;
    for (const line of fs.readFileSync(0, "utf8").split("\n")) {
        const result = grammar.tokenizeLine(line, stack);
        stack = result.ruleStack;
        for (const token of result.tokens) {
            const text = line.slice(token.startIndex, token.endIndex);
            console.log(JSON.stringify([text, token.scopes[token.scopes.length - 1]]));
        }
    }
}

main();
