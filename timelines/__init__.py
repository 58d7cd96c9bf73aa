"""What happened in somebody's call, for himself and for moderators: kept for some days. No SDP, no addresses."""
