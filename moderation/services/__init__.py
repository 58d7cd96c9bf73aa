"""Acts of the instance's staff, and reports. Each is atomic, together with its entry in the audit log."""
