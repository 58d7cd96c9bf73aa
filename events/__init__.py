"""What happened, in one order: an outbox that services fill, and the log that subscribers read and resume from."""
