"""The voice doctor: tries what browsers and other clients will try, and names the setting that stands in the way.

Probes look and tell; each gives checks and never an exception. They connect only to what the settings name, and to the
address that the instance itself was called by.
"""
