"""What happens, told to those who may see it in the moment it happens, or when they are back; who is there; who is writing."""
