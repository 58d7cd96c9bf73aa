"""The moderators' panel at `/admin/`: Django's admin that shows, and acts through the services of the other rooms alone."""
