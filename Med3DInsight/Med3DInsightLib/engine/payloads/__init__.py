"""The kinds of requests and the bodies of requests and results, both directions side by side."""
