"""What the owner of an instance does from its shell: backup and restore, and a person's right to his data.

Nobody else speaks to this room, so its refusals are CommandErrors.
"""
