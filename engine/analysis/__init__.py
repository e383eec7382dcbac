"""Conditions to situations: predicates over working memory, holds, and the edges at which something became true or false."""
