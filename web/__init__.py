"""The reference web client at `/`: one static page, and everything it shows comes from the API."""
