"""STUN messages and ChannelData, to and from bytes. No I/O, no clock, no randomness of its own."""
