"""The admin panel of seed 002: the people who run this instance look after its users and servers."""
