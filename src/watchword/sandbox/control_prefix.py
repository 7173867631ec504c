"""Where the control door is. It stands alone so that asking the door loads nothing of the sandbox."""

PREFIX = "/_watchword/"
