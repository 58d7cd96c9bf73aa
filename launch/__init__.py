"""What stands behind ./run and ./test. Standard library only: it works before anything is installed."""
