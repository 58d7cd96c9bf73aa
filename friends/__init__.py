"""Who is whose friend, who asked whom, and who wants to hear nothing of whom."""
