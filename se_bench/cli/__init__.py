"""The command line: one file a command. Parse, call, print; heavy imports only inside the commands."""
