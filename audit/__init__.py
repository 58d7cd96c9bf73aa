"""Who changed what on this instance: a log that shows when somebody has touched it."""
