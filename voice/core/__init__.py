"""The pure heart of the calls: no Django, no asyncio, no sockets, no clock. Time comes as an argument, in seconds."""
