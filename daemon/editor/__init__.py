"""`volexd lsp`: what editors show of rules while they are written. It knows the vocabulary and the language, nothing that runs."""
