"""What mailed links are good for: each once or a few times, for one use, until a moment; not what comes of using it."""
