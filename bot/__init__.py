"""All that wakes us or reaches people: channels in, the postman out, the clock, pages and settings."""
