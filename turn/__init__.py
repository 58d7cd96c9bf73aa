"""The STUN/TURN relay (RFC 8489, RFC 8656): `manage.py runturn`. A process of its own, never part of a web process.

`protocol`, `credentials`, `policy`, `allocations` and `server` decide and are pure; a `plane` carries media by the tables
they fill; `relay` and what stands beside it do the rest of the I/O.
"""
