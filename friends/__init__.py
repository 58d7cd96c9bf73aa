"""Who is whose friend, who asked whom, who wants to hear nothing of whom, and who talks with whom beside the servers."""
