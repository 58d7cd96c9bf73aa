"""Programs that take part: bots, webhooks that write into channels, hooks that events are pushed to."""
