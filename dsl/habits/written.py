"""How a habit is written down."""

# The codes it may stand behind, the pattern, the message ("": the finding's own), the help, and the fix where there is one.
Written = tuple[str, str, str, str] | tuple[str, str, str, str, str]
