"""Text to checked program: the rule language of volexd."""
