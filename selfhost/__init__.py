"""What the owner of an instance does for it: backup and restore, a person's right to his data, and the voice doctor.

But for the doctor nobody else speaks to this room, so its refusals are CommandErrors.
"""
