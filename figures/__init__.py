"""How much of what there was on each day: counted where it happens, for those who run the instance."""
