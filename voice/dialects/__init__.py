"""How each client words what the core means. One file per dialect; pure, like the core."""
