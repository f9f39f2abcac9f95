"""The subject: people, places, questions and what is known. Synchronous, pure, on no framework."""
