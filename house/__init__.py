"""The parts of the running bot that app.py composes, and what an operator's commands do."""
