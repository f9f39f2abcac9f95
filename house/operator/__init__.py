"""What an operator's commands do: each returns the process's exit code. app.py declares them, and opens the house."""
