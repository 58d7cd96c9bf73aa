"""Who somebody is: users, their sessions and their tokens."""
